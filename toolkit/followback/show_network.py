"""What the notebooks on a whole graph and on two snapshots show: pages without accusation."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from ._html import counted, table_html, wide
from .files import spreadsheet_text
from .show import _html, _keep, headline
from .show_audits import _lead, limits

if TYPE_CHECKING:
    from IPython.display import HTML

    from .graph import FollowGraph


def health_summary(measures: pd.DataFrame, warnings: Sequence[str] = ()) -> HTML:
    """Say in one paragraph how a whole graph is, and keep its headline.

    Parameters
    ----------
    measures
        The table that `followback.networks.health` returns.
    warnings
        What to know before any number is believed; a paragraph each.

    Returns
    -------
    IPython.display.HTML

    Examples
    --------
    >>> import followback as fb
    >>> g = fb.FollowGraph.from_pairs([("ann", "bob"), ("bob", "ann"), ("cem", "ann")])
    >>> "3 follows among 3 accounts" in health_summary(fb.networks.health(g, fb.find_rings(g))).data
    True
    """
    value = measures.set_index("measure")["value"]
    names = ("accounts", "follows", "mutual_follows", "arc_reciprocity", "strong_rings")
    headline(_figures(value, names))
    return _lead([" ".join(health_lines(measures)), *warnings])


def measures_table(measures: pd.DataFrame, name: str, caption: str) -> HTML:
    """Show measures each in its unit, and keep them as numbers in ``tables/name.csv``.

    Parameters
    ----------
    measures
        A table with the columns ``measure`` and ``unit`` (count, share or index).
    name
        Of the file, without an ending.
    caption
        One sentence: what a row is.

    Returns
    -------
    IPython.display.HTML

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"measure": ["arc_reciprocity"], "unit": ["share"], "value": [2 / 3]})
    >>> "66.7%" in measures_table(rows, "health", "One row a measure.").data
    True
    """
    _keep("tables", f"{name}.csv", spreadsheet_text(measures).encode())
    shown = measures.drop(columns="unit").assign(measure=measures["measure"].str.replace("_", " "))
    for column in shown.select_dtypes("number"):
        shown[column] = [*map(_written, measures[column], measures["unit"])]
    html = wide(table_html(shown, len(shown)))
    return _html(f"<p>{escape(caption)}</p>{html}")


def health_lines(measures: pd.DataFrame) -> list[str]:
    """Return the summary of a whole graph in sentences, every number computed.

    Parameters
    ----------
    measures
        The table that `followback.networks.health` returns.

    Examples
    --------
    >>> import followback as fb
    >>> g = fb.FollowGraph.from_pairs([("ann", "bob"), ("bob", "ann"), ("cem", "ann")])
    >>> health_lines(fb.networks.health(g, fb.find_rings(g)))[-1]
    'No set of accounts follows each other back beyond chance.'
    """
    value = measures.set_index("measure")["value"]
    rings = [int(value[f"{verdict}_rings"]) for verdict in ("strong", "moderate", "weak")]
    lines = [
        f"{counted(int(value['follows']), 'follow')} among "
        f"{counted(int(value['accounts']), 'account')}, {value['largest_component']:.0%} of which "
        "are connected with each other.",
        f"{value['arc_reciprocity']:.0%} of the follows are returned; the most followed hundredth of "
        f"the accounts receives {value['top_percent']:.0%} of all follows.",
    ]
    if not any(rings):
        return [*lines, "No set of accounts follows each other back beyond chance."]
    return [
        *lines,
        f"{rings[0]:,} strong, {rings[1]:,} moderate and {rings[2]:,} weak rings are beyond chance; "
        f"the strong and moderate ones hold {value['ring_accounts']:.1%} of the accounts and "
        f"{value['ring_mutual_follows']:.1%} of the mutual follows.",
        "Mutual following is normal, and nothing here says why anybody follows.",
    ]


def snapshot_summary(changes: pd.DataFrame, rings: pd.DataFrame) -> HTML:
    """Say in one paragraph what changed between two snapshots, and keep the headline.

    Parameters
    ----------
    changes
        The table that `followback.snapshots.changes` returns.
    rings
        The table that `followback.snapshots.ring_changes` returns.

    Returns
    -------
    IPython.display.HTML

    Examples
    --------
    >>> import followback as fb
    >>> g = fb.FollowGraph.from_pairs([("ann", "bob"), ("bob", "ann"), ("cem", "ann")])
    >>> rings = fb.snapshots.ring_changes(fb.find_rings(g), fb.find_rings(g))
    >>> "0 follows came and 0 follows went" in snapshot_summary(fb.snapshots.changes(g, g), rings).data
    True
    """
    follows = changes.set_index("measure").loc["follows"]
    told = {"follows made": int(follows["made"]), "follows taken back": int(follows["taken_back"])}
    counts = rings["change"].value_counts()
    told |= {f"rings that {what}": int(counts.get(what, 0)) for what in ("stayed", "came", "went")}
    headline(told)
    return _lead([" ".join(snapshot_lines(changes, rings))])


def snapshot_lines(changes: pd.DataFrame, rings: pd.DataFrame) -> list[str]:
    """Return the summary of two snapshots in sentences, every number computed.

    Parameters
    ----------
    changes
        The table that `followback.snapshots.changes` returns.
    rings
        The table that `followback.snapshots.ring_changes` returns.

    Examples
    --------
    >>> import followback as fb
    >>> g = fb.FollowGraph.from_pairs([("ann", "bob"), ("bob", "ann"), ("cem", "ann")])
    >>> rings = fb.snapshots.ring_changes(fb.find_rings(g), fb.find_rings(g))
    >>> snapshot_lines(fb.snapshots.changes(g, g), rings)[1]
    'The share of follows that are returned moved from 66.7% to 66.7%.'
    """
    rows = changes.set_index("measure")
    follows, ties = rows.loc["follows"], rows.loc["mutual_follows"]
    arc = rows.loc["arc_reciprocity"]
    counts = rings["change"].value_counts()
    stayed, came, went = (int(counts.get(what, 0)) for what in ("stayed", "came", "went"))
    return [
        f"Among the accounts of both snapshots {counted(int(follows['made']), 'follow')} "
        f"came and {counted(int(follows['taken_back']), 'follow')} went; "
        f"{counted(int(ties['made']), 'mutual follow')} came and {int(ties['taken_back']):,} went.",
        f"The share of follows that are returned moved from {arc['then']:.1%} to {arc['now']:.1%}.",
        f"Of the rings, {stayed:,} stayed, {came:,} came and {went:,} went.",
        "Two snapshots show what is different, not when it changed or why.",
    ]


def known(*graphs: FollowGraph) -> HTML:
    """List what the sources said about their own completeness, and what to be careful about.

    Parameters
    ----------
    graphs
        The follower graphs that the page speaks of.

    Returns
    -------
    IPython.display.HTML

    Examples
    --------
    >>> import followback as fb
    >>> g = fb.FollowGraph.from_pairs([("ann", "bob"), ("bob", "ann")])
    >>> "The source says nothing about its own completeness." in known(g).data
    True
    """
    from .collection import cautions

    said = dict.fromkeys(line for graph in graphs for line in cautions(graph))
    for graph in graphs:
        lists = graph.collection.lists
        if lists.num_rows:
            capped = lists["state"].to_pylist().count("capped")
            said[f"{counted(lists.num_rows, 'list')} looked at, {capped:,} of them cut short"] = (
                None
            )
    return limits([*said] or ["The source says nothing about its own completeness."])


def _written(value: float, unit: str) -> str:
    if math.isnan(value):
        return "–"
    if unit == "count":
        return f"{value:,.0f}"
    return f"{value:.1%}" if unit == "share" else f"{value:.2f}"


def _figures(value: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, float]:
    return {name.replace("_", " "): round(float(value[name]), 4) for name in names}
