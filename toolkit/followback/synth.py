"""Follower graphs made by rule, with planted rings and known answers.

Everything is drawn from one seed: the same call gives the same graph.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ._build import from_positions
from ._errors import CallError
from ._plant import check_memory, check_rings, check_seed, check_shares, ring_follows
from ._rows import repeated
from .graph import FollowGraph
from .mutuals import as_follow_graph
from .synth_times import with_times as with_times  # noqa: PLC0414 offered here too

if TYPE_CHECKING:
    import networkx as nx
    from numpy.typing import NDArray

_TRIES = 60  # rounds of drawing until enough distinct pairs are found
_CLIQUE = (5, 13)  # sizes of friend cliques: from 5 to 12 accounts
_CLIQUE_DENSITY = 0.7
_CLIQUE_MUTUAL = 0.8  # friends mostly, not always, follow back


def follow_network(
    n_accounts: int = 5_000,
    n_follows: int = 60_000,
    *,
    reciprocity: float = 0.35,
    community_share: float = 0.6,
    cliques: int = 40,
    seed: int = 0,
) -> FollowGraph:
    """Make a follower graph with heavy tails, communities and friend cliques, without rings.

    Popularity follows a power law of exponent 2.3, activity a log-normal law; a
    follow stays in the community with ``community_share``, communities have
    power-law sizes. Friend cliques of 5 to 12 accounts of one community know each
    other (density 0.7, four of five connected pairs mutual): organic groups that a detector
    must not take for rings. Which connected pairs are mutual is drawn by the
    product of both accounts' follow-back propensities, so that exactly the chosen
    reciprocity comes out.

    Parameters
    ----------
    n_accounts
        Accounts, numbered from 0; at least 20.
    n_follows
        Follows in all, exactly.
    reciprocity
        Arc reciprocity, between 0 and 1.
    community_share
        Share of follows drawn within the follower's community.
    cliques
        Number of friend cliques.
    seed
        Of all random numbers.

    Returns
    -------
    FollowGraph

    Raises
    ------
    CallError
        A parameter is out of range, or more follows are asked for than fit.

    Examples
    --------
    >>> g = follow_network(500, 4_000, seed=1)
    >>> g.n_accounts, g.n_follows
    (500, 4000)
    """
    _check(n_accounts, n_follows, reciprocity, community_share, cliques)
    check_seed(seed)
    rng = np.random.default_rng(seed)
    community = _power_law_groups(n_accounts, rng)
    popularity = (1 - rng.random(n_accounts)) ** (-1 / 1.3)
    activity = rng.lognormal(0, 1.2, n_accounts)
    propensity = rng.beta(1.2, 1.8, n_accounts)

    # connected pairs: friend cliques first, then follows by activity and popularity
    n_mutual = round(reciprocity * n_follows / 2)
    n_pairs = n_follows - n_mutual
    friends = _friend_pairs(community, cliques, rng)[: n_pairs // 2]
    draw = _pair_drawer(community, popularity, activity, community_share, rng)
    pairs = _distinct_pairs(friends, n_pairs, n_accounts, draw)

    # which of them are mutual: the heaviest by weight * exponential noise (Efraimidis
    # and Spirakis 2006), friends first to their share
    weight = propensity[pairs[:, 0]] * propensity[pairs[:, 1]]
    weight[: len(friends)] *= 200
    noise = rng.exponential(size=n_pairs) / np.maximum(weight, 1e-12)
    noise[: len(friends)][rng.random(len(friends)) > _CLIQUE_MUTUAL] = np.inf
    returned = pairs[np.argsort(noise, kind="stable")[:n_mutual]][:, ::-1]
    return _graph(n_accounts, np.vstack([pairs, returned]))


def plant_rings(
    graph: FollowGraph | nx.DiGraph,
    rings: Sequence[tuple[int, float]],
    *,
    mutual_share: float = 0.95,
    camouflage: int = 0,
    answered: float = 0.15,
    new_accounts: float = 0.5,
    seed: int = 0,
) -> tuple[FollowGraph, pd.DataFrame]:
    """Plant follow-for-follow rings into a follower graph with integer accounts 0 … n - 1.

    In a ring each pair is connected with probability ``density``; a connected pair
    is mutual with probability ``mutual_share``, else one of the two follows.
    Members share no ring. New accounts are appended; the other members are
    accounts that were in the graph before, drawn at random.

    Parameters
    ----------
    graph
        The follower graph to plant into; it is not changed.
    rings
        ``(size, density)`` of each.
    mutual_share
        Probability that a connected pair of a ring is mutual.
    camouflage
        Follows from each member to accounts outside every ring, by popularity.
    answered
        Share of camouflage follows that are returned.
    new_accounts
        Share of each ring's members that are new accounts.
    seed
        Of all random numbers.

    Returns
    -------
    tuple of FollowGraph and pandas.DataFrame
        The new graph, and the truth: columns ``ring`` (from 1) and ``account``.

    Raises
    ------
    CallError
        A parameter is out of range, the graph's accounts are not 0 … n - 1, or it has
        too few of them.

    Examples
    --------
    >>> g, truth = plant_rings(follow_network(500, 4_000), [(12, 0.9)], seed=1)
    >>> g.n_accounts, len(truth)
    (506, 12)
    """
    graph = as_follow_graph(graph)
    if not np.array_equal(graph.accounts, np.arange(graph.n_accounts)):
        raise CallError("rings are planted into graphs whose accounts are 0, 1, 2 … n - 1")
    check_rings(rings, mutual_share, answered, new_accounts, camouflage)
    check_seed(seed)
    check_memory(pairs=sum(int(size) ** 2 // 2 + int(size) * camouflage for size, _ in rings))
    rng = np.random.default_rng(seed)
    n_new = [round(size * new_accounts) for size, _ in rings]
    n_old = [size - new for (size, _), new in zip(rings, n_new, strict=True)]
    if sum(n_old) > graph.n_accounts:
        raise CallError(f"the rings need {sum(n_old)} accounts, the graph has {graph.n_accounts}")
    if camouflage and sum(n_old) == graph.n_accounts > 0:
        raise CallError("camouflage needs accounts outside every ring; none is left")

    # members: accounts of the graph, each in one ring, and new ones
    old = rng.permutation(graph.n_accounts)[: sum(n_old)]
    new = graph.n_accounts + np.arange(sum(n_new))
    members = [
        np.concatenate(pair) for pair in zip(_cut(old, n_old), _cut(new, n_new), strict=True)
    ]
    n = graph.n_accounts + len(new)
    follows = [np.column_stack([graph.sources(), graph.following.indices]).astype(np.int64)]
    for group, (_, density) in zip(members, rings, strict=True):
        follows.append(ring_follows(group, density, mutual_share, rng))
    if camouflage:
        everyone = np.concatenate([*members, np.zeros(0, np.int64)])
        outsiders = np.setdiff1d(np.arange(graph.n_accounts), everyone)
        popular = graph.followers.degrees[outsiders] + 1.0
        follows.append(_camouflage(everyone, outsiders, popular, camouflage, answered, rng))

    truth = pd.DataFrame(
        {
            "ring": np.repeat(np.arange(1, len(rings) + 1), [len(group) for group in members]),
            "account": np.concatenate([*members, np.zeros(0, np.int64)]),
        }
    )
    return _graph(n, np.vstack(follows)), truth.sort_values(["ring", "account"], ignore_index=True)


def _check(
    n_accounts: int, n_follows: int, reciprocity: float, community_share: float, cliques: int
) -> None:
    if n_accounts < 20:
        raise CallError(f"{n_accounts} accounts are too few; give 20 or more")
    if not 0 <= n_follows <= n_accounts * (n_accounts - 1) // 4:
        most = n_accounts * (n_accounts - 1) // 4
        raise CallError(
            f"{n_follows} follows: give between 0 and {most:,} for {n_accounts} accounts"
        )
    if cliques < 0:
        raise CallError(f"{cliques} cliques: give 0 or more")
    if n_accounts >= 2**31:
        raise CallError(f"{n_accounts:,} accounts are too many; give fewer than {2**31:,}")
    check_memory(pairs=n_accounts + n_follows + cliques * _CLIQUE[1] ** 2 // 2)
    check_shares(reciprocity=reciprocity, community_share=community_share)


def _graph(n: int, follows: NDArray[np.int64]) -> FollowGraph:
    source, target = follows.astype(np.int32).T
    labels = np.arange(n, dtype=np.int64)
    return from_positions(labels, source.copy(), target.copy(), None, "the synthetic graph")


def _cut(values: NDArray[np.int64], sizes: list[int]) -> list[NDArray[np.int64]]:
    return np.split(values, np.cumsum(sizes)[:-1]) if sizes else []


def _power_law_groups(n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Assign accounts to communities whose sizes follow a power law."""
    sizes = (30 * (1 - rng.random(n // 20)) ** (-1 / 1.2)).astype(np.int64)
    sizes = np.minimum(sizes, max(n // 5, 30))
    last = int(np.searchsorted(np.cumsum(sizes), n)) + 1
    labels = repeated(np.arange(last), sizes[:last])[:n]
    return rng.permutation(np.pad(labels, (0, n - len(labels)), mode="edge"))


def _friend_pairs(
    community: NDArray[np.int64], cliques: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Draw the connected pairs of friend cliques, each within one community."""
    parts = [np.zeros((0, 2), np.int64)]
    order = np.argsort(community, kind="stable")  # the accounts of a community side by side
    first = np.searchsorted(community[order], np.arange(community.max() + 2))
    for _ in range(cliques):
        home = community[rng.integers(len(community))]
        pool = order[first[home] : first[home + 1]]
        size = min(int(rng.integers(*_CLIQUE)), len(pool))
        who = rng.choice(pool, size, replace=False)
        a, b = np.triu_indices(size, 1)
        kept = rng.random(len(a)) < _CLIQUE_DENSITY
        parts.append(np.column_stack([who[a[kept]], who[b[kept]]]))
    pairs = np.vstack(parts)
    keys = np.sort(pairs, axis=1) @ np.array([len(community), 1])
    return pairs[np.sort(np.unique(keys, return_index=True)[1])]


def _pair_drawer(
    community: NDArray[np.int64],
    popularity: NDArray[np.float64],
    activity: NDArray[np.float64],
    community_share: float,
    rng: np.random.Generator,
) -> Callable[[int], NDArray[np.int64]]:
    """Return a function that draws pairs (follower, followed), repeats and all."""
    # accounts sorted by community, so that one is a range of the running popularity
    order = np.argsort(community, kind="stable")
    running = np.cumsum(popularity[order])
    first = np.searchsorted(community[order], np.arange(community.max() + 1))
    before = np.concatenate([[0.0], running])[first]
    total = np.append(before[1:], running[-1]) - before
    by_activity = np.cumsum(activity)

    def draw(size: int) -> NDArray[np.int64]:
        source = np.searchsorted(by_activity, rng.random(size) * by_activity[-1], "right")
        home = community[source]
        near = rng.random(size) < community_share
        low = np.where(near, before[home], 0.0)
        width = np.where(near, total[home], running[-1])
        spot = np.searchsorted(running, low + rng.random(size) * width, "right")
        return np.column_stack([source, order[np.minimum(spot, len(order) - 1)]])

    return draw


def _distinct_pairs(
    pairs: NDArray[np.int64], wanted: int, n: int, draw: Callable[[int], NDArray[np.int64]]
) -> NDArray[np.int64]:
    """Draw until ``wanted`` pairs are distinct as sets of two, the given ones first."""
    for _ in range(_TRIES):
        if len(pairs) >= wanted:
            return pairs[:wanted]
        more = draw(int((wanted - len(pairs)) * 1.3) + 100)
        pairs = np.vstack([pairs, more[more[:, 0] != more[:, 1]]])
        keys = np.sort(pairs, axis=1) @ np.array([n, 1])
        pairs = pairs[np.sort(np.unique(keys, return_index=True)[1])]
    raise CallError(
        f"only {len(pairs):,} of {wanted:,} connected pairs fit; ask for fewer follows or more accounts"
    )


def _camouflage(
    members: NDArray[np.int64],
    outsiders: NDArray[np.int64],
    popular: NDArray[np.float64],
    camouflage: int,
    answered: float,
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    running = np.cumsum(popular)
    source = np.repeat(members, camouflage)
    spot = np.searchsorted(running, rng.random(len(source)) * running[-1], "right")
    pairs = np.column_stack([source, outsiders[np.minimum(spot, len(outsiders) - 1)]])
    returned = pairs[rng.random(len(pairs)) < answered][:, ::-1]
    return np.vstack([pairs, returned])
