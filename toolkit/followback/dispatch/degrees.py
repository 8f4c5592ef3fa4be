"""NetworkX's functions on degrees: reciprocity, isolates, degree centralities."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import networkx as nx

from .._errors import FollowbackError
from ..collection import refuse_mutual
from ..graph import FollowGraph
from ..mutuals import MutualGraph

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .arrays import ArrayGraph
    from .face import NetworkXFace


def overall_reciprocity(G: NetworkXFace) -> float:
    """Return the share of edges that are returned; a self-loop is an edge, not a return."""
    a = _directed(G)
    if a.n_edges == 0:
        raise nx.NetworkXError("Not defined for empty graphs")
    return len(a.mutual.indices) / a.n_edges


def reciprocity(G: NetworkXFace, nodes: Any = None) -> Any:
    """Return the overall reciprocity, or that of one node or of each of several.

    A node's is 2 |both| / (in-degree + out-degree); a self-loop counts as returned.
    """
    a = _directed(G)
    if nodes is None:
        return overall_reciprocity(a)
    ends = a.mutual.indptr

    def share(node: Any) -> float | None:
        i = a.index[node]
        both = int(ends[i + 1] - ends[i]) + int(a.loops[i])
        return 2 * both / int(a.degrees[i]) if a.degrees[i] else None

    if nodes in a:
        alone = share(nodes)
        if alone is None:
            raise nx.NetworkXError("Not defined for isolated nodes.")
        return alone
    return {node: share(node) for node in a.nbunch(nodes)}


def _directed(G: NetworkXFace) -> ArrayGraph:
    if isinstance(G, MutualGraph):  # else NetworkX would answer 0
        raise FollowbackError(
            "every follow of a mutual graph is returned, so there is no reciprocity to measure; ask "
            "the graph of follows"
        )
    if not G.is_directed():  # NetworkX has an answer there, which is not a reciprocity
        raise NotImplementedError("edges without a direction have no reciprocity")
    if isinstance(G, FollowGraph):
        refuse_mutual(G.collection)
    return G.arrays


def isolates(G: NetworkXFace) -> Iterator[Any]:
    """Go through the nodes without an edge, in order."""
    a = G.arrays
    return (a.nodes[i] for i in (a.degrees == 0).nonzero()[0].tolist())


def is_isolate(G: NetworkXFace, n: Any) -> bool:
    """Tell whether a node has no edge; False, as in NetworkX, for a list of nodes."""
    a = G.arrays
    if n not in a:
        list(a.nbunch(n))  # raises where it is neither
        return False
    return not bool(a.degrees[a.index[n]])


def number_of_isolates(G: NetworkXFace) -> int:
    """Return the number of nodes without an edge."""
    return int((G.arrays.degrees == 0).sum())


def degree_centrality(G: NetworkXFace) -> dict[Any, float]:
    """Return every node's degree / (nodes - 1)."""
    return _centrality(G.arrays, G.arrays.degrees)


def in_degree_centrality(G: NetworkXFace) -> dict[Any, float]:
    """Return every node's in-degree / (nodes - 1)."""
    return _centrality(G.arrays, G.arrays.back.degrees + G.arrays.loops)


def out_degree_centrality(G: NetworkXFace) -> dict[Any, float]:
    """Return every node's out-degree / (nodes - 1)."""
    return _centrality(G.arrays, G.arrays.listed.degrees)


def _centrality(a: ArrayGraph, counts: NDArray[np.int64]) -> dict[Any, float]:
    if a.n_nodes <= 1:
        return dict.fromkeys(a.nodes, 1)
    shares = counts * (1.0 / (a.n_nodes - 1.0))
    return dict(zip(a.nodes, shares.tolist(), strict=True))
