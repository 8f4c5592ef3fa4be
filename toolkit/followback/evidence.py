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

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ._rows import repeated
from .habits import beyond_own, habits
from .interests import MOST_SHARED, shared_interests
from .organic import LEAST_REFERENCES, Reference
from .sets import Numbers, Sets, as_sets, excess_share, search_price, wilson

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .graph import FollowGraph
    from .mutuals import MutualGraph

VERDICTS = ("strong", "moderate", "weak")
PROMISCUOUS = 0.8  # share of followers that a promiscuous follow-backer surely follows back
_STEPS = 2.0**26  # in one; sums below 2**27 are exact in such steps
_ORGANIC_ODDS = 5.0  # moderate: at most one organic group in five would go as far


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
    in five organic groups would go, with at least one such group to compare with (listed
    sets are the extreme ones, so many friend cliques get as far: moderate does not tell a
    ring from a close group).
    ``weak`` otherwise: consistent with a community.

    Parameters
    ----------
    g, m
        The follower graph and its mutual graph.
    sets
        Sets of positions of accounts; they may overlap.
    alpha
        The share of false findings allowed.
    seed
        Draws the accounts whose circles are reference groups.
    among
        The number of sets tested, where fewer are given.

    Returns
    -------
    dict of str to numpy.ndarray
        One entry a set; the columns of the rings table that bear these names.

    Examples
    --------
    Four that follow each other, in a graph too small to hold a reference group:

    >>> import followback as fb
    >>> from followback.sets import as_sets
    >>> follows = [(a, b) for a in "abcd" for b in "abcd" if a != b]
    >>> g = fb.FollowGraph.from_pairs([*follows, ("x", "a"), ("y", "b"), ("a", "y")])
    >>> four = as_sets([np.arange(4, dtype=np.int32)])
    >>> found = beyond_habit(g, fb.mutual(g), four, alpha=0.05, seed=0)
    >>> found["habit_score"].round(2).tolist(), found["verdict"].tolist()
    ([4.73], ['weak'])
    """
    own = habits(g, m, sets)
    habit, expected = beyond_own(sets, own)
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
    """Return those of the chosen sets that are furthest beyond their members' habits.

    Parameters
    ----------
    g, m
        The follower graph and its mutual graph.
    sets
        Sets of positions of accounts; they may overlap.
    chosen
        Numbers of sets, ascending.
    most
        How many to return at most; of equals the first.

    Returns
    -------
    numpy.ndarray
        Numbers of sets, ascending.

    Examples
    --------
    >>> import followback as fb
    >>> from followback.sets import as_sets
    >>> follows = [(a, b) for a in "abcd" for b in "abcd" if a != b]
    >>> g = fb.FollowGraph.from_pairs([*follows, ("x", "a"), ("y", "b"), ("a", "y")])
    >>> sets = as_sets([np.array([0, 4], np.int32), np.arange(4, dtype=np.int32)])
    >>> furthest(g, fb.mutual(g), sets, np.array([0, 1]), 1).tolist()
    [1]
    """
    if len(chosen) <= most:
        return chosen
    tested = as_sets([sets.of(int(k)) for k in chosen])
    habit, _ = beyond_own(tested, habits(g, m, tested))
    return chosen[np.sort(np.lexsort((chosen, -habit))[:most])]


def shape(g: FollowGraph, m: MutualGraph, sets: Sets) -> dict[str, Numbers]:
    """Describe sets: what speaks for and against, one array a column of the rings table.

    The formula of each column stands in data/README.md.

    Parameters
    ----------
    g, m
        The follower graph and its mutual graph.
    sets
        Sets of positions of accounts; they may overlap.

    Returns
    -------
    dict of str to numpy.ndarray
        One entry a set, under the names of the columns.

    Examples
    --------
    >>> import followback as fb
    >>> from followback.sets import as_sets
    >>> follows = [(a, b) for a in "abcd" for b in "abcd" if a != b]
    >>> g = fb.FollowGraph.from_pairs([*follows, ("x", "a"), ("y", "b"), ("a", "y")])
    >>> four = as_sets([np.arange(4, dtype=np.int32)])
    >>> seen = shape(g, fb.mutual(g), four)
    >>> seen["mutual_follows"].tolist(), seen["follow_back"].round(3).tolist()
    ([6], [0.857])
    """
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
    start = sets.indptr[:-1].astype(np.intp, copy=False)  # 32 bits on a Python of 32
    most = np.maximum.reduceat(mutual_in, start) if n else np.zeros(0)
    gaps = most * sets.sizes - sets.sums(mutual_in)
    return np.asarray(gaps / np.maximum((sets.sizes - 1) * (sets.sizes - 2), 1))


def _of_equals(degrees: NDArray[np.int64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for every account the mean value of accounts of like degree, by powers of two.

    Values are taken in steps of 2**-26, so that their sum is exact, in any order.
    """
    known = ~np.isnan(values)
    values = values * _STEPS  # a copy, then in place: a graph may have forty million accounts
    np.round(values, out=values)
    values /= _STEPS
    values[~known] = 0.0
    band = np.log2(degrees + 1).astype(np.int8)
    total = np.bincount(band, values)
    counts = np.maximum(np.bincount(band, known), 1)
    return np.asarray((total / counts)[band])


def _share(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    with np.errstate(invalid="ignore"):
        return np.asarray(part / whole)


def members_table(g: FollowGraph, m: MutualGraph, sets: Sets) -> pd.DataFrame:
    """Build the table of members, each with its own evidence.

    ``member_score`` is the surprise, in bits, of how many of its followers inside
    the ring an account follows back over its own share outside. ``label``: ``ring
    member`` if that is 3 bits or more and the share inside exceeds the one outside;
    ``promiscuous follow-backer`` if it follows back more than four in five of its
    followers outside, for sure (the lower end of the 95% interval); ``both``; ``neither``.

    Parameters
    ----------
    g, m
        The follower graph and its mutual graph.
    sets
        Sets of positions of accounts; they may overlap.

    Returns
    -------
    pandas.DataFrame
        One row a membership; its columns are told in data/README.md.

    Examples
    --------
    >>> import followback as fb
    >>> from followback.sets import as_sets
    >>> follows = [(a, b) for a in "abcd" for b in "abcd" if a != b]
    >>> g = fb.FollowGraph.from_pairs([*follows, ("x", "a"), ("y", "b"), ("a", "y")])
    >>> four = as_sets([np.arange(4, dtype=np.int32)])
    >>> members_table(g, fb.mutual(g), four)[["account", "mutual_inside", "mutual_all"]]
      account  mutual_inside  mutual_all
    0       a              3           3
    1       b              3           3
    2       c              3           3
    3       d              3           3
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
            "ring": repeated(np.arange(1, len(sets.sizes) + 1), sets.sizes),
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
