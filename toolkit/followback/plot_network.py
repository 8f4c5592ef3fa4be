"""FIGURES of a whole graph: its tails, what followers are made of, chance beside what is seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from .mutuals import as_follow_graph, mutual
from .plot import BLUE, INK, ORANGE, PALE, STYLE, _legend_above, axes_of

if TYPE_CHECKING:
    import networkx as nx

    from .graph import FollowGraph


def degree_tails(graph: FollowGraph | nx.DiGraph) -> Figure:
    """Draw which share of the accounts has so many followers or more, both axes by powers of ten.

    A line that falls straight is a heavy tail: a few accounts have most of the followers.

    Parameters
    ----------
    graph
        The follower graph.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import followback as fb
    >>> graph = fb.FollowGraph.from_pairs([("ann", "bob"), ("bob", "ann"), ("cem", "ann")])
    >>> [line.get_label() for line in degree_tails(graph).axes[0].lines]
    ['followers', 'following', 'mutual follows']
    """
    graph = as_follow_graph(graph)
    kinds = (
        (graph.followers.degrees, BLUE, "-", "followers"),
        (graph.following.degrees, ORANGE, "--", "following"),
        (mutual(graph).ties.degrees, INK, ":", "mutual follows"),
    )
    with mpl.rc_context(STYLE):
        figure, axes = axes_of(6.4, 3.6)
        for degrees, colour, stroke, label in kinds:
            values, counts = np.unique(degrees[degrees > 0], return_counts=True)
            if len(values):
                share = counts[::-1].cumsum()[::-1] / graph.n_accounts
                axes.loglog(values, share, stroke, color=colour, label=label, lw=2)
        axes.set(xlabel="so many, or more", ylabel="share of the accounts")
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.yaxis.set_major_formatter(lambda share, _: f"{100 * share:g}%")
        _legend_above(axes, 3)
    return figure


def two_reciprocities(points: Mapping[str, float]) -> Figure:
    """Draw dyad reciprocity against arc reciprocity, with named graphs on the curve.

    The curve is r / (2 - r) for arc reciprocity r.

    Parameters
    ----------
    points
        Arc reciprocity by the name of a graph.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> figure = two_reciprocities({"Twitter 2009": 0.3621})
    >>> round(float(figure.axes[0].lines[-1].get_ydata()[0]), 4)
    0.2211
    """
    arc = np.linspace(0, 1, 101)
    marks = zip(
        points.items(), "oDs^v" * len(points), [BLUE, ORANGE, INK] * len(points), strict=False
    )
    with mpl.rc_context(STYLE):
        figure, axes = axes_of(4.2, 3.6)
        axes.plot(arc, arc, color=PALE, lw=2)
        axes.plot(arc, arc / (2 - arc), color=INK, lw=2)
        for (name, share), mark, colour in marks:
            axes.plot(share, share / (2 - share), mark, color=colour, ms=9, label=name)
        axes.set(
            xlim=(0, 1),
            ylim=(0, 1),
            xlabel="share of follows (arc)",
            ylabel="share of pairs (dyad)",
        )
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        axes.yaxis.set_major_formatter(PercentFormatter(1))
        _legend_above(axes, 2)
    return figure


def composition(mix: pd.DataFrame) -> Figure | None:
    """Draw what the followers of small and large accounts are made of.

    The number at the end counts the accounts.

    Parameters
    ----------
    mix
        The table that `followback.networks.follower_mix` returns.

    Returns
    -------
    matplotlib.figure.Figure or None
        None where nobody is followed.

    Examples
    --------
    >>> import followback as fb
    >>> graph = fb.FollowGraph.from_pairs([("ann", "bob"), ("bob", "ann"), ("cem", "ann")])
    >>> mix = fb.networks.follower_mix(graph, fb.find_rings(graph))
    >>> [label.get_text() for label in composition(mix).axes[0].get_yticklabels()]
    ['1 to 9']
    """
    if len(mix) == 0:
        return None
    rows, left = np.arange(len(mix)), np.zeros(len(mix))
    with mpl.rc_context(STYLE):
        figure, axes = axes_of(6.4, 1.2 + 0.4 * max(len(mix), 2))
        for name, colour, label in (
            ("from_rings", BLUE, "in a ring with it"),
            ("returned", ORANGE, "others, followed back"),
            ("one_way", PALE, "others, not followed back"),
        ):
            axes.barh(rows, mix[name], left=left, color=colour, label=label, height=0.7)
            left = left + mix[name].to_numpy()
        for row, count in zip(rows, mix["accounts"], strict=True):
            axes.text(1.01, float(row), f"{count:,}", va="center", fontsize="small")
        ends = zip(mix["followers_from"], mix["followers_to"], strict=True)
        axes.set_yticks(rows, [f"{low:,} to {high:,}" for low, high in ends])
        axes.set(xlim=(0, 1), xlabel="their followers", ylabel="followers an account")
        axes.set_ylim(len(mix) - 0.5, -0.5)
        axes.grid(visible=False, axis="y")
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        _legend_above(axes, 3)
    return figure


def against_chance(seen: float, drawn: Sequence[float], counts: str) -> Figure:
    """Draw what a null model gives, draw by draw, and what was seen.

    Parameters
    ----------
    seen
        The number in the graph.
    drawn
        The same number in each graph drawn from the null model.
    counts
        What the number counts; below the axis.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> against_chance(40, [11, 12, 12, 15], "mutual follows").axes[0].get_xlabel()
    'mutual follows'
    """
    values = np.asarray(drawn, dtype=float)
    with mpl.rc_context(STYLE):
        figure, axes = axes_of(6.4, 2.6)
        bins = min(max(len(np.unique(values)), 1), 30)
        axes.hist(values, bins=bins, color=PALE, edgecolor=INK, label="null graphs")
        axes.axvline(seen, color=ORANGE, lw=3, label="seen")
        axes.set(xlabel=counts, ylabel="null graphs")
        axes.set_ylim(bottom=0)
        axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
        _legend_above(axes, 2)
    return figure
