"""Kernels: join stubs at random, and swap ends until no pair stands twice or on itself.

Pairs are kept in an open hash table by their number, ends in either order: 2**k slots,
-1 where free, each with how many times its pair stands there.
"""

import numpy as np
from numpy.typing import NDArray

from . import kernel


@kernel
def pair_slot(a: int, b: int, n: int, keys: NDArray[np.int64]) -> tuple[np.int64, np.int64]:
    """Return the number of an unordered pair of n accounts, and its slot or the free one for it."""
    key = np.int64(min(a, b)) * n + max(a, b)
    mixed = ((key & 0xFFFFFFFF) * 0x5BD1E995) ^ (((key >> 32) & 0xFFFFFFFF) * 0x27D4EB2F)
    slot = (mixed ^ (mixed >> 29)) & (len(keys) - 1)
    while keys[slot] != -1 and keys[slot] != key:
        slot = (slot + 1) & (len(keys) - 1)
    return key, slot


@kernel
def enter_ties(
    a: NDArray[np.int32],
    b: NDArray[np.int32],
    n: int,
    out_keys: NDArray[np.int64],
    out_counts: NDArray[np.int32],
) -> None:
    """Enter pairs into the table."""
    for e in range(len(a)):
        key, slot = pair_slot(a[e], b[e], n, out_keys)
        out_keys[slot] = key
        out_counts[slot] += 1


@kernel
def wrong_ties(
    a: NDArray[np.int32],
    b: NDArray[np.int32],
    n: int,
    looked_at: NDArray[np.int64],
    keys: NDArray[np.int64],
    counts: NDArray[np.int32],
) -> NDArray[np.int64]:
    """Return those of the pairs at some places that join an account to itself, or stand twice."""
    found = np.empty(len(looked_at), np.int64)
    size = 0
    for p in range(len(looked_at)):
        e = looked_at[p]
        if a[e] == b[e] or counts[pair_slot(a[e], b[e], n, keys)[1]] > 1:
            found[size] = e
            size += 1
    return found[:size].copy()


@kernel
def swap_ends(
    a: NDArray[np.int32],
    wrong: NDArray[np.int64],
    partner: NDArray[np.int64],
    n: int,
    out_b: NDArray[np.int32],
    out_keys: NDArray[np.int64],
    out_counts: NDArray[np.int32],
) -> None:
    """Swap the second end of each pair that is still wrong with that of its partner."""
    for p in range(len(wrong)):
        e, f = wrong[p], partner[p]
        slot = pair_slot(a[e], out_b[e], n, out_keys)[1]
        if a[e] != out_b[e] and out_counts[slot] < 2:
            continue
        out_counts[slot] -= 1
        out_counts[pair_slot(a[f], out_b[f], n, out_keys)[1]] -= 1
        out_b[e], out_b[f] = out_b[f], out_b[e]
        for g in (e, f):
            key, slot = pair_slot(a[g], out_b[g], n, out_keys)
            out_keys[slot] = key
            out_counts[slot] += 1
