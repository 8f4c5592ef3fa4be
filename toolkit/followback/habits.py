"""HABITS: how much members of a set follow back outside of it, and what that predicts inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .kernels.rows import ties_inside
from .sets import Sets, excess_share

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .graph import FollowGraph
    from .mutuals import MutualGraph

PRIOR = 5.0  # followers' worth of the graph's own reciprocity in each member's habit


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
    of the graph's own arc reciprocity, so that few followers do not make a habit:
    (mutual + `PRIOR` * reciprocity) / (followers + `PRIOR`).

    Parameters
    ----------
    g, m
        The follower graph and its mutual graph.
    sets
        Sets of positions of accounts; they may overlap.

    Returns
    -------
    Habits
        Arrays of one entry a membership, in the order of ``sets.members``.

    Examples
    --------
    Four that follow each other; a stranger follows the first, unreturned:

    >>> import followback as fb
    >>> from followback.sets import as_sets
    >>> follows = [(a, b) for a in "abcd" for b in "abcd" if a != b]
    >>> g = fb.FollowGraph.from_pairs([*follows, ("x", "a"), ("y", "b"), ("a", "y")])
    >>> four = as_sets([np.arange(4, dtype=np.int32)])
    >>> own = habits(g, fb.mutual(g), four)
    >>> own.followers_in.tolist(), own.followers_out.tolist()
    ([3, 3, 3, 3], [1, 1, 0, 0])
    >>> own.follow_back.round(3).tolist()
    [0.667, 0.667, 0.8, 0.8]
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


def beyond_own(sets: Sets, own: Habits) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the surprise over the members' own habits, and the reciprocity these lead to.

    Every follow j -> i inside is expected to be returned with i's propensity outside; the
    surprise of the mutual share of connected pairs is `followback.sets.excess_share`.

    Parameters
    ----------
    sets
        Sets of positions of accounts.
    own
        What their members do, from `habits`.

    Returns
    -------
    tuple of numpy.ndarray
        For every set the surprise in nats, and the expected reciprocity of follows; NaN
        where nobody follows anybody inside.

    Examples
    --------
    >>> import followback as fb
    >>> from followback.sets import as_sets
    >>> follows = [(a, b) for a in "abcd" for b in "abcd" if a != b]
    >>> g = fb.FollowGraph.from_pairs([*follows, ("x", "a"), ("y", "b"), ("a", "y")])
    >>> four = as_sets([np.arange(4, dtype=np.int32)])
    >>> surprise, expected = beyond_own(four, habits(g, fb.mutual(g), four))
    >>> surprise.round(2).tolist(), expected.round(2).tolist()
    ([3.28], [0.73])
    """
    follows = sets.sums(own.followers_in)
    seen = sets.sums(own.mutual_in) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = sets.sums(own.followers_in * own.follow_back) / follows
    return excess_share(seen, follows - seen, expected / (2 - expected)), expected
