"""Kernels that match each follow with the one that returns it."""

import numpy as np
from numpy.typing import NDArray

from . import kernel


@kernel
def returned_by(indptr: NDArray[np.int64], indices: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return, for the follow at each place, the place of the one back; -1 where there is none.

    Accounts are passed in ascending order, so in every row the place looked at only moves on.
    """
    n = len(indptr) - 1
    place = indptr[:-1].copy()
    out = np.full(len(indices), -1, np.int64)
    for i in range(n):
        for k in range(indptr[i], indptr[i + 1]):
            j = indices[k]
            a = place[j]
            while a < indptr[j + 1] and indices[a] < i:
                a += 1
            place[j] = a
            if a < indptr[j + 1] and indices[a] == i:
                out[k] = a
    return out
