"""Kernel: core numbers of an undirected graph, by peeling in order of degree."""

import numpy as np
from numpy.typing import NDArray

from . import kernel


@kernel
def core_numbers(indptr: NDArray[np.int64], indices: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return every account's core number in O(accounts + ties).

    The k-core is the largest subgraph in which every account has k ties; an
    account's core number is the largest k whose k-core it is in. Batagelj and
    Zaversnik (2003), https://arxiv.org/abs/cs/0310049: accounts wait sorted by
    degree in one array; taking the first lowers its neighbours by one place each.
    """
    n = len(indptr) - 1
    degree = (indptr[1:] - indptr[:-1]).astype(np.int32)  # small enough for the cache
    top = degree.max() if n else 0

    # sort accounts by degree: start[d] is where degree d begins
    start = np.zeros(top + 2, np.int32)
    for i in range(n):
        start[degree[i] + 1] += 1
    for d in range(top + 1):
        start[d + 1] += start[d]
    queue = np.empty(n, np.int32)
    place = np.empty(n, np.int32)
    fill = start.copy()
    for i in range(n):
        place[i] = fill[degree[i]]
        queue[place[i]] = i
        fill[degree[i]] += 1

    # take the account of least degree; a neighbour of more moves one bucket down
    for k in range(n):
        i = queue[k]
        for e in range(indptr[i], indptr[i + 1]):
            j = indices[e]
            if degree[j] > degree[i]:
                head = start[degree[j]]
                other = queue[head]
                queue[place[j]], queue[head] = other, j
                place[other], place[j] = place[j], head
                start[degree[j]] += 1
                degree[j] -= 1
    return degree.astype(np.int64)
