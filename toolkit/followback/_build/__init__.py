"""From a stream of follows to compressed rows: ids to positions, rows sorted, extras dropped.

What is large is let go as soon as it is used: ten million rows stay under 1.5 GB.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .compression import compress
from .._errors import CallError, FollowbackError
from .integers import positions
from .names import canonical, interned, no_gaps
from ..graph import UNKNOWN_TIME, FollowGraph

if TYPE_CHECKING:
    from collections.abc import Iterator

    import networkx as nx
    from numpy.typing import NDArray

    from ..sources import Follows

_CHUNK = 1 << 20  # follows that one core takes at a time
_MANY = 1 << 22  # follows that leave so much memory behind that to give it back is worth milliseconds


def build(follows: Follows) -> FollowGraph:
    """Build the graph: intern the ids, put them in order, sort the follows, drop extras."""
    labels, chunks, times = (_whole if follows.integers else _named)(follows)
    if not chunks:
        raise none_left(follows.name)
    graph = _compressed(labels, chunks, times, follows.name)
    if graph.n_follows > _MANY:
        pa.default_memory_pool().release_unused()
    return replace(
        graph,
        dropped=dropped_of(follows, graph.dropped),
        read_as=follows.columns,
        collection=follows.collection,
    )


def dropped_of(follows: Follows, counted: dict[str, int]) -> dict[str, int]:
    """Return what was left out in rows of the file, from what was counted in the stream."""
    if follows.collection.mutual_by_construction:  # each row was taken for both directions
        counted = {what: number // 2 for what, number in counted.items()}
    return {**counted, **follows.skipped}


def none_left(name: str, n_own: int = 0) -> FollowbackError:
    """Say that no follow is left: there is no row, or all ``n_own`` are self-follows."""
    if n_own == 0:
        return FollowbackError(f"{name} holds no follow; it must hold one follow a row")
    return FollowbackError(
        f"{name}: all {n_own:,} rows are self-follows, so no follow is left; "
        "check which two columns hold the follower and the followed"
    )


def from_positions(
    labels: pa.Array | NDArray[np.int64],
    source: NDArray[np.int32],
    target: NDArray[np.int32],
    created_at: NDArray[np.int64] | None,
    name: str,
) -> FollowGraph:
    """Build the graph from rows of positions into ``labels``, which are in canonical order."""
    cut = range(0, max(len(source), 1), _CHUNK)
    chunks = [(source[k : k + _CHUNK], target[k : k + _CHUNK]) for k in cut]
    times = None if created_at is None else [created_at[k : k + _CHUNK] for k in cut]
    return _compressed(labels, chunks, times, name)


def _compressed(
    labels: pa.Array | NDArray[np.int64],
    chunks: list[tuple[NDArray[np.int32], NDArray[np.int32]]],
    times: list[NDArray[np.int64]] | None,
    name: str,
) -> FollowGraph:
    """Sort the follows and drop the extras; both lists are used up."""
    n_rows = sum(len(source) for source, _ in chunks)
    rows, created_at, n_own, n_again = compress(chunks, len(labels), times)
    if n_own == n_rows > 0:
        raise none_left(name, n_own)
    dropped = {"rows": n_rows, "self_follows": n_own, "duplicates": n_again}
    return FollowGraph(labels, rows, created_at, dropped)


def _whole(
    follows: Follows,
) -> tuple[
    NDArray[np.int64],
    list[tuple[NDArray[np.int32], NDArray[np.int32]]],
    list[NDArray[np.int64]],
]:
    """Return the distinct ids, the follows as places among them, and their times."""
    times: list[NDArray[np.int64]] = []

    def ends() -> Iterator[tuple[pa.Array, pa.Array]]:
        row, n_read = follows.first_row, 0
        ways = 2 if follows.collection.mutual_by_construction else 1  # batches come twice
        for batch in follows.batches:
            if batch.num_rows == 0:
                continue
            no_gaps(batch.column(0), follows.name, row)
            no_gaps(batch.column(1), follows.name, row)
            if batch.num_columns > 2:
                times.append(filled(batch.column(2)))
            n_read += batch.num_rows
            row = follows.first_row + n_read // ways
            yield batch.column(0), batch.column(1)

    labels, chunks = positions(ends())
    return labels, chunks, times


def _named(
    follows: Follows,
) -> tuple[
    pa.Array | NDArray[np.int64],
    list[tuple[NDArray[np.int32], NDArray[np.int32]]],
    list[NDArray[np.int64]],
]:
    """Do the same with ids of any type."""
    names, codes, times = _interned(follows)
    pa.default_memory_pool().release_unused()
    labels, ranks = canonical(names)
    chunks = []
    while codes:
        source, target = ranks.pop()[codes.pop()]
        chunks.append((source, target))
    return labels, chunks[::-1], times


def from_networkx(graph: nx.DiGraph) -> FollowGraph:
    """Build the graph from a directed NetworkX graph."""
    if not graph.is_directed():
        raise CallError(
            "the networkx graph is undirected; follows have a direction, give a networkx.DiGraph "
            "(graph.to_directed() makes every edge mutual)"
        )
    nodes = list(graph)
    whole = all(_is_whole(node) for node in nodes)
    names = [int(node) for node in nodes] if whole else [str(node) for node in nodes]
    if len(set(names)) < len(names):
        raise CallError("two nodes of the networkx graph have the same text; rename one of them")
    if not whole and not all(name.strip() for name in map(str, names)):
        raise CallError("a node of the networkx graph has an empty id; name it or remove it")
    labels, ranks = canonical([_array(names, pa.int64() if whole else pa.large_string())])

    # edges in the order of the nodes; a multigraph's parallel edges count as duplicates
    place = dict(zip(nodes, ranks[0].tolist(), strict=True))
    edges = [(place[u], place[v], at) for u, v, at in graph.edges(data="created_at")]
    source = np.array([edge[0] for edge in edges], dtype=np.int32)
    target = np.array([edge[1] for edge in edges], dtype=np.int32)
    created_at = _edge_times([edge[2] for edge in edges])
    return from_positions(labels, source, target, created_at, "the networkx graph")


def _is_whole(node: Any) -> bool:
    """Say whether a node is an integer of 64 bits; True and False are names."""
    if isinstance(node, bool) or not isinstance(node, int | np.integer):
        return False
    return -(2**63) <= int(node) < 2**63


def _array(values: list[Any], kind: pa.DataType) -> pa.Array:
    from ..sources.tables import no_text

    try:
        return pa.array(values, kind)
    except UnicodeEncodeError as error:
        raise no_text(error) from error


def _edge_times(values: list[Any]) -> NDArray[np.int64] | None:
    """Read the times of edges of any kind as those of a file are read."""
    from ..sources._times import to_milliseconds

    known = [None if at is None or at != at else str(at) for at in values]  # noqa: PLR0124 NaN, NaT
    if not any(known):
        return None
    stamps = to_milliseconds(pa.array(known, pa.large_string()), "the networkx graph's edges", 1)
    return filled(stamps)


def filled(stamps: pa.Array) -> NDArray[np.int64]:
    known = stamps.fill_null(UNKNOWN_TIME).to_numpy(zero_copy_only=False)
    return np.array(known, np.int64)  # a copy that kernels may write to


def _interned(
    follows: Follows,
) -> tuple[list[pa.Array], list[NDArray[np.int32]], list[NDArray[np.int64]]]:
    """Turn ids into numbers batch by batch, so that only distinct ids are kept.

    Returns each batch's distinct names, which of them its sources (row 0) and
    targets (row 1) are, and its times.
    """
    names: list[pa.Array] = []
    codes: list[NDArray[np.int32]] = []
    times: list[NDArray[np.int64]] = []
    for distinct, code, stamps in interned(follows):
        names.append(distinct)
        codes.append(code)
        if stamps is not None:
            times.append(filled(stamps))
    return names, codes, times
