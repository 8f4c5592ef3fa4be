"""Kernel: core numbers of an undirected graph, by peeling level after level."""

import numpy as np
from numpy.typing import NDArray

from . import kernel


@kernel
def core_numbers(indptr: NDArray[np.int64], indices: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return every account's core number in O(accounts + ties).

    The k-core is the largest subgraph in which every account has k ties; an
    account's core number is the largest k whose k-core it is in. Level after level the
    accounts of k ties are taken away, and those that sink to k by it: as Batagelj and
    Zaversnik (2003), https://arxiv.org/abs/cs/0310049, but without keeping all accounts
    sorted by degree, so that a tie costs one look at a random place. Looking through
    those left at each level costs, in all, the sum of the core numbers.
    """
    n = len(indptr) - 1
    degree = np.empty(n, np.int32)  # small enough for the cache
    left = np.empty(n, np.int32)
    n_left = 0
    for i in range(n):
        degree[i] = indptr[i + 1] - indptr[i]
        if degree[i] > 0:
            left[n_left] = i
            n_left += 1

    queue = np.empty(n_left, np.int32)
    k = 0
    while n_left > 0:
        k += 1
        n_kept, tail = 0, 0
        for p in range(n_left):
            i = left[p]
            if degree[i] > k:
                left[n_kept] = i
                n_kept += 1
            elif degree[i] == k:
                queue[tail] = i
                tail += 1
        n_left = n_kept

        # who is taken keeps the degree k; a neighbour of more has one tie less
        head = 0
        while head < tail:
            i = queue[head]
            head += 1
            for e in range(indptr[i], indptr[i + 1]):
                j = indices[e]
                if degree[j] > k:
                    degree[j] -= 1
                    if degree[j] == k:
                        queue[tail] = j
                        tail += 1

    out = np.empty(n, np.int64)
    for i in range(n):
        out[i] = degree[i]
    return out
