"""ORGANIC: how much groups of this graph follow each other back that nobody chose for it.

Dense groups reciprocate more than loose ones, and friendly people more than others,
without any agreement. Reference groups are chosen from who is connected to whom,
never from who follows back; from them is learnt how the mutual share of connected
pairs grows with density and with the members' habits outside, and how far groups
stray from that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_array
from scipy.special import expit, logit

from ._communities import cpm_groups, densities_at_once
from ._progress import watched
from ._rows import induced, repeated, taken
from ._threads import ahead
from .graph import Rows
from .habits import Habits, habits
from .kernels.dyads import dyad_rows
from .kernels.rows import ties_inside
from .ordering import in_order, mixed, row_sums, scattered, structural_keys
from .search import groups_of
from .sets import Sets, as_sets, excess_share

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .graph import FollowGraph
    from .mutuals import MutualGraph

LEAST_REFERENCES = 10  # groups of like density, else nothing can be called strong
MOST_PAIRS = 10_000_000  # connected pairs that are looked at; of a larger graph a sample is

_RESOLUTIONS = (0.05, 0.15, 0.3, 0.5, 0.7)  # of connected pairs: loose to tight groups
_EGO_CIRCLES = 100  # circles of accounts, for the loose end
_CIRCLE = (8, 300)  # connections of an account whose circle is taken
_SIZES = (5, 2_000)
_LEAST_PAIRS = 8  # connected pairs that a reference group needs
_MOST = 4_000  # reference groups that are learnt from
_DRAWN = 1_000_000  # connections of the accounts among whom circles are drawn, then
_HUB = 10_000  # connections of an account that is left out of the sample
_WORK = 40  # looks at each connection and resolution
_ALIKE = 1.0  # density is like another within a factor e of odds
_OVERLAP = 0.3  # of the smaller of the two: a group that shares more is no reference for a set
_SPREAD, _SPREAD_WEIGHT, _LEAST_SPREAD = 1.0, 10.0, 0.3  # logits; worth ten groups
_PRIOR_WEIGHT = np.array([1.0, 1.0, 4.0, 4.0])
_HUBER = 1.345  # residuals beyond this many standard deviations count less


@dataclass(frozen=True)
class Reference:
    """Reference groups of a graph; `compare` holds sets against them.

    A class, because the groups serve several comparisons and cost most of the time.
    """

    groups: Sets
    design: NDArray[np.float64]  # one row a group: 1, logit density, two habits
    share: NDArray[np.float64]  # logit of the mutual share of connected pairs
    variance: NDArray[np.float64]  # of that, from counting alone
    tight: NDArray[np.bool_]  # a dense group, not an ego circle
    base: float  # logit of the graph's own mutual share
    n_accounts: int

    @classmethod
    def of(cls, g: FollowGraph, m: MutualGraph, *, seed: int) -> Reference:
        """Choose reference groups without looking at who follows back."""
        if g.n_follows - m.n_mutual <= MOST_PAIRS:
            groups, tight = _groups(g, seed)
        else:
            groups, tight = _groups_around(g, m, seed)
        own = habits(g, m, groups)
        base = _base(g, m)
        seen, connected, design = _design(groups, own, base)
        chosen = np.flatnonzero(connected >= _LEAST_PAIRS)
        if len(chosen) > _MOST:  # thinned evenly, every resolution keeps its part
            chosen = chosen[np.linspace(0, len(chosen) - 1, _MOST).astype(np.int64)]
        kept = as_sets([groups.of(int(k)) for k in chosen])
        share = (seen[chosen] + 0.5) / (connected[chosen] + 1)
        variance = 1 / ((connected[chosen] + 1) * share * (1 - share))
        return cls(kept, design[chosen], logit(share), variance, tight[chosen], base, g.n_accounts)

    def compare(
        self, sets: Sets, own: Habits
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
        """Hold sets against the reference groups, those that overlap with it left out.

        Returns
        -------
        tuple of numpy.ndarray
            For every set the surprise in nats, the mutual share of connected pairs
            that is predicted, and the number of reference groups of like density.
        """
        seen, connected, design = _design(sets, own, self.base)
        overlap = _overlaps(self.groups, sets, self.n_accounts)
        n = len(sets.sizes)
        predicted, spread = np.zeros(n), np.zeros(n)
        counts = np.zeros(n, dtype=np.int64)
        for k in watched(range(n), "sets held against them", "sets"):
            shared = overlap[:, [k]].toarray()[:, 0]
            free = shared <= _OVERLAP * np.minimum(self.groups.sizes, sets.sizes[k])
            alike = free & self.tight & (np.abs(self.design[:, 1] - design[k, 1]) < _ALIKE)
            predicted[k], spread[k] = self._predict(design[k], free, alike)
            counts[k] = alike.sum()
        return _surprise(seen, connected, predicted, spread), expit(predicted), counts

    def _predict(
        self, row: NDArray[np.float64], free: NDArray[np.bool_], alike: NDArray[np.bool_]
    ) -> tuple[float, float]:
        """Return the predicted logit for one set, and the spread of groups like it.

        The spread starts at a factor e of odds and is replaced by what is seen as
        more and more groups of like density are there to tell.
        """
        spread, n = _SPREAD, int(alike.sum())
        for _ in range(3):
            slopes = self._fit(free, spread)
            seen = _SPREAD**2
            if n:
                residual = self.share[alike] - self.design[alike] @ slopes
                scale = 1.4826 * np.median(np.abs(residual))
                seen = max(scale**2 - np.median(self.variance[alike]), 0.0)
            pooled = (_SPREAD_WEIGHT * _SPREAD**2 + n * seen) / (_SPREAD_WEIGHT + n)
            spread = max(float(np.sqrt(pooled)), _LEAST_SPREAD)
        return float(row @ slopes), spread

    def _fit(self, free: NDArray[np.bool_], spread: float) -> NDArray[np.float64]:
        """Fit the four slopes by weighted least squares, robust after Huber, with a weak prior.

        The prior is that habits alone decide: intercept the graph's own share, no
        effect of density, 0.7 for each habit.
        """
        design, share = self.design[free], self.share[free]
        total = self.variance[free] + spread**2
        prior = np.array([self.base, 0.0, 0.7, 0.7])
        slopes = prior
        for _ in range(8):
            residual = np.abs(share - design @ slopes) / np.sqrt(total)
            weight = np.minimum(1.0, _HUBER / np.maximum(residual, 1e-9)) / total
            left = (design * weight[:, None]).T @ design + np.diag(_PRIOR_WEIGHT)
            right = (design * weight[:, None]).T @ share + _PRIOR_WEIGHT * prior
            slopes = np.linalg.solve(left, right)
        return slopes


def _base(g: FollowGraph, m: MutualGraph) -> float:
    pairs = g.n_follows - m.n_mutual
    return float(logit(np.clip(m.n_mutual / max(pairs, 1), 0.01, 0.99)))


def _groups(g: FollowGraph, seed: int) -> tuple[Sets, NDArray[np.bool_]]:
    """Choose dense groups of connected accounts, and circles of accounts drawn at random."""
    rows = g.arrays.either[0]
    keys = structural_keys(rows, rows.degrees)
    able = np.flatnonzero((rows.degrees >= _CIRCLE[0]) & (rows.degrees <= _CIRCLE[1]))
    drawn = able[np.argsort(scattered(keys[able], seed))[:_EGO_CIRCLES]]
    return _whole(rows, keys, [np.append(rows.of(i), np.int32(i)) for i in drawn])


def _groups_around(g: FollowGraph, m: MutualGraph, seed: int) -> tuple[Sets, NDArray[np.bool_]]:
    """Choose groups as `_groups` does, from the circles of random accounts alone.

    For graphs too large to look at whole. Circles are added, accounts of more than
    `_HUB` connections left out, until `MOST_PAIRS` connections have been looked at; dense
    groups come from the connections among all accounts of these circles.
    """
    connections = g.following.degrees + g.followers.degrees - m.ties.degrees
    inside = np.zeros(g.n_accounts, bool)
    circles: list[NDArray[np.int32]] = []
    looked_at = 0
    for i in _drawn(g, connections, seed):
        if looked_at >= MOST_PAIRS:
            break
        circle = np.union1d(np.append(g.following.of(i), np.int32(i)), g.followers.of(i))
        circles.append(circle[connections[circle] <= _HUB])
        looked_at += int(connections[circles[-1]][~inside[circles[-1]]].sum())
        inside[circles[-1]] = True
    who = np.flatnonzero(inside)
    following, followers = induced(g.following, who)[0], induced(g.followers, who)[0]
    rows = Rows(*dyad_rows(*following, *followers)[:2])
    keys = structural_keys(rows, connections[who])
    shown = [np.searchsorted(who, circle) for circle in circles[:_EGO_CIRCLES]]
    groups, tight = _whole(rows, keys, shown)
    return Sets(groups.indptr, who[groups.members].astype(np.int32)), tight


def _drawn(g: FollowGraph, connections: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """Draw accounts that have a circle, in an order that names do not decide.

    Not all accounts' neighbours are looked at: those with as many followers and following
    are one kind, kinds are taken in the order of a hash until they have `_DRAWN`
    connections, and a hash of what their neighbours look like puts the accounts in order.
    """
    able = np.flatnonzero((connections >= _CIRCLE[0]) & (connections <= _CIRCLE[1]))
    code = g.followers.degrees[able] * (_CIRCLE[1] + 1) + g.following.degrees[able]
    load = np.bincount(code, connections[able])
    kinds = np.flatnonzero(load)
    kinds = kinds[np.argsort(mixed(kinds, seed))]
    taken_first = np.zeros(len(load), bool)
    taken_first[kinds[np.cumsum(load[kinds]) - load[kinds] < _DRAWN]] = True
    able = able[taken_first[code]]
    keys = connections[able].astype(np.uint64)
    for side, rows in enumerate((g.followers, g.following)):
        around = taken(rows, able)[0]
        keys += row_sums(around.indptr, mixed(connections[around.indices], side))
    return np.asarray(able[np.argsort(scattered(keys, seed))])


def _whole(
    rows: Rows, keys: NDArray[np.uint64], circles: list[NDArray[Any]]
) -> tuple[Sets, NDArray[np.bool_]]:
    """Return dense groups and the circles, without members that are there by chance."""
    dense = _dense(rows, keys)
    found = as_sets([np.sort(group) for group in dense + circles])
    owner = repeated(np.arange(len(found.sizes)), found.sizes)
    kept = _for_a_reason(rows, found, owner, keys)
    ends = np.concatenate([[0], np.cumsum(np.bincount(owner[kept], minlength=len(found.sizes)))])
    return Sets(ends, found.members[kept]), np.arange(len(found.sizes)) < len(dense)


def _for_a_reason(
    rows: Rows, groups: Sets, owner: NDArray[np.int64], keys: NDArray[np.uint64]
) -> NDArray[np.bool_]:
    """Say of every member whether all accounts that look like it are in as many such groups.

    Such groups: with members that look alike and are tied alike within; the same group found
    again does not count. Else which of the accounts a group took would be chance, that is
    their names, and who follows back may differ.
    """
    n = len(keys)
    _, kind, have = np.unique(keys, return_inverse=True, return_counts=True)
    inside = mixed(ties_inside(*rows, *groups), 0)
    looks = row_sums(groups.indptr, mixed(keys[groups.members] + inside, 0))
    _, such = np.unique(looks, return_inverse=True)
    _, first = np.unique(row_sums(groups.indptr, mixed(groups.members, 0)), return_index=True)

    # how many such groups each account is in, and whether those who look like it are in as many
    entry = such[owner] * n + groups.members
    entries, times = np.unique(entry[np.isin(owner, first)], return_counts=True)
    kinds, place, present = np.unique(
        entries // n * len(have) + kind[entries % n], return_inverse=True, return_counts=True
    )
    most = np.zeros(len(kinds), np.int64)
    np.maximum.at(most, place, times)
    total = np.bincount(place, times, len(kinds))
    even = (present == have[kinds % len(have)]) & (total == most * present)
    return np.asarray(even[place[np.searchsorted(entries, entry)]])


def _dense(rows: Rows, keys: NDArray[np.uint64]) -> list[NDArray[np.int32]]:
    """Return the dense groups of connected accounts, loose to tight."""
    found: list[NDArray[np.int32]] = []
    who, rows = in_order(rows, keys)
    budget = _WORK * (len(rows.indices) + len(rows.indptr))
    densities = watched(_RESOLUTIONS, "densities searched for organic groups", "densities")
    at_once = densities_at_once(len(rows.indices), len(who))
    parts = ahead(lambda resolution: cpm_groups(*rows, resolution, budget), _RESOLUTIONS, at_once)
    for _, (labels, _) in zip(densities, parts, strict=True):
        groups = groups_of(labels, _SIZES[0])
        found += [who[group] for group in groups if len(group) <= _SIZES[1]]
    return found


def _design(
    sets: Sets, own: Habits, base: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return mutual and connected pairs inside, and what the mutual share is predicted from."""
    seen, follows = sets.sums(own.mutual_in) / 2, sets.sums(own.followers_in)
    connected = follows - seen
    density = np.clip(connected / np.maximum(sets.pairs(), 1), 0.005, 0.98)
    columns = [np.ones(len(seen)), logit(density)]
    for inside, propensity in (
        (own.followers_in, own.follow_back),
        (own.following_in, own.followed_back),
    ):
        arc = sets.sums(inside * propensity) / np.maximum(follows, 1)
        columns.append(logit(np.clip(arc / (2 - arc), 0.01, 0.99)) - base)
    return seen, connected, np.column_stack(columns)


def _overlaps(groups: Sets, sets: Sets, n: int) -> csr_array:
    """Count the accounts that each group shares with each set."""
    return (_matrix(groups, n) @ _matrix(sets, n).T).tocsc()


def _matrix(sets: Sets, n: int) -> csr_array:
    """Return a row a set, with a one for every member of n accounts."""
    ones = np.ones(len(sets.members), dtype=np.int32)
    return csr_array((ones, sets.members, sets.indptr), shape=(len(sets.sizes), n))


def _surprise(
    seen: NDArray[np.float64],
    connected: NDArray[np.float64],
    predicted: NDArray[np.float64],
    spread: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the least surprise over all deviations, a deviation d paid with d^2 / 2 spread^2."""
    best = np.full(len(seen), np.inf)
    for deviation in np.linspace(0.0, 8.0, 161):
        paid = deviation**2 / (2 * spread**2)
        best = np.minimum(best, excess_share(seen, connected, expit(predicted + deviation)) + paid)
    return best
