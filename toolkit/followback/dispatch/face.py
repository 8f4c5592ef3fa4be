"""What NetworkX asks of a graph before it hands it to a backend."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    import networkx as nx

    from .arrays import ArrayGraph


class NetworkXFace:
    """The few methods by which NetworkX knows a graph of this backend."""

    __networkx_backend__: ClassVar[str] = "followback"

    @property
    def arrays(self) -> ArrayGraph:
        """The graph as the backend's functions take it; nothing is copied."""
        raise NotImplementedError

    def to_networkx(self) -> nx.Graph:
        """Return the graph as NetworkX's own."""
        raise NotImplementedError

    @cached_property
    def __networkx_cache__(self) -> dict[str, Any]:
        """Where NetworkX keeps conversions; these graphs never change, so they stay true."""
        return {}

    def is_directed(self) -> bool:
        """Tell whether an edge has a direction."""
        return self.arrays.directed

    def is_multigraph(self) -> bool:
        """Tell that no edge is there twice."""
        return False

    def number_of_nodes(self) -> int:
        """Return the number of nodes, isolated ones included."""
        return self.arrays.n_nodes

    def number_of_edges(self) -> int:
        """Return the number of edges, as NetworkX counts: a self-loop is one."""
        return self.arrays.n_edges
