"""What the audit notebooks show: a page a client understands, without accusation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from ._html import counted, number, visible
from .show import _figure, _html

if TYPE_CHECKING:
    from IPython.display import HTML

    from .account_audits import Audit
    from .thread_audits import ThreadAudit


def account_summary(found: Audit) -> HTML:
    """Say on one page what the audit of an account found.

    Parameters
    ----------
    found
        What `followback.audit` returns.

    Returns
    -------
    IPython.display.HTML

    Examples
    --------
    >>> import followback as fb
    >>> graph = fb.FollowGraph.from_pairs([("ann", "bob"), ("bob", "ann"), ("cem", "ann")])
    >>> "ann has 2 followers." in account_summary(fb.audit(graph, "ann")).data
    True
    """
    return _lead(account_lines(found))


def account_lines(found: Audit) -> list[str]:
    """Return the summary of an account's audit in sentences, every number computed.

    Parameters
    ----------
    found
        What `followback.audit` returns.

    Examples
    --------
    >>> import followback as fb
    >>> graph = fb.FollowGraph.from_pairs([("ann", "bob"), ("bob", "ann"), ("cem", "ann")])
    >>> account_lines(fb.audit(graph, "ann"))[0][:20]
    'ann has 2 followers.'
    """
    total, earned, share = (
        found[name] for name in ("followers_total", "earned_followers", "earned_share")
    )
    lines = [
        f"{visible(str(found.account))} has {total['value']:,.0f} followers. Between "
        f"{earned['low']:,.0f} and {earned['high']:,.0f} of them ({share['low']:.0%} to "
        f"{share['high']:.0%}) are earned: so many remain when the larger, or the smaller, of what "
        "rings and a habit of following back explain is taken off."
    ]
    back, peers = found["follow_back"], found["peer_follow_back"]
    if not math.isnan(back["value"]):
        lines.append(f"It follows back {_between(back)} of its followers.")
        if not math.isnan(peers["value"]):
            lines.append(
                f"Accounts of the same size follow back {peers['value']:.0%} (half of them between "
                f"{peers['low']:.0%} and {peers['high']:.0%}); {found['peer_place']['value']:.0%} of "
                "them follow back less than it does."
            )
    if len(found.rings):
        lines.append(
            f"It is in {counted(len(found.rings), 'ring')}: accounts that follow each other back beyond "
            "chance. Rings with strong or moderate evidence supply "
            f"{found['ring_share']['value']:.0%} of its followers."
        )
    if not math.isnan(found["reach_share"]["value"]):
        lines.append(
            f"Discounted for how many accounts its followers follow, the following counts "
            f"as {number(found['reach']['value'])} followers with undivided attention: who follows no "
            "more accounts than the median counts as one, who follows more for less."
        )
    lines.append(
        "Mutual following is normal, and nothing here says why anybody follows this account or that "
        "any account is not what it says it is."
    )
    return lines


def account_figures(found: Audit) -> HTML:
    """Show what the followers are made of and, where times are known, how they grew.

    Parameters
    ----------
    found
        What `followback.audit` returns.

    Returns
    -------
    IPython.display.HTML

    Examples
    --------
    >>> import followback as fb
    >>> graph = fb.FollowGraph.from_pairs([("ann", "bob"), ("bob", "ann"), ("cem", "ann")])
    >>> "No times are known" in account_figures(fb.audit(graph, "ann")).data
    True
    """
    from . import plot_audits

    row = found["earned_share"]
    alt = f"Of all followers {row['low']:.0%} are earned in any case, {row['high']:.0%} at most."
    parts = [
        _figure(plot_audits.earned_bar(found), "earned", alt, "All followers, as far as told.")
    ]
    if len(found.growth):
        driven = int(found.growth["ring_driven"].sum())
        alt = f"Followers over {len(found.growth):,} days; {driven} days were driven by rings."
        parts.append(_figure(plot_audits.growth_curve(found), "growth", alt, alt))
    else:
        parts.append("<p>No times are known, so the growth cannot be drawn.</p>")
    return _html("".join(parts))


def thread_summary(found: ThreadAudit) -> HTML:
    """Say on one page what the audit of a thread found.

    Parameters
    ----------
    found
        What `followback.audit_thread` returns.

    Returns
    -------
    IPython.display.HTML

    Examples
    --------
    >>> import followback as fb
    >>> graph = fb.FollowGraph.from_pairs([("ann", "bob"), ("bob", "ann"), ("cem", "ann")])
    >>> found = fb.audit_thread(graph, ["ann", "bob"], permutations=19)
    >>> "2 participants are in the data" in thread_summary(found).data
    True
    """
    return _lead(thread_lines(found))


def thread_lines(found: ThreadAudit) -> list[str]:
    """Return the summary of a thread's audit in sentences, every number computed.

    Parameters
    ----------
    found
        What `followback.audit_thread` returns.

    Examples
    --------
    >>> import followback as fb
    >>> graph = fb.FollowGraph.from_pairs([("ann", "bob"), ("bob", "ann"), ("cem", "ann")])
    >>> thread_lines(fb.audit_thread(graph, ["ann", "bob"], permutations=19))[0][:78]
    '2 participants are in the data; 1 pairs of them follow each other, 100% of all'
    """
    seen, expected = found["mutual_follows"], found["expected_mutual_follows"]
    lines = [
        f"{found['participants']['value']:,.0f} participants are in the data; {seen['value']:,.0f} "
        f"pairs of them follow each other, {found['density']['value']:.0%} of all pairs. Groups of "
        f"like accounts have {number(expected['value'])} (95 % of them {number(expected['low'])} to "
        f"{number(expected['high'])}; p = {found['p_value']['value']:.3g})."
    ]
    if "reciprocity" in set(found.table["measure"]):
        lines.append(
            f"Of the follows among them {found['reciprocity']['value']:.0%} are returned; their "
            f"habit outside predicts {found['expected_reciprocity']['value']:.0%}."
        )
    made = found["ties_made"]
    lines.append(
        f"The thread made about {made['value']:,.0f} mutual follows ({made['low']:,.0f} to "
        f"{made['high']:,.0f}): {made['meaning']}."
    )
    conductors = int(found.participants["conductor"].sum())
    if conductors:
        who = "participant has" if conductors == 1 else "participants have"
        lines.append(f"{conductors} {who} a mutual follow with at least half of the others.")
    lines.append(
        "That people who meet in a thread follow each other is no wrong; the numbers say how many "
        "mutual follows there are, not why."
    )
    return lines


def coverage_figure(found: ThreadAudit) -> HTML:
    """Show with what share of the others each participant is in a mutual follow.

    Parameters
    ----------
    found
        What `followback.audit_thread` returns.

    Returns
    -------
    IPython.display.HTML

    Examples
    --------
    >>> import followback as fb
    >>> graph = fb.FollowGraph.from_pairs([("ann", "bob"), ("bob", "ann"), ("cem", "ann")])
    >>> found = fb.audit_thread(graph, ["ann", "bob"], permutations=19)
    >>> "Participants by the share of the others" in coverage_figure(found).data
    True
    """
    from . import plot_audits

    alt = "Participants by the share of the others they are in a mutual follow with."
    caption = "Orange: tied to at least half of the others and twice the median."
    return _html(_figure(plot_audits.coverage(found), "coverage", alt, caption))


def limits(notes: Sequence[str]) -> HTML:
    """List what cannot be known from the data.

    Parameters
    ----------
    notes
        A sentence each; the ``notes`` of an audit, for one.

    Returns
    -------
    IPython.display.HTML

    Examples
    --------
    >>> "<li>No times are known.</li>" in limits(["No times are known."]).data
    True
    """
    if not notes:
        said = "Nothing in these data says what they leave out; that is no proof that they are complete."
        return _html(f"<p>{said}</p>")
    items = "".join(f"<li>{escape(visible(note, 600))}</li>" for note in notes)
    return _html(f"<ul>{items}</ul>")


def announcements(text: str) -> HTML:
    """Say which words of a text announce an exchange, if any does; see `followback.announces`.

    Parameters
    ----------
    text
        The title or first post of a thread.

    Returns
    -------
    IPython.display.HTML

    Examples
    --------
    >>> "exchange: Follow for follow (en: follows)." in announcements("Follow for follow!").data
    True
    """
    from .lexicon import announces

    found = [f"{visible(word.text)} ({word.language}: {word.exchange})" for word in announces(text)]
    said = (
        f"Words that announce an exchange: {', '.join(found)}."
        if found
        else (
            "No word of the title announces an exchange." if text.strip() else "No title was given."
        )
    )
    return _html(f"<p>{escape(said)}</p>")


def _between(row: object) -> str:
    low, high, value = (row[name] for name in ("low", "high", "value"))  # type: ignore[index]
    return f"{value:.0%}" if low == high else f"{value:.0%} ({low:.0%} to {high:.0%})"


def _lead(lines: list[str]) -> HTML:
    return _html(f"<div class='lead'>{''.join(f'<p>{escape(line)}</p>' for line in lines)}</div>")
