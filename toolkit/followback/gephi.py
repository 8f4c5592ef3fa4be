"""Writing GEXF and GraphML that Gephi opens unrepaired.

Both name nodes by their position and keep the id as label, so that no id can break
the file; characters that XML cannot hold become the replacement character. Times are
numbers, and are left out where unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING
from xml.sax.saxutils import escape

from .graph import UNKNOWN_TIME

if TYPE_CHECKING:
    from .graph import FollowGraph

_UNFIT = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_GEXF = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<gexf xmlns="http://gexf.net/1.3" version="1.3">\n'
    '<graph defaultedgetype="directed" mode="static">\n'
)
_GRAPHML = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
    '<key id="label" for="node" attr.name="label" attr.type="string"/>\n'
)


def write_gexf(graph: FollowGraph, path: Path) -> None:
    """Write a graph as GEXF 1.3, follows as directed edges.

    Parameters
    ----------
    graph
        The follower graph.
    path
        The file; an attribute ``created_at`` holds milliseconds since 1970 UTC.
    """
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(_GEXF)
        if graph.created_at is not None:
            file.write(
                '<attributes class="edge"><attribute id="created_at" title="created_at" '
                'type="long"/></attributes>\n'
            )
        file.write("<nodes>\n")
        file.writelines(f'<node id="{i}" label="{name}"/>\n' for i, name in _names(graph))
        file.write("</nodes>\n<edges>\n")
        for k, (source, target, at) in enumerate(_edges(graph)):
            start = f'<edge id="{k}" source="{source}" target="{target}"'
            if at is None:
                file.write(f"{start}/>\n")
            else:
                value = f'<attvalue for="created_at" value="{at}"/>'
                file.write(f"{start}><attvalues>{value}</attvalues></edge>\n")
        file.write("</edges>\n</graph>\n</gexf>\n")


def write_graphml(graph: FollowGraph, path: Path) -> None:
    """Write a graph as GraphML, follows as directed edges.

    Parameters
    ----------
    graph
        The follower graph.
    path
        The file; an attribute ``created_at`` holds milliseconds since 1970 UTC.
    """
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(_GRAPHML)
        if graph.created_at is not None:
            file.write(
                '<key id="created_at" for="edge" attr.name="created_at" attr.type="long"/>\n'
            )
        file.write('<graph edgedefault="directed">\n')
        for i, name in _names(graph):
            file.write(f'<node id="n{i}"><data key="label">{name}</data></node>\n')
        _graphml_edges(graph, file)
        file.write("</graph>\n</graphml>\n")


def _graphml_edges(graph: FollowGraph, file: IO[str]) -> None:
    for source, target, at in _edges(graph):
        start = f'<edge source="n{source}" target="n{target}"'
        if at is None:
            file.write(f"{start}/>\n")
        else:
            file.write(f'{start}><data key="created_at">{at}</data></edge>\n')


def _names(graph: FollowGraph) -> Iterator[tuple[int, str]]:
    """Yield every account's position and its id, fit for XML; line ends as references."""
    ends = {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
    for i, name in enumerate(graph.accounts):
        yield i, escape(_UNFIT.sub("\ufffd", str(name)), ends)


def _edges(graph: FollowGraph) -> Iterator[tuple[int, int, int | None]]:
    source, target = graph.sources().tolist(), graph.following.indices.tolist()
    if graph.created_at is None:
        yield from ((u, v, None) for u, v in zip(source, target, strict=True))
        return
    for u, v, at in zip(source, target, graph.created_at.tolist(), strict=True):
        yield u, v, None if at == UNKNOWN_TIME else at
