"""READ GraphML, as Gephi, NetworkX, igraph, yEd and others write it."""

from __future__ import annotations

from pathlib import Path

from ._draft import reader
from ._follows import Follows
from ._xml import XmlGraph, id_of, time_of, walk


@reader("GraphML", "save it again")
def read_graphml(path: Path) -> Follows:  # noqa: C901 - a case an element
    """Read the edges of a GraphML file as follows, undirected ones in both directions.

    An account is its node's ``label`` where every node has one of its own, else the
    node's id. An edge's attribute with a name for times (``created_at``) is its time.
    """
    graph, keys = XmlGraph(), {}
    node, edge, key = "", None, ""

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal node, edge, key
        if name == "key":
            keys[attributes.get("id", "")] = attributes.get("attr.name", "")
        elif name == "graph":
            graph.directed = attributes.get("edgedefault", "directed") != "undirected"
        elif name == "node":
            node, edge = id_of(attributes, "id"), None
            graph.labels[node] = None
        elif name == "edge":
            ways = {"true": True, "false": False}.get(attributes.get("directed", ""))
            edge = len(graph.edges)
            graph.edges.append(
                (id_of(attributes, "source"), id_of(attributes, "target"), ways, None)
            )
        elif name == "data":
            key = keys.get(attributes.get("key", ""), "")

    def end(name: str, content: str) -> None:
        nonlocal node, edge
        if name == "data" and content:
            if edge is not None:
                found = time_of(key, content)
                if found is not None:
                    graph.edges[edge] = (*graph.edges[edge][:3], found)
            elif node and key.lower() == "label":
                graph.labels[node] = content
        elif name == "edge":
            edge = None
        elif name == "node":
            node = ""

    walk(path, start, end)
    return graph.draft().follows(path)
