"""What NetworkX calls: the conversions, and every function under its name there."""

from __future__ import annotations

from typing import Any

from .arrays import from_networkx
from .clustering import average_clustering, clustering, transitivity, triadic_census, triangles
from .components import (
    connected_components,
    is_connected,
    is_strongly_connected,
    is_weakly_connected,
    number_connected_components,
    number_strongly_connected_components,
    number_weakly_connected_components,
    strongly_connected_components,
    weakly_connected_components,
)
from .cores import core_number, k_core, k_shell, k_truss
from .degrees import (
    degree_centrality,
    in_degree_centrality,
    is_isolate,
    isolates,
    number_of_isolates,
    out_degree_centrality,
    overall_reciprocity,
    reciprocity,
)
from .densest import densest_subgraph
from .face import NetworkXFace

__all__ = [
    "average_clustering",
    "clustering",
    "connected_components",
    "convert_from_nx",
    "convert_to_nx",
    "core_number",
    "degree_centrality",
    "densest_subgraph",
    "in_degree_centrality",
    "is_connected",
    "is_isolate",
    "is_strongly_connected",
    "is_weakly_connected",
    "isolates",
    "k_core",
    "k_shell",
    "k_truss",
    "number_connected_components",
    "number_of_isolates",
    "number_strongly_connected_components",
    "number_weakly_connected_components",
    "out_degree_centrality",
    "overall_reciprocity",
    "reciprocity",
    "strongly_connected_components",
    "transitivity",
    "triadic_census",
    "triangles",
    "weakly_connected_components",
]


def convert_from_nx(graph: Any, **asked: Any) -> NetworkXFace:
    """Convert a NetworkX graph; leave a graph of this backend as it is.

    ``asked`` are the attributes to keep, see `arrays.from_networkx`; ``name`` and
    ``graph_name``, which NetworkX adds for error messages, are not needed.
    """
    if isinstance(graph, NetworkXFace):
        return graph
    if asked.pop("preserve_all_attrs", False):
        asked |= {f"preserve_{part}_attrs": True for part in ("edge", "node", "graph")}
    return from_networkx(
        graph, **{name: value for name, value in asked.items() if name.endswith("_attrs")}
    )


def convert_to_nx(obj: Any, *, name: str | None = None) -> Any:  # noqa: ARG001
    """Convert a graph of this backend; pass everything else through."""
    return obj.to_networkx() if isinstance(obj, NetworkXFace) else obj
