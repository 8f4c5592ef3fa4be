"""The questions of the lessons 23 and 24: rings and chance, the audit and a fair report."""

from __future__ import annotations

import math
from collections.abc import Collection
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from .._errors import CallError
from ..audits import accounts, audit
from ..mutuals import mutual
from ..rings import Rings, find_rings
from .judge import Question, choice, is_plain, kind, number
from .wording import accusing, figures, leaves_open

if TYPE_CHECKING:
    from ..account_audits import Audit
    from ..graph import FollowGraph

CANNOT_TELL = "the follows alone cannot tell"
_SURE = 4  # standard errors, which a mean of blind draws does not go beyond
_DRAWS = 20_000  # that lesson 4 makes; no more are asked for, however little they tell


def subject(graph: FollowGraph) -> Any:
    """Return the account that the fifth lesson audits: the most followed of ring 1.

    Parameters
    ----------
    graph
        The follower graph; a ring must be listed in it.

    Raises
    ------
    CallError
        No ring is listed in it.

    Examples
    --------
    >>> from followback._workshop.classes import classes
    >>> made = classes()["class-3-mixed"]
    >>> subject(made.graph) in set(made.truth["account"])
    True
    """
    return _subject(graph, _listed(graph))


def sentences(graph: FollowGraph) -> list[str]:
    """Return four sentences about the account that is audited; the first is supported by the data.

    Parameters
    ----------
    graph
        The follower graph; a ring must be listed in it.

    Examples
    --------
    >>> from followback._workshop.classes import classes
    >>> [said.split()[-1] for said in sentences(classes()["class-2-ring"].graph)]
    ['off.', 'it.', 'fake.', 'followers.']
    """
    found = _audited(graph)
    low, high = (found["earned_followers"][end] for end in ("low", "high"))
    total = found["followers"]["value"]
    return [
        f"{low:.0f} to {high:.0f} of the {total:.0f} followers are earned, ring and habit "
        "taken off.",
        f"Exactly {(low + high) / 2:.0f} of the {total:.0f} followers are readers who mean it.",
        f"{total - low:.0f} of the {total:.0f} followers are fake.",
        f"The account has paid for {total - low:.0f} followers.",
    ]


def _listed(graph: FollowGraph, wanted: int = 1) -> Rings:
    """Return the rings of a graph that has at least so many."""
    rings = find_rings(graph)
    if len(rings) < wanted:
        raise CallError(
            f"this is about ring {wanted}, and the graph has {len(rings)} rings; class 1 is calm on "
            "purpose, take class 2 or 3"
        )
    return rings


def _subject(graph: FollowGraph, rings: Rings) -> Any:
    people = accounts(graph).set_index("account")
    return people.loc[list(rings[0].accounts), "followers"].idxmax()


def _audited(graph: FollowGraph) -> Audit:
    rings = _listed(graph)
    return audit(graph, _subject(graph, rings), rings=rings)


def _fault_strong(answer: Any, graph: FollowGraph) -> str:
    rings = find_rings(graph)
    strong = int((rings.table["verdict"] == "strong").sum())
    moderate = int((rings.table["verdict"] == "moderate").sum())
    slips = [
        (
            len(rings),
            "All of these are listed, being beyond chance; not all of them are 'strong'.",
        ),
        (strong + moderate, "'Moderate' is not 'strong': a close group of friends comes that far."),
    ]
    return choice(answer, strong, slips, "Count 'strong' in the column 'verdict'.")


def _counts(graph: FollowGraph) -> tuple[int, int, int]:
    """Return for ring 1 the mutual follows by chance, as seen, and all pairs."""
    row = _listed(graph)[0].row
    size = int(row["size"])
    return round(row["expected_mutual_follows"]), int(row["mutual_follows"]), size * (size - 1) // 2


def _fault_chance(answer: Any, graph: FollowGraph) -> str:
    chance, seen, pairs = _counts(graph)
    slips = [
        (seen, "That many are there. How many would chance alone give?"),
        (pairs, "That is every pair of members; nobody expects all of them by chance."),
        (0, "Not none: members with many mutual follows meet each other by chance too."),
    ]
    return choice(answer, chance, slips, "Read 'expected mutual follows' in the row of ring 1.")


def _fault_habit(answer: Any, graph: FollowGraph) -> str:
    row = _listed(graph)[0].row
    both = {
        "the members' habit outside": float(row["expected_reciprocity"]),
        "groups like it in this graph": float(row["organic_reciprocity"]),
    }
    cure = "The diamond is habit, the stroke is groups like it: which stands nearer to the dot?"
    return choice(answer, max(both, key=lambda name: both[name]), [], cure)


def _fault_members(answer: Any, graph: FollowGraph) -> str:
    if isinstance(answer, str) or not isinstance(answer, Collection):
        return f"A set of accounts is wanted; this is {kind(answer)}. rings[0].accounts has them."
    rings, given = _listed(graph), set(answer)
    truth = set(rings[0].accounts)
    if given == truth:
        return ""
    for other in rings:
        if given == set(other.accounts):
            k = other.number
            return f"These are the members of ring {k}: rings[{k - 1}] is ring {k}, rings[0] is ring 1."
    lost, more = len(truth - given), len(given - truth)
    return (
        f"{lost} of the {len(truth)} members are missing and {more} accounts are too many. "
        "rings[0] is ring 1, rings[1] is ring 2; rings.members holds every ring, so choose one."
    )


def _fault_draws(answer: Any, graph: FollowGraph) -> str:
    if isinstance(answer, str) or not isinstance(answer, Collection):
        return f"A list of counts is wanted; this is {kind(answer)}."
    counts = np.array(list(answer))
    if counts.dtype.kind not in "iuf" or counts.ndim > 1 or (counts % 1 != 0).any():
        return "A count is a whole number: give one for each group, and nothing else."
    size, n = len(_listed(graph)[0]), graph.n_accounts
    mean, spread = _by_chance(graph, size)
    fewer = mean - _by_chance(graph, size - 1)[0]  # what one account less in each group costs
    least = min(math.ceil((2 * _SURE * spread / fewer) ** 2 / 1000) * 1000, _DRAWS)
    if len(counts) < least:
        return (
            f"{len(counts):,} groups are too few: groups of {size - 1} would hold as many mutual "
            f"follows, as far as so few can tell. Draw at least {least:,} groups of {size}."
        )
    if abs(counts.mean() - mean) > max(fewer / 2, _SURE * spread / len(counts) ** 0.5):
        return (
            f"The groups hold {counts.mean():.2f} mutual follows on average; groups of {size} accounts "
            f"drawn from all {n} hold about {mean:.2f}. Draw as many as the ring has members, from "
            "everybody, without putting back, and count mutual pairs once."
        )
    if not spread / 2 < counts.std() < 2 * spread:
        return (
            f"Their standard deviation is {counts.std():.1f}; of groups drawn blindly it is about "
            f"{spread:.1f}. Draw every group anew, and keep the count of each."
        )
    return ""


def _by_chance(graph: FollowGraph, size: int) -> tuple[float, float]:
    """Return mean and standard deviation of the mutual follows in a random group, exactly.

    Two mutual follows that share an account lie in a group together more often than two
    that do not, so the accounts' mutual follows decide how far the count varies.
    """
    m, n = mutual(graph), graph.n_accounts
    inside = [math.perm(size, k) / math.perm(n, k) for k in range(5)]  # k given accounts are in it
    sharing = float((m.ties.degrees * (m.ties.degrees - 1.0)).sum())
    mean = m.n_mutual * inside[2]
    pairs = sharing * inside[3] + (m.n_mutual * (m.n_mutual - 1) - sharing) * inside[4]
    return mean, (mean + pairs - mean**2) ** 0.5


def _fault_sentence(answer: Any, graph: FollowGraph) -> str:
    fair, exact, accusing, paid = sentences(graph)
    slips = [
        (exact, "Two ways of explaining give two numbers; the middle is no better than the ends."),
        (
            accusing,
            "The data show who follows whom. They do not show that anybody is not a person.",
        ),
        (paid, "No payment is in a list of follows."),
    ]
    return choice(answer, fair, slips, "Choose the one sentence that only says what was counted.")


def _fault_team(answer: Any, graph: FollowGraph) -> str:
    verdicts = _listed(graph, 2).table["verdict"].tolist()[:2]
    cure = (
        f"Ring 1 has the verdict '{verdicts[0]}', ring 2 '{verdicts[1]}'. A verdict says how far a ring "
        "goes beyond chance and habit; why its members follow each other is not in the file."
    )
    return choice(answer, CANNOT_TELL, [], cure)


def _fault_interval(answer: Any, graph: FollowGraph) -> str:
    found = _audited(graph)
    row, share = found["earned_followers"], found["earned_share"]
    cure = "Take 'low' and 'high' from found['earned_followers'], in this order."
    ends = list(answer) if isinstance(answer, Collection) else []
    if len(ends) != 2 or not all(isinstance(end, Real) and is_plain(end) for end in ends):
        return f"Two numbers are wanted, the ends of the interval; this is {kind(answer)}. {cure}"
    low, high = map(float, ends)
    if low > high:
        return "The ends are the wrong way round: the smaller one first."
    if math.isclose(low, share["low"]) and math.isclose(high, share["high"]):
        return f"These are shares; here a number of followers is wanted. {cure}"
    return "" if (low, high) == (row["low"], row["high"]) else cure


def _fault_peers(answer: Any, graph: FollowGraph) -> str:
    found = _audited(graph)
    own, peers = found["follow_back"]["value"], found["peer_follow_back"]["value"]
    slips = [
        (peers - own, "The other way round: the account's own share, less that of its peers."),
        (own, "This is the account's own share; take that of accounts of its size from it."),
        (peers, "This is the share of accounts of its size; take it from the account's own."),
    ]
    return number(answer, own - peers, slips, "Subtract found['peer_follow_back'] from its own.")


def _fault_report(answer: Any, graph: FollowGraph) -> str:
    if not isinstance(answer, str):
        return f"A sentence or two is wanted; this is {kind(answer)}."
    row = _audited(graph)["earned_followers"]
    if word := accusing(answer):
        return f"'{word}' says more than follows can show; say what was counted instead."
    ends = {f"{row['low']:.0f}", f"{row['high']:.0f}"}
    if not ends <= figures(answer):
        return (
            "Give both ends of the interval of earned followers, in figures; one number alone "
            "hides a choice."
        )
    if not leaves_open(answer):
        return "Say what the follows do not show: 'cannot say', 'do not show' or 'consistent with'."
    return ""


QUESTIONS: dict[str, Question] = {
    "strong sets": Question(
        "How many rings have the verdict 'strong'?", _fault_strong,
        "Strong: beyond chance, the members' own habit and groups like it, by members who do not follow "
        "the same others as friends do.",
        lambda graph: list(range(len(find_rings(graph)) + 1)),
    ),
    "by chance": Question(
        "About how many mutual follows would chance alone give the accounts of ring 1?", _fault_chance,
        "Chance means: the same number of mutual follows for each account, partners drawn anew.",
        lambda graph: sorted({0, *_counts(graph)}),
    ),
    "habit or group": Question(
        "Which of the two comes nearer to what was seen in ring 1?", _fault_habit,
        "Close groups follow back more than their members' habit says: both must be asked.",
        lambda _: ["groups like it in this graph", "the members' habit outside"],
    ),
    "ring accounts": Question(
        "Which accounts are in ring 1?", _fault_members, "These, and 'consistent with' is the word.",
    ),
    "random groups": Question(
        "How many mutual follows have random groups of the same size?", _fault_draws,
        "Groups drawn blindly from everybody: the plainest chance there is, and the weakest rival.",
    ),
    "fair sentence": Question(
        "Which sentence do these data support?", _fault_sentence,
        "It says what was counted, as an interval, and no more.",
        lambda graph: sorted(sentences(graph)),
    ),
    "exchange or team": Question(
        "The members of one of the two rings work in the same office. Of which?", _fault_team,
        "A reason is not a follow: it has to come from somewhere else.",
        lambda _: ["ring 1", "ring 2", CANNOT_TELL],
    ),
    "earned interval": Question(
        "Between which numbers do the earned followers lie?", _fault_interval,
        "An interval is the answer, not the road to one.",
    ),
    "against peers": Question(
        "How much more of its followers does the account follow back than accounts of its size?",
        _fault_peers, "Compare with peers, not with zero.",
    ),
    "report": Question(
        "Say it to the client in a sentence or two.", _fault_report,
        "Both ends, no accusation, and what the data leave open.",
    ),
}  # fmt: skip
