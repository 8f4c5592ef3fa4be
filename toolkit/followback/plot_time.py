"""FIGURES of time: when a group followed back, how fast, and what two snapshots tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from .mutuals import as_follow_graph
from .plot import BLUE, INK, ORANGE, PALE, STYLE, _legend_above, axes_of
from .times import delay_arrays

if TYPE_CHECKING:
    import networkx as nx

    from .graph import FollowGraph

_SHOWN = 60  # accounts in a raster; finer rows run into each other
_HOURS = 3_600_000
# Ticks of a delay, in hours; a week between would run into its neighbours
_DELAYS = {1 / 60: "1 minute", 1: "1 hour", 24: "1 day", 24 * 30: "30 days"}


def raster(graph: FollowGraph | nx.DiGraph, accounts: Any) -> Figure | None:
    """Draw when each account of a group followed back: one row an account, one dot a follow-back.

    Dark dots return a follow from inside the group, pale ones a follow from outside. A
    ring made at one time is a dark column; friends who found each other one by one
    are scattered like the rest.

    Parameters
    ----------
    graph
        The follower graph, with times.
    accounts
        Ids of the group; the first 60 are drawn.

    Returns
    -------
    matplotlib.figure.Figure or None
        None where no time of a follow-back of theirs is known.

    Raises
    ------
    CallError
        An account is not in the graph.

    Examples
    --------
    >>> import pandas as pd, followback as fb
    >>> rows = {"source": [1, 2], "target": [2, 1], "time": ["2024-01-01", "2024-01-03"]}
    >>> raster(fb.read(pd.DataFrame(rows)), [1, 2]).axes[0].get_ylabel()
    'one row an account'
    """
    graph = as_follow_graph(graph)
    shown = graph.positions(accounts)[:_SHOWN]
    inside = np.zeros(graph.n_accounts, dtype=bool)
    inside[graph.positions(accounts)] = True
    first, second, at, delay = delay_arrays(graph)
    row = np.full(graph.n_accounts, -1)
    row[shown] = np.arange(len(shown))
    mine = row[second] >= 0
    if not mine.any():
        return None
    when = pd.to_datetime((at + delay)[mine], unit="ms").to_numpy()
    rows, among = row[second][mine], inside[first][mine]
    with mpl.rc_context(STYLE):
        figure, axes = axes_of(6.4, 1.4 + 0.07 * len(shown))
        axes.plot(when[~among], rows[~among], "o", ms=3, mfc="white", mec="#7F9BAC", label="others")
        axes.plot(when[among], rows[among], "|", ms=6, mew=1.6, color=BLUE, label="members")
        axes.set(ylim=(len(shown) - 0.5, -0.5), yticks=[], ylabel="one row an account")
        axes.grid(visible=False, axis="y")
        _few_dates(axes)
        handles, labels = axes.get_legend_handles_labels()
        axes.legend(
            handles[::-1], [f"follow-back of {label}" for label in labels[::-1]],
            loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, frameon=False,
        )  # fmt: skip
    return figure


def delay_curves(graph: FollowGraph | nx.DiGraph, accounts: Any) -> Figure | None:
    """Draw how soon follows were returned: inside a group, and by its members elsewhere.

    The curve gives, for every span of time, the share of mutual follows completed
    within it.

    Parameters
    ----------
    graph
        The follower graph, with times.
    accounts
        Ids of the group.

    Returns
    -------
    matplotlib.figure.Figure or None
        None where no time of a mutual follow of the group is known.

    Raises
    ------
    CallError
        An account is not in the graph.

    Examples
    --------
    >>> import pandas as pd, followback as fb
    >>> rows = {"source": [1, 2], "target": [2, 1], "time": ["2024-01-01", "2024-01-03"]}
    >>> graph = fb.read(pd.DataFrame(rows))
    >>> [line.get_label() for line in delay_curves(graph, [1, 2]).axes[0].lines]
    ['both are members']
    """
    graph = as_follow_graph(graph)
    inside = np.zeros(graph.n_accounts, dtype=bool)
    inside[graph.positions(accounts)] = True
    first, second, _, delay = delay_arrays(graph)
    hours = np.sort(np.maximum(delay / _HOURS, 1 / 60))
    order = np.argsort(delay, kind="stable")
    both, either = (inside[first] & inside[second])[order], (inside[first] | inside[second])[order]
    if not either.any():
        return None
    parts = (
        (hours[both], BLUE, "-", "both are members"),
        (hours[either & ~both], ORANGE, "--", "one is a member"),
        (hours[~either], INK, ":", "none is"),
    )
    with mpl.rc_context(STYLE):
        figure, axes = axes_of(6.4, 3.2)
        for spans, colour, stroke, label in parts:
            if len(spans):
                share = np.arange(1, len(spans) + 1) / len(spans)
                axes.step(spans, share, stroke, where="post", color=colour, lw=2, label=label)
        axes.set_xscale("log")
        low, high = hours[0], hours[-1]
        ticks = {at: name for at, name in _DELAYS.items() if low / 3 <= at <= high * 3}
        axes.set_xticks([*ticks], [*ticks.values()])
        axes.minorticks_off()
        axes.set(
            ylim=(0, 1), xlabel="from the follow to the follow-back", ylabel="returned by then"
        )
        axes.yaxis.set_major_formatter(PercentFormatter(1))
        _legend_above(axes, 3)
    return figure


def turnover(changes: pd.DataFrame) -> Figure:
    """Draw what was kept, made and taken back between two snapshots.

    Bars are shares of what the earlier snapshot held; what is gone goes to the left.

    Parameters
    ----------
    changes
        The table that `followback.snapshots.changes` returns.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import followback as fb
    >>> then = fb.FollowGraph.from_pairs([("ann", "bob"), ("bob", "ann")])
    >>> now = fb.FollowGraph.from_pairs([("ann", "bob"), ("ann", "cem")])
    >>> figure = turnover(fb.snapshots.changes(then, now))
    >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
    ['follows', 'mutual follows']
    """
    table = changes[changes["measure"].isin(["follows", "mutual_follows"])]
    base = table["then"].clip(lower=1)
    rows = np.arange(len(table))
    parts = {name: (table[name] / base).to_numpy() for name in ("kept", "made", "taken_back")}
    with mpl.rc_context(STYLE):
        figure, axes = axes_of(6.4, 1.2 + 0.4 * len(table))
        axes.barh(rows, parts["kept"], color=PALE, label="kept", height=0.6)
        axes.barh(rows, parts["made"], left=parts["kept"], color=BLUE, label="made", height=0.6)
        axes.barh(rows, -parts["taken_back"], color=ORANGE, label="gone", height=0.6)
        axes.axvline(0, color=INK, lw=1)
        names = [str(name).replace("_", " ") for name in table["measure"]]
        axes.set_yticks(rows, names)
        axes.set(ylim=(len(table) - 0.5, -0.5), xlabel="share of those in the earlier snapshot")
        axes.grid(visible=False, axis="y")
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        _legend_above(axes, 3)
    return figure


def ring_sizes(changed: pd.DataFrame, limit: int = 20) -> Figure | None:
    """Draw the mutual follows of each ring in both snapshots.

    Parameters
    ----------
    changed
        The table that `followback.snapshots.ring_changes` returns.
    limit
        Rings drawn.

    Returns
    -------
    matplotlib.figure.Figure or None
        None without rings.

    Examples
    --------
    >>> import followback as fb
    >>> rings = fb.find_rings(fb.FollowGraph.from_pairs([("ann", "bob"), ("bob", "ann")]))
    >>> ring_sizes(fb.snapshots.ring_changes(rings, rings)) is None
    True
    """
    table = changed.head(limit)
    if len(table) == 0:
        return None
    rows = np.arange(len(table))
    then, now = table["mutual_then"].to_numpy(), table["mutual_now"].to_numpy()
    with mpl.rc_context(STYLE):
        figure, axes = axes_of(6.4, 1.2 + 0.28 * max(len(table), 2))
        axes.hlines(rows, then, now, color=PALE, lw=4)
        axes.plot(then, rows, "D", mfc="white", mec=INK, label="then")
        axes.plot(now, rows, "o", color=BLUE, label="now")
        axes.set_yticks(rows, [_ring_name(row) for row in table.to_dict("records")])
        axes.set(ylim=(len(table) - 0.5, -0.5), xlabel="mutual follows inside")
        axes.set_xlim(left=-0.02 * max(int(then.max()), int(now.max()), 1))
        axes.grid(visible=False, axis="y")
        _legend_above(axes, 2)
    return figure


def _ring_name(row: dict[str, Any]) -> str:
    number = f"ring {row['ring_now']}" if row["ring_now"] else f"ring {row['ring_then']} then"
    return number if row["change"] == "stayed" else f"{number}, {row['change']}"


def _few_dates(axes: Any) -> None:
    """Write dates as ISO days, few enough to be read."""
    from matplotlib.dates import AutoDateLocator, DateFormatter

    axes.xaxis.set_major_locator(AutoDateLocator(minticks=3, maxticks=6))
    axes.xaxis.set_major_formatter(DateFormatter("%Y-%m-%d"))
