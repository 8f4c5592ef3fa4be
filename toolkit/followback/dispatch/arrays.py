"""`ArrayGraph`: a NetworkX graph on arrays, with nothing left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain, compress
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from .._build.turn import returned, transposed
from .._rows import Rows, induced, only, repeated
from ..kernels.dyads import dyad_rows
from .face import NetworkXFace

if TYPE_CHECKING:
    import networkx as nx
    from numpy.typing import NDArray

    Data = list[dict[Any, Any]] | None


@dataclass(frozen=True, eq=False)
class ArrayGraph(NetworkXFace):
    """A graph as NetworkX lists it: same nodes, same order, self-loops kept.

    Attributes
    ----------
    directed
        Whether an edge has a direction; if not, it stands in the rows of both ends.
    names
        The nodes, any hashable objects, in NetworkX's order.
    listed
        The neighbours of every node (successors) in NetworkX's order, not sorted.
    edge_data, node_data, graph_data
        Attributes where they were asked for: in the order of ``listed.indices``, in
        that of ``names``, and of the graph itself.

    Examples
    --------
    >>> import networkx as nx
    >>> a = from_networkx(nx.DiGraph([("b", "a"), ("b", "b"), ("a", "c")]))
    >>> a.nodes, a.listed.indices.tolist(), a.rows.indices.tolist(), a.loops.tolist()
    (['b', 'a', 'c'], [1, 0, 2], [1, 2], [True, False, False])
    """

    directed: bool
    names: Sequence[Any] | pd.Index = field(repr=False)
    listed: Rows = field(repr=False)
    edge_data: Data = field(default=None, repr=False)
    node_data: Data = field(default=None, repr=False)
    graph_data: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def arrays(self) -> ArrayGraph:
        """The graph itself."""
        return self

    @cached_property
    def nodes(self) -> list[Any]:
        """The nodes as Python objects."""
        return self.names.tolist() if isinstance(self.names, pd.Index) else list(self.names)

    @cached_property
    def index(self) -> dict[Any, int]:
        """Where each node stands in ``nodes``."""
        return dict(zip(self.nodes, range(self.n_nodes), strict=True))

    @property
    def n_nodes(self) -> int:
        """The number of nodes."""
        return len(self.names)

    @property
    def n_edges(self) -> int:
        """The number of edges; a self-loop is one."""
        arcs = len(self.listed.indices)
        return arcs if self.directed else (arcs + int(self.loops.sum())) // 2

    def sources(self) -> NDArray[np.int32]:
        """Return the first end of every entry of ``listed``."""
        return repeated(np.arange(self.n_nodes, dtype=np.int32), self.listed.degrees)

    @cached_property
    def loops(self) -> NDArray[np.bool_]:
        """Which nodes have a self-loop."""
        own = np.zeros(self.n_nodes, dtype=bool)
        sources = self.sources()
        own[sources[sources == self.listed.indices]] = True
        return own

    @cached_property
    def rows(self) -> Rows:
        """The neighbours (successors) of every node, ascending, without self-loops."""
        rows = self.listed
        if self.loops.any():
            rows = only(rows, self.sources() != rows.indices)
        starts = rows.indptr[1:-1]
        rising = np.diff(rows.indices) > 0
        rising[starts[(starts > 0) & (starts < len(rows.indices))] - 1] = True
        return rows if rising.all() else transposed(transposed(rows))

    @cached_property
    def back(self) -> Rows:
        """The predecessors of every node, ascending, without self-loops."""
        return transposed(self.rows) if self.directed else self.rows

    @cached_property
    def mutual(self) -> Rows:
        """The neighbours in both directions."""
        return returned(self.rows) if self.directed else self.rows

    @cached_property
    def either(self) -> tuple[Rows, NDArray[np.int8]]:
        """The neighbours in any direction, with the codes of `kernels.dyads.dyad_rows`."""
        if not self.directed:
            return self.rows, np.full(len(self.rows.indices), 3, np.int8)
        indptr, indices, codes = dyad_rows(*self.rows, *self.back)
        return Rows(indptr, indices), codes

    @cached_property
    def degrees(self) -> NDArray[np.int64]:
        """Every node's degree as NetworkX counts: a self-loop is two."""
        if self.directed:
            return self.rows.degrees + self.back.degrees + 2 * self.loops
        return self.rows.degrees + 2 * self.loops

    def __contains__(self, node: object) -> bool:
        try:
            return node in self.index
        except TypeError:  # not hashable
            return False

    @property
    def _adj(self) -> dict[Any, int]:
        """What `networkx.Graph.nbunch_iter` looks nodes up in."""
        return self.index

    def nbunch(self, nodes: Any) -> Iterator[Any]:
        """Go through those of ``nodes`` that are here, with NetworkX's rules and errors."""
        import networkx as nx

        return cast("Iterator[Any]", nx.Graph.nbunch_iter(self, nodes))

    def subgraph(self, positions: NDArray[np.int64]) -> ArrayGraph:
        """Return the nodes at ``positions``, in that order, and the edges among them."""
        listed, kept = induced(self.listed, positions)
        names = self.names
        return replace(
            self,
            names=names[positions] if isinstance(names, pd.Index) else _taken(names, positions),
            listed=listed,
            edge_data=_taken(self.edge_data, kept),
            node_data=_taken(self.node_data, positions),
        )

    def only(self, kept: NDArray[np.bool_]) -> ArrayGraph:
        """Return all nodes with the marked entries of ``listed`` alone."""
        data = self.edge_data
        data = None if data is None else list(compress(data, kept.tolist()))
        return replace(self, listed=only(self.listed, kept), edge_data=data)

    def to_networkx(self) -> nx.Graph:
        """Return the graph as `networkx.Graph` or `networkx.DiGraph`, nodes and edges in order."""
        import networkx as nx

        graph = nx.DiGraph() if self.directed else nx.Graph()
        graph.graph.update(self.graph_data)
        data = self.node_data
        graph.add_nodes_from(self.nodes if data is None else zip(self.nodes, data, strict=True))

        # an undirected edge is taken from its first end
        source, target = self.sources(), self.listed.indices
        kept = np.flatnonzero((source <= target) | self.directed)
        ends = [map(self.nodes.__getitem__, end[kept].tolist()) for end in (source, target)]
        if self.edge_data is None:
            graph.add_edges_from(zip(*ends, strict=True))
        else:
            graph.add_edges_from(zip(*ends, _taken(self.edge_data, kept) or [], strict=True))
        return graph

    def __repr__(self) -> str:
        kind = "directed" if self.directed else "undirected"
        return f"ArrayGraph, {kind}, with {self.n_nodes:,} nodes and {self.n_edges:,} edges"


def from_rows(names: pd.Index, rows: Rows, *, directed: bool) -> ArrayGraph:
    """Take rows that are ascending and free of self-loops as they are."""
    a = ArrayGraph(directed, names, rows)
    vars(a).update(rows=rows, loops=np.zeros(len(names), dtype=bool))  # what it would find
    return a


def from_networkx(
    graph: nx.Graph,
    *,
    edge_attrs: dict[Any, Any] | None = None,
    node_attrs: dict[Any, Any] | None = None,
    preserve_edge_attrs: bool = False,
    preserve_node_attrs: bool = False,
    preserve_graph_attrs: bool = False,
) -> ArrayGraph:
    """Convert a NetworkX graph, with the attributes that are asked for.

    Parameters
    ----------
    graph
        Exactly a `networkx.Graph` or `networkx.DiGraph`: a subclass may answer as it likes,
        and a view as the graph that it looks at is then; NetworkX would keep what it showed.
    edge_attrs, node_attrs
        The attributes to keep and what stands where one is missing; None for nothing.
    preserve_edge_attrs, preserve_node_attrs, preserve_graph_attrs
        Whether to keep all of them.

    Raises
    ------
    NotImplementedError
        For multigraphs, subclasses and views; NetworkX then runs its own function.
    """
    import networkx as nx

    if type(graph) not in (nx.Graph, nx.DiGraph):
        raise NotImplementedError(f"followback takes Graph and DiGraph, not {type(graph).__name__}")
    if hasattr(graph, "_graph"):
        raise NotImplementedError("followback takes no view of a graph; give a copy of it")
    nodes = list(graph)
    place = dict(zip(nodes, range(len(nodes)), strict=True))
    rows = [neighbours for _, neighbours in graph.adjacency()]
    indptr = np.zeros(len(nodes) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, rows), np.int64, len(nodes)), out=indptr[1:])
    indices = np.fromiter(
        map(place.__getitem__, chain.from_iterable(rows)), np.int32, int(indptr[-1])
    )
    edges = chain.from_iterable(neighbours.values() for neighbours in rows)
    return ArrayGraph(
        graph.is_directed(),
        nodes,
        Rows(indptr, indices),
        _asked(edges, edge_attrs, everything=preserve_edge_attrs),
        _asked(graph.nodes.values(), node_attrs, everything=preserve_node_attrs),
        dict(graph.graph) if preserve_graph_attrs else {},
    )


def _taken(data: Any, positions: NDArray[np.int64]) -> Any:
    return None if data is None else [data[i] for i in positions.tolist()]


def _asked(data: Any, attrs: dict[Any, Any] | None, *, everything: bool) -> Data:
    if everything:
        return [values.copy() for values in data]
    if not attrs:
        return None
    return [
        {
            name: values.get(name, default)
            for name, default in attrs.items()
            if default is not None or name in values
        }
        for values in data
    ]
