"""Kernel: take accounts away, the least loaded first, and remember the densest rest."""

import numpy as np
from numpy.typing import NDArray

from . import kernel


@kernel
def peel_by_load(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    shares: NDArray[np.floating],
    out_load: NDArray[np.floating],
) -> tuple[NDArray[np.int32], int, float]:
    """Peel a graph by load; return the order, and the size and density of the densest rest.

    Taking account i lowers the load of every neighbour that is left by the share
    of their tie, ``shares`` in the row of i. Density is ties / accounts. Of equal
    loads the one that was set first goes first, so rows may be in any order and the
    order counts. Loads and shares are both float32 or both float64. At the end
    ``out_load`` holds the load that each account was taken with.
    """
    n = len(indptr) - 1
    size = n
    # a binary heap of (load, when set, account); what a later entry replaces stays behind
    load = np.empty(n + len(indices), np.float64)
    when = np.empty(n + len(indices), np.int64)
    who = np.empty(n + len(indices), np.int32)
    order_at_start = np.argsort(out_load, kind="mergesort")
    for p in range(n):  # sorted, it is a heap
        i = order_at_start[p]
        load[p], when[p], who[p] = out_load[i], i, i
    clock = n

    taken = np.zeros(n, np.bool_)
    order = np.empty(n, np.int32)
    ties = len(indices) // 2
    best_size, best = 0, 0.0
    for step in range(n):
        if ties / (n - step) > best:
            best, best_size = ties / (n - step), n - step
        while True:
            i, value = who[0], load[0]
            size -= 1

            # the last entry sinks from the top to its place
            p = 0
            while 2 * p + 1 < size:
                c = 2 * p + 1
                if c + 1 < size and (
                    load[c + 1] < load[c] or (load[c + 1] == load[c] and when[c + 1] < when[c])
                ):
                    c += 1
                if load[size] < load[c] or (load[size] == load[c] and when[size] < when[c]):
                    break
                load[p], when[p], who[p] = load[c], when[c], who[c]
                p = c
            load[p], when[p], who[p] = load[size], when[size], who[size]
            if not taken[i] and value == out_load[i]:
                break

        taken[i] = True
        order[step] = i
        for e in range(indptr[i], indptr[i + 1]):
            j = indices[e]
            if taken[j]:
                continue
            ties -= 1
            before = out_load[j]
            out_load[j] -= shares[e]
            if out_load[j] < before:
                # a new entry rises from the bottom to its place
                p = size
                while p > 0 and load[(p - 1) // 2] > out_load[j]:
                    q = (p - 1) // 2
                    load[p], when[p], who[p] = load[q], when[q], who[q]
                    p = q
                load[p], when[p], who[p] = out_load[j], clock, j
                size += 1
                clock += 1
    return order, best_size, best
