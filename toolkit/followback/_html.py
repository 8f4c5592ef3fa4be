"""Small HTML cards that Jupyter shows; account names are hostile input, so all is escaped."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from .account_audits import Audit
    from .graph import FollowGraph
    from .mutuals import MutualGraph
    from .rings import Ring, Rings
    from .thread_audits import ThreadAudit

# JupyterLab takes $...$ in a name for a formula unless these classes say otherwise
NO_FORMULAS = "tex2jax_ignore mathjax_ignore"
_SHOWN = 10  # rows of a table in a card
_SHARES = {
    "density", "reciprocity", "reciprocity_low", "reciprocity_high", "expected_reciprocity",
    "organic_reciprocity", "reciprocity_outside", "follow_back", "follow_back_peers",
    "follower_share", "closedness", "one_way_audience", "follow_back_inside",
    "follow_back_outside", "from_rings", "returned", "one_way", "jaccard",
}  # fmt: skip
_MEASURED = {"value", "low", "high"}  # columns of an audit
_LONGEST = 60  # letters of a name that are shown
# Columns of the rings table in its card; the table itself has them all
_CARD = [
    "ring", "verdict", "size", "mutual_follows", "density", "reciprocity", "expected_reciprocity",
    "organic_reciprocity", "score", "q_value",
]  # fmt: skip
_BARS = {"density", "reciprocity", "expected_reciprocity", "organic_reciprocity"}
_BAR = "rgba(0,114,178,.3)"  # pale enough to read on, on white and on black


def card(title: str, facts: dict[str, str], below: str = "") -> str:
    """Return a card: a title, a list of facts, and HTML below that is already safe."""
    rows = "".join(
        f"<tr><th style='text-align:left'>{escape(name)}</th>"
        f"<td style='text-align:right'>{escape(value)}</td></tr>"
        for name, value in facts.items()
    )
    inside = f"<strong>{escape(title)}</strong><table>{rows}</table>{below}"
    return f"<div class='{NO_FORMULAS}'>{inside}</div>"


def table_html(
    frame: pd.DataFrame, limit: int = _SHOWN, bars: Collection[str] = frozenset()
) -> str:
    """Return the first rows as an HTML table: shares in percent, text escaped.

    Columns of shares named in ``bars`` show a bar behind the number.

    >>> import pandas as pd
    >>> "<td>53%</td>" in table_html(pd.DataFrame({"density": [0.526]}))
    True
    >>> "<td style='background" in table_html(pd.DataFrame({"density": [0.5]}), bars={"density"})
    True
    """
    shown = frame.head(limit)
    heads, columns = [], []
    for name in frame.columns:
        write = _writer(name, frame[name])
        style = _bar if name in bars else _aligned(frame[name])
        heads.append(f"<th{_aligned(frame[name])('')}>{escape(str(name).replace('_', ' '))}</th>")
        columns.append([f"<td{style(cell)}>{escape(write(cell))}</td>" for cell in shown[name]])
    body = "".join(f"<tr>{''.join(row)}</tr>" for row in zip(*columns, strict=True))
    html = f"<table class='dataframe'><thead><tr>{''.join(heads)}</tr></thead>"
    html += f"<tbody>{body}</tbody></table>"
    if len(frame) > limit:
        html += f"<p>… and {counted(len(frame) - limit, 'more row')}</p>"
    return html


def _aligned(column: pd.Series) -> Callable[[Any], str]:
    """Return what styles the cells of a column: text begins at the left, numbers end at the right."""
    text = column.name == "account" or not pd.api.types.is_numeric_dtype(column)
    style = " style='text-align:left'" if text else ""
    return lambda _: style


def _bar(share: float) -> str:
    """Return the style of a cell with a bar as long as the share; nothing where there is none."""
    if math.isnan(share):
        return ""
    end = f"{100 * min(max(share, 0), 1):.0f}%"
    return f" style='background:linear-gradient(90deg,{_BAR} {end},transparent {end})'"


def _writer(name: str, column: pd.Series) -> Callable[[Any], str]:
    """Choose how the cells of a column are written: by what the column is, then by its type."""
    if name in _SHARES:
        return lambda cell: "–" if math.isnan(cell) else f"{cell:.0%}"
    if name in ("p_value", "q_value"):
        return lambda cell: "< 0.001" if cell < 0.001 else f"{cell:.3f}"
    if name.endswith("score"):
        return "{:,.0f}".format
    if pd.api.types.is_float_dtype(column):
        return _measured if name in _MEASURED else number
    if pd.api.types.is_integer_dtype(column) and name not in ("ring", "account"):
        return "{:,}".format
    limit = 200 if name == "meaning" else _LONGEST
    return lambda cell: visible(str(cell), limit)


def _measured(value: float) -> str:
    """Write a cell of a column that holds counts and shares alike."""
    return f"{value:,.0f}" if value.is_integer() else number(value)


def counted(count: int, noun: str) -> str:
    """Write a count and its noun, which takes an s but for one.

    >>> counted(1, "ring"), counted(2000, "ring")
    ('1 ring', '2,000 rings')
    """
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def number(value: float) -> str:
    """Write a number for reading: two or three digits that count.

    >>> [number(v) for v in (0.12345, 1234.5, 1e-30, float("nan"))]
    ['0.12', '1,234', '0.00', '–']
    """
    if math.isnan(value):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}"


def visible(text: str, limit: int = _LONGEST) -> str:
    r"""Make a name harmless to look at: no control or direction marks, no endless length.

    >>> visible("a\u202eb\n" + "x" * 100, limit=5)
    'a�b�x…'
    """
    clean = "".join(letter if letter.isprintable() else "�" for letter in text[: limit + 1])
    return clean if len(clean) <= limit else clean[:limit] + "…"


def graph_card(g: FollowGraph) -> str:
    """Return the card of a follower graph."""
    facts = {"accounts": f"{g.n_accounts:,}", "follows": f"{g.n_follows:,}"}
    if g.n_accounts:
        facts["most followers"] = f"{g.followers.degrees.max():,}"
        facts["most following"] = f"{g.following.degrees.max():,}"
    if g.dropped:
        if g.read_as:
            facts["read as"] = g.read_as
        facts["rows read"] = f"{g.dropped['rows']:,}"
        facts["self-follows dropped"] = f"{g.dropped['self_follows']:,}"
        facts["duplicates dropped"] = f"{g.dropped['duplicates']:,}"
    if g.created_at is not None:
        from .graph import UNKNOWN_TIME

        known = g.created_at[g.created_at != UNKNOWN_TIME]
        facts["follows with a time"] = f"{len(known):,}"
        facts["first"], facts["last"] = _day(known.min()), _day(known.max())
    return card("FollowGraph", facts)


def mutual_card(m: MutualGraph) -> str:
    """Return the card of a mutual graph."""
    facts = {"accounts": f"{m.n_accounts:,}", "mutual follows": f"{m.n_mutual:,}"}
    if m.n_accounts:
        facts["accounts with a mutual follow"] = f"{(m.ties.degrees > 0).sum():,}"
        facts["highest core number"] = f"{m.core_numbers.max():,}"
    return card("MutualGraph", facts)


def rings_card(rings: Rings) -> str:
    """Return the card of all rings: counts by verdict and the table's first rows."""
    from .evidence import VERDICTS

    counts = rings.table["verdict"].value_counts()
    facts = {name: f"{counts.get(name, 0):,}" for name in VERDICTS}
    below = paragraphs(rings.notes)
    if len(rings):
        told = f"<p>{len(rings.table.columns)} columns in <code>.table</code>.</p>"
        below = wide(table_html(rings.table[_CARD], bars=_BARS)) + told + below
    return card(counted(len(rings), "ring"), facts, below)


def wide(html: str) -> str:
    """Return a table that scrolls by itself where the page is narrow."""
    return f"<div class='wide' style='overflow-x:auto'>{html}</div>"


def ring_card(ring: Ring) -> str:
    """Return the card of one ring: what speaks for and against it, and its first members."""
    from .sentences import ring_lines

    names = ", ".join(visible(str(name)) for name in ring.accounts[:_SHOWN])
    more = f" and {len(ring) - _SHOWN:,} more" if len(ring) > _SHOWN else ""
    lines = [*ring_lines(ring), f"Members: {names}{more}."]
    facts = {"verdict": str(ring.row["verdict"]), "accounts": f"{len(ring):,}"}
    return card(f"Ring {ring.number}", facts, paragraphs(lines))


def audit_card(found: Audit) -> str:
    """Return the card of an account's audit: the summary in words, and every measure."""
    from .show_audits import account_lines

    below = paragraphs(account_lines(found)) + wide(table_html(found.table, len(found.table)))
    return card(f"Audit of {visible(str(found.account))}", {}, below)


def thread_card(found: ThreadAudit) -> str:
    """Return the card of a thread's audit: the summary in words, and every measure."""
    from .show_audits import thread_lines

    below = paragraphs(thread_lines(found)) + wide(table_html(found.table, len(found.table)))
    return card("Audit of a thread", {"participants": f"{len(found.participants):,}"}, below)


def paragraphs(lines: Iterable[str]) -> str:
    """Return sentences as paragraphs of a readable width, escaped."""
    return "".join(f"<p style='max-width:44rem'>{escape(line)}</p>" for line in lines)


def _day(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC).date().isoformat()
