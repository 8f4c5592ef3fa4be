"""Kernel: the two directions between every pair of accounts, in one row."""

import numpy as np
from numpy.typing import NDArray

from . import kernel


@kernel
def dyad_rows(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    back_indptr: NDArray[np.int64],
    back_indices: NDArray[np.int32],
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int8]]:
    """Merge an account's two rows into one, with a code for each neighbour.

    The code is 1 where the account alone follows, 2 where it is alone followed, 3
    where both hold. The rows are those of the graph without its directions.
    """
    n = len(indptr) - 1
    out = np.zeros(n + 1, np.int64)
    rows = np.empty(len(indices) + len(back_indices), np.int32)
    codes = np.empty(len(rows), np.int8)
    size = 0
    for i in range(n):
        a, b = indptr[i], back_indptr[i]
        while a < indptr[i + 1] or b < back_indptr[i + 1]:
            code = 3
            if b == back_indptr[i + 1]:
                code = 1
            elif a == indptr[i + 1]:
                code = 2
            elif indices[a] < back_indices[b]:
                code = 1
            elif indices[a] > back_indices[b]:
                code = 2
            rows[size] = back_indices[b] if code == 2 else indices[a]
            codes[size] = code
            size += 1
            a += code & 1
            b += code >> 1
        out[i + 1] = size
    return out, rows[:size].copy(), codes[:size].copy()
