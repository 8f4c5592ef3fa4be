"""RINGS, the search: candidate sets, fitted to their ties, and the choice among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from ._communities import cpm_groups, densities_at_once
from ._progress import watched
from ._threads import ahead
from .graph import Rows
from .kernels.refine import fitted_set
from .kernels.rows import rows_among, ties_in_groups
from .ordering import in_order, mixed, structural_keys
from .sets import Sets, excess_share, search_price

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .graph import FollowGraph
    from .mutuals import MutualGraph

MOST_TIES = 1 << 23  # mutual follows that are searched; of a larger graph a core is; reported

# Densities at which groups are looked for: a group's inside density exceeds the
# resolution, so loose and tight rings each stand out at one of them.
_RESOLUTIONS = (0.01, 0.02, 0.05, 0.15, 0.3, 0.5)
_SHAPES = (False, True)  # without hubs and with: even rings, and trains
_FIT_ROUNDS = 8  # a fitted set rarely moves after the third
# By total score a community swallows the ring in it, by score a member a train loses its
# riders; score / size ** 0.75 keeps both.
# NOTE: both ends were tried and lose: score / size cuts trains to their conductors, the
# total score returns communities in place of the rings planted inside them.
_WORTH = 0.75
_OVERLAP = 0.5  # two rings may share this part of the smaller one
_PART = 0.8  # a part lies in a set with this share of its members, and is that much smaller
_WORK = 100  # looks at each tie and resolution; reported when it is used up
_MOST_GROUPS = 20_000  # fitted at each resolution: the clearest; reported when there are more


def candidates(
    g: FollowGraph, m: MutualGraph, pull: NDArray[np.float64], min_size: int
) -> tuple[list[NDArray[np.int32]], list[str]]:
    """Return distinct fitted sets, from groups of the mutual graph at each resolution."""
    found: dict[bytes, None] = {}
    n = m.n_accounts
    who, ties, notes = searched(g, m)
    budget = _WORK * (len(ties.indices) + len(who))

    def groups_at(resolution: float) -> tuple[list[NDArray[np.int32]], list[str]]:
        labels, used = cpm_groups(*ties, resolution, budget)
        told = []
        if used >= budget > 0:
            told.append(f"the search at density {resolution} stopped at its work budget")
        groups, n_groups = clearest_groups(ties, pull[who], labels, min_size, _MOST_GROUPS)
        if len(groups) < n_groups:
            told.append(
                f"at density {resolution} there are {n_groups:,} groups; the {len(groups):,} "
                "clearest of them were fitted"
            )
        return [np.sort(who[group]) for group in groups], told

    # of sets the bytes are kept: an array would hold on to the scratch memory it was fitted in
    scratch = np.zeros(n, np.int32), np.zeros((n, 2), np.float64)
    densities = watched(_RESOLUTIONS, "densities searched for rings", "densities")
    at_once = densities_at_once(len(ties.indices), len(who))
    parts = ahead(groups_at, _RESOLUTIONS, at_once)
    for _, (groups, told) in zip(densities, parts, strict=True):
        notes += told
        for group in groups:
            for with_hubs in _SHAPES:
                fitted = fitted_set(
                    *m.ties, pull, group, with_hubs, _FIT_ROUNDS, scratch[0], scratch[1]
                )
                if len(fitted) >= min_size:
                    found[fitted.tobytes()] = None
    return [np.frombuffer(members, np.int32) for members in found], notes


def searched(g: FollowGraph, m: MutualGraph) -> tuple[NDArray[np.int32], Rows, list[str]]:
    """Return the accounts that groups are looked for among, in order, and their ties.

    All that have mutual follows; in a graph of more than `MOST_TIES` mutual follows those of a t-core,
    in which every account has t mutual follows or more. A set whose every member has
    t inside lies in it whole, so no such ring is lost. A t-core has at most as many ties
    as its core numbers add up to (an account that is peeled takes no more with it): t is
    the least at which that is not too many. Their order is one that names do not decide
    (`followback.ordering`).
    """
    t, notes = 0, []
    if m.n_mutual > MOST_TIES:
        have = np.bincount(m.core_numbers)
        at_most = np.cumsum((have * np.arange(len(have)))[::-1])[::-1]
        t = min(int(np.count_nonzero(at_most > MOST_TIES)), len(have) - 1)
    who = np.flatnonzero(m.core_numbers >= max(t, 1)).astype(np.int32)
    if t > 0:
        notes.append(
            f"groups were looked for among the {len(who):,} accounts of the {t}-core; a ring in "
            f"which some members have fewer than {t} mutual follows may be missed"
        )
    start = mixed(g.followers.degrees[who], 0) + mixed(g.following.degrees[who], 1)
    ties = Rows(*rows_among(*m.ties, who)) if len(who) < m.n_accounts else m.ties
    order, ties = in_order(ties, structural_keys(ties, start))
    return who[order], ties, notes


def groups_of(labels: NDArray[np.int32], min_size: int) -> list[NDArray[np.int32]]:
    """Return the members of each group of at least ``min_size``, ascending."""
    sizes = np.bincount(labels) if len(labels) else np.zeros(0, np.int64)
    return _members_of(labels, sizes, np.flatnonzero(sizes >= min_size))


def clearest_groups(
    ties: Rows,
    pull: NDArray[np.float64],
    labels: NDArray[np.int32],
    min_size: int,
    most: int,
) -> tuple[list[NDArray[np.int32]], int]:
    """Return groups of at least ``min_size``, the clearest ones; and how many there are.

    Groups of millions of accounts are mostly chance. They are ranked by their own
    score / size ** 0.75, as sets are that overlap.
    """
    sizes = np.bincount(labels) if len(labels) else np.zeros(0, np.int64)
    large = np.flatnonzero(sizes >= min_size)
    if len(large) <= most:
        return _members_of(labels, sizes, large), len(large)
    inside = ties_in_groups(*ties, labels, len(sizes))[large] / 2
    total = np.bincount(labels, pull)[large]
    expected = (total**2 - np.bincount(labels, pull**2)[large]) / 2  # pull * pull is small here
    size = sizes[large]
    pairs = size * (size - 1) / 2
    score = excess_share(inside, pairs, np.minimum(expected / pairs, 1.0))
    score -= search_price(size, len(labels))
    order = np.lexsort((large, -score / size**_WORTH))
    return _members_of(labels, sizes, np.sort(large[order[:most]])), len(large)


def _members_of(
    labels: NDArray[np.int32], sizes: NDArray[np.int64], chosen: NDArray[np.int64]
) -> list[NDArray[np.int32]]:
    """Return the members of the chosen groups, ascending."""
    wanted = np.zeros(len(sizes), bool)
    wanted[chosen] = True
    members = np.flatnonzero(wanted[labels]).astype(np.int32)
    members = members[np.argsort(labels[members], kind="stable")]
    return np.split(members, np.cumsum(sizes[chosen])[:-1]) if len(chosen) else []


def selected(
    sets: Sets, chosen: NDArray[np.int64], score: NDArray[np.float64], n: int
) -> NDArray[np.int64]:
    """Choose among candidates that overlap: parts before their union, then the clearest.

    A set is left out if two or more smaller ones that lie in it have a greater
    score together: two rings with common members are two rings. Of the rest
    sets are taken by score / size ** 0.75, the clearest first, unless one taken before
    holds more than half of its members or has more than half of its own in it.
    """
    if len(chosen) == 0:
        return chosen
    ones = np.ones(len(sets.members), dtype=np.int64)
    rows = csr_array((ones, sets.members, sets.indptr), shape=(len(sets.sizes), n))[chosen]
    shared = (rows @ rows.T).tocsr()
    sizes, score = sets.sizes[chosen], score[chosen]
    worth = score / sizes**_WORTH
    order = np.lexsort((chosen, -worth))

    taken = np.zeros(len(chosen), dtype=bool)
    for k in order:
        near, common = _row(shared, int(k))
        clash = taken[near] & (common > _OVERLAP * np.minimum(sizes[near], sizes[k]))
        if not clash.any() and not _has_parts(int(k), shared, sizes, score):
            taken[k] = True
    return chosen[taken]


def _has_parts(
    k: int, shared: csr_array, sizes: NDArray[np.int64], score: NDArray[np.float64]
) -> bool:
    """Tell whether smaller sets that lie in set ``k`` explain more together."""
    near, common = _row(shared, k)
    inner = near[(sizes[near] <= _PART * sizes[k]) & (common >= _PART * sizes[near])]
    if len(inner) < 2 or score[inner].sum() <= score[k]:
        return False
    parts = np.zeros(len(sizes), dtype=bool)
    for j in inner[np.lexsort((inner, -score[inner]))]:
        other, both = _row(shared, int(j))
        if not (parts[other] & (both > _OVERLAP * np.minimum(sizes[other], sizes[j]))).any():
            parts[j] = True
    return bool(score[parts].sum() > score[k])


def _row(matrix: csr_array, k: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the columns and the values of one row."""
    span = slice(matrix.indptr[k], matrix.indptr[k + 1])
    return matrix.indices[span].astype(np.int64), matrix.data[span]
