"""What a long build has finished, so that the same call goes on from there after a kill."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from .._drafts import locked
from .._errors import CallError, FollowbackError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_JOURNAL = "journal.json"
_BLOCK = 1 << 22  # bytes that are read at a time


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
        self._sure: set[str] = set()  # files that this process wrote, or has read and compared
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

    def seal(self, sums: dict[str, list[int]]) -> None:
        """Note of files that are finished what `summed` says of them."""
        self["sums"] = self.get("sums", {}) | sums
        self._sure |= sums.keys()

    def compared(self, name: str) -> Path:
        """Return the path of a finished file, compared with what was noted of it.

        Raises
        ------
        FollowbackError
            It is not what was noted: somebody removed, cut or changed it.
        """
        path = self._file.with_name(name)
        if name not in self._sure:
            if summed(path) != self.get("sums", {}).get(name):
                raise lost(path.parent)
            self._sure.add(name)
        return path


def summed(path: Path, start: int = 0, size: int | None = None) -> list[int]:
    """Return the number of bytes of a file, and their checksum; -1 where there is no file.

    Parameters
    ----------
    path
        The file.
    start, size
        The part that is summed: the whole where left out, less where the file is shorter.
    """
    if not path.is_file():
        return [-1, 0]
    length = max(path.stat().st_size - start, 0)
    left = length if size is None else min(size, length)
    found = [left, 0]
    with path.open("rb") as file:
        file.seek(start)
        while left and (block := file.read(min(left, _BLOCK))):
            found[1] = zlib.crc32(block, found[1])
            left -= len(block)
    return found


def write(file: BinaryIO, total: list[int], *arrays: NDArray[Any]) -> None:
    """Write arrays to the end of a file, and add them to ``total``, what `summed` says of it."""
    for array in arrays:
        array.tofile(file)
        total[:] = total[0] + array.nbytes, zlib.crc32(array.data, total[1])


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
        Files in it are not what the journal tells of.
    """
    why = "another process is at work in {}; wait for it to end"
    for place in places:
        if not _is_work(place):
            why = "{} is in the way and is no work folder; move it away"
            continue
        try:
            place.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            way = next(path for path in place.parents if os.path.lexists(path))
            raise CallError(
                f"{way} is no folder and {place} would stand in it; name another folder"
            ) from error
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
            except FollowbackError:
                shutil.rmtree(place, ignore_errors=True)
                raise
            shutil.rmtree(place, ignore_errors=True)
            return
    raise CallError(f"{why.format(place)}, or name another folder")


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
    """Say that somebody removed, cut or changed what a build had finished."""
    return FollowbackError(
        f"temporary files in {place} were removed, cut short or changed; the same call starts anew"
    )
