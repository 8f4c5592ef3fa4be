"""NetworkX's functions on cores and trusses."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np

from .._rows import induced, repeated
from ..graph import FollowGraph, Rows
from ..kernels import cores
from ..kernels.trusses import ties_in_triangles
from ..mutuals import MutualGraph
from .arrays import ArrayGraph

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .face import NetworkXFace

_LOOPS = (
    "Input graph has self loops which is not permitted; "
    "Consider using G.remove_edges_from(nx.selfloop_edges(G))."
)


def core_number(G: NetworkXFace) -> dict[Any, int]:
    """Return every node's core number; in a directed graph by in-degree + out-degree."""
    a = G.arrays
    if isinstance(G, MutualGraph):
        return dict(zip(a.nodes, G.core_numbers.tolist(), strict=True))
    if a.loops.any():
        raise nx.NetworkXNotImplemented(_LOOPS)
    rows = a.rows
    if a.directed:  # a mutual follow counts twice
        rows, codes = a.either
        times = 1 + (codes == 3)
        ends = np.concatenate([[0], np.cumsum(times)])
        rows = Rows(ends[rows.indptr], repeated(rows.indices, times))
    return dict(zip(a.nodes, cores.core_numbers(*rows).tolist(), strict=True))


def k_core(G: NetworkXFace, k: int | None = None, core_number: Any = None) -> Any:
    """Return the nodes of core number ``k`` or more, as a graph of the kind that was given."""
    core, k = _cores(G, k, core_number)
    return like(G, [node for node in core if core[node] >= k])


def k_shell(G: NetworkXFace, k: int | None = None, core_number: Any = None) -> Any:
    """Return the nodes of core number ``k``, as a graph of the kind that was given."""
    core, k = _cores(G, k, core_number)
    return like(G, [node for node in core if core[node] == k])


def _cores(G: NetworkXFace, k: int | None, core: Any) -> tuple[Any, int]:
    core = core_number(G) if core is None else core
    return core, max(core.values()) if k is None else k


def k_truss(G: NetworkXFace, k: int) -> Any:
    """Return the largest subgraph whose every edge is in ``k`` - 2 triangles of it."""
    a = G.arrays
    if a.loops.any():
        raise nx.NetworkXNotImplemented(_LOOPS)

    # a node of the k-truss has k - 1 neighbours in it, so the rest need not be looked at
    need = max(0, math.ceil(k - 2))
    inner = np.flatnonzero(cores.core_numbers(*a.rows) > need).astype(np.int64)
    rows, arcs = induced(a.rows, inner)
    kept = np.zeros(len(a.rows.indices), dtype=bool)
    kept[arcs] = ties_in_triangles(*rows, need)
    sub = a.only(kept if a.listed is a.rows else _as_listed(a, kept))
    positions = np.flatnonzero(sub.listed.degrees)
    if isinstance(G, MutualGraph):
        return MutualGraph(G.accounts[positions], sub.subgraph(positions).listed)
    return sub.subgraph(positions).to_networkx()


def _as_listed(a: ArrayGraph, kept: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Turn a mark for every entry of ``rows`` into one for every entry of ``listed``."""
    # without self-loops both hold the same entries, each in the same row
    order = np.lexsort((a.listed.indices, a.sources()))
    out = np.empty(len(kept), dtype=bool)
    out[order] = kept
    return out


def like(G: NetworkXFace, nodes: list[Any]) -> Any:
    """Return the subgraph on ``nodes`` as a graph of the kind that was given.

    That is a `FollowGraph`, a `MutualGraph`, and else, for a converted graph, the
    `networkx.Graph` or `networkx.DiGraph` with its attributes.
    """
    a = G.arrays
    positions = np.array(sorted(a.index[node] for node in nodes if node in a), dtype=np.int64)
    if isinstance(G, FollowGraph | MutualGraph):
        return G.among(positions)
    return a.subgraph(positions).to_networkx()
