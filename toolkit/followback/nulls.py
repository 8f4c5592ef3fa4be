"""NULLS: follower graphs that keep every account's degrees and nothing else.

The reciprocal configuration model in its hard form: each account keeps its number of
mutual follows, of unreturned follows sent and of unreturned follows received;
who is tied to whom is drawn anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ._build import from_positions
from ._errors import FollowbackError
from ._rows import repeated
from .graph import FollowGraph
from .kernels import shuffles
from .mutuals import as_follow_graph, mutual

if TYPE_CHECKING:
    import networkx as nx
    from numpy.typing import NDArray

_ROUNDS = 1_000  # of repair; a sparse graph needs about ten


def null_graph(graph: FollowGraph | nx.DiGraph, *, seed: int = 0) -> FollowGraph:
    """Draw a graph with the same degrees, out-, in- and mutual, and no structure besides.

    Mutual follows and unreturned follows are cut into stubs and joined at random;
    pairs that would be self-follows, doubled or change their kind are drawn again
    with others until none is left. Times are not kept.

    Parameters
    ----------
    graph
        The follower graph.
    seed
        Of all random numbers.

    Returns
    -------
    FollowGraph
        Same accounts in the same order.

    Raises
    ------
    FollowbackError
        The degrees leave no room to draw (a very dense graph).

    Examples
    --------
    >>> import followback as fb
    >>> g = fb.synth.follow_network(300, 2_000, seed=1)
    >>> null = null_graph(g, seed=1)
    >>> null == g, (null.followers.degrees == g.followers.degrees).all().item()
    (False, True)

    References
    ----------
    Squartini and Garlaschelli (2011), New Journal of Physics 13, 083001; the
    stub-joining sampler follows Durak, Kolda, Pinar and Seshadhri (2013),
    https://arxiv.org/abs/1210.5288
    """
    g = as_follow_graph(graph)
    m = mutual(g)
    n = max(g.n_accounts, 1)
    rng = np.random.default_rng(seed)

    # mutual pairs first
    who = np.arange(g.n_accounts, dtype=np.int32)
    ends = rng.permutation(repeated(who, m.ties.degrees))
    none = np.zeros(0, np.int32)
    pairs = _joined(ends[::2].copy(), ends[1::2].copy(), n, (none, none), rng)

    # then unreturned follows, which must not fall on a mutual pair or return each other
    out = repeated(who, g.following.degrees - m.ties.degrees)
    into = repeated(who, g.followers.degrees - m.ties.degrees)
    single = _joined(out, rng.permutation(into), n, pairs, rng)

    source = np.concatenate([pairs[0], pairs[1], single[0]])
    target = np.concatenate([pairs[1], pairs[0], single[1]])
    return from_positions(g.labels, source, target, None, "the null graph")


def _joined(
    a: NDArray[np.int32],
    b: NDArray[np.int32],
    n: int,
    taken: tuple[NDArray[np.int32], NDArray[np.int32]],
    rng: np.random.Generator,
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Swap the second ends of bad pairs, in place, with those of random ones until none is bad."""
    wrong = np.arange(len(a))
    keys, counts = _table(a, b, n, taken)
    some, added = len(keys) // 8, 0
    for _ in range(_ROUNDS):
        wrong = shuffles.wrong_ties(a, b, n, wrong, keys, counts)
        if len(wrong) == 0:
            return a, b
        now = wrong[:some]
        added += 2 * len(now)
        if added > 2 * some:  # pairs that nothing stands on any more fill the table
            keys, counts = _table(a, b, n, taken)
            added = 2 * len(now)
        partner = rng.integers(len(a), size=len(now))
        shuffles.swap_ends(a, now, partner, n, b, keys, counts)
        wrong = np.concatenate([wrong, partner])
    raise FollowbackError(
        f"no null graph was found in {_ROUNDS} rounds: {len(wrong)} pairs do not fit; "
        "the graph is too dense for its degrees to leave room"
    )


def _table(
    a: NDArray[np.int32],
    b: NDArray[np.int32],
    n: int,
    taken: tuple[NDArray[np.int32], NDArray[np.int32]],
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Enter pairs, and those already taken, into a hash table that is half empty."""
    size = 1 << (2 * (len(a) + len(taken[0])) + 7).bit_length()
    keys, counts = np.full(size, -1, np.int64), np.zeros(size, np.int32)
    shuffles.enter_ties(*taken, n, keys, counts)
    shuffles.enter_ties(a, b, n, keys, counts)
    return keys, counts
