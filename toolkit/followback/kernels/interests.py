"""Kernel: whom the members of a set follow outside of it without being followed back."""

import numpy as np
from numpy.typing import NDArray

from . import kernel


@kernel
def shared_unreturned(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    tie_indptr: NDArray[np.int64],
    tie_indices: NDArray[np.int32],
    set_indptr: NDArray[np.int64],
    members: NDArray[np.int32],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count unreturned follows out of each set, and how often two members share one.

    Returned are, for every membership, the account's unreturned follows to accounts
    outside the set, and for every set the sum, over those accounts, of the pairs of
    members that follow them. Rows of ties are parts of the rows of follows.
    """
    n = len(indptr) - 1
    inside = np.zeros(n, np.int32)  # the last set an account was seen in, plus 1
    followers = np.zeros(n, np.int32)  # members that follow an account, unreturned
    unreturned = np.zeros(len(members), np.int64)
    pairs = np.zeros(len(set_indptr) - 1, np.int64)
    for s in range(len(pairs)):
        for k in range(set_indptr[s], set_indptr[s + 1]):
            inside[members[k]] = s + 1
        for counting in (True, False):
            for k in range(set_indptr[s], set_indptr[s + 1]):
                i = members[k]
                t = tie_indptr[i]
                for e in range(indptr[i], indptr[i + 1]):
                    j = indices[e]
                    while t < tie_indptr[i + 1] and tie_indices[t] < j:
                        t += 1
                    if (t < tie_indptr[i + 1] and tie_indices[t] == j) or inside[j] == s + 1:
                        continue
                    if counting:
                        unreturned[k] += 1
                        pairs[s] += followers[j]
                        followers[j] += 1
                    else:
                        followers[j] = 0
    return unreturned, pairs
