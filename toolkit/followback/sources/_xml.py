"""Graph files in XML, read as a stream; entities, the way to blow up a parser, are refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.parsers import expat

from .._errors import FollowbackError
from ._archive import allowed, opened
from ._draft import Draft, milliseconds, text
from ._follows import TIME_NAMES, plain

_DEPTH = 200  # elements within elements; graphs within nodes stay far below


@dataclass
class XmlGraph:
    """Nodes and edges as they are found; a class because the parser's calls share it."""

    labels: dict[str, str | None] = field(default_factory=dict)
    edges: list[tuple[str, str, bool | None, int | None]] = field(default_factory=list)
    directed: bool = True  # of edges that do not say

    def draft(self) -> Draft:
        """Return the follows; an account is its node's label where all have one of their own."""
        named = [label for label in self.labels.values() if label]
        unique = len(named) == len(self.labels) == len(set(named))
        ways = [self.directed if way is None else way for _, _, way, _ in self.edges]
        out = Draft("", mutual=bool(ways) and not any(ways))
        for (source, target, _, at), way in zip(self.edges, ways, strict=True):
            for end in (source, target):
                if end not in self.labels:
                    raise ValueError(f"an edge names the node {end[:40]!r}, which is not there")
            u = (self.labels[source] if unique else source) or source
            v = (self.labels[target] if unique else target) or target
            out.add(u, v, at)
            if not way and not out.mutual:
                out.add(v, u, at)
        return out


def walk(
    path: Path,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str, str], None],
) -> None:
    """Call ``start(name, attributes)`` and ``end(name, text)`` for every element of a file."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    pieces: list[str] = []
    depth = 0

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEPTH:
            raise ValueError("elements are nested too deeply")
        pieces.clear()
        start(name.rpartition(" ")[2].lower(), attributes)

    def finish(name: str) -> None:
        nonlocal depth
        depth -= 1
        end(name.rpartition(" ")[2].lower(), "".join(pieces).strip())
        pieces.clear()

    def refuse(*_: Any) -> None:
        raise FollowbackError(f"{path} declares XML entities; refused, save it again without them")

    parser.StartElementHandler = begin
    parser.EndElementHandler = finish
    parser.CharacterDataHandler = pieces.append
    parser.EntityDeclHandler = refuse
    limit, size = allowed(path.stat().st_size), 0
    with opened(path) as stream:
        while part := stream.read(1 << 20):
            size += len(part)
            if size > limit:
                raise FollowbackError(f"{path} unfolds to far more than its size; refused")
            _feed(parser, part, last=False)
    _feed(parser, b"", last=True)


def id_of(attributes: dict[str, str], name: str) -> str:
    """Return an id that an element must have."""
    return text(attributes.get(name), f"the {name} of an element")


def time_of(name: str, value: str) -> int | None:
    """Return the time that an attribute holds, if its name is one for times."""
    if plain(name) not in TIME_NAMES:
        return None
    try:
        return milliseconds(float(value))
    except ValueError:
        return milliseconds(value)


def _feed(parser: Any, part: bytes, *, last: bool) -> None:
    try:
        parser.Parse(part, last)
    except expat.ExpatError as error:
        raise ValueError(f"line {error.lineno}: {expat.ErrorString(error.code)}") from error
