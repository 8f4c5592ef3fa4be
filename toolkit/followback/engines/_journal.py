"""What a long build has finished, so that the same call goes on from there after a kill."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from .._errors import CallError, FollowbackError


class Journal:
    """Facts that outlive the process, in a folder; other settings or inputs start anew.

    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp())
    >>> Journal(place, "key")["parts"] = 3
    >>> Journal(place, "key")["parts"], "parts" in Journal(place, "other key")
    (3, False)
    """

    def __init__(self, place: Path, key: Any) -> None:
        self._file = place / "journal.json"
        self._facts: dict[str, Any] = {}
        with suppress(OSError, ValueError):
            self._facts = json.loads(self._file.read_text(encoding="utf-8"))
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
def work_folder(place: Path) -> Iterator[None]:
    """Give a folder to one process to work in; it is gone when all went well.

    It stays after a kill, an interrupt or a full disk, so that the same call goes on from
    there; an error in the data or in the call would only be met again, so then it goes too.

    Raises
    ------
    CallError
        Another process is at work there.
    """
    place.mkdir(parents=True, exist_ok=True)
    with exclusive(place):
        try:
            yield
        except FollowbackError:
            shutil.rmtree(place)
            raise
        shutil.rmtree(place)


@contextmanager
def exclusive(place: Path) -> Iterator[None]:
    """Keep other processes out of a folder; a killed process keeps nobody out.

    Raises
    ------
    CallError
        Another process is at work there.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    with (place / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CallError(
                f"another process is at work in {place}; wait for it, or name another work folder"
            ) from error
        yield
