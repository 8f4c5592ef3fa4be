"""Kernels: triangles of an undirected graph, each found once.

Chiba and Nishizeki (1985), https://doi.org/10.1137/0214017, as Schank and Wagner's
"forward" (2005): keep each tie with the end of fewer ties only, and a triangle is
found from its lowest corner, in O(ties ** 1.5).
"""

import numpy as np
from numpy.typing import NDArray

from . import kernel


@kernel
def upward_rows(
    indptr: NDArray[np.int64], indices: NDArray[np.int32], values: NDArray[np.int8]
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int8]]:
    """Keep the ties that lead to an account of more ties, or of as many and a later place.

    Each tie stays once, in the row of its lower end, with its value.
    """
    n = len(indptr) - 1
    out = np.zeros(n + 1, np.int64)
    rows = np.empty(len(indices) // 2, np.int32)
    row_values = np.empty(len(rows), np.int8)
    degree = (indptr[1:] - indptr[:-1]).astype(np.int32)  # small enough for the cache
    size = 0
    for i in range(n):
        for e in range(indptr[i], indptr[i + 1]):
            j = indices[e]
            if degree[j] > degree[i] or (degree[j] == degree[i] and j > i):
                rows[size] = j
                row_values[size] = values[e]
                size += 1
        out[i + 1] = size
    return out, rows, row_values


@kernel
def triangle_sums(
    start: NDArray[np.int64],
    up: NDArray[np.int32],
    weight: NDArray[np.int8],
    first: int,
    step: int,
) -> NDArray[np.int64]:
    """Sum over every account's triangles the product of the weights of their ties.

    With weights of one this is the number of triangles. Rows are those of `upward_rows`;
    the triangles are those whose lowest corner is ``first`` or a number of ``step`` further.
    """
    n = len(start) - 1
    sums = np.zeros(n, np.int64)
    mark = np.zeros(n, np.int8)
    for r in range(first, n, step):
        if start[r + 1] - start[r] < 2:
            continue
        for e in range(start[r], start[r + 1]):
            mark[up[e]] = weight[e]
        for e in range(start[r], start[r + 1]):
            s = up[e]
            for f in range(start[s], start[s + 1]):
                t = up[f]
                if mark[t] != 0:
                    product = weight[e] * weight[f] * mark[t]
                    sums[r] += product
                    sums[s] += product
                    sums[t] += product
        for e in range(start[r], start[r + 1]):
            mark[up[e]] = 0
    return sums


@kernel
def triangle_sums_of(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    weights: NDArray[np.int8],
    chosen: NDArray[np.int32],
) -> NDArray[np.int64]:
    """Compute `triangle_sums` for a few accounts, looking at their surroundings alone."""
    sums = np.zeros(len(chosen), np.int64)
    mark = np.zeros(len(indptr) - 1, np.int8)
    for c in range(len(chosen)):
        i = chosen[c]
        for e in range(indptr[i], indptr[i + 1]):
            mark[indices[e]] = weights[e]
        for e in range(indptr[i], indptr[i + 1]):
            j = indices[e]
            for f in range(indptr[j], indptr[j + 1]):
                if indices[f] > j:
                    sums[c] += weights[e] * weights[f] * mark[indices[f]]
        for e in range(indptr[i], indptr[i + 1]):
            mark[indices[e]] = 0
    return sums


@kernel
def closed_triads(
    start: NDArray[np.int64],
    up: NDArray[np.int32],
    code: NDArray[np.int8],
    first: int,
    step: int,
) -> NDArray[np.int64]:
    """Count the triangles of each kind, those whose lowest corner is as in `triangle_sums`.

    A kind is code(r, s) + 4 code(r, t) + 16 code(s, t), with the codes of `dyad_rows`, of
    whose rows the upward ones are given.
    """
    n = len(start) - 1
    counts = np.zeros(64, np.int64)
    mark = np.zeros(n, np.int8)
    for r in range(first, n, step):
        if start[r + 1] - start[r] < 2:
            continue
        for e in range(start[r], start[r + 1]):
            mark[up[e]] = code[e]
        for e in range(start[r], start[r + 1]):
            s = up[e]
            for f in range(start[s], start[s + 1]):
                if mark[up[f]] != 0:
                    counts[code[e] + 4 * mark[up[f]] + 16 * code[f]] += 1
        for e in range(start[r], start[r + 1]):
            mark[up[e]] = 0
    return counts
