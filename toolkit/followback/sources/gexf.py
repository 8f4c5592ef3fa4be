"""READ GEXF, Gephi's own format, 1.1 to 1.3."""

from __future__ import annotations

from pathlib import Path

from ._draft import reader
from ._follows import Follows
from ._xml import XmlGraph, id_of, time_of, walk


@reader("GEXF", "save it again")
def read_gexf(path: Path) -> Follows:
    """Read the edges of a GEXF file as follows, undirected and mutual ones in both directions.

    An account is its node's label where every node has one of its own, else the node's
    id. The time of an edge is an attribute with a name for times, else its ``start``.
    """
    graph, titles = XmlGraph(), {}
    inside_edge = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal inside_edge
        if name == "graph":
            graph.directed = attributes.get("defaultedgetype", "undirected") == "directed"
        elif name == "attribute":
            titles[attributes.get("id", "")] = attributes.get("title", "")
        elif name == "node":
            inside_edge = False
            graph.labels[id_of(attributes, "id")] = attributes.get("label", "").strip() or None
        elif name == "edge":
            inside_edge = True
            ways = {"directed": True, "undirected": False, "mutual": False}
            graph.edges.append(
                (
                    id_of(attributes, "source"),
                    id_of(attributes, "target"),
                    ways.get(attributes.get("type", "")),
                    time_of("created_at", attributes.get("start", "")),
                )
            )
        elif name == "attvalue" and inside_edge:
            title = titles.get(attributes.get("for", attributes.get("id", "")), "")
            found = time_of(title, attributes.get("value", ""))
            if found is not None:
                graph.edges[-1] = (*graph.edges[-1][:3], found)

    walk(path, start, lambda _name, _text: None)
    return graph.draft().follows(path)
