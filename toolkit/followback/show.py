"""What a report notebook shows and keeps: sentences, tables, figures.

Run by hand, a notebook only shows. Run by `followback.report`, it also keeps its
tables and figures in the run's folder. Account names are hostile input: all text
is escaped here, once.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from . import sentences
from ._errors import CallError
from ._html import NO_FORMULAS, counted, table_html, visible
from ._report.facts import RUN_FOLDER, note
from .files import spreadsheet_text

if TYPE_CHECKING:
    import pandas as pd
    from IPython.display import HTML
    from matplotlib.figure import Figure

    from .graph import FollowGraph
    from .mutuals import MutualGraph
    from .rings import Rings

_UNTOLD = "<p>These data hold nothing to draw here.</p>"
_NOTHING = "<p>No ring is listed, so there is nothing to show here.</p>"


def table(
    frame: pd.DataFrame, name: str, caption: str, *, limit: int = 20, columns: Sequence[str] = ()
) -> HTML:
    """Show the first rows of a table and keep all of it as ``tables/name.csv``.

    Columns without any value are left out of what is shown, and named.

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

    Returns
    -------
    IPython.display.HTML
        Its ``data`` is the text; so it is of every function here.

    Raises
    ------
    CallError
        No file can be called ``name``.

    Examples
    --------
    >>> import pandas as pd
    >>> shown = table(pd.DataFrame({"account": ["<ann>"]}), "people", "One row an account.")
    >>> "One row an account." in shown.data, "&lt;ann&gt;" in shown.data
    (True, True)
    """
    _keep("tables", f"{name}.csv", spreadsheet_text(frame).encode())
    if len(frame) == 0:
        return _html(_NOTHING)
    shown = frame[list(columns)] if columns else frame
    empty = [column for column in shown if shown[column].isna().all()]
    if empty:
        shown = shown.drop(columns=empty)
        names = ", ".join(str(column).replace("_", " ") for column in empty)
        caption += f" Left out, as these data tell nothing of it: {names}."
    return _html(f"<p>{escape(caption)}</p><div class='wide'>{table_html(shown, limit)}</div>")


def figure(drawn: Figure | None, name: str, alt: str, caption: str = "") -> HTML:
    r"""Show a figure with its description and keep it as ``figures/name.png``.

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

    Returns
    -------
    IPython.display.HTML
        The picture as PNG inside the page.

    Raises
    ------
    CallError
        No file can be called ``name``.

    Examples
    --------
    >>> from followback.plot import axes_of
    >>> "alt=\"An empty figure.\"" in figure(axes_of(1, 1)[0], "empty", "An empty figure.").data
    True
    """
    return _html(_UNTOLD if drawn is None else _figure(drawn, name, alt, caption))


def summary(
    g: FollowGraph, m: MutualGraph, rings: Rings, alpha: float, source: str | os.PathLike[str] = ""
) -> HTML:
    """Say in a few sentences what was found, and what follows from it; keep the headline.

    Parameters
    ----------
    g
        The follower graph.
    m
        Its mutual graph.
    rings
        Its rings, as `followback.find_rings` returns them.
    alpha
        The share of false discoveries that they were looked for with.
    source
        The file that the follows come from; its name begins the text.

    Returns
    -------
    IPython.display.HTML

    Examples
    --------
    >>> import followback as fb
    >>> g = fb.FollowGraph.from_pairs([("ann", "bob"), ("bob", "ann")])
    >>> "follows.csv" in summary(g, fb.mutual(g), fb.find_rings(g), 0.05, "follows.csv").data
    True
    """
    headline(sentences.headline(g, m, rings))
    lines = sentences.summary_lines(g, m, rings, alpha)
    if source:
        lines[0] = f"{Path(source).name}: {lines[0]}"
    told = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return _html(f"<div class='lead'>{told}</div>")


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

    Mutual follows can be filtered by strength, the number of mutual partners in the ring that
    both ends share. Of a ring the 300 accounts of the innermost cores are shown. Where
    scripts may not run, a picture of the first ring stands instead.

    Parameters
    ----------
    rings
        The rings.
    g
        The follower graph they were found in.
    limit
        Rings to choose from.

    Returns
    -------
    IPython.display.HTML

    Examples
    --------
    >>> import followback as fb
    >>> quiet = fb.synth.follow_network(200, 1_200, seed=1)
    >>> graph, truth = fb.synth.plant_rings(quiet, [(12, 0.9)], seed=1)
    >>> "Ring 1 as nodes: 12 accounts" in explorer(fb.find_rings(graph), graph).data
    True
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
    """Show ring by ring its adjacency matrix and its evidence in words.

    Parameters
    ----------
    rings
        The rings.
    g
        The follower graph they were found in.
    limit
        Rings shown; how many more there are is said.

    Returns
    -------
    IPython.display.HTML

    Examples
    --------
    >>> import followback as fb
    >>> quiet = fb.synth.follow_network(200, 1_200, seed=1)
    >>> graph, truth = fb.synth.plant_rings(quiet, [(12, 0.9)], seed=1)
    >>> "<h3>Ring 1 " in ring_sections(fb.find_rings(graph), graph, 1).data
    True
    """
    from .plot import ring_matrix

    parts = []
    for k in range(min(limit, len(rings))):
        ring = rings[k]
        alt = (
            f"Adjacency matrix of ring {ring.number}: {len(ring)} accounts, "
            f"{ring.row['density']:.0%} of the pairs mutual."
        )
        picture = _figure(ring_matrix(ring, g), f"ring-{ring.number}", alt, "")
        words = "".join(f"<p>{escape(line)}</p>" for line in sentences.ring_lines(ring))
        verdict = str(ring.row["verdict"])
        parts.append(
            f"<h3>Ring {ring.number} <span class='verdict {verdict}'>{verdict}</span></h3>"
            f"<div class='ring'><div>{picture}</div><div>{words}</div></div>"
        )
    if len(rings) > limit:
        parts.append(f"<p>{counted(len(rings) - limit, 'more ring')} in tables/rings.csv.</p>")
    return _html("".join(parts) or _NOTHING)


def members(rings: Rings, *, each: int = 3, limit: int = 24) -> HTML:
    """Show the clearest members of the first rings and keep all as ``tables/members.csv``.

    Parameters
    ----------
    rings
        The rings.
    each
        Members shown of a ring, those with the highest ``member_score``.
    limit
        Rows shown in all.

    Returns
    -------
    IPython.display.HTML

    Examples
    --------
    >>> import followback as fb
    >>> quiet = fb.synth.follow_network(200, 1_200, seed=1)
    >>> graph, truth = fb.synth.plant_rings(quiet, [(12, 0.9)], seed=1)
    >>> "all 12 are in members.csv" in members(fb.find_rings(graph)).data
    True
    """
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
    listed = first["ring"].nunique()
    which = "each ring" if listed == len(rings) else f"the first {counted(listed, 'ring')}"
    caption = (
        f"The {each} clearest members of {which}; all {len(rings.members):,} are in members.csv."
    )
    shared = int((rings.members["account"].value_counts() > 1).sum())
    if shared:
        caption += (
            f" In that file {counted(shared, 'account')} stand more than once, in several rings."
        )
    html = table_html(first[columns], limit)
    return _html(f"<p>{escape(caption)}</p><div class='wide'>{html}</div>")


def obtained(source: str | os.PathLike[str], g: FollowGraph, note: str, which: str = "") -> HTML:
    """Say how the data were obtained, as far as it is known.

    Parameters
    ----------
    source
        The file that the follows come from; its name is shown, not its folder.
    g
        The follower graph that was read from it.
    note
        How they were collected, in the collector's words; empty where not stated.
    which
        Earlier or later, where a page speaks of two files.

    Returns
    -------
    IPython.display.HTML

    Examples
    --------
    >>> import followback as fb
    >>> g = fb.FollowGraph.from_pairs([("ann", "bob"), ("ann", "ann")])
    >>> "2 rows read; 1 self-follow and 0 duplicates left out" in obtained("a.csv", g, "").data
    True
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
    if g.read_as:
        lines.append(f"Who follows whom: {visible(g.read_as, 200)}.")
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


def _keep(folder: str, name: str, content: bytes) -> None:
    if not re.fullmatch(r"[\w-]+(\.[\w-]+)*", name) or len(name) > 100:
        raise CallError(f"a file cannot be called {name[:60]!r}; use letters, digits, - and _")
    if run := os.environ.get(RUN_FOLDER):
        (Path(run) / folder / name).write_bytes(content)


def _html(text: str) -> HTML:
    from IPython.display import HTML

    return HTML(f"<div class='{NO_FORMULAS}'>{text}</div>")
