"""Whether a file of follows will fit: its rows, the memory it needs, what there is."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from .._errors import FollowbackError

if TYPE_CHECKING:
    from ..sources import Follows

# Bytes of memory a row while a graph is built: measured peaks, rounded up. Names that are
# text, and all different, take the most.
_WHOLE, _TEXT, _BASE = 40, 150, 400_000_000
_DISK = 40  # bytes of disk a row: staged, spilled while sorted, written
_COMPRESSED = {".gz": 4, ".bz2": 5, ".zst": 4, ".zip": 4}  # a list of follows shrinks so much
_ENOUGH = 100_000_000  # bytes of a file that is not worth a look
_TYPICAL = 20  # bytes a row, where the file does not tell


def memory_for(path: Path, follows: Follows) -> int:
    """Estimate the bytes of memory that building the graph of a file in memory takes."""
    if path.is_dir() or path.stat().st_size < _ENOUGH // 10:
        return 0
    n_rows, whole = rows_of(path)
    return _BASE + n_rows * (_WHOLE if whole or follows.plain else _TEXT)


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


def check_disk(path: Path, work: Path) -> None:
    """Refuse before it starts what the disk would not hold.

    Raises
    ------
    FollowbackError
        An engine's temporary files would not fit.
    """
    if path.is_dir():
        return
    needed, free = rows_of(path)[0] * _DISK, shutil.disk_usage(work).free
    if needed > free:
        raise FollowbackError(
            f"{path} needs about {needed / 1e9:.1f} GB of disk for temporary files and "
            f"{work.parent} has {free / 1e9:.1f} GB; free some, or set TMPDIR to a larger disk"
        )


def free_memory() -> int:
    """Return the bytes of memory that this process may still take, as the system tells."""
    found = []
    try:
        meminfo = Path("/proc/meminfo").read_text(encoding="ascii")
        found.append(int(meminfo.partition("MemAvailable:")[2].split()[0]) * 1024)
        group = Path("/sys/fs/cgroup")  # what a container or a job of Slurm may take
        limit = (group / "memory.max").read_text(encoding="ascii").strip()
        used = int((group / "memory.current").read_text(encoding="ascii"))
        found.append(int(limit) - used)
    except (OSError, ValueError, IndexError):
        pass
    if not found and hasattr(os, "sysconf"):
        found.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2)
    return max(min(found, default=4_000_000_000), 500_000_000)
