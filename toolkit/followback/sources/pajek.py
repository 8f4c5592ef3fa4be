"""READ Pajek's .net files: vertices, arcs and edges, as pairs or as lists."""

from __future__ import annotations

import re
from pathlib import Path

from ._archive import bounded, opened
from ._draft import Draft, reader
from ._follows import Follows

_VERTEX = re.compile(r'^(\d+)(?:\s+(?:"([^"]*)"|([^\s"]\S*))|$)')
_MOST = 2**31
_SECTIONS = ("*arcslist", "*edgeslist", "*arcs", "*edges", "*vertices", "*network")


@reader("Pajek", "save it again")
def read_pajek(path: Path) -> Follows:
    """Read arcs as follows and edges as mutual follows.

    An account is its vertex's label where every vertex has one of its own, else the
    vertex's number.
    """
    with opened(path) as stream:
        lines = bounded(stream, path).decode("utf-8-sig").splitlines()
    labels: dict[str, str] = {}
    pairs: list[tuple[str, str, bool]] = []
    section, n_vertices = "", 0
    for number, raw in enumerate(lines, start=1):
        line = raw.strip()
        if not line or line.startswith("%"):
            continue
        if line.startswith("*"):
            section = next((name for name in _SECTIONS if line.lower().startswith(name)), line)
            if section == "*vertices":
                n_vertices = int(line.split()[1])
                if not 0 <= n_vertices < _MOST:
                    raise ValueError(f"line {number}: {n_vertices:,} vertices; give 0 to {_MOST:,}")
            continue
        if section == "*vertices":
            found = _VERTEX.match(line)
            if not found:
                raise ValueError(f"line {number}: {line[:40]!r} is no vertex")
            labels[str(int(found.group(1)))] = (found.group(2) or found.group(3) or "").strip()
        elif section.startswith(("*arcs", "*edges")):
            ends = _ends(line, number, n_vertices, many=section.endswith("list"))
            pairs += [(ends[0], other, section.startswith("*edges")) for other in ends[1:]]
    return _draft(labels, pairs).follows(path)


def _ends(line: str, number: int, n_vertices: int, *, many: bool) -> list[str]:
    """Return the vertices of a line: two, or one and all it is tied to."""
    cells = line.split() if many else line.split()[:2]
    if len(cells) < 2 or not all(cell.isdecimal() and len(cell) < 10 for cell in cells):
        raise ValueError(f"line {number}: {line[:40]!r} is no pair of vertices")
    ends = [int(cell) for cell in cells]
    if min(ends) < 1 or max(ends) > n_vertices:
        raise ValueError(f"line {number} names a vertex that is not among the {n_vertices:,}")
    return [str(end) for end in ends]


def _draft(labels: dict[str, str], pairs: list[tuple[str, str, bool]]) -> Draft:
    names = list(labels.values())
    unique = all(names) and len(set(names)) == len(names)
    draft = Draft("", mutual=bool(pairs) and all(both for _, _, both in pairs))
    for source, target, both in pairs:
        u = labels.get(source, source) if unique else source
        v = labels.get(target, target) if unique else target
        draft.add(u, v)
        if both and not draft.mutual:
            draft.add(v, u)
    return draft
