"""FIGURES: seaborn behind one thin module; every figure answers one question.

Static and byte-stable. No account name is drawn into a picture: fonts lack
letters, and a picture travels further than a table.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import matplotlib as mpl
import networkx as nx
import numpy as np
import seaborn as sns
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from .graph import FollowGraph
    from .rings import Ring, Rings

# Okabe and Ito's colours can be told apart by colour-blind readers, and in grey.
INK, BLUE, ORANGE, PALE = "#222222", "#0072B2", "#E69F00", "#C9D6DF"
_MATRIX = 300  # members shown in a matrix; more would be finer than the eye
STYLE = {**sns.axes_style("whitegrid"), **sns.plotting_context("notebook"), "figure.dpi": 110}


def ring_matrix(ring: Ring, graph: FollowGraph) -> Figure:
    """Draw who follows whom in a ring, members sorted by core number.

    Dark: a mutual follow; orange: the row's account follows the column's, who does
    not follow back. A ring is a dark square; a community with hubs is dark at one corner.

    Parameters
    ----------
    ring
        The ring; of a larger one the first 300 members are drawn.
    graph
        The follower graph it was found in.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import followback as fb
    >>> quiet = fb.synth.follow_network(200, 1_200, seed=1)
    >>> graph, truth = fb.synth.plant_rings(quiet, [(12, 0.9)], seed=1)
    >>> ring_matrix(fb.find_rings(graph)[0], graph).axes[0].get_title()
    'ring 1'
    """
    order = _by_core(ring)[:_MATRIX]
    place = np.full(graph.n_accounts, -1)
    place[order] = np.arange(len(order))
    cells = np.zeros((len(order), len(order)), dtype=np.int8)
    for row, i in enumerate(order):
        columns = place[graph.following.of(int(i))]
        cells[row, columns[columns >= 0]] = 1
    cells += cells & cells.T

    with mpl.rc_context(STYLE):
        figure, axes = axes_of(3.6, 3.6)
        colours = ListedColormap(["white", ORANGE, BLUE])
        sns.heatmap(
            cells, cmap=colours, vmin=0, vmax=2, cbar=False, square=True, ax=axes,
            xticklabels=False, yticklabels=False, rasterized=True,
        )  # fmt: skip
        more = f", the first {_MATRIX} members" if len(ring) > _MATRIX else ""
        axes.set(
            xlabel="column: is followed", ylabel="row: follows", title=f"ring {ring.number}{more}"
        )
        for spine in axes.spines.values():
            spine.set_visible(True)
        keys = [Patch(color=BLUE, label="mutual"), Patch(color=ORANGE, label="not returned")]
        axes.legend(
            handles=keys, loc="upper center", bbox_to_anchor=(0.5, -0.08), ncols=2, frameon=False
        )
    return figure


def reciprocity_expected(rings: Rings, limit: int = 20) -> Figure | None:
    """Draw, for each ring, the share of follows returned inside against what habit predicts.

    The dot is seen, its bar the 95% interval; the diamond is what the members' follow-back
    outside the ring predicts, the stroke what organic groups of this graph with the
    same density do.

    Parameters
    ----------
    rings
        The rings, as `followback.find_rings` returns them.
    limit
        Rings drawn.

    Returns
    -------
    matplotlib.figure.Figure or None
        None without rings, or where the file cannot tell.

    Examples
    --------
    >>> import followback as fb
    >>> quiet = fb.synth.follow_network(200, 1_200, seed=1)
    >>> graph, truth = fb.synth.plant_rings(quiet, [(12, 0.9)], seed=1)
    >>> reciprocity_expected(fb.find_rings(graph)).axes[0].get_xlabel()
    'share of follows that are returned'
    """
    table = rings.table.head(limit)
    if table["reciprocity"].isna().all():
        return None
    rows = np.arange(len(table))
    with mpl.rc_context(STYLE):
        figure, axes = axes_of(6.4, 1.2 + 0.28 * max(len(table), 2))
        axes.hlines(rows, table["reciprocity_low"], table["reciprocity_high"], color=BLUE, lw=2)
        axes.plot(table["reciprocity"], rows, "o", color=BLUE, label="seen inside")
        axes.plot(
            table["expected_reciprocity"],
            rows,
            "D",
            mfc="white",
            mec=INK,
            label="members' habit",
        )
        axes.plot(
            table["organic_reciprocity"], rows, "|", color=ORANGE, ms=13, mew=3,
            label="organic groups like it",
        )  # fmt: skip
        _ring_rows(axes, table["ring"].tolist())
        axes.set(xlim=(0, 1.02), xlabel="share of follows that are returned")
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        _legend_above(axes, 3)
    return figure


def follower_sources(rings: Rings, limit: int = 20) -> Figure | None:
    """Draw, for each ring, where the followers of its members come from.

    Followers counted once a member: from inside the ring, from outside and followed
    back, from outside and not followed back (the one-way audience). The number at
    the end is their count.

    Parameters
    ----------
    rings
        The rings, as `followback.find_rings` returns them.
    limit
        Rings drawn.

    Returns
    -------
    matplotlib.figure.Figure or None
        None without rings, or where the file cannot tell.

    Examples
    --------
    >>> import followback as fb
    >>> quiet = fb.synth.follow_network(200, 1_200, seed=1)
    >>> graph, truth = fb.synth.plant_rings(quiet, [(12, 0.9)], seed=1)
    >>> follower_sources(fb.find_rings(graph)).axes[0].get_xlabel()
    'followers of the members'
    """
    table = rings.table.head(limit)
    if table["one_way_audience"].isna().all():
        return None
    followers = rings.members.groupby("ring")["followers"].sum().reindex(table["ring"])
    inside, one_way = table["follower_share"], table["one_way_audience"]
    rows = np.arange(len(table))
    with mpl.rc_context(STYLE):
        figure, axes = axes_of(6.4, 1.2 + 0.28 * max(len(table), 2))
        left = np.zeros(len(table))
        for shares, colour, label in (
            (inside, BLUE, "supplied by the ring"),
            (1 - inside - one_way, ORANGE, "others, followed back"),
            (one_way, PALE, "others, not followed back"),
        ):
            axes.barh(rows, shares, left=left, color=colour, label=label, height=0.7)
            left = left + shares.to_numpy()
        for row, count in zip(rows, followers, strict=True):
            axes.text(1.01, float(row), f"{count:,}", va="center", fontsize="small")
        _ring_rows(axes, table["ring"].tolist())
        axes.set(xlabel="followers of the members", xlim=(0, 1))
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        _legend_above(axes, 3)
    return figure


def png(figure: Figure) -> bytes:
    r"""Return a figure as PNG, the same bytes at every run.

    Parameters
    ----------
    figure
        The figure, one of this module's for example.

    Examples
    --------
    >>> png(axes_of(1, 1)[0])[:8]
    b'\x89PNG\r\n\x1a\n'
    """
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", bbox_inches="tight", metadata={"Software": None})
    return buffer.getvalue()


def _by_core(ring: Ring) -> NDArray[np.int32]:
    """Sort a ring's members by core number inside it, then by mutual follows."""
    inner = ring.subgraph()
    core = nx.core_number(inner)
    rank = [(-core[name], -inner.degree(name)) for name in ring.accounts]
    return ring.positions[sorted(range(len(rank)), key=rank.__getitem__)]


def axes_of(width: float, height: float) -> tuple[Figure, Axes]:
    """Return a new figure of this size, and its axes.

    Parameters
    ----------
    width, height
        In inches.

    Examples
    --------
    >>> figure, axes = axes_of(6.4, 3.6)
    >>> len(figure.axes)
    1
    """
    figure = Figure(figsize=(width, height))  # no pyplot: no window, no state to clean up
    return figure, figure.subplots()


def _ring_rows(axes: Axes, numbers: list[int]) -> None:
    axes.set_yticks(range(len(numbers)), [f"ring {number}" for number in numbers])
    axes.set_ylim(len(numbers) - 0.5, -0.5)
    axes.grid(visible=False, axis="y")


def _legend_above(axes: Axes, columns: int) -> None:
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=columns, frameon=False)
