"""Kernel: the ties that are in enough triangles, by peeling."""

import numpy as np
from numpy.typing import NDArray

from . import kernel


@kernel
def place_in_row(indices: NDArray[np.int32], first: int, end: int, account: int) -> int:
    """Return where an account stands in a part of the rows, -1 where it does not."""
    low, high = first, end
    while low < high:
        middle = (low + high) // 2
        if indices[middle] < account:
            low = middle + 1
        else:
            high = middle
    return low if low < end and indices[low] == account else -1


@kernel
def ties_in_triangles(
    indptr: NDArray[np.int64], indices: NDArray[np.int32], need: int
) -> NDArray[np.bool_]:
    """Mark the arcs of the largest subgraph whose every tie is in ``need`` triangles of it.

    With k - 2 triangles this is the k-truss. Cohen (2008), "Trusses": take away a tie
    with too few triangles, count one less for the other two ties of each, go on.
    """
    n, m = len(indptr) - 1, len(indices)
    alive = np.ones(m, np.bool_)

    # each tie is two arcs; it is counted at its own place, the lower of both
    own = np.empty(m, np.int64)
    low_end = np.empty(m, np.int32)
    place = indptr[:-1].copy()
    for i in range(n):
        for e in range(indptr[i], indptr[i + 1]):
            j = indices[e]
            own[e] = min(e, place[j])
            low_end[e] = min(i, j)
            place[j] += 1

    # how many triangles each tie is in; the queue holds those with too few
    support = np.zeros(m, np.int64)
    queue = np.empty(m, np.int64)
    tail = 0
    for i in range(n):
        for e in range(indptr[i], indptr[i + 1]):
            j = indices[e]
            if j < i:
                continue
            small, large = i, j
            if indptr[i + 1] - indptr[i] > indptr[j + 1] - indptr[j]:
                small, large = j, i
            for f in range(indptr[small], indptr[small + 1]):
                if place_in_row(indices, indptr[large], indptr[large + 1], indices[f]) >= 0:
                    support[e] += 1
            if support[e] < need:
                queue[tail] = e
                tail += 1

    head = 0
    while head < tail:
        e = queue[head]
        head += 1
        i, j = low_end[e], indices[e]
        alive[e] = False
        small, large = i, j
        if indptr[i + 1] - indptr[i] > indptr[j + 1] - indptr[j]:
            small, large = j, i
        for f in range(indptr[small], indptr[small + 1]):
            if not alive[own[f]]:
                continue
            g = place_in_row(indices, indptr[large], indptr[large + 1], indices[f])
            if g < 0 or not alive[own[g]]:
                continue
            for side in (own[f], own[g]):
                support[side] -= 1
                if support[side] == need - 1:
                    queue[tail] = side
                    tail += 1
    for e in range(m):
        alive[e] = alive[own[e]]
    return alive
