"""NetworkX's functions on degrees: reciprocity, isolates, degree centralities."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import networkx as nx

from ..collection import refuse_mutual

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
    both = a.mutual.degrees + a.loops
    total = degrees(a)

    def share(node: Any) -> float | None:
        i = a.index[node]
        return 2 * int(both[i]) / int(total[i]) if total[i] else None

    if nodes in a:
        alone = share(nodes)
        if alone is None:
            raise nx.NetworkXError("Not defined for isolated nodes.")
        return alone
    return {node: share(node) for node in a.nbunch(nodes)}


def _directed(G: NetworkXFace) -> ArrayGraph:
    if not G.is_directed():  # NetworkX has an answer there, which is not a reciprocity
        raise NotImplementedError("edges without a direction have no reciprocity")
    if hasattr(G, "collection"):
        refuse_mutual(G.collection)
    return G.arrays


def degrees(a: ArrayGraph) -> NDArray[np.int64]:
    """Return every node's degree as NetworkX counts: a self-loop is two."""
    if a.directed:
        return a.rows.degrees + a.back.degrees + 2 * a.loops
    return a.rows.degrees + 2 * a.loops


def isolates(G: NetworkXFace) -> Iterator[Any]:
    """Go through the nodes without an edge, in order."""
    a = G.arrays
    return (a.nodes[i] for i in (degrees(a) == 0).nonzero()[0].tolist())


def is_isolate(G: NetworkXFace, n: Any) -> bool:
    """Tell whether a node has no edge; False, as in NetworkX, for a list of nodes."""
    a = G.arrays
    if n not in a:
        list(a.nbunch(n))  # raises where it is neither
        return False
    return not bool(degrees(a)[a.index[n]])


def number_of_isolates(G: NetworkXFace) -> int:
    """Return the number of nodes without an edge."""
    return int((degrees(G.arrays) == 0).sum())


def degree_centrality(G: NetworkXFace) -> dict[Any, float]:
    """Return every node's degree / (nodes - 1)."""
    return _centrality(G.arrays, degrees(G.arrays))


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
