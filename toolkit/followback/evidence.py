"""EVIDENCE: what a ring shows beyond chance, and beyond habit.

Two questions, two answers. *Beyond chance?* decides which sets are listed: are
there more mutual follows inside than accounts of the same mutual degrees would
have at random? *Beyond habit?* decides the verdict: do the members follow each
other back more than each of them follows back everybody else, and more than
organic groups of this graph do? A group of friends passes the first; follow-for-follow
passes both. A third thing must hold before it is called strong: the members do not share
other interests besides (`followback.interests`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from .interests import MOST_SHARED, shared_interests
from .kernels.refine import expected_inside, fitted_fitness
from .kernels.rows import ties_inside
from .organic import LEAST_REFERENCES, Reference
from .sets import Numbers, Sets, as_sets, excess_share, search_price, wilson

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .graph import FollowGraph
    from .mutuals import MutualGraph

VERDICTS = ("strong", "moderate", "weak")
PROMISCUOUS = 0.8  # share of followers that a promiscuous follow-backer surely follows back
PRIOR = 5.0  # followers' worth of the graph's own reciprocity in each member's habit
_LEAST_P = 690.0  # nats; a smaller p-value is shown as 1e-300
_CLASSES = 2_000  # of degree in the null model; above, degrees within one class differ by < 1 %
_FIT = (500, 1e-6)  # rounds and tolerance of the null model's fit
_STEPS = 2.0**26  # in one; sums below 2**27 are exact in such steps
_ORGANIC_ODDS = 5.0  # moderate: at most one organic group in five would go as far


class Habits(NamedTuple):
    """What the members of each set do inside and outside of it, one entry a membership."""

    mutual_in: NDArray[np.int64]
    followers_in: NDArray[np.int64]
    following_in: NDArray[np.int64]
    mutual_out: NDArray[np.int64]
    followers_out: NDArray[np.int64]
    following_out: NDArray[np.int64]
    follow_back: NDArray[np.float64]  # share of followers outside that are followed back, shrunk
    followed_back: NDArray[np.float64]  # share of those followed outside that follow back, shrunk


def habits(g: FollowGraph, m: MutualGraph, sets: Sets) -> Habits:
    """Count what members do inside and outside their set.

    Both propensities are taken outside the set alone, with `PRIOR` accounts' worth
    of the graph's own arc reciprocity, so that few followers do not make a habit.
    """
    base = 2 * m.n_mutual / max(g.n_follows, 1)
    mutual_in = ties_inside(*m.ties, *sets)
    followers_in = ties_inside(*g.followers, *sets)
    following_in = ties_inside(*g.following, *sets)
    mutual_out = m.ties.degrees[sets.members] - mutual_in
    followers_out = g.followers.degrees[sets.members] - followers_in
    following_out = g.following.degrees[sets.members] - following_in
    return Habits(
        mutual_in,
        followers_in,
        following_in,
        mutual_out,
        followers_out,
        following_out,
        (mutual_out + PRIOR * base) / (followers_out + PRIOR),
        (mutual_out + PRIOR * base) / (following_out + PRIOR),
    )


def fitness(m: MutualGraph) -> NDArray[np.float64]:
    """Fit the null model: a number z for every account, its pull towards mutual follows.

    Under the reciprocal configuration model each pair has a mutual follow with
    probability z_i z_j / (1 + z_i z_j), independently, such that every account's
    expected mutual degree is its own. (The full model's denominator also holds
    the two ways of an unreturned follow. They are left out: for sets of 30 in a graph
    of 300 accounts that moves the expectation by a few per cent either way.)

    Returns
    -------
    numpy.ndarray
        One number an account.

    References
    ----------
    Squartini and Garlaschelli (2011), New Journal of Physics 13, 083001.
    """
    degrees = m.ties.degrees
    if m.n_mutual == 0:
        return np.zeros(m.n_accounts)
    have = np.bincount(degrees)  # accounts of each degree
    known = np.flatnonzero(have)
    classes = known.astype(np.float64)
    if len(known) > _CLASSES:  # group large degrees to within one per cent
        large = known > 100
        classes[large] = np.exp(np.round(np.log(classes[large]) / 0.01) * 0.01)
    values, place = np.unique(classes, return_inverse=True)
    counts = np.bincount(place, have[known]).astype(np.float64)
    pull = np.zeros(len(have))
    pull[known] = fitted_fitness(values, counts, *_FIT)[place]
    return pull[degrees]


def chance(m: MutualGraph, sets: Sets, pull: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Answer the first question, whether it is beyond chance.

    With e mutual follows seen among N pairs and mu expected under the null model,
    the surprise is N KL(e / N || mu / N) nats (Chernoff's bound on the sum of
    independent pairs). Less the price of the search, `followback.sets.search_price`,
    it is the score; p = exp(-score), so p holds however the set was found. q-values
    after Benjamini and Hochberg, over all candidate sets.
    """
    expected = np.array([_expected(pull[sets.of(k)]) for k in range(len(sets.sizes))])
    pairs = np.maximum(sets.pairs(), 1)
    seen = sets.sums(ties_inside(*m.ties, *sets)) / 2
    price = search_price(sets.sizes, int((m.ties.degrees > 0).sum()))
    score = excess_share(seen, pairs, expected / pairs) - price
    p_value = np.exp(-np.clip(score, 0, _LEAST_P))
    return {
        "expected_mutual_follows": expected,
        "score": score / np.log(2),
        "p_value": p_value,
        "q_value": _q_values(p_value),
    }


def _expected(pull: NDArray[np.float64]) -> float:
    values, counts = np.unique(pull, return_counts=True)
    return float(expected_inside(values, counts.astype(np.float64)))


def beyond_habit(
    g: FollowGraph, m: MutualGraph, sets: Sets, *, alpha: float, seed: int, among: int | None = None
) -> dict[str, NDArray[np.float64]]:
    """Answer the second question, whether it is beyond habit.

    *The members' own.* Every follow j -> i inside is expected to be returned with
    i's propensity outside the set. ``habit_score`` is the surprise of the mutual
    share of connected pairs over that.

    *Organic groups of this graph.* `followback.organic` predicts the mutual share
    from the set's density and both habits of its members, as learnt from groups
    that were chosen without looking at who follows back; ``organic_score`` is
    the surprise over that prediction, deviations as wide as those groups differ
    among themselves allowed for.

    ``strong``: beyond the members' own habit by more than the search among all
    possible sets can explain, and beyond organic groups, at ``alpha`` among the sets
    listed, with at least ten such groups to compare with; and the members do not follow
    the same others as colleagues do (`followback.interests.shared_interests` at most 2).
    ``moderate``: beyond the members' own habit at ``alpha`` among the sets listed, and further than four
    in five organic groups would go (listed sets are the extreme ones, so many friend
    cliques get as far: moderate does not tell a ring from a close group).
    ``weak`` otherwise: consistent with a community. ``among`` is the number of sets
    tested where fewer are listed.
    """
    own = habits(g, m, sets)
    habit, expected = _habit(sets, own)
    with np.errstate(invalid="ignore", divide="ignore"):
        outside = sets.sums(own.mutual_out) / sets.sums(own.followers_out)
    organic, predicted, n_references = Reference.of(g, m, seed=seed).compare(sets, own)

    price = search_price(sets.sizes, int((m.ties.degrees > 0).sum()))
    least = np.log(max(len(sets.sizes), among or 0, 1) / alpha)
    enough = n_references >= LEAST_REFERENCES
    shared = shared_interests(g, m, sets)
    strangers = shared <= MOST_SHARED
    strong = (habit > price + np.log(1 / alpha)) & (organic > least) & enough & strangers
    moderate = (habit > least) & (organic > np.log(_ORGANIC_ODDS)) & (n_references > 0)
    return {
        "expected_reciprocity": expected,
        # of pairs, turned into follows; not told where too few groups were there to tell
        "organic_reciprocity": np.where(enough, 2 * predicted / (1 + predicted), np.nan),
        "reciprocity_outside": outside,
        "habit_score": habit / np.log(2),
        "organic_score": organic / np.log(2),
        "organic_groups": n_references,
        "shared_interests": shared,
        "verdict": np.where(strong, "strong", np.where(moderate, "moderate", "weak")),
    }


def furthest(
    g: FollowGraph, m: MutualGraph, sets: Sets, chosen: NDArray[np.int64], most: int
) -> NDArray[np.int64]:
    """Return those of the chosen sets that are furthest beyond their members' habits."""
    if len(chosen) <= most:
        return chosen
    tested = as_sets([sets.of(int(k)) for k in chosen])
    habit, _ = _habit(tested, habits(g, m, tested))
    return chosen[np.sort(np.lexsort((chosen, -habit))[:most])]


def _habit(sets: Sets, own: Habits) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the surprise over the members' own habits, and the reciprocity these lead to."""
    follows = sets.sums(own.followers_in)
    seen = sets.sums(own.mutual_in) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = sets.sums(own.followers_in * own.follow_back) / follows
    return excess_share(seen, follows - seen, expected / (2 - expected)), expected


def shape(g: FollowGraph, m: MutualGraph, sets: Sets) -> dict[str, Numbers]:
    """Describe sets: what speaks for and against, one array a column of the rings table."""
    own = habits(g, m, sets)
    sizes, who = sets.sizes, sets.members
    seen, follows = sets.sums(own.mutual_in) / 2, sets.sums(own.followers_in)
    low, high = wilson(seen, follows - seen)
    followers = sets.sums(g.followers.degrees[who])
    ties = sets.sums(m.ties.degrees[who])
    peers = _of_equals(g.followers.degrees, _share(m.ties.degrees, g.followers.degrees))
    depth = _of_equals(m.ties.degrees, m.core_numbers.astype(np.float64))
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            "size": sizes,
            "mutual_follows": seen.astype(np.int64),
            "density": seen / np.maximum(sets.pairs(), 1),
            "reciprocity": 2 * seen / follows,
            "reciprocity_low": 2 * low / (1 + low),
            "reciprocity_high": 2 * high / (1 + high),
            "follow_back": ties / followers,
            "follow_back_peers": sets.sums(peers[who] * g.followers.degrees[who]) / followers,
            "follower_share": follows / followers,
            "closedness": 2 * seen / ties,
            "one_way_audience": 1 - (sets.sums(own.followers_in + own.mutual_out)) / followers,
            "core_depth": sets.sums(m.core_numbers[who]) / sets.sums(depth[who]),
            "centralisation": _centralisation(sets, own.mutual_in),
        }


def _centralisation(sets: Sets, mutual_in: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return Freeman's degree centralisation inside: 0 for an even ring, 1 for a star."""
    n = len(sets.sizes)
    most = np.maximum.reduceat(mutual_in, sets.indptr[:-1]) if n else np.zeros(0)
    gaps = most * sets.sizes - sets.sums(mutual_in)
    return np.asarray(gaps / np.maximum((sets.sizes - 1) * (sets.sizes - 2), 1))


def _of_equals(degrees: NDArray[np.int64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for every account the mean value of accounts of like degree, by powers of two.

    Values are taken in steps of 2**-26, so that their sum is exact, in any order.
    """
    values = np.round(values * _STEPS) / _STEPS
    band = np.floor(np.log2(degrees + 1)).astype(np.int64)
    known = ~np.isnan(values)
    total = np.bincount(band, np.where(known, values, 0.0))
    counts = np.maximum(np.bincount(band, known), 1)
    return np.asarray((total / counts)[band])


def _share(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore"):
        return np.asarray(part / whole)


def _q_values(p_value: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return q-values after Benjamini and Hochberg."""
    if len(p_value) == 0:
        return p_value
    from scipy.stats import false_discovery_control  # half a second to import

    return np.asarray(false_discovery_control(p_value))


def members_table(g: FollowGraph, m: MutualGraph, sets: Sets) -> pd.DataFrame:
    """Build the table of members, each with its own evidence.

    ``member_score`` is the surprise, in bits, of how many of its followers inside
    the ring an account follows back over its own share outside. ``label``: ``ring
    member`` if that is 3 bits or more and the share inside exceeds the one outside;
    ``promiscuous follow-backer`` if it follows back more than four in five of its
    followers outside, for sure (the lower end of the 95% interval); ``both``; ``neither``.
    """
    own = habits(g, m, sets)
    who = sets.members
    followers = g.followers.degrees[who]
    bits = excess_share(own.mutual_in, own.followers_in, own.follow_back) / np.log(2)
    everybody = wilson(own.mutual_out, own.followers_out)[0] > PROMISCUOUS
    more = own.mutual_in * np.maximum(own.followers_out, 1) > own.mutual_out * own.followers_in
    ring_member = (bits >= 3) & more
    label = np.select(
        [ring_member & everybody, ring_member, everybody],
        ["both", "ring member", "promiscuous follow-backer"],
        "neither",
    )
    return pd.DataFrame(
        {
            "ring": np.repeat(np.arange(1, len(sets.sizes) + 1), sets.sizes),
            "account": g.accounts[who],
            "label": label,
            "member_score": bits,
            "followers_inside": own.followers_in,
            "mutual_inside": own.mutual_in,
            "mutual_all": m.ties.degrees[who],
            "follow_back_inside": _share(own.mutual_in, own.followers_in),
            "follow_back_outside": _share(own.mutual_out, own.followers_out),
            "followers": followers,
            "following": g.following.degrees[who],
            "follower_share": own.followers_in / np.maximum(followers, 1),
            "core_number": m.core_numbers[who],
        }
    )
