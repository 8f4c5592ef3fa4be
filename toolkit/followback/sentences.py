"""What a ring report says in words: sentences whose every number is computed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ._html import counted

if TYPE_CHECKING:
    from .graph import FollowGraph
    from .mutuals import MutualGraph
    from .rings import Ring, Rings


def headline(g: FollowGraph, m: MutualGraph, rings: Rings) -> dict[str, float]:
    """Return the numbers that stand for the run in the gallery and in sweeps."""
    from .evidence import VERDICTS

    counts = rings.table["verdict"].value_counts()
    return {
        "accounts": g.n_accounts,
        "follows": g.n_follows,
        "mutual follows": m.n_mutual,
        "rings": len(rings),
        **{f"{verdict} rings": int(counts[verdict]) for verdict in VERDICTS if verdict in counts},
        "accounts in rings": int(rings.members["account"].nunique()),
    }


def summary_lines(g: FollowGraph, m: MutualGraph, rings: Rings, alpha: float) -> list[str]:
    """Return the summary's sentences, every number computed."""
    from .collection import MUTUAL_TOLD
    from .evidence import VERDICTS

    lines = [_returned(g, m)]
    if m.n_mutual == 0:
        return [*lines, "Rings are made of mutual follows; there is none to look for them in."]
    notes = [note for note in rings.notes if note != MUTUAL_TOLD]  # said already
    if len(rings) == 0:
        lines.append(
            f"No set of accounts follows each other back beyond chance at alpha = {alpha}. "
            "This does not show that there is none: a small or loose ring can stay below the limit."
        )
        return [*lines, *notes]
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
            "and beyond what other groups of this graph do, and nothing shows that the members share "
            "other interests, which is consistent with follow-for-follow. Close colleagues can look "
            "like this as well; see what speaks against."
        )
    if moderate:
        lines.append(
            f"{_shows(moderate)} moderate evidence: more follow-back than the members' own habits "
            "explain, but not by enough to be told from a close group of friends or colleagues."
        )
    if g.collection.mutual_by_construction:
        lines.append(
            "Whether their own habits explain it cannot be asked of mutual follows alone, so the "
            "evidence of each is weak, whatever is behind it."
        )
    elif weak:
        lines.append(f"{_shows(weak)} weak evidence, consistent with an ordinary community.")
    lines += notes
    lines.append(
        "Mutual following is normal. Nothing here says why accounts follow each other, or that "
        "any account is not what it says it is."
    )
    return lines


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
        f"given how many mutual follows each account has, chance alone would give {about}. "
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
