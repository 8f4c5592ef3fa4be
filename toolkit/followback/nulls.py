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
from .graph import FollowGraph
from .mutuals import as_follow_graph, mutual

if TYPE_CHECKING:
    import networkx as nx
    from numpy.typing import NDArray

_ROUNDS = 1_000  # of repair; a sparse graph needs about ten


def null_graph(graph: FollowGraph | nx.DiGraph, *, seed: int = 0) -> FollowGraph:
    """Draw a graph with the same degrees, out-, in- and mutual, and no structure besides.

    Mutual follows and unreturned follows are cut into stubs and joined at random;
    ties that would be self-follows, doubled or change their kind are drawn again
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
    both = np.repeat(np.arange(n if g.n_accounts else 0), m.ties.degrees)
    ends = rng.permutation(both)
    pairs = _joined(ends[::2], ends[1::2], n, np.zeros(0, np.int64), rng)

    # then unreturned follows, which must not fall on a mutual pair or return each other
    out = np.repeat(np.arange(g.n_accounts), g.following.degrees - m.ties.degrees)
    into = np.repeat(np.arange(g.n_accounts), g.followers.degrees - m.ties.degrees)
    taken = np.sort(_keys(pairs[0], pairs[1], n))
    single = _joined(out, rng.permutation(into), n, taken, rng)

    source = np.concatenate([pairs[0], pairs[1], single[0]]).astype(np.int32)
    target = np.concatenate([pairs[1], pairs[0], single[1]]).astype(np.int32)
    return from_positions(g.labels, source, target, None, "the null graph")


def _keys(a: NDArray[np.int64], b: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """Return one number for each unordered pair."""
    return np.asarray(np.minimum(a, b) * n + np.maximum(a, b))


def _joined(
    a: NDArray[np.int64],
    b: NDArray[np.int64],
    n: int,
    taken: NDArray[np.int64],
    rng: np.random.Generator,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Swap the second ends of bad ties with those of random ties until none is bad."""
    a, b = a.copy(), b.copy()
    for _ in range(_ROUNDS):
        keys = _keys(a, b, n)
        bad = (a == b) | np.isin(keys, taken)
        order = np.argsort(keys, kind="stable")
        bad[order[1:]] |= keys[order[1:]] == keys[order[:-1]]
        wrong = np.flatnonzero(bad)
        if len(wrong) == 0:
            return a, b
        partner = rng.integers(len(a), size=len(wrong))
        for i, j in zip(wrong.tolist(), partner.tolist(), strict=True):
            b[i], b[j] = b[j], b[i]
    raise FollowbackError(
        f"no null graph was found in {_ROUNDS} rounds: {len(wrong)} ties do not fit; "
        "the graph is too dense for its degrees to leave room"
    )
