"""The ring explorer: rings as nodes or a matrix, to move about in, without a network.

One piece of HTML that works in the page and in JupyterLab: a static picture, the
data as JSON, and the script in ``_report/page/explorer.js``, which puts the live view in the
picture's place. Where scripts may not run the picture stays.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np
import pandas as pd

from ._html import number, visible

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from .graph import FollowGraph
    from .rings import Ring, Rings

ACCOUNTS, TIES = 300, 20_000  # of one ring; of all rings together
_SCRIPT = Path(__file__).parent / "_report" / "page" / "explorer.js"


def script() -> str:
    """Return the explorer's script."""
    return _SCRIPT.read_text(encoding="utf-8")


def explorer_html(rings: Rings, g: FollowGraph, limit: int, picture: str) -> str:
    """Return the explorer of the first rings, with a picture for where scripts do not run."""
    columns = [name for name in rings.members.columns if name not in ("ring", "account")]
    described: list[dict[str, Any]] = []
    left = TIES
    for k in range(min(limit, len(rings))):
        ring = _described(rings[k], rings.members, g, columns)
        left -= len(ring["ties"]) // 3
        if described and left < 0:
            break
        described.append(ring)
    data = {"columns": [name.replace("_", " ") for name in columns], "rings": described}
    return (
        f"<div class='ring-explorer'>{picture}"
        f"<script type='application/json'>{_inert(data)}</script>"
        f"<script>{script()}</script></div>"
    )


def still(ring: Ring, g: FollowGraph) -> Figure:
    """Draw a ring's accounts as nodes, as the explorer first shows them."""
    from matplotlib.collections import LineCollection
    from matplotlib.figure import Figure

    from .plot import BLUE, ORANGE

    order, ties = _ties(ring, g)
    spots = _spots(len(order), ties)
    figure = Figure(figsize=(4.4, 4.4))
    axes = figure.subplots()
    for one_way, colour in ((True, ORANGE), (False, BLUE)):
        lines = [spots[[i, j]] for i, j, s in ties if (s < 0) == one_way]
        axes.add_collection(LineCollection(lines, colors=colour, linewidths=0.5, alpha=0.4))
    axes.plot(spots[:, 0], spots[:, 1], "o", ms=4, color=BLUE, mec="white")
    axes.set(xlim=(-0.03, 1.03), ylim=(1.03, -0.03), title=f"ring {ring.number}")
    axes.set_axis_off()
    return figure


def _described(
    ring: Ring, members: pd.DataFrame, g: FollowGraph, columns: list[str]
) -> dict[str, Any]:
    """Return what the script needs to know of a ring; the most tightly tied accounts come first."""
    order, ties = _ties(ring, g)
    spots = _spots(len(order), ties)
    names = ring.mutual.accounts[order]
    mine = members[members["ring"] == ring.number].set_index("account").loc[names, columns]
    return {
        "number": ring.number,
        "names": [visible(str(name)) for name in names],
        "evidence": [[_written(cell) for cell in row] for row in mine.itertuples(index=False)],
        "x": spots[:, 0].round(3).tolist(),
        "y": spots[:, 1].round(3).tolist(),
        "ties": [part for tie in ties for part in tie],
    }


def _ties(ring: Ring, g: FollowGraph) -> tuple[list[int], list[tuple[int, int, int]]]:
    """Return a ring's accounts by core number, and its follows (i, j, strength), a mutual one once.

    The strength of a mutual follow is the number of mutual partners in the ring that
    both ends share; a follow from i to j that is not returned has strength -1.
    """
    at = ring.positions.tolist()
    n = len(at)
    place = {int(account): k for k, account in enumerate(at)}
    follows = np.zeros((n, n), dtype=np.int32)
    for account, i in place.items():
        inside = [place[int(j)] for j in g.following.of(account) if int(j) in place]
        follows[i, inside] = 1
    mutual = follows & follows.T
    core = nx.core_number(nx.from_numpy_array(mutual))
    order = sorted(range(n), key=lambda i: (-core[i], -int(mutual[i].sum()), at[i]))[:ACCOUNTS]
    follows, mutual = follows[np.ix_(order, order)], mutual[np.ix_(order, order)]
    shared = mutual @ mutual
    ties = [(int(i), int(j), int(shared[i, j])) for i, j in np.argwhere(np.triu(mutual))]
    ties += [(int(i), int(j), -1) for i, j in np.argwhere(follows - mutual)]
    return [at[i] for i in order], ties


def _spots(n: int, ties: list[tuple[int, int, int]]) -> Any:
    """Lay out the accounts in the unit square, the same at every run."""
    graph = nx.empty_graph(n)
    graph.add_edges_from((i, j) for i, j, s in ties if s >= 0)
    spots = nx.spring_layout(graph, pos=nx.circular_layout(graph), seed=0, iterations=60)
    places = np.array([spots[i] for i in range(n)])
    low, high = places.min(axis=0), places.max(axis=0)
    return (places - low) / np.maximum(high - low, 1e-9)


def _inert(data: Any) -> str:
    """Write JSON that holds no markup and no line that a script could end at."""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _written(cell: Any) -> str:
    if isinstance(cell, float | np.floating):
        return number(float(cell))
    if isinstance(cell, int | np.integer) and not isinstance(cell, bool):
        return f"{cell:,}"
    return visible(str(cell))
