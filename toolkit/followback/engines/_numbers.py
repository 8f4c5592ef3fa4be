"""A file of follows as a stream of positions that can be read again and again.

Whole numbers of a Parquet file whose range is moderate are read where they stand. All
else is read once for its distinct ids and once more to write the positions to a
temporary file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from .._build import dropped_of, filled, none_left
from .._build.names import canonical, id_array, interned
from .._errors import CallError, FollowbackError
from .._progress import watched
from .._threads import next_ahead, spread
from ..graph import FollowGraph
from ..sources.tables import parquet_rows
from ._journal import lost, summed, write
from ._room import check_staging

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..sources import Follows
    from ._journal import Journal

    Batch = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]

SCRATCH = 32  # bytes an account: counts, row ends and places
_ROWS = 1 << 22  # follows in a batch
_NONE = np.zeros(0, np.int64)
_A_NAME = 150  # bytes of memory that looking up a name of text takes, and its own letters
_PENDING = 1 << 22  # names that wait before they are merged with those known
T = TypeVar("T")


@dataclass
class Numbers:
    """Follows as positions, the accounts, and how many follows each account has.

    The counts hold duplicates, but no self-follows.
    """

    follows: Follows
    labels: pa.Array | NDArray[np.int64]
    read: Callable[[], Iterable[Batch]]
    timed: bool
    staged: bool
    n_rows: int = 0
    n_own: int = 0
    out_counts: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    in_counts: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))

    def batches(self, what: str = "follows read") -> Iterator[Batch]:
        """Read all follows."""
        rows = next_ahead(self.read())
        return watched(rows, what, "follows", lambda batch: len(batch[0]), self.n_rows or None)

    def dropped(self, n_follows: int) -> dict[str, int]:
        """Return what reading left out, as `FollowGraph.dropped` has it."""
        twice = self.n_rows - self.n_own - n_follows
        counted = {"rows": self.n_rows, "self_follows": self.n_own, "duplicates": twice}
        return dropped_of(self.follows, counted)


def numbered(source: Path, place: Path, journal: Journal, limit: int, **settings: Any) -> Numbers:
    """Find the accounts of a file and count their follows."""
    from ..sources import opened

    def again() -> Follows:
        follows = opened(source, **settings)
        if isinstance(follows, FollowGraph):
            raise CallError(f"{source} is a graph already, not a file of follows")
        return follows

    follows = again()
    span = _span(follows)
    size = 0 if span is None else span[1] - span[0] + 1
    if span is not None and size < 2**31 and SCRATCH * size <= limit:
        low = span[0]
        stream = Numbers(follows, _NONE, lambda: _of_parquet(follows, low, size), False, False)
    else:
        stream = _staged(source, again, place, journal, limit)
        low, size = 0, len(stream.labels)
    if "counted" not in journal:
        own = _count(stream, size)
        if stream.n_rows == stream.n_own:
            raise none_left(follows.name, stream.n_own)
        counts = {"out.npy": stream.out_counts, "in.npy": stream.in_counts}
        for name, counted in (counts if stream.staged else counts | {"own.npy": own}).items():
            np.save(place / name, counted)
            journal.seal({name: summed(place / name)})
        journal["counted"] = [stream.n_rows, stream.n_own]
    stream.n_rows, stream.n_own = journal["counted"]
    out, back = np.load(journal.compared("out.npy")), np.load(journal.compared("in.npy"))
    if stream.staged:
        stream.out_counts, stream.in_counts = out, back
        return stream

    # accounts are the numbers that occur; where all of a range do, a number is a position
    present = np.load(journal.compared("own.npy")) | (out > 0) | (back > 0)
    stream.labels = low + np.flatnonzero(present)
    stream.out_counts, stream.in_counts = out[present], back[present]
    if not present.all():
        rank = np.cumsum(present, dtype=np.int32) - np.int32(1)
        raw = stream.read
        stream.read = lambda: ((rank[s], rank[t], when) for s, t, when in raw())
    return stream


def _count(stream: Numbers, size: int) -> NDArray[np.bool_]:
    """Count every account's follows and followers; return who follows itself."""
    from ..kernels.dealing import count_ends

    counts = np.zeros(size, np.int32), np.zeros(size, np.int32)
    own = np.zeros(size, bool)
    n_rows = n_own = 0
    for source, target, _ in stream.batches("accounts counted"):
        ends = (source, target, counts[0]), (target, source, counts[1])
        mine = spread(lambda e: count_ends(*e), ends)[0]
        if mine:
            own[source[source == target]] = True
        n_rows += len(source)
        n_own += mine
    stream.n_rows, stream.n_own = n_rows, n_own
    stream.out_counts, stream.in_counts = counts
    return own


def _span(follows: Follows) -> tuple[int, int] | None:
    """Return the least and the largest id of a Parquet file of whole numbers, if it tells."""
    if follows.plain is None:
        return None
    low, high = [], []
    with pq.ParquetFile(follows.name) as file:
        for group in range(file.metadata.num_row_groups):
            about = file.metadata.row_group(group)
            columns = [about.column(k) for k in range(about.num_columns)]
            for column in columns:
                if column.path_in_schema not in follows.plain or column.num_values == 0:
                    continue
                told = column.statistics
                if told is None or not told.has_min_max:
                    return None
                low.append(told.min)
                high.append(told.max)
    return (min(low), max(high)) if low else None


def _of_parquet(follows: Follows, low: int, size: int) -> Iterator[Batch]:
    row, names = follows.first_row, list(follows.plain or ())
    for batch in parquet_rows(Path(follows.name), names, _ROWS):
        ends = [_offsets(batch.column(name), low, size, follows.name, row) for name in names]
        yield ends[0], ends[1], _NONE
        row += len(batch)


def _offsets(cells: pa.Array, low: int, size: int, name: str, row: int) -> NDArray[np.int32]:
    """Return ids as their distance from the lowest; refuse one that the file did not tell of."""
    if cells.null_count or not pa.types.is_int32(cells.type):
        cells = id_array(cells, name, row)
    values = cells.to_numpy()
    if len(values) and not low <= values.min() <= values.max() < low + size:
        raise FollowbackError(
            f"{name}: an id lies outside the least and the largest that the file tells of in its "
            "footer, so the file is damaged; write it again"
        )
    return np.asarray(values - low if low else values, np.int32)


def _staged(
    source: Path, again: Callable[[], Follows], place: Path, journal: Journal, limit: int
) -> Numbers:
    """Read the distinct ids, put them in order, then write all follows as positions."""
    file = place / "positions.bin"
    if "staged" not in journal:
        file.unlink(missing_ok=True)
        check_staging(source, place)
    if "names" not in journal:
        names = _distinct(again(), limit)
        with pa.ipc.new_file(place / "names.arrow", pa.schema([("account", names.type)])) as writer:
            writer.write_table(pa.table({"account": names}))
        journal.seal({"names.arrow": summed(place / "names.arrow")})
        journal["names"] = True
    mapped = pa.memory_map(str(journal.compared("names.arrow")))
    column = pa.ipc.open_file(mapped).read_all()["account"]
    names = column.combine_chunks()
    labels = names.to_numpy() if pa.types.is_integer(names.type) else names
    if "staged" not in journal:
        follows = again()
        timed, total = _write_positions(follows, names, file)
        journal.seal({file.name: total})
        journal["staged"] = [timed, dict(follows.skipped)]
    timed, skipped = journal["staged"]
    follows = again()
    follows.skipped.update(skipped)

    def read() -> Iterator[Batch]:
        return of_file(journal.compared(file.name), timed=timed)

    return Numbers(follows, labels, read, timed, True)


def _distinct(follows: Follows, limit: int) -> pa.Array:
    """Return the distinct ids in canonical order: numbers if all are, else text."""
    known, pending, waiting = None, [], 0
    for names, _, _ in interned(follows):
        pending.append(names)
        waiting += len(names)
        if waiting > max(_PENDING, 0 if known is None else len(known)):
            known, pending, waiting = _merged(known, pending, follows.name, limit), [], 0
    if known is None and not pending:
        raise none_left(follows.name)
    known = _merged(known, pending, follows.name, limit)
    labels, _ = canonical([known])
    return pa.array(labels)


def _merged(known: pa.Array | None, pending: list[pa.Array], name: str, limit: int) -> pa.Array:
    parts = pending if known is None else [known, *pending]
    if not all(pa.types.is_integer(part.type) for part in parts):
        parts = [pc.cast(part, pa.large_string()) for part in parts]
    found = pc.unique(pa.concat_arrays(parts))
    needed = found.nbytes + (0 if pa.types.is_integer(found.type) else _A_NAME * len(found))
    if needed > max(limit, _A_NAME * 1_000):
        raise FollowbackError(
            f"{name} has at least {len(found):,} accounts, whose names need "
            f"{needed / 1e9:.3f} GB of memory, and the budget is {limit / 1e9:.3f} GB; give at least "
            f"{needed / 1e9 + 0.001:.3f} GB, or use --engine duckdb, which keeps names on disk"
        )
    return found


def _write_positions(follows: Follows, names: pa.Array, file: Path) -> tuple[bool, list[int]]:
    """Write each batch as its number of follows, sources, targets and times.

    Return whether there are times, and what `summed` says of the file.
    """
    find = _finder(names)
    timed, total = False, [0, 0]
    with file.open("wb") as out:
        for distinct, codes, stamps in interned(follows):
            places = find(distinct)
            timed = timed or stamps is not None
            parts = [np.array([codes.shape[1]], np.int64), *(places[code] for code in codes)]
            parts += [] if stamps is None else [filled(stamps)]
            write(out, total, *parts)
    return timed, total


def _finder(names: pa.Array) -> Callable[[pa.Array], NDArray[np.int32]]:
    """Return a function that looks ids up."""
    if pa.types.is_integer(names.type):
        known = names.to_numpy()
        return lambda ids: np.searchsorted(known, ids.to_numpy()).astype(np.int32)
    import pandas as pd

    index = pd.Index(pd.array(names, dtype="str"))

    def find(ids: pa.Array) -> NDArray[np.int32]:
        text = pd.array(pc.cast(ids, pa.large_string()), dtype="str")
        return np.asarray(index.get_indexer(pd.Index(text)), np.int32)

    return find


def of_file(path: Path, *, timed: bool) -> Iterator[Batch]:
    """Read batches that were written as their length, sources, targets and times."""
    with path.open("rb") as file:
        while len(size := np.fromfile(file, np.int64, 1)):
            n = int(size[0])
            source, target = np.fromfile(file, np.int32, n), np.fromfile(file, np.int32, n)
            times = np.fromfile(file, np.int64, n) if timed else _NONE
            if len(target) < n or len(times) < timed * n:
                raise lost(path.parent)
            yield source, target, times
