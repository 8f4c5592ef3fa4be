"""The reduction on any engine: follows to a saved graph, follows to a mutual core."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from .._build import dropped_of, from_positions, none_left
from .._build.names import canonical, interned
from .._progress import bar
from ..graph import FollowGraph
from ..mutuals import MutualGraph, mutual
from ..saved import write_about
from . import sql
from ._folder import write_rows
from ._stage import staged

if TYPE_CHECKING:
    from ..sources import Follows


ROWS = 1 << 20  # of a batch


class Engine(Protocol):
    """What runs SQL over Parquet files; all it writes stays in its work folder."""

    work: Path

    def table(self, name: str, files: list[Path]) -> None:
        """Name Parquet files as a table."""

    def run(self, text: str) -> None:
        """Run a statement that returns nothing."""

    def keep(self, name: str, text: str) -> int:
        """Write a query's rows to Parquet in ``work/name``, as a table; return how many they are."""

    def stream(self, name: str, text: str) -> Iterator[pa.RecordBatch]:
        """Return a query's rows in its order, a batch at a time."""


def graph_on(engine: Engine, follows: Follows, folder: Path) -> None:
    """Write the follows into ``folder`` as a saved graph."""
    times = _open(engine, follows)
    counts = _counts(engine, follows)
    labels = _joined(engine.stream("accounts", sql.ACCOUNTS), "account")
    places = engine.work / "places.parquet"
    position = pa.array(np.arange(len(labels), dtype=np.int32))
    pq.write_table(pa.table({"account": labels, "position": position}), places)
    del position
    engine.table("places", [places])

    arcs = engine.stream("arcs", sql.arcs(times=times))
    n_follows, known = write_rows(folder, len(labels), arcs)
    counts["duplicates"] = counts["rows"] - counts["self_follows"] - n_follows
    write_about(
        folder,
        labels,
        dropped=dropped_of(follows, counts),
        read_as=follows.columns,
        times=known,
        collection=follows.collection,
    )


def core_on(engine: Engine, follows: Follows, k: int, small: int) -> MutualGraph:
    """Reduce the follows to the k-core of their mutual graph by rounds of peeling."""
    _open(engine, follows)
    _counts(engine, follows)
    with bar("rounds of peeling", "rounds") as done:
        pairs, before = "mutual", -1
        left = engine.keep(pairs, sql.MUTUAL)
        for number in count(1):
            if left in (0, before) or left <= small or k == 1:
                break
            before, peeled = left, f"round_{number}"
            left = engine.keep(peeled, sql.peeled(pairs, k))
            shutil.rmtree(engine.work / pairs)
            pairs = peeled
            done(1)
    ends = list(batches(engine.work / pairs))
    labels, (u, v) = canonical([_joined(ends, "u"), _joined(ends, "v")])
    both = np.concatenate([u, v]), np.concatenate([v, u])
    return core_of(from_positions(labels, *both, None, follows.name), k)


def parts(path: Path) -> list[Path]:
    """List the Parquet files of a table in the order of its rows."""
    return sorted(path.glob("part-*.parquet")) if path.is_dir() else [path]


def n_rows(path: Path) -> int:
    """Return the number of rows of a table, which its files tell without being read."""
    return sum(int(pq.read_metadata(part).num_rows) for part in parts(path))


def batches(path: Path) -> Iterator[pa.RecordBatch]:
    """Read a table a batch at a time; its files go as they are read."""
    for part in parts(path):
        with pq.ParquetFile(part) as file:
            yield from file.iter_batches(ROWS)
        part.unlink()


def core_of(graph: FollowGraph, k: int) -> MutualGraph:
    """Return the k-core of a graph's mutual graph, its accounts alone."""
    m = mutual(graph)
    return m.among(np.flatnonzero(m.core_numbers >= k))


def _open(engine: Engine, follows: Follows) -> bool:
    """Make the table of follows; return whether it has times."""
    rows = staged(follows, engine.work)
    engine.table("raw", rows.files)
    text = sql.follows(rows.source, rows.target, whole=rows.whole, times=rows.times)
    engine.run(f"CREATE OR REPLACE TEMP VIEW follows AS {text}")
    return rows.times


def _counts(engine: Engine, follows: Follows) -> dict[str, int]:
    """Count rows and self-follows; refuse what `_build` refuses, in the same words."""
    (counted,) = pa.Table.from_batches(engine.stream("counts", sql.COUNTS)).to_pylist()
    n_rows, n_own = counted["n_rows"], counted["self_follows"]
    if counted["sources"] < n_rows or counted["targets"] < n_rows:
        for _ in interned(follows):  # an id is missing: the reader says in which row
            pass
    if n_own == n_rows:
        raise none_left(follows.name, n_own)
    return {"rows": n_rows, "self_follows": n_own}


def _joined(stream: Iterable[pa.RecordBatch], column: str) -> pa.Array:
    """Join a column of all batches, as int64 or large text."""
    parts = [batch.column(column) for batch in stream]
    whole = not parts or pa.types.is_integer(parts[0].type)
    kind = pa.int64() if whole else pa.large_string()
    return pa.concat_arrays([pa.array([], kind), *(pc.cast(part, kind) for part in parts)])
