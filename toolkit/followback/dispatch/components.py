"""NetworkX's functions on components, by scipy.sparse.csgraph."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
from scipy.sparse import csgraph, csr_array

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .arrays import ArrayGraph
    from .face import NetworkXFace


def connected_components(G: NetworkXFace) -> Iterator[set[Any]]:
    """Go through the components as sets of nodes, in the order of their first nodes."""
    return _components(G.arrays, "weak")


def number_connected_components(G: NetworkXFace) -> int:
    """Return the number of components."""
    return labels(G.arrays, "weak")[0]


def is_connected(G: NetworkXFace) -> bool:
    """Tell whether there is one component."""
    return _is_one(G.arrays, "weak")


def weakly_connected_components(G: NetworkXFace) -> Iterator[set[Any]]:
    """Go through the components, directions left aside, in the order of their first nodes."""
    return _components(G.arrays, "weak")


def number_weakly_connected_components(G: NetworkXFace) -> int:
    """Return the number of components, directions left aside."""
    return labels(G.arrays, "weak")[0]


def is_weakly_connected(G: NetworkXFace) -> bool:
    """Tell whether there is one component, directions left aside."""
    return _is_one(G.arrays, "weak")


def strongly_connected_components(G: NetworkXFace) -> Iterator[set[Any]]:
    """Go through the strong components, each after all that it leads to, as in NetworkX."""
    return _components(G.arrays, "strong")


def number_strongly_connected_components(G: NetworkXFace) -> int:
    """Return the number of strong components."""
    return labels(G.arrays, "strong")[0]


def is_strongly_connected(G: NetworkXFace) -> bool:
    """Tell whether there is one strong component."""
    return _is_one(G.arrays, "strong")


def labels(a: ArrayGraph, connection: str) -> tuple[int, NDArray[np.int32]]:
    """Give every node its component: weak by first node, strong from the sinks upwards."""
    if a.n_nodes == 0:
        return 0, np.zeros(0, np.int32)
    ones = np.ones(len(a.rows.indices), np.int8)
    matrix = csr_array((ones, a.rows.indices, a.rows.indptr), shape=(a.n_nodes, a.n_nodes))
    n_components, found = csgraph.connected_components(
        matrix, directed=a.directed, connection=connection
    )
    return int(n_components), found


def _components(a: ArrayGraph, connection: str) -> Iterator[set[Any]]:
    n_components, own = labels(a, connection)
    order = np.argsort(own, kind="stable")
    ends = np.cumsum(np.bincount(own, minlength=n_components)).tolist()
    nodes = [a.nodes[i] for i in order.tolist()]
    start = 0
    for end in ends:
        yield set(nodes[start:end])
        start = end


def _is_one(a: ArrayGraph, connection: str) -> bool:
    if a.n_nodes == 0:
        raise nx.NetworkXPointlessConcept("Connectivity is undefined for the null graph.")
    return labels(a, connection)[0] == 1
