"""Files inside an export, a zip or a folder, opened with every usual trap refused."""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Self

import pyarrow as pa

from .._errors import CallError, FollowbackError
from .._html import visible

MEMBERS = 200_000  # files in an archive
DEPTH = 32  # folders within folders
FREE = 16 << 20  # bytes that any file may unfold to
RATIO = 40  # beyond that, times the bytes it is stored in: text packs to a tenth, a bomb to less
# Lists of follows pack better where ids repeat: real ones to a tenth by gzip, rows that differ
# in a counter alone to 1/32 by gzip, 1/86 by bz2, 1/253 by zstd. They are read piece by piece,
# so the bound can be wide; a bomb unfolds to a thousand times and more.
TEXT_RATIO = 500

_COMPRESSIONS = ((b"\x1f\x8b", "gzip"), (b"BZh", "bz2"), (b"\x28\xb5\x2f\xfd", "zstd"))


class Members:
    """The files of an export by name, read whole and within bounds.

    A class because an archive stays open while its files are read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._zip: zipfile.ZipFile | None = None
        self._left = allowed(path.stat().st_size)  # of all files of a zip together
        if path.is_dir():
            self._sizes = dict.fromkeys(_below(path), 0)
        else:
            self._open_zip(path)

    def _open_zip(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise FollowbackError(
                f"{path} cannot be read as a zip archive: {' '.join(str(error).split())[:120]}; "
                "download it again"
            ) from error
        infos = self._zip.infolist()
        if len(infos) > MEMBERS:
            raise FollowbackError(f"{path} holds more than {MEMBERS:,} files; unpack what you need")
        for info in infos:
            _refuse_trap(path, info)
        self._sizes = {info.filename: info.file_size for info in infos if not info.is_dir()}

    @property
    def names(self) -> list[str]:
        """The names of the files, sorted."""
        return sorted(self._sizes)

    def read(self, name: str) -> bytes:
        """Return the content of one file; a bomb is refused before it goes off."""
        if self._zip is None:
            with opened(self.path / name) as stream:
                return bounded(stream, self.path / name)
        info = self._zip.getinfo(name)
        where = f"{self.path}, file {visible(name, 80)}"
        if info.flag_bits & 1:
            raise FollowbackError(f"{where} is encrypted; unpack it with its password first")
        if info.file_size > min(allowed(info.compress_size), self._left):
            raise _bomb(where)
        self._left -= info.file_size
        try:
            with self._zip.open(info) as stream:
                content = stream.read(info.file_size + 1)
        except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError) as error:
            raise FollowbackError(
                f"{where} is damaged: {visible(str(error), 120)}; download it again"
            ) from error
        except Exception as error:  # zlib.error and its like have no common parent
            raise FollowbackError(f"{where} is damaged; download it again") from error
        if len(content) != info.file_size:
            raise _bomb(where)
        return content

    def find(self, wanted: Callable[[str], bool]) -> list[str]:
        """Return the names whose last part, in lower case, is wanted."""
        return [name for name in self.names if wanted(PurePosixPath(name).name.lower())]

    def close(self) -> None:
        """Close the archive."""
        if self._zip is not None:
            self._zip.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def opened(path: Path) -> IO[bytes]:
    """Open a file for reading its plain bytes; its first bytes tell the compression."""
    with path.open("rb") as file:
        magic = file.read(4)
    compression = next((name for mark, name in _COMPRESSIONS if magic.startswith(mark)), None)
    stream: IO[bytes] = pa.input_stream(str(path), compression=compression)
    return stream


def is_zip(path: Path) -> bool:
    """Say whether a file begins like a zip archive."""
    with path.open("rb") as file:
        return file.read(4) == b"PK\x03\x04"


def allowed(stored: int, ratio: int = RATIO) -> int:
    """Return how many bytes a file of so many stored bytes may unfold to."""
    return max(FREE, ratio * stored)


class Bounded:
    """A stream that ends with an error where it unfolds to more than text can.

    A class because readers ask for a file object.
    """

    def __init__(self, stream: IO[bytes], path: Path) -> None:
        self._stream, self._path = stream, path
        self._left = allowed(path.stat().st_size, TEXT_RATIO)

    def read(self, size: int) -> bytes:
        """Read as the stream does."""
        part = self._stream.read(size)
        self._left -= len(part)
        if self._left < 0:
            raise _bomb(str(self._path), TEXT_RATIO)
        return part


def bounded(stream: IO[bytes], path: Path) -> bytes:
    """Read a stream to its end unless it unfolds to more than a file of its kind can hold."""
    limit = allowed(path.stat().st_size)
    parts, size = [], 0
    while part := stream.read(1 << 20):
        parts.append(part)
        size += len(part)
        if size > limit:
            raise _bomb(str(path))
    return b"".join(parts)


def _bomb(where: str, ratio: int = RATIO) -> FollowbackError:
    return FollowbackError(
        f"{where} unfolds to more than {ratio} times its size, as an archive bomb does; "
        "unpack it yourself if you trust it"
    )


def _refuse_trap(path: Path, info: zipfile.ZipInfo) -> None:
    """Refuse names that lead out of the archive, links, and folders without end."""
    name = info.filename
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]:
        raise FollowbackError(
            f"{path}: the name {visible(name, 80)!r} leads out of the archive; refused"
        )
    if stat.S_ISLNK(info.external_attr >> 16):
        raise FollowbackError(f"{path}: {visible(name, 80)!r} is a symbolic link; refused")
    if len(parts) > DEPTH:
        raise FollowbackError(f"{path}: folders are nested more than {DEPTH} deep; refused")


def _below(folder: Path) -> list[str]:
    """List the files of a folder, links left out, not deeper than allowed."""
    found: list[str] = []
    waiting, met = [(folder, 0)], 0
    while waiting:
        place, depth = waiting.pop()
        if depth > DEPTH:
            raise FollowbackError(f"{folder}: folders are nested more than {DEPTH} deep; refused")
        for entry in _entries(place):
            met += 1
            if met > MEMBERS:
                raise CallError(f"{folder} holds more than {MEMBERS:,} files; name one of them")
            if entry.is_dir(follow_symlinks=False):
                waiting.append((Path(entry), depth + 1))
            elif entry.is_file(follow_symlinks=False):
                found.append(Path(entry).relative_to(folder).as_posix())
    return found


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Yield what a folder holds; one that has gone meanwhile holds nothing."""
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except FileNotFoundError:
        return
