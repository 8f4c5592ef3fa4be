"""Kernels on compressed rows: what two rows share, counts inside sets, times and places of entries."""

import numpy as np
from numpy.typing import NDArray

from . import kernel


@kernel
def mutual_rows(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    back_indptr: NDArray[np.int64],
    back_indices: NDArray[np.int32],
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Keep the neighbours that stand in both rows of an account, by merging them."""
    n = len(indptr) - 1
    out = np.zeros(n + 1, np.int64)
    rows = np.empty(min(len(indices), len(back_indices)), np.int32)
    size = 0
    for i in range(n):
        a, b = indptr[i], back_indptr[i]
        while a < indptr[i + 1] and b < back_indptr[i + 1]:
            if indices[a] < back_indices[b]:
                a += 1
            elif indices[a] > back_indices[b]:
                b += 1
            else:
                rows[size] = indices[a]
                size += 1
                a += 1
                b += 1
        out[i + 1] = size
    return out, rows[:size].copy()


@kernel
def ties_inside(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    set_indptr: NDArray[np.int64],
    members: NDArray[np.int32],
) -> NDArray[np.int64]:
    """Count, for every member of every set, its neighbours in the same set.

    Sets may overlap: set ``s`` is ``members[set_indptr[s]:set_indptr[s + 1]]``.
    """
    inside = np.zeros(len(indptr) - 1, np.int32)  # the last set an account was seen in, plus 1
    counts = np.zeros(len(members), np.int64)
    for s in range(len(set_indptr) - 1):
        for k in range(set_indptr[s], set_indptr[s + 1]):
            inside[members[k]] = s + 1
        for k in range(set_indptr[s], set_indptr[s + 1]):
            i = members[k]
            for e in range(indptr[i], indptr[i + 1]):
                if inside[indices[e]] == s + 1:
                    counts[k] += 1
    return counts


@kernel
def row_times(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    times: NDArray[np.int64],
    part_indptr: NDArray[np.int64],
    part_indices: NDArray[np.int32],
) -> NDArray[np.int64]:
    """Pick the time of every entry of the part, whose rows are subsets of the graph's rows."""
    out = np.empty(len(part_indices), np.int64)
    for i in range(len(indptr) - 1):
        a = indptr[i]
        for e in range(part_indptr[i], part_indptr[i + 1]):
            while indices[a] < part_indices[e]:
                a += 1
            out[e] = times[a]
    return out


@kernel
def reverse_entries(indptr: NDArray[np.int64], indices: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return for every entry (i, j) of symmetric rows the place of its entry (j, i)."""
    place = indptr[:-1].copy()
    out = np.empty(len(indices), np.int64)
    for i in range(len(indptr) - 1):
        for e in range(indptr[i], indptr[i + 1]):
            j = indices[e]
            out[e] = place[j]
            place[j] += 1
    return out


@kernel
def ties_in_groups(
    indptr: NDArray[np.int64], indices: NDArray[np.int32], label: NDArray[np.int32], n_groups: int
) -> NDArray[np.int64]:
    """Count the entries of the rows whose both ends are in one group, for every group."""
    counts = np.zeros(n_groups, np.int64)
    for i in range(len(indptr) - 1):
        for e in range(indptr[i], indptr[i + 1]):
            if label[indices[e]] == label[i]:
                counts[label[i]] += 1
    return counts


@kernel
def rows_among(
    indptr: NDArray[np.int64], indices: NDArray[np.int32], accounts: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return the rows of some accounts in their order, and of their entries those among them.

    They are numbered anew, by their place in ``accounts``. The rows are symmetric: each
    account is entered into the rows of its neighbours, so they ascend in any order.
    """
    number = np.zeros(len(indptr) - 1, np.int32)  # the place, plus 1
    for k in range(len(accounts)):
        number[accounts[k]] = k + 1
    out = np.zeros(len(accounts) + 1, np.int64)
    for k in range(len(accounts)):
        size = 0
        for e in range(indptr[accounts[k]], indptr[accounts[k] + 1]):
            size += number[indices[e]] > 0
        out[k + 1] = out[k] + size
    rows = np.empty(out[len(accounts)], np.int32)
    place = np.empty(len(accounts), np.int64)
    for k in range(len(accounts)):
        place[k] = out[k]
    for k in range(len(accounts)):
        for e in range(indptr[accounts[k]], indptr[accounts[k] + 1]):
            j = number[indices[e]] - 1
            if j >= 0:
                rows[place[j]] = k
                place[j] += 1
    return out, rows
