"""READ the edge lists of SNAP, KONECT and Gephi: text whose head says what a row is."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from .._errors import FollowbackError
from ._follows import Follows, mirrored
from .text import read_text

_HEAD = 1 << 15  # a head of so many letters may be cut
_GEPHI = re.compile(r"(?i)^\ufeff?\"?source\"?([,;\t])\"?target\"?\1\"?type\"?\b")


def read_konect(path: Path, head: str = "") -> Follows:
    """Read KONECT's ``out.NAME``: ``% asym``, then ``from to [weight [seconds]]``.

    ``% sym`` stores each mutual pair once; ``% bip`` joins two kinds of things and
    holds no follows. That a head says ``unweighted`` does not mean two columns.

    Raises
    ------
    FollowbackError
        The network is bipartite.
    """
    kind = head[1:].split(maxsplit=1)[0].lower()
    if kind == "bip":
        raise FollowbackError(
            f"{path} is a bipartite network, which holds no follows; choose one that is asym"
        )
    follows = read_text(path, " ")
    return mirrored(follows) if kind == "sym" else follows


def read_snap(path: Path, head: str = "") -> Follows:
    """Read a SNAP edge list; one whose comments say ``Undirected`` stores each pair once."""
    follows = read_text(path)
    comments = "\n".join(line for line in head.splitlines() if line.startswith("#"))
    return mirrored(follows) if "undirected graph" in comments.lower() else follows


def read_gephi(path: Path, head: str = "") -> Follows:
    """Read Gephi's edge table; where its first row is ``Undirected``, each pair stands once.

    A table that mixes directed and undirected rows is read by the first.
    """
    follows = read_text(path)
    lines = head.splitlines()[: None if len(head) < _HEAD else -1]  # the last may be cut
    separator = "\t" if "\t" in lines[0] else ";" if ";" in lines[0] else ","
    rows = list(csv.reader(lines[1:], delimiter=separator))
    types = [row[2].strip().lower() for row in rows if len(row) > 2]
    for row, kind in enumerate(types, start=2):
        if kind not in ("directed", "undirected", ""):
            raise FollowbackError(
                f"{path}, row {row}: the type {kind[:40]!r} is neither Directed nor Undirected"
            )
    return mirrored(follows) if types[:1] == ["undirected"] else follows


def is_gephi(head: str) -> bool:
    """Say whether a text begins like Gephi's edge table.

    >>> is_gephi("Source,Target,Type,Id,Label,Weight")
    True
    """
    return bool(_GEPHI.match(head))
