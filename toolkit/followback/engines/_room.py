"""Whether a file of follows will fit: its rows, the memory it needs, what there is."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from .._errors import FollowbackError

if TYPE_CHECKING:
    from ..sources import Follows

# Bytes of memory a row while a graph is built: measured peaks, rounded up. Names that are
# text, and all different, take the most.
_WHOLE, _TEXT, _BASE = 40, 150, 400_000_000
_ROOT = Path("/")
_LIMITS = {  # by the kind of control group: version 2, version 1
    "": ("memory.max", "memory.current"),
    "memory": ("memory.limit_in_bytes", "memory.usage_in_bytes"),
}
_FEW = 500_000  # rows that are not worth asking how much memory is free
_DISK, _GRAPH = 40, 14  # bytes of disk a row: staged, spilled while sorted, written; written alone
_STAGED = 20  # bytes of disk a row that building part by part takes at least: 8 staged, 12 written
_COMPRESSED = {".gz": 4, ".bz2": 5, ".zst": 4, ".zip": 4}  # a list of follows shrinks so much
LARGER = "name another folder, or work folder, on a larger disk"  # to do where one is full
_TYPICAL = 20  # bytes a row, where the file does not tell
FILES = ("inactive_file", "active_file")  # pages that can go where memory is short
LITTLE = 50_000_000  # bytes that are not worth asking how much memory is free


def memory_for(path: Path, follows: Follows) -> int:
    """Estimate the bytes of memory that building the graph of a file in memory takes."""
    n_rows, whole = (0, True) if path.is_dir() else rows_of(path)
    return 0 if n_rows < _FEW else _BASE + n_rows * (_WHOLE if whole or follows.plain else _TEXT)


def rows_of(path: Path) -> tuple[int, bool]:
    """Return the number of rows, and whether the ids seem to be numbers.

    Parquet tells the number of rows. Of text it is estimated from its head: the mean
    length of its first lines, and for compressed text the usual ratio.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    from ..sources._recognise import head_of

    size = path.stat().st_size if path.is_file() else 0
    with path.open("rb") as file:
        magic = file.read(4)
    if magic == b"PAR1":
        metadata = pq.ParquetFile(path)
        kinds = metadata.schema_arrow.types
        return metadata.metadata.num_rows, sum(map(pa.types.is_integer, kinds)) >= 2
    head = head_of(path)
    lines = head.splitlines()[:-1]
    length = len(head) / max(len(lines), 1) if len(lines) > 1 else _TYPICAL
    rows = "\n".join(line for line in lines[1:] if not line.startswith(("#", "%")))
    whole = not re.search(r"[^\W\d_]", rows)
    return int(size * _COMPRESSED.get(path.suffix.lower(), 1) / length), whole


def check_disk(path: Path, place: Path, target: Path | None) -> None:
    """Refuse before it starts what an engine's temporary files, or its graph, would not fit.

    Raises
    ------
    FollowbackError
        A disk has too little room.
    """
    if path.is_dir():
        return
    rows = rows_of(path)[0]
    graph = rows * _GRAPH
    needs = [
        ("temporary files", place, rows * _DISK - graph),
        ("the graph", target or place, graph),
    ]
    check_room(f"{path}, about {rows:,} follows", needs, "set TMPDIR to a larger disk")


def check_staging(path: Path, work: Path) -> None:
    """Refuse before it is read what building part by part in a work folder would not fit.

    What is needed exactly is known when the follows are counted; see `disk.build`.

    Raises
    ------
    FollowbackError
        The disk has too little room.
    """
    rows = rows_of(path)[0]
    needs = [("temporary files and the graph", work.parent, rows * _STAGED)]
    check_room(f"{path}, about {rows:,} follows", needs, LARGER)


def check_room(what: str, needs: Iterable[tuple[str, Path, int]], cure: str) -> None:
    """Refuse before it starts what the disks would not hold; say which lacks how much.

    Parameters
    ----------
    what
        The file, and how many follows it has.
    needs
        What is written, where, and its bytes. What goes to the same disk adds up.
    cure
        What to do, other than to make room.

    Raises
    ------
    FollowbackError
        A disk has too little room.
    """
    disks: dict[int, list[tuple[str, Path, int]]] = {}
    for kind, where, size in needs:
        disks.setdefault(disk_of(where), []).append((kind, where, size))
    lacking = []
    for wanted in disks.values():
        needed, where = sum(size for _, _, size in wanted), _standing(wanted[0][1])
        free = shutil.disk_usage(where).free
        if needed > free:
            parts = " and ".join(f"{gb(size)} for {kind}" for kind, _, size in wanted)
            lacking.append(
                f"the disk of {where} has {gb(free)} and {gb(needed)} are needed there ({parts}), "
                f"{gb(needed - free)} more than there are"
            )
    if lacking:
        raise FollowbackError(f"{what}: {'; '.join(lacking)}; free some, or {cure}")


def disk_of(path: Path) -> int:
    """Return the number of the file system that a path lies on, or will lie on."""
    return _standing(path).stat().st_dev


def _standing(path: Path) -> Path:
    """Return the path, or what exists of the way to it."""
    path = path.absolute()
    return next(place for place in (path, *path.parents) if place.exists())


def gb(size: int) -> str:
    """Return a number of bytes in GB, as messages have it."""
    return f"{size / 1e9:.2f} GB"


def free_memory() -> int:
    """Return the bytes of memory that this process may still take, as the system tells."""
    return max(left("inactive_file"), 500_000_000)


def left(*pages: str) -> int:
    """Return the bytes of memory that are left where a group lets go of these pages."""
    found = list(_left_to_group(pages))  # what a container or a job of Slurm may take
    with suppress(OSError, ValueError, IndexError):
        meminfo = (_ROOT / "proc/meminfo").read_text(encoding="ascii")
        found.append(int(meminfo.partition("MemAvailable:")[2].split()[0]) * 1024)
    if not found and hasattr(os, "sysconf"):
        found.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2)
    return min(found, default=4_000_000_000)


def _left_to_group(pages: Iterable[str]) -> Iterator[int]:
    """Give what the limits of this process's control group, and of those around it, leave.

    Of what a group uses, pages of files that nobody has mapped lately can go at any time, and
    those of a mapped graph, which are active, where memory is short.
    """
    listed = ""
    with suppress(OSError):
        listed = (_ROOT / "proc/self/cgroup").read_text(encoding="utf-8")
    for line in listed.splitlines():
        kind, _, path = line.partition(":")[2].partition(":")
        if kind not in _LIMITS:
            continue
        top = _ROOT / "sys/fs/cgroup" / kind
        group = top / path.lstrip("/")
        for place in (group, *group.parents[: len(group.parts) - len(top.parts)]):
            with suppress(OSError, ValueError):  # no such group as seen from here, or no limit
                limit, used = (int((place / name).read_text()) for name in _LIMITS[kind])
                stat = (place / "memory.stat").read_text()
                told = (
                    re.findall(rf"^(?:total_)?{kind} (\d+)$", stat, re.MULTILINE) for kind in pages
                )
                yield limit - used + sum(int(cache[-1]) for cache in told if cache)
