"""RINGS: sets of accounts that follow each other back beyond chance.

Candidates come from groups of the mutual graph at six densities; each is fitted
to its ties, once as an even ring and once as a train with conductors; of those that
overlap the clearest stays (`search`). What a set shows, and whether to believe it, is weighed
in `evidence`. The cost grows with the number of mutual follows times the number of
densities.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ._errors import CallError, FollowbackError
from .chance import chance, fitness
from .collection import MUTUAL_TOLD, OWN_LISTS, is_own_export, refuse_capped
from .engines._room import FILES, LITTLE, gb, left
from .evidence import VERDICTS, beyond_habit, furthest, members_table, shape
from .mutuals import MutualGraph, as_follow_graph, mutual, subgraph
from .organic import MOST_PAIRS
from .search import MOST_TIES, candidates, selected
from .sets import Numbers, Sets, as_sets
from .times import pace

if TYPE_CHECKING:
    import networkx as nx
    from numpy.typing import NDArray

    from .graph import FollowGraph

_MOST_SETS = 5_000  # listed: those furthest beyond habit; reported when there are more
# Bytes of memory that a search takes at least, on one core, besides the graph and its mutual
# part: peaks of graphs of 1 to 10 million follows, dense and sparse, were 1.0 to 1.5 times that.
_PAIR, _ACCOUNT = 55, 50  # a connected pair, an account

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
        """Return the mutual follows among the members as `networkx.Graph`.

        Examples
        --------
        >>> import followback as fb
        >>> quiet = fb.synth.follow_network(200, 1_200, seed=1)
        >>> graph, truth = fb.synth.plant_rings(quiet, [(12, 0.9)], seed=1)
        >>> fb.find_rings(graph)[0].subgraph().number_of_nodes()
        12
        """
        return subgraph(self.mutual, self.positions.astype(np.int64))

    def by_core(self) -> NDArray[np.int32]:
        """Return the members' positions by core number inside the ring, then by mutual follows.

        Examples
        --------
        >>> import followback as fb
        >>> base = fb.synth.follow_network(300, 1_500, seed=1)
        >>> ring = fb.find_rings(fb.synth.plant_rings(base, [(20, 0.9)], seed=1)[0])[0]
        >>> sorted(ring.by_core().tolist()) == ring.positions.tolist()
        True
        """
        inner = self.mutual.among(self.positions.astype(np.int64))
        return self.positions[np.lexsort((-inner.ties.degrees, -inner.core_numbers))]

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
            if not len(self):
                raise IndexError(
                    f"no ring is listed, so there is no rings[{k}]: no set of this graph goes beyond "
                    "chance; look at another graph"
                )
            raise IndexError(
                f"there is no rings[{k}]: {len(self)} rings are listed, rings[0] is ring 1 and "
                f"rings[{len(self) - 1}] the last"
            )
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
    search paid for (`followback.chance.chance`). So a set that holds most of the
    graph's mutual follows is explained by its members' degrees and is not listed, and
    neither is a ring most of which lies in one that is. Accounts are taken in an order
    that who is tied to whom decides (`followback.ordering`), so that other names for the
    same accounts give the same sets, numbers and verdicts. The exception is symmetry: where
    accounts look alike (copies of one graph, regular classes), names decide between them,
    and with them a set, a number or a verdict on the edge. The verdict says whether a set
    is also beyond habit (`followback.evidence.beyond_habit`). "Consistent with
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
        Lists are cut short (see `followback.collection.reason_against`), unless forced; or
        memory would not do.

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
    _check_search(g.n_accounts, g.n_follows - m.n_mutual, m.n_mutual)

    # candidates, weighed; the clearest of those that overlap are kept
    pull = fitness(m)
    groups, notes = candidates(g, m, pull, min_size)
    sets = as_sets(groups)
    found = chance(m, sets, pull)
    clear = np.flatnonzero(found["q_value"] <= alpha)
    kept = selected(sets, clear, found["score"], m.n_accounts)
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

    # strong first, then by score; of equal ones that found first
    rank = np.array([VERDICTS.index(verdict) for verdict in columns["verdict"]], dtype=np.int64)
    order = np.lexsort((-columns["score"], rank))
    listed = as_sets([listed.of(int(k)) for k in order])
    columns |= timed
    table = pd.DataFrame({name: columns[name][order] for name in (*COLUMNS, *timed)})
    table.insert(0, "ring", np.arange(1, len(table) + 1))
    members = members_table(g, m, listed)
    if g.collection.mutual_by_construction:
        _untell(table, members)
        notes.append(MUTUAL_TOLD)
    if is_own_export(g):
        notes.append(f"{OWN_LISTS}rings cannot be known")
    return Rings(table, members, tuple(notes), listed, m)


def _check_search(n_accounts: int, n_connected: int, n_mutual: int) -> None:
    """Refuse before it starts a search that memory would not do for.

    The least that it takes is asked for, not the most: on one core, and of a graph too large to
    be looked at whole no more than its mutual part.
    """
    pairs = n_connected
    if n_connected > MOST_PAIRS:
        pairs = n_mutual if n_mutual <= MOST_TIES else 0
    needed = _PAIR * pairs + _ACCOUNT * n_accounts
    if needed > LITTLE and needed > (free := left(*FILES)):
        raise FollowbackError(
            f"the search for rings among {n_accounts:,} accounts needs at least {gb(needed)} of "
            f"memory besides the graph, and {gb(free)} are free; close other programs, give more, "
            "or look at all follows among fewer accounts"
        )


def _untell(table: pd.DataFrame, members: pd.DataFrame) -> None:
    """Empty what rests on unreturned follows, where the file holds none by construction."""
    table[list(_OF_RECIPROCITY)] = np.nan
    table["verdict"] = VERDICTS[-1]
    members[["member_score", "follow_back_inside", "follow_back_outside"]] = np.nan
    members["label"] = "not told"
