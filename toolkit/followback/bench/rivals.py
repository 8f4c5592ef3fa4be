"""Rivals of the ring search, each told the true number of rings.

Every rival is a function ``(graph, k) -> list of arrays of positions``. They follow
their papers, in plain Python, to be read beside them; their seconds say little.
"""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.linalg import svds

from ..mutuals import mutual

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from ..graph import FollowGraph


def charikar(g: FollowGraph, k: int) -> list[NDArray[np.int64]]:
    """Peel the account of least degree off the mutual graph, keep the densest rest; k times.

    The densest subgraph by ties per account, within a factor of two. Charikar (2000),
    Greedy approximation algorithms for finding dense components in a graph.
    """
    return _repeated(_ties(g), k, lambda ties, n: _peeled(ties, n, passes=1))


def greedy_plus_plus(g: FollowGraph, k: int) -> list[NDArray[np.int64]]:
    """Peel five times, remembering each account's load; k times.

    Boob et al. (2020), Flowless: extracting densest subgraphs without flow
    computations, https://arxiv.org/abs/1910.07087
    """
    return _repeated(_ties(g), k, lambda ties, n: _peeled(ties, n, passes=5))


def fraudar(g: FollowGraph, k: int) -> list[NDArray[np.int64]]:
    """Peel followers and followed apart, a follow weighing 1 / ln(followers + 5); k times.

    A ring is where both sides of a block meet. Hooi et al. (2016), FRAUDAR: bounding
    graph fraud in the face of camouflage, KDD.
    """
    n = g.n_accounts
    weight = 1 / np.log(g.followers.degrees + 5.0)
    source, target = g.sources().astype(np.int64), g.following.indices.astype(np.int64)
    ties = csr_array((weight[target], (source, target + n)), shape=(2 * n, 2 * n))
    blocks = _repeated(ties + ties.T, k, lambda ties, n: _peeled(ties, n, passes=1))
    return [np.intersect1d(block[block < n], block[block >= n] - n) for block in blocks]


def catchsync(g: FollowGraph, k: int) -> list[NDArray[np.int64]]:  # noqa: ARG001
    """Take the followers whose targets are most alike for how usual these targets are.

    Targets are placed by followers and coreness in a grid; a follower is suspicious
    if its synchronicity is three deviations above the mean. One set. Jiang et al.
    (2014), CatchSync: catching synchronized behavior in large directed graphs, KDD.
    """
    followers, core = g.followers.degrees, mutual(g).core_numbers
    cell = np.minimum(np.log2(followers + 1).astype(int), 15) * 16 + np.minimum(
        np.log2(core + 1).astype(int), 15
    )
    rows = csr_array(
        (np.ones(g.n_follows), cell[g.following.indices], g.following.indptr.copy()),
        shape=(g.n_accounts, 256),
    )  # a copy, because summing moves the row bounds in place
    rows.sum_duplicates()
    sent = np.maximum(g.following.degrees, 1)
    synchronicity = rows.multiply(rows).sum(axis=1) / sent**2
    usual = np.bincount(cell, minlength=256) / g.n_accounts
    normality = rows @ usual / sent
    excess = np.where(g.following.degrees >= 5, synchronicity - normality, 0.0)
    return [np.flatnonzero(excess > excess.mean() + 3 * excess.std())]


def spoken(g: FollowGraph, k: int) -> list[NDArray[np.int64]]:
    """Cut each of the first k singular vectors of the mutual graph where it is heavy.

    Accounts of more than half the largest entry. Prakash et al. (2010), EigenSpokes:
    surprising patterns and scalable community chipping in large graphs, PAKDD.
    """
    size = min(k, g.n_accounts - 2)
    start = np.ones(g.n_accounts)
    vectors = np.abs(svds(_ties(g), k=size, v0=start, solver="arpack")[0])
    return [np.flatnonzero(v > 0.5 * v.max()) for v in vectors.T[::-1]]


def leiden_density(g: FollowGraph, k: int) -> list[NDArray[np.int64]]:
    """Take the k densest of Leiden's communities of five accounts or more (needs igraph).

    Constant Potts model at resolution 0.1 on the mutual graph. Traag, Waltman and
    van Eck (2019), From Louvain to Leiden, https://arxiv.org/abs/1810.08473
    """
    import random

    import igraph

    upper = coo_array(_ties(g))
    pairs = np.column_stack(upper.coords)[upper.coords[0] < upper.coords[1]]
    graph = igraph.Graph(n=g.n_accounts, edges=pairs.tolist())
    igraph.set_random_number_generator(random.Random(0))  # noqa: S311
    found = graph.community_leiden(objective_function="CPM", resolution=0.1, n_iterations=4)
    groups = [np.array(group) for group in found if len(group) >= 5]
    density = [graph.induced_subgraph(group.tolist()).density() for group in groups]
    return [groups[i] for i in np.argsort(density)[::-1][:k]]


def overlap_index(g: FollowGraph, k: int) -> list[NDArray[np.int64]]:  # noqa: ARG001
    """Take the accounts of which 0.74 of the followers or followings are both. One set.

    Dugué and Perez (2013); the threshold is that of the SONDY software.
    """
    fewer = np.minimum(g.followers.degrees, g.following.degrees)
    share = mutual(g).ties.degrees / np.maximum(fewer, 1)
    return [np.flatnonzero((share >= 0.74) & (fewer >= 5))]


RIVALS = {
    "Charikar": charikar,
    "Greedy++": greedy_plus_plus,
    "FRAUDAR": fraudar,
    "CatchSync": catchsync,
    "SpokEn": spoken,
    "Leiden + density": leiden_density,
    "overlap index": overlap_index,
}


def _ties(g: FollowGraph) -> csr_array:
    rows = mutual(g).ties
    n = g.n_accounts
    return csr_array((np.ones(len(rows.indices)), rows.indices, rows.indptr), shape=(n, n))


def _repeated(
    ties: csr_array, k: int, find: Callable[[csr_array, int], NDArray[np.int64]]
) -> list[NDArray[np.int64]]:
    """Find a block, take its inner edges out, and find the next."""
    found = []
    for _ in range(k):
        block = find(ties, ties.shape[0])
        found.append(block)
        inside = np.zeros(ties.shape[0])
        inside[block] = 1.0
        rest = coo_array(ties)
        row, column = rest.coords
        kept = (inside[row] * inside[column]) == 0
        ties = csr_array((rest.data[kept], (row[kept], column[kept])), shape=ties.shape)
    return found


def _peeled(ties: csr_array, n: int, *, passes: int) -> NDArray[np.int64]:
    """Peel ``passes`` times by load and degree; return the densest rest that was met."""
    load = np.zeros(n)
    best, best_density = np.zeros(0, np.int64), -1.0
    for _ in range(passes):
        degree = np.asarray(ties.sum(axis=1)).ravel()
        queue = [(load[i] + degree[i], i) for i in np.flatnonzero(degree)]
        heapq.heapify(queue)
        alive = degree > 0
        weight, left = degree.sum() / 2, int(alive.sum())
        order = []
        top, top_left = -1.0, 0
        while queue:
            value, i = heapq.heappop(queue)
            if not alive[i] or value > load[i] + degree[i] + 1e-9:
                continue
            if weight / left > top:
                top, top_left = weight / left, left
            load[i] += degree[i]
            alive[i] = False
            order.append(i)
            weight -= degree[i]
            left -= 1
            span = slice(ties.indptr[i], ties.indptr[i + 1])
            for j, w in zip(ties.indices[span], ties.data[span], strict=True):
                if alive[j]:
                    degree[j] -= w
                    heapq.heappush(queue, (load[j] + degree[j], j))
        if top > best_density:
            best, best_density = np.array(order[len(order) - top_left :], np.int64), top
    return np.sort(best)
