"""RINGS: sets of accounts that follow each other back beyond chance.

Candidates come from groups of the mutual graph at six densities; each is fitted
to its ties, once as an even ring and once as a train with hubs; of those that
overlap the clearest stays. What a set shows, and whether to believe it, is weighed
in `evidence`. The cost grows with the number of mutual follows times the number of
densities.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from ._errors import CallError
from ._progress import watched
from ._threads import ahead
from .collection import MUTUAL_TOLD, refuse_capped
from .evidence import VERDICTS, beyond_habit, chance, fitness, furthest, members_table, shape
from .graph import Rows
from .kernels.communities import cpm_groups
from .kernels.refine import fitted_set
from .kernels.rows import rows_among, ties_in_groups
from .mutuals import MutualGraph, as_follow_graph, mutual, subgraph
from .sets import Numbers, Sets, as_sets, excess_share, search_price
from .times import pace

if TYPE_CHECKING:
    import networkx as nx
    from numpy.typing import NDArray

    from .graph import FollowGraph

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
_MOST_TIES = 1 << 23  # mutual follows that are searched; of a larger graph a core is; reported
_MOST_GROUPS = 20_000  # fitted at each resolution: the clearest; reported when there are more
_MOST_SETS = 5_000  # listed: those furthest beyond habit; reported when there are more

# The columns of the rings table after its number, see data/README.md for each.
COLUMNS = (
    "size", "mutual_follows", "density", "reciprocity", "expected_reciprocity", "score",
    "p_value", "q_value", "verdict", "expected_mutual_follows", "reciprocity_low",
    "reciprocity_high", "reciprocity_outside", "organic_reciprocity", "habit_score",
    "organic_score", "organic_groups", "follow_back", "follow_back_peers", "follower_share",
    "closedness", "one_way_audience", "core_depth", "centralisation",
    "shared_interests",
)  # fmt: skip

# What says nothing where every follow is returned by construction.
_OF_RECIPROCITY = (
    "reciprocity", "expected_reciprocity", "reciprocity_low", "reciprocity_high",
    "reciprocity_outside", "organic_reciprocity", "habit_score", "organic_score", "follow_back",
    "follow_back_peers", "one_way_audience", "shared_interests",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Ring:
    """One ring: its accounts, its row of the table, its mutual follows.

    Attributes
    ----------
    number
        Its number in the table, from 1.
    positions
        The members' positions in the graph's ``accounts``.
    row
        Its row of `Rings.table`.
    mutual
        The mutual graph it was found in.
    """

    number: int
    positions: NDArray[np.int32] = field(repr=False)
    row: pd.Series = field(repr=False)
    mutual: MutualGraph = field(repr=False)

    @property
    def accounts(self) -> pd.Index:
        """The members' ids, in canonical order."""
        return self.mutual.accounts[self.positions]

    def subgraph(self) -> nx.Graph:
        """Return the mutual follows among the members as `networkx.Graph`."""
        return subgraph(self.mutual, self.positions.astype(np.int64))

    def __len__(self) -> int:
        return len(self.positions)

    def __repr__(self) -> str:
        ties = self.row["mutual_follows"]
        return f"Ring {self.number}: {len(self)} accounts, {ties:,} mutual follows, {self.row['verdict']}"

    def _repr_html_(self) -> str:
        from ._html import ring_card

        return ring_card(self)


@dataclass(frozen=True, eq=False)
class Rings:
    """The rings of a graph, strong ones first, then by score.

    Attributes
    ----------
    table
        One row a ring; every column is explained in data/README.md.
    members
        One row a ring and account, with the account's own evidence.
    notes
        What the reader should know: work left undone, for one.
    """

    table: pd.DataFrame
    members: pd.DataFrame
    notes: tuple[str, ...]
    _sets: Sets = field(repr=False)
    _mutual: MutualGraph = field(repr=False)

    @property
    def mutual(self) -> MutualGraph:
        """The mutual graph they were found in."""
        return self._mutual

    def __len__(self) -> int:
        return len(self.table)

    def __getitem__(self, k: int) -> Ring:
        if not -len(self) <= k < len(self):
            raise IndexError(f"there are {len(self)} rings, rings[0] is ring 1")
        row = self.table.iloc[k]
        at = range(len(self))[k]
        return Ring(int(row["ring"]), self._sets.of(at), row, self._mutual)

    def __iter__(self) -> Iterator[Ring]:
        return (self[k] for k in range(len(self)))

    def __repr__(self) -> str:
        from ._html import counted

        counts = self.table["verdict"].value_counts()
        found = [f"{counts[name]} {name}" for name in VERDICTS if name in counts]
        return f"{counted(len(self), 'ring')} ({', '.join(found) or 'none beyond chance'})"

    def _repr_html_(self) -> str:
        from ._html import rings_card

        return rings_card(self)


def find_rings(
    graph: FollowGraph | nx.DiGraph,
    *,
    min_size: int = 5,
    alpha: float = 0.05,
    seed: int = 0,
    force: bool = False,
) -> Rings:
    """Find sets of accounts that follow each other back beyond chance.

    The number of rings is never asked for. A set is listed when its q-value is at
    most ``alpha`` under a null model that keeps every account's mutual degree, the
    search paid for (`followback.evidence.chance`). So a set that holds most of the
    graph's mutual follows is explained by its members' degrees and is not listed, and
    neither is a ring most of which lies in one that is. Accounts are taken in their
    canonical order: other names for the same accounts can move a set that lies on a
    boundary. The verdict says whether it is
    also beyond habit (`followback.evidence.beyond_habit`). "Consistent with
    follow-for-follow" is all that a strong verdict says: it does not tell why,
    and it says nothing about any person. Where the file stores each mutual pair once,
    nothing can be said beyond chance: the columns of reciprocity are empty and every
    verdict is weak.

    Parameters
    ----------
    graph
        The follower graph.
    min_size
        The smallest ring, in accounts; at least 3.
    alpha
        The share of false discoveries that is put up with, between 0 and 1.
    seed
        Of the circles of accounts that organic groups are learnt from.
    force
        Look for rings even where lists are cut short and mutual follows are missing.

    Returns
    -------
    Rings

    Raises
    ------
    CallError
        ``min_size`` or ``alpha`` is out of range.
    FollowbackError
        Lists are cut short (see `followback.collection.reason_against`), unless forced.

    Examples
    --------
    >>> import followback as fb
    >>> quiet = fb.synth.follow_network(2_000, 20_000, seed=1)
    >>> graph, truth = fb.synth.plant_rings(quiet, [(30, 0.8)], seed=1)
    >>> set(fb.find_rings(graph)[0].accounts) == set(truth["account"])
    True
    """
    if min_size < 3:
        raise CallError(f"min_size is {min_size}; a ring has at least 3 accounts")
    if seed < 0:
        raise CallError(f"seed is {seed}; give 0 or a positive whole number")
    if not 0 < alpha < 1:
        raise CallError(f"alpha is {alpha}; it must lie between 0 and 1, 0.05 for example")
    g = as_follow_graph(graph)
    refuse_capped(g, force=force)
    m = mutual(g)

    # candidates, weighed; the clearest of those that overlap are kept
    pull = fitness(m)
    groups, notes = _candidates(m, pull, min_size)
    sets = as_sets(groups)
    found = chance(m, sets, pull)
    clear = np.flatnonzero(found["q_value"] <= alpha)
    kept = _selected(sets, clear, found["score"], m.n_accounts)
    n_kept = len(kept)
    kept = furthest(g, m, sets, kept, _MOST_SETS)
    if len(kept) < n_kept:
        notes.append(
            f"{n_kept:,} sets are beyond chance; the {len(kept):,} furthest beyond their members' "
            "habits are listed"
        )

    # what is listed is held against habit, and described
    listed = as_sets([sets.of(int(k)) for k in kept])
    columns: dict[str, Numbers] = {name: column[kept] for name, column in found.items()}
    columns |= beyond_habit(g, m, listed, alpha=alpha, seed=seed, among=n_kept)
    columns |= shape(g, m, listed)
    timed = pace(g, m, listed)

    # strong first, then by score
    rank = np.array([VERDICTS.index(verdict) for verdict in columns["verdict"]], dtype=np.int64)
    first_member = listed.members[listed.indptr[:-1]] if len(kept) else np.zeros(0)
    order = np.lexsort((first_member, -columns["score"], rank))
    listed = as_sets([listed.of(int(k)) for k in order])
    columns |= timed
    table = pd.DataFrame({name: columns[name][order] for name in (*COLUMNS, *timed)})
    table.insert(0, "ring", np.arange(1, len(table) + 1))
    members = members_table(g, m, listed)
    if g.collection.mutual_by_construction:
        _untell(table, members)
        notes.append(MUTUAL_TOLD)
    return Rings(table, members, tuple(notes), listed, m)


def _untell(table: pd.DataFrame, members: pd.DataFrame) -> None:
    """Empty what rests on unreturned follows, where the file holds none by construction."""
    table[list(_OF_RECIPROCITY)] = np.nan
    table["verdict"] = VERDICTS[-1]
    members[["member_score", "follow_back_inside", "follow_back_outside"]] = np.nan
    members["label"] = "not told"


def _candidates(
    m: MutualGraph, pull: NDArray[np.float64], min_size: int
) -> tuple[list[NDArray[np.int32]], list[str]]:
    """Return distinct fitted sets, from groups of the mutual graph at each resolution."""
    seen, found = set(), []
    n = m.n_accounts
    who, ties, notes = searched(m)
    budget = _WORK * (len(ties.indices) + len(who))

    def groups_at(resolution: float) -> tuple[list[NDArray[np.int32]], list[str]]:
        labels, used = cpm_groups(*ties, resolution, budget)
        told = []
        if used >= budget:
            told.append(f"the search at density {resolution} stopped at its work budget")
        groups, n_groups = clearest_groups(ties, pull[who], labels, min_size, _MOST_GROUPS)
        if len(groups) < n_groups:
            told.append(
                f"at density {resolution} there are {n_groups:,} groups; the {len(groups):,} "
                "clearest of them were fitted"
            )
        return [who[group] for group in groups], told

    scratch = np.zeros(n, np.int32), np.zeros(n, np.int64), np.zeros(n, np.float64)
    densities = watched(_RESOLUTIONS, "densities searched for rings", "densities")
    for _, (groups, told) in zip(densities, ahead(groups_at, _RESOLUTIONS), strict=True):
        notes += told
        for group in groups:
            for with_hubs in _SHAPES:
                fitted = fitted_set(
                    *m.ties, pull, group, with_hubs, _FIT_ROUNDS, scratch[0], scratch[1], scratch[2]
                )
                key = fitted.tobytes()
                if len(fitted) >= min_size and key not in seen:
                    seen.add(key)
                    found.append(fitted)
    return found, notes


def searched(m: MutualGraph) -> tuple[NDArray[np.int32], Rows, list[str]]:
    """Return the accounts that groups are looked for among, and their ties.

    All of them; in a graph of more than `_MOST_TIES` mutual follows those of a t-core,
    in which every account has t mutual follows or more. A set whose every member has
    t inside lies in it whole, so no such ring is lost. A t-core has at most as many ties
    as its core numbers add up to (an account that is peeled takes no more with it): t is
    the least at which that is not too many.
    """
    if m.n_mutual <= _MOST_TIES:
        return np.arange(m.n_accounts, dtype=np.int32), m.ties, []
    have = np.bincount(m.core_numbers)
    at_most = np.cumsum((have * np.arange(len(have)))[::-1])[::-1]
    t = min(int(np.count_nonzero(at_most > _MOST_TIES)), len(have) - 1)
    who = np.flatnonzero(m.core_numbers >= t).astype(np.int32)
    told = (
        f"groups were looked for among the {len(who):,} accounts of the {t}-core; a ring in which "
        f"some members have fewer than {t} mutual follows may be missed"
    )
    return who, Rows(*rows_among(*m.ties, who)), [told]


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


def _selected(
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
