"""NetworkX's functions on triangles and triads."""

from __future__ import annotations

from collections import Counter
from math import comb
from typing import TYPE_CHECKING, Any

import numpy as np

from .._threads import cores, spread
from ..kernels.triangles import closed_triads, triangle_sums, triangle_sums_of, upward_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ..graph import Rows
    from .arrays import ArrayGraph
    from .face import NetworkXFace

# transitive triples (v -> u -> w with v -> w) in each triad that has one
_TRANSITIVE = {"030T": 1, "120D": 2, "120U": 2, "120C": 1, "210": 3, "300": 6}
_REVERSED = (0, 2, 1, 3)  # the code of a dyad, seen from its other end


def triangles(G: NetworkXFace, nodes: Any = None) -> Any:
    """Return the number of triangles of every node, of one or of several."""
    a = G.arrays
    if nodes is not None and nodes in a:
        return int(_sums(a, [a.index[nodes]])[0])
    chosen = None if nodes is None else [a.index[node] for node in a.nbunch(nodes)]
    return _by_node(a, chosen, _sums(a, chosen).tolist())


def clustering(G: NetworkXFace, nodes: Any = None, weight: str | None = None) -> Any:
    """Return the share of a node's pairs of neighbours that are tied, for one or several nodes.

    In a directed graph Fagiolo's (2007): directed triangles / those possible.
    """
    _refuse(weight)
    a = G.arrays
    alone = nodes is not None and nodes in a
    chosen = None if nodes is None else [a.index[node] for node in a.nbunch(nodes)]
    found = 2 * _sums(a, chosen)
    possible = _pairs(a.rows.degrees)
    if a.directed:
        possible = 2 * (_pairs(a.rows.degrees + a.back.degrees) - 2 * a.mutual.degrees)
    possible = possible if chosen is None else possible[chosen]
    shares = [t / p if t else 0 for t, p in zip(found.tolist(), possible.tolist(), strict=True)]
    return shares[0] if alone else _by_node(a, chosen, shares)


def average_clustering(
    G: NetworkXFace,
    nodes: Any = None,
    weight: str | None = None,
    count_zeros: bool = True,
) -> float:
    """Return the mean of `clustering`, with or without the nodes where it is 0."""
    shares = clustering(G, nodes, weight).values()
    counted = list(shares) if count_zeros else [share for share in shares if share > 0]
    mean: float = sum(counted) / len(counted)
    return mean


def transitivity(G: NetworkXFace) -> float:
    """Return the share of paths of two edges that are closed by a third.

    In a directed graph, as NetworkX has it, transitive triples / pairs of successors.
    """
    a = G.arrays
    possible = int(_pairs(a.rows.degrees).sum())
    if a.directed:
        census = triadic_census(a)
        found = sum(times * census[name] for name, times in _TRANSITIVE.items())
    else:
        found = 2 * int(_sums(a, None).sum())
    return found / possible if found else 0


def triadic_census(G: NetworkXFace, nodelist: Any = None) -> dict[str, int]:
    """Count the triads of each of the 16 kinds, or those with a node of ``nodelist``.

    Connected triads that are not closed are counted by their middle node: as many as it
    has pairs of ties, less those that belong to a closed one. So the time is that of
    finding the triangles; counting takes arrays, and the empty triads are the rest.
    """
    a = G.arrays
    if nodelist is None:
        return _census(a)
    inside = set(a.nbunch(nodelist))
    if len(nodelist) != len(inside):
        raise ValueError("nodelist includes duplicate nodes or nodes not in G")
    if a.loops.any():
        raise NotImplementedError("a census around some nodes is not done where there are loops")
    others = [i for node, i in a.index.items() if node not in inside]
    without = _census(a.subgraph(np.array(others, dtype=np.int64)))
    return {name: count - without[name] for name, count in _census(a).items()}


def _census(a: ArrayGraph) -> dict[str, int]:
    from networkx.algorithms.triads import TRIAD_NAMES, TRICODE_TO_NAME

    rows, codes = a.either
    n = a.n_nodes
    mutual = a.mutual.degrees
    by_code = (None, a.rows.degrees - mutual, a.back.degrees - mutual, mutual)

    # closed triads, and the pairs of ties at their three corners
    closed = _over_corners(closed_triads, rows, codes).tolist()
    census = Counter(dict.fromkeys(TRIAD_NAMES, 0))
    pairs: Counter[tuple[int, int]] = Counter()
    for code, count in enumerate(closed):
        if count:
            rs, rt, st = code & 3, code >> 2 & 3, code >> 4
            census[TRICODE_TO_NAME[code]] += count
            for p, q in ((rs, rt), (_REVERSED[rs], st), (_REVERSED[rt], _REVERSED[st])):
                pairs[min(p, q), max(p, q)] += count

    # open triads: all pairs of ties at a node, less those
    for p in (1, 2, 3):
        for q in range(p, 4):
            both = _choose_two(by_code[p]) if p == q else int((by_code[p] * by_code[q]).sum())  # type: ignore[operator]
            census[TRICODE_TO_NAME[p + 4 * q]] += both - pairs[p, q]

    # one tie: each with every third node, less those seen above; and the rest
    ties = {1: (len(a.rows.indices) - int(mutual.sum())), 0: int(mutual.sum()) // 2}
    for name, place in (("102", 0), ("012", 1)):
        seen = sum(int(other[place]) * count for other, count in census.items())
        census[name] = ties[place] * (n - 2) - seen
    census["003"] = comb(n, 3) - sum(census.values())
    return dict(census)


def _choose_two(counts: Any) -> int:
    return int(_pairs(counts).sum()) // 2


def _pairs(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    return counts * (counts - 1)


def _sums(a: ArrayGraph, chosen: list[int] | None) -> NDArray[np.int64]:
    """Return the triangles of all nodes or of those chosen; directed ones in a directed graph."""
    rows, codes = a.either
    weights = np.ones(len(codes), np.int8)
    if a.directed:
        weights += codes == 3
    if chosen is None:
        return _over_corners(triangle_sums, rows, weights)
    places = np.array(chosen, dtype=np.int32)
    if len(chosen) > a.n_nodes // 50:  # looking around each would be more work
        return _over_corners(triangle_sums, rows, weights)[places]
    return triangle_sums_of(*rows, weights, places)


def _over_corners(
    count: Callable[..., NDArray[np.int64]], rows: Rows, values: NDArray[np.int8]
) -> NDArray[np.int64]:
    """Add up what a kernel counts at the lowest corners of triangles, shared among the cores."""
    upward = upward_rows(*rows, values)
    n = cores()
    return np.asarray(np.sum(spread(lambda first: count(*upward, first, n), range(n)), axis=0))


def _by_node(a: ArrayGraph, chosen: list[int] | None, values: list[Any]) -> dict[Any, Any]:
    nodes = a.nodes if chosen is None else [a.nodes[i] for i in chosen]
    return dict(zip(nodes, values, strict=True))


def _refuse(weight: object) -> None:
    if weight is not None:
        raise NotImplementedError("followback counts edges, it does not weigh them")
