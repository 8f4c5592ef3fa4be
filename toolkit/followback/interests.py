"""INTERESTS: whether the members of a set also follow the same others, as colleagues do.

Strangers who met in an exchange share their mutual follows and little else; a party, a
team or a circle of friends looks at the same people besides. Only follows that are
not returned are counted: the others may be of the exchange.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .kernels.interests import shared_unreturned

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .graph import FollowGraph
    from .mutuals import MutualGraph
    from .sets import Sets

MOST_SHARED = 2.0  # more than twice chance is what colleagues do, so no set is called strong
_STEP = 0.01  # numbers of followers within one per cent of each other are taken together


def shared_interests(g: FollowGraph, m: MutualGraph, sets: Sets) -> NDArray[np.float64]:
    """Compare how often two members follow the same outsider, unreturned, with chance.

    (seen + 1) / (expected + 1), where both are summed over outsiders and pairs of
    members. By chance a member with d unreturned follows outside follows an
    account that holds the share p of all unreturned follows with probability
    1 - exp(-d p). 1 is chance, 5 five times as many. Rings planted among strangers
    show about 1; on three real graphs no natural group showed less than 2.

    Parameters
    ----------
    g, m
        The follower graph and its mutual graph.
    sets
        Sets of positions of accounts; they may overlap.

    Returns
    -------
    numpy.ndarray
        One number a set; 1 where no member follows anybody outside unreturned.

    Examples
    --------
    Two who follow each other and both follow cem:

    >>> import followback as fb
    >>> from followback.sets import as_sets
    >>> pairs = [("ann", "bob"), ("bob", "ann"), ("ann", "cem"), ("bob", "cem"), ("dot", "eve")]
    >>> g = fb.FollowGraph.from_pairs(pairs)
    >>> shared_interests(g, fb.mutual(g), as_sets([g.positions(["ann", "bob"])])).round(2)
    array([1.52])
    """
    unreturned, seen = shared_unreturned(*g.following, *m.ties, *sets)
    degrees = g.followers.degrees - m.ties.degrees
    shares, counts = _classes(degrees)
    expected = np.zeros(len(sets.sizes))
    for k in range(len(expected)):
        each, how_many = np.unique(
            unreturned[sets.indptr[k] : sets.indptr[k + 1]], return_counts=True
        )
        follows = -np.expm1(-np.outer(each, shares))
        any_two = (how_many @ follows) ** 2 - how_many @ follows**2
        expected[k] = any_two @ counts / 2
    return np.asarray((seen + 1) / (expected + 1))


def _classes(degrees: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return classes of accounts by their share of all unreturned follows, and their sizes."""
    have = np.bincount(degrees)
    known = np.flatnonzero(have)
    known = known[known > 0]
    rounded = np.round(np.log(np.maximum(known, 1)) / _STEP)
    _, place = np.unique(rounded, return_inverse=True)
    counts = np.asarray(np.bincount(place, have[known]), np.float64)
    followers = np.bincount(place, have[known] * known) / np.maximum(counts, 1)
    return followers / max(degrees.sum(), 1), counts
