"""Kernels: the steps of Louvain's method on the constant Potts model; see `_communities`."""

import numpy as np
from numpy.typing import NDArray

from . import kernel


@kernel
def moved_groups(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    weights: NDArray[np.int64],
    sizes: NDArray[np.int64],
    resolution: float,
    budget: int,
) -> tuple[NDArray[np.int32], int]:
    """Move nodes one by one to the neighbouring group of greatest gain, until none gains.

    Joining group c gains (ties into c) - resolution * size * (size of c).
    """
    n = len(indptr) - 1
    label = np.empty(n, np.int32)
    group_size = np.empty(n, np.int64)
    ties_to = np.zeros(n, np.int64)
    touched = np.empty(n, np.int32)

    # a ring buffer of nodes to look at; each is in it at most once
    queue = np.empty(n, np.int32)
    waiting = np.empty(n, np.bool_)
    for i in range(n):
        label[i], queue[i], waiting[i] = i, i, True
        group_size[i] = sizes[i]
    head, length, visits = 0, n, 0
    while length > 0 and visits < budget:
        i = queue[head]
        head = (head + 1) % n
        length -= 1
        waiting[i] = False
        visits += indptr[i + 1] - indptr[i] + 1

        # ties from i into each group around it
        n_touched = 0
        for e in range(indptr[i], indptr[i + 1]):
            c = label[indices[e]]
            if ties_to[c] == 0:
                touched[n_touched] = c
                n_touched += 1
            ties_to[c] += weights[e]

        # the best group, its own included; on a tie it stays
        own = label[i]
        group_size[own] -= sizes[i]
        best, best_gain = own, ties_to[own] - resolution * sizes[i] * group_size[own]
        for k in range(n_touched):
            c = touched[k]
            gain = ties_to[c] - resolution * sizes[i] * group_size[c]
            if gain > best_gain + 1e-9:
                best, best_gain = c, gain
        for k in range(n_touched):
            ties_to[touched[k]] = 0
        group_size[best] += sizes[i]
        if best == own:
            continue

        # neighbours outside the new group are looked at again
        label[i] = best
        for e in range(indptr[i], indptr[i + 1]):
            j = indices[e]
            if label[j] != best and not waiting[j]:
                queue[(head + length) % n] = j
                length += 1
                waiting[j] = True
    return label, visits


@kernel
def merged_groups(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    weights: NDArray[np.int64],
    label: NDArray[np.int32],
    n_groups: int,
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]:
    """Merge each group into one node; ties within a group are left out."""
    n = len(indptr) - 1
    start = np.zeros(n_groups + 1, np.int64)
    for i in range(n):
        start[label[i] + 1] += 1
    for c in range(n_groups):
        start[c + 1] += start[c]
    place = np.empty(n_groups, np.int64)
    slot = np.empty(n_groups, np.int64)
    for c in range(n_groups):
        place[c], slot[c] = start[c], -1
    members = np.empty(n, np.int32)
    for i in range(n):
        members[place[label[i]]] = i
        place[label[i]] += 1

    out_indptr = np.zeros(n_groups + 1, np.int64)
    out_indices = np.empty(len(indices), np.int32)
    out_weights = np.empty(len(indices), np.int64)
    size = 0
    for c in range(n_groups):
        first = size
        for k in range(start[c], start[c + 1]):
            i = members[k]
            for e in range(indptr[i], indptr[i + 1]):
                d = label[indices[e]]
                if d == c:
                    continue
                if slot[d] < first:
                    slot[d] = size
                    out_indices[size] = d
                    out_weights[size] = 0
                    size += 1
                out_weights[slot[d]] += weights[e]
        out_indptr[c + 1] = size
    return out_indptr, out_indices[:size], out_weights[:size]


@kernel
def renumbered(label: NDArray[np.int32]) -> tuple[NDArray[np.int32], int]:
    """Renumber the groups 0, 1, 2 … in the order in which they first appear."""
    new = np.empty(len(label), np.int32)
    out = np.empty(len(label), np.int32)
    n_groups = 0
    for i in range(len(label)):
        new[i] = -1
    for i in range(len(label)):
        if new[label[i]] < 0:
            new[label[i]] = n_groups
            n_groups += 1
        out[i] = new[label[i]]
    return out, n_groups
