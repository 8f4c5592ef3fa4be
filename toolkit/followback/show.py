"""What a report notebook shows and keeps: sentences, tables, figures.

Run by hand, a notebook only shows. Run by `followback.report`, it also keeps its
tables and figures in the run's folder. Account names are hostile input: all text
is escaped here, once.
"""

from __future__ import annotations

import base64
import math
import os
import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ._errors import CallError
from ._html import NO_FORMULAS, counted, table_html
from ._report.facts import RUN_FOLDER, note
from .files import spreadsheet_text

if TYPE_CHECKING:
    import pandas as pd
    from IPython.display import HTML
    from matplotlib.figure import Figure

    from .graph import FollowGraph
    from .mutuals import MutualGraph
    from .rings import Ring, Rings

_UNTOLD = "<p>These data hold nothing to draw here.</p>"
_NOTHING = "<p>No ring is listed, so there is nothing to show here.</p>"


def table(
    frame: pd.DataFrame, name: str, caption: str, *, limit: int = 20, columns: Sequence[str] = ()
) -> HTML:
    """Show the first rows of a table and keep all of it as ``tables/name.csv``.

    Parameters
    ----------
    frame
        The table.
    name
        Of the file, without an ending.
    caption
        One sentence: what a row is.
    limit
        Rows shown.
    columns
        Columns shown, all if left out; the file has all.
    """
    _keep("tables", f"{name}.csv", spreadsheet_text(frame).encode())
    if len(frame) == 0:
        return _html(_NOTHING)
    shown = frame[list(columns)] if columns else frame
    return _html(f"<p>{escape(caption)}</p><div class='wide'>{table_html(shown, limit)}</div>")


def figure(drawn: Figure | None, name: str, alt: str, caption: str = "") -> HTML:
    """Show a figure with its description and keep it as ``figures/name.png``.

    Parameters
    ----------
    drawn
        The figure; None where there was nothing to draw.
    name
        Of the file, without an ending.
    alt
        What the figure shows, for those who do not see it.
    caption
        What to look for; below the figure.
    """
    return _html(_UNTOLD if drawn is None else _figure(drawn, name, alt, caption))


def summary(
    g: FollowGraph, m: MutualGraph, rings: Rings, alpha: float, source: str | os.PathLike[str] = ""
) -> HTML:
    """Say in a few sentences what was found, and what follows from it."""
    headline(_headline(g, m, rings))
    lines = summary_lines(g, m, rings, alpha)
    if source:
        lines[0] = f"{Path(source).name}: {lines[0]}"
    sentences = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return _html(f"<div class='lead'>{sentences}</div>")


def summary_lines(g: FollowGraph, m: MutualGraph, rings: Rings, alpha: float) -> list[str]:
    """Return the summary's sentences, every number computed."""
    from .collection import MUTUAL_TOLD
    from .evidence import VERDICTS

    lines = [_returned(g, m)]
    if len(rings) == 0:
        return [
            *lines,
            f"No set of accounts follows each other back beyond chance at alpha = {alpha}. "
            "This does not show that there is none: a small or loose ring can stay below the limit.",
        ]
    counts = rings.table["verdict"].value_counts()
    strong, moderate, weak = (int(counts.get(verdict, 0)) for verdict in VERDICTS)
    held = rings.members["account"].nunique()
    lines.append(
        f"Beyond chance (alpha = {alpha}), {_follow_each_other(len(rings))}; together they hold "
        f"{counted(held, 'account')}, {held / g.n_accounts:.1%} of all."
    )
    if strong:
        lines.append(
            f"{_shows(strong)} strong evidence: follow-back inside goes beyond the members' own habits "
            "and beyond what other groups of this graph do, which is consistent with "
            "follow-for-follow. Close colleagues can look like this as well; see what speaks against."
        )
    if moderate:
        lines.append(
            f"{_shows(moderate)} moderate evidence: more follow-back than the members' own habits "
            "explain, but not by enough to be told from a close group of friends or colleagues."
        )
    if weak:
        lines.append(f"{_shows(weak)} weak evidence, consistent with an ordinary community.")
    lines += [note for note in rings.notes if note != MUTUAL_TOLD]  # the first line says it
    lines.append(
        "Mutual following is normal. Nothing here says why accounts follow each other, or that "
        "any account is not what it says it is."
    )
    return lines


def headline(figures: Mapping[str, float]) -> None:
    """Keep a few numbers as the run's headline: for the gallery of runs and for sweeps.

    Parameters
    ----------
    figures
        Numbers by what they count; shown in this order.

    Examples
    --------
    >>> headline({"rings": 3, "accounts in rings": 120})
    """
    note(headline=dict(figures))


def explorer(rings: Rings, g: FollowGraph, limit: int = 12) -> HTML:
    """Show the first rings to move about in: as nodes or as a matrix, with each member's evidence.

    Ties can be filtered by strength, the number of mutual partners in the ring that
    both ends share. Of a ring the 300 most tightly tied accounts are shown. Where
    scripts may not run, a picture of the first ring stands instead.

    Parameters
    ----------
    rings
        The rings.
    g
        The follower graph they were found in.
    limit
        Rings to choose from.
    """
    if len(rings) == 0 or limit < 1:
        return _html("<p>There is no ring to show.</p>")
    from ._explorer import explorer_html, still

    ring = rings[0]
    alt = (
        f"Ring {ring.number} as nodes: {len(ring)} accounts, {ring.row['mutual_follows']:,} mutual "
        "follows (blue); orange lines are follows that are not returned."
    )
    picture = _figure(still(ring, g), "explorer", alt, "")
    return _html(explorer_html(rings, g, limit, picture))


def ring_sections(rings: Rings, g: FollowGraph, limit: int) -> HTML:
    """Show ring by ring its adjacency matrix and its evidence in words."""
    from .plot import ring_matrix

    parts = []
    for k in range(min(limit, len(rings))):
        ring = rings[k]
        alt = (
            f"Adjacency matrix of ring {ring.number}: {len(ring)} accounts, "
            f"{ring.row['density']:.0%} of the pairs mutual."
        )
        picture = _figure(ring_matrix(ring, g), f"ring-{ring.number}", alt, "")
        words = "".join(f"<p>{escape(line)}</p>" for line in ring_lines(ring))
        verdict = str(ring.row["verdict"])
        parts.append(
            f"<h3>Ring {ring.number} <span class='verdict {verdict}'>{verdict}</span></h3>"
            f"<div class='ring'><div>{picture}</div><div>{words}</div></div>"
        )
    if len(rings) > limit:
        parts.append(f"<p>{counted(len(rings) - limit, 'more ring')} in tables/rings.csv.</p>")
    return _html("".join(parts) or _NOTHING)


def ring_lines(ring: Ring) -> list[str]:
    """Say what speaks for and against one ring."""
    from .organic import LEAST_REFERENCES

    row = ring.row
    chance = row["expected_mutual_follows"]
    about = "fewer than one" if chance < 1 else f"about {chance:,.0f}"
    known = not math.isnan(row["organic_reciprocity"])
    like = f", groups like it in this graph {row['organic_reciprocity']:.0%}" if known else ""
    lines = [
        f"{len(ring)} accounts with {counted(row['mutual_follows'], 'mutual follow')} among them; "
        f"given how many each account has, chance alone would give {about}. "
        f"{row['density']:.0%} of all pairs follow each other.",
    ]
    if math.isnan(row["reciprocity"]):  # mutual by construction
        return lines
    lines += [
        f"Inside, {row['reciprocity']:.0%} of the follows are returned ({row['reciprocity_low']:.0%} "
        f"to {row['reciprocity_high']:.0%}); the members' habit with everyone else predicts "
        f"{row['expected_reciprocity']:.0%}{like}. That is {row['habit_score']:,.0f} bits beyond "
        f"habit and {row['organic_score']:.1f} beyond such groups.",
        f"The ring supplies {row['follower_share']:.0%} of its members' followers; "
        f"{row['one_way_audience']:.0%} are outside it and not followed back, an audience that no "
        f"exchange explains. {row['closedness']:.0%} of the members' mutual follows stay inside.",
        f"Two members follow the same outsider, unreturned, {row['shared_interests']:.1f} times as often "
        f"as chance would have it: {_interests(row['shared_interests'])}",
    ]
    if "delay_inside" in row and not math.isnan(row["delay_inside"]):
        lines.append(
            f"In time: inside, the median follow-back took {_span(row['delay_inside'])}, the members' "
            f"others {_span(row['delay_outside'])}; {row['busiest_day']:.0%} of the follows inside "
            "were made in the busiest 24 hours."
        )
    if row["organic_groups"] < LEAST_REFERENCES:
        lines.append(
            f"Only {counted(row['organic_groups'], 'group')} of like density could be compared with, "
            "too few for a strong verdict."
        )
    return lines


def members(rings: Rings, *, each: int = 3, limit: int = 24) -> HTML:
    """Show the clearest members of the first rings and keep all as ``tables/members.csv``."""
    _keep("tables", "members.csv", spreadsheet_text(rings.members).encode())
    if len(rings) == 0:
        return _html(_NOTHING)
    first = (
        rings.members.sort_values(["ring", "member_score"], ascending=[True, False], kind="stable")
        .groupby("ring")
        .head(each)
        .head(limit)
    )
    columns = [
        "ring", "account", "label", "follow_back_inside", "follow_back_outside", "followers",
        "follower_share",
    ]  # fmt: skip
    caption = (
        f"The {each} clearest members of each ring; all {len(rings.members):,} are in members.csv."
    )
    shared = len(rings.members) - rings.members["account"].nunique()
    if shared:
        caption += f" {counted(shared, 'account')} stand here more than once, in several rings."
    html = table_html(first[columns], limit)
    return _html(f"<p>{escape(caption)}</p><div class='wide'>{html}</div>")


def obtained(source: str | os.PathLike[str], g: FollowGraph, note: str, which: str = "") -> HTML:
    """Say how the data were obtained, as far as it is known.

    Parameters
    ----------
    source
        The file.
    g
        What was read from it.
    note
        How it was collected, in the words of whoever did.
    which
        Earlier or later, where a page speaks of two files.
    """
    read = g.dropped
    told = note.strip() or (
        "How they were collected was not stated, so it is not known whether every account's "
        "lists are complete."
    )
    if not told.endswith((".", "!", "?")):
        told += "."
    lines = [
        f"The {f'{which} ' if which else ''}follows come from the file {Path(source).name}. {told}",
        f"{counted(read.get('rows', g.n_follows), 'row')} read; "
        f"{counted(read.get('self_follows', 0), 'self-follow')} and "
        f"{counted(read.get('duplicates', 0), 'duplicate')} left out."
        + (" Times are known for these follows." if g.created_at is not None else ""),
    ]
    return _html("".join(f"<p>{escape(line)}</p>" for line in lines))


def _figure(drawn: Figure, name: str, alt: str, caption: str) -> str:
    from .plot import png

    content = png(drawn)
    _keep("figures", f"{name}.png", content)
    data = base64.b64encode(content).decode()
    below = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    width = int(np.frombuffer(content[16:20], dtype=">u4")[0])  # the PNG header holds it
    return (
        f"<figure><img alt=\"{escape(alt)}\" width='{width}' "
        f"src='data:image/png;base64,{data}'>{below}</figure>"
    )


def _returned(g: FollowGraph, m: MutualGraph) -> str:
    """Say how much is returned, or why that is not told."""
    from .mutuals import reciprocity_of

    size = f"{counted(g.n_follows, 'follow')} among {counted(g.n_accounts, 'account')}"
    if g.collection.mutual_by_construction:
        return (
            f"{counted(m.n_mutual, 'mutual follow')} among {counted(g.n_accounts, 'account')}. The "
            "file stores each mutual pair once, so every follow is returned by construction; how "
            "much people follow back, it cannot tell."
        )
    if m.n_mutual == 0 and g.n_follows >= 20:
        return (
            f"{size}. Not one follow is returned. Where a file stores each mutual pair once, that is "
            "how it is written, not how people follow: it is to be read as such a file (parameter "
            "mutual), and says nothing about reciprocity."
        )
    shares = reciprocity_of(g, m).iloc[0]
    return (
        f"{size}. "
        f"{shares['arc']:.1%} of the follows are returned (arc reciprocity {shares['arc']:.3f}); "
        f"of the pairs that are connected, {shares['dyad']:.1%} follow each other "
        f"(dyad reciprocity {shares['dyad']:.3f})."
    )


def _follow_each_other(count: int) -> str:
    return (
        "1 set of accounts follows each other back"
        if count == 1
        else f"{count:,} sets of accounts follow each other back"
    )


def _interests(times: float) -> str:
    from .interests import MOST_SHARED

    if times > MOST_SHARED:
        return "they share interests, as colleagues and friends do: it speaks against an exchange."
    return "nothing shows that they share other interests, as colleagues and friends would."


def _span(hours: float) -> str:
    """Write a length of time in the unit that suits it."""
    if math.isnan(hours):
        return "an unknown time"
    return f"{hours:.1f} hours" if hours < 48 else f"{hours / 24:.0f} days"


def _shows(count: int) -> str:
    return "1 shows" if count == 1 else f"{count:,} show"


def _headline(g: FollowGraph, m: MutualGraph, rings: Rings) -> dict[str, float]:
    counts = rings.table["verdict"].value_counts()
    return {
        "accounts": g.n_accounts,
        "follows": g.n_follows,
        "mutual follows": m.n_mutual,
        "rings": len(rings),
        **{f"{verdict} rings": int(count) for verdict, count in counts.sort_index().items()},
        "accounts in rings": int(rings.members["account"].nunique()),
    }


def _keep(folder: str, name: str, content: bytes) -> None:
    if not re.fullmatch(r"[\w-]+(\.[\w-]+)*", name) or len(name) > 100:
        raise CallError(f"a file cannot be called {name[:60]!r}; use letters, digits, - and _")
    if run := os.environ.get(RUN_FOLDER):
        (Path(run) / folder / name).write_bytes(content)


def _html(text: str) -> HTML:
    from IPython.display import HTML

    return HTML(f"<div class='{NO_FORMULAS}'>{text}</div>")
