"""What a long build has finished, so that the same call goes on from there after a kill."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain, count
from pathlib import Path
from typing import Any

from .._drafts import locked
from .._errors import CallError, FollowbackError

_JOURNAL = "journal.json"
_DAMAGE = (EOFError, ValueError)  # what numpy and Arrow raise of a file cut short


class Journal:
    """Facts that outlive the process, in a folder; other settings or inputs start anew.

    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp())
    >>> Journal(place, "key")["parts"] = 3
    >>> Journal(place, "key")["parts"], "parts" in Journal(place, "other key")
    (3, False)
    """

    def __init__(self, place: Path, key: Any) -> None:
        self._file = place / _JOURNAL
        self._facts: dict[str, Any] = {}
        with suppress(OSError, ValueError):
            facts = json.loads(self._file.read_text(encoding="utf-8"))
            self._facts = facts if isinstance(facts, dict) else {}
        if self._facts.get("key") != key:
            self._facts = {}
            self["key"] = key

    def __contains__(self, name: str) -> bool:
        return name in self._facts

    def __getitem__(self, name: str) -> Any:
        return self._facts[name]

    def get(self, name: str, otherwise: Any) -> Any:
        """Return a fact, or something else where there is none."""
        return self._facts.get(name, otherwise)

    def __setitem__(self, name: str, fact: Any) -> None:
        self._facts[name] = fact
        draft = self._file.with_suffix(".new")
        draft.write_text(json.dumps(self._facts), encoding="utf-8")
        draft.replace(self._file)


@contextmanager
def work_folder(places: Iterable[Path]) -> Iterator[Path]:
    """Give the first folder that no other process works in; it is gone when all went well.

    It stays after a kill, an interrupt or a full disk, so that the same call goes on from
    there; an error in the data or in the call would only be met again, so then it goes too.

    Raises
    ------
    CallError
        Other processes are at work in all of them, or they hold something else.
    FollowbackError
        Files in it are gone or cut short that the journal tells of.
    """
    why = "another process is at work in"
    for place in places:
        if not _is_work(place):
            why = "something else stands in"
            continue
        place.mkdir(parents=True, exist_ok=True)
        goes_on = (place / _JOURNAL).exists()
        with locked(place) as free:
            if free is False or not place.exists():
                continue
            try:
                yield place
            except FileNotFoundError as error:
                if str(place) not in str(error):
                    raise
                shutil.rmtree(place, ignore_errors=True)
                raise lost(place) from error
            except _DAMAGE as error:
                if not goes_on:
                    raise
                shutil.rmtree(place, ignore_errors=True)
                raise lost(place) from error
            except FollowbackError:
                shutil.rmtree(place, ignore_errors=True)
                raise
            shutil.rmtree(place, ignore_errors=True)
            return
    raise CallError(f"{why} {place}; wait for it to go, or name another work folder")


def _is_work(place: Path) -> bool:
    """Tell whether a folder is free to work in: there is none, it is empty, or a build's own.

    A build's own holds a journal, or, where a file is only read, the graph and its work folder.
    """
    if place.is_symlink() or not place.is_dir():
        return not os.path.lexists(place)
    names = {file.name for file in place.iterdir()}
    early = {"journal.new", "graph"}  # all that a build may have made before its journal
    return _JOURNAL in names or all(x in early or x.startswith(".graph-") for x in names)


def reading_places(source: Path) -> Iterator[Path]:
    """Name folders of TMPDIR for reading a file: first those that killed readings of it left."""
    name = hashlib.sha256(os.fsencode(source.resolve())).hexdigest()[:16]
    here = Path(tempfile.gettempdir())
    left = sorted(here.glob(f".followback-{name}-*"))
    for place in chain(left, (here / f".followback-{name}-{k}" for k in count())):
        if _ours(place):
            yield place


def _ours(place: Path) -> bool:
    """Make a folder, or tell whether it is this user's: where all may write, trust no other."""
    with suppress(FileExistsError):
        place.mkdir(mode=0o700)
        return True
    with suppress(FileNotFoundError):
        return place.lstat().st_uid == getattr(os, "getuid", int)()
    return False


def lost(place: Path) -> FollowbackError:
    """Say that somebody removed, or cut, what a build had finished."""
    return FollowbackError(
        f"temporary files in {place} were removed or cut short; the same call starts anew"
    )
