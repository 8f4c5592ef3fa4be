"""Kernels: turn rows around, by buckets, so that no write leaves a core's cache.

Follows i -> j are dealt to buckets of neighbouring j while i ascends; within a bucket
they are counted into the rows of j. So every row is ascending, and rows of the graph
and turned ones meet while both are at hand. Ranges of rows, and buckets, are independent.
"""

import numpy as np
from numpy.typing import NDArray

from . import kernel


@kernel
def count_flips(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    begin: int,
    end: int,
    shift: int,
    down: bool,
    out_counts: NDArray[np.int64],
) -> None:
    """Count the entries of the rows from ``begin`` to ``end`` that go to each bucket.

    Bucket b takes the entries j with j >> shift == b; with ``down`` those alone that
    are less than their row's number.
    """
    for i in range(begin, end):
        for e in range(indptr[i], indptr[i + 1]):
            j = indices[e]
            if down and j >= i:
                break
            out_counts[j >> shift] += 1


@kernel
def fill_flips(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    begin: int,
    end: int,
    shift: int,
    bits: int,
    down: bool,
    out_place: NDArray[np.int64],
    out_keys: NDArray[np.int32 | np.int64],
) -> None:
    """Write each such entry into its bucket, as 2**bits times j within the bucket plus i.

    It fits in 31 bits or in 63, as ``out_keys`` says.
    """
    mask = (1 << shift) - 1
    for i in range(begin, end):
        for e in range(indptr[i], indptr[i + 1]):
            j = np.int64(indices[e])
            if down and j >= i:
                break
            place = out_place[j >> shift]
            out_place[j >> shift] = place + 1
            out_keys[place] = ((j & mask) << bits) | i


@kernel
def turned_rows(
    start: NDArray[np.int64],
    keys: NDArray[np.int32 | np.int64],
    begin: int,
    end: int,
    shift: int,
    bits: int,
    out_degrees: NDArray[np.int64],
    out_rows: NDArray[np.int32],
) -> None:
    """Sort the buckets from ``begin`` to ``end`` into rows: those of the transpose.

    ``out_rows`` may be ``keys``: a bucket is copied before its rows are written.
    """
    largest = 0
    for b in range(begin, end):
        largest = max(largest, start[b + 1] - start[b])
    bucket = np.empty(largest, keys.dtype)
    for b in range(begin, end):
        first = b << shift
        n_rows = min(1 << shift, len(out_degrees) - first)
        place = np.zeros(n_rows + 1, np.int64)
        low, size = start[b], start[b + 1] - start[b]
        for e in range(size):
            key = keys[low + e]
            bucket[e] = key
            place[(key >> bits) + 1] += 1
        place[0] = low
        for r in range(n_rows):
            out_degrees[first + r] = place[r + 1]
            place[r + 1] += place[r]
        for e in range(size):
            r = bucket[e] >> bits
            out_rows[place[r]] = bucket[e] & ((1 << bits) - 1)
            place[r] += 1


@kernel
def returned_upward(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    start: NDArray[np.int64],
    keys: NDArray[np.int32 | np.int64],
    begin: int,
    end: int,
    shift: int,
    bits: int,
    out_degrees: NDArray[np.int64],
    out_rows: NDArray[np.int32],
    out_sizes: NDArray[np.int64],
) -> None:
    """Keep of every row the entries above its number that are returned.

    ``keys`` hold the entries that lead down, turned; what is kept of bucket b stands
    from ``start[b]`` on, ``out_sizes[b]`` entries. ``out_rows`` may be ``keys``: no
    bucket keeps more than it holds, and it is read before.
    """
    largest = 0
    for b in range(begin, end):
        largest = max(largest, start[b + 1] - start[b])
    back = np.empty(largest, np.int32)
    place = np.empty((1 << shift) + 1, np.int64)
    for b in range(begin, end):
        first = b << shift
        n_rows = min(1 << shift, len(indptr) - 1 - first)
        place[:] = 0
        for e in range(start[b], start[b + 1]):
            place[(keys[e] >> bits) + 1] += 1
        for r in range(n_rows):
            place[r + 1] += place[r]
        for e in range(start[b], start[b + 1]):
            r = keys[e] >> bits
            back[place[r]] = keys[e] & ((1 << bits) - 1)
            place[r] += 1

        # place[r] is now where the turned row r ends; merge it with the row itself
        size = start[b]
        a = 0
        for r in range(n_rows):
            i = first + r
            before = size
            e = indptr[i + 1]
            low = indptr[i]
            if a < place[r]:  # the first entry above i, by halving
                while low < e:
                    middle = (low + e) // 2
                    if indices[middle] < i:
                        low = middle + 1
                    else:
                        e = middle
                low, e = e, indptr[i + 1]
            while a < place[r] and low < e:
                # no branch on which is less: it could not be foreseen
                x, y = indices[low], back[a]
                out_rows[size] = x
                size += x == y
                low += x <= y
                a += y <= x
            a = place[r]
            out_degrees[i] = size - before
        out_sizes[b] = size - start[b]


@kernel
def joined_rows(
    lower_start: NDArray[np.int64],
    lower_keys: NDArray[np.int32 | np.int64],
    upper_indptr: NDArray[np.int64],
    upper_rows: NDArray[np.int32],
    begin: int,
    end: int,
    shift: int,
    bits: int,
    out_indptr: NDArray[np.int64],
    out_rows: NDArray[np.int32],
) -> None:
    """Put turned entries and entries side by side: the lower and the upper part of each row.

    The upper rows and, bucket by bucket, their turned entries are given. The bounds of
    the rows are written too.
    """
    n = len(upper_indptr) - 1
    for b in range(begin, end):
        first = b << shift
        n_rows = min(1 << shift, n - first)
        place = np.zeros(n_rows + 1, np.int64)
        for e in range(lower_start[b], lower_start[b + 1]):
            place[(lower_keys[e] >> bits) + 1] += 1
        place[0] = lower_start[b] + upper_indptr[first]
        for r in range(n_rows):
            i = first + r
            lower, upper = place[r + 1], upper_indptr[i + 1] - upper_indptr[i]
            out = place[r] + lower
            for e in range(upper_indptr[i], upper_indptr[i + 1]):
                out_rows[out] = upper_rows[e]
                out += 1
            place[r + 1] = place[r] + lower + upper
            out_indptr[i + 1] = place[r + 1]
        for e in range(lower_start[b], lower_start[b + 1]):
            r = lower_keys[e] >> bits
            out_rows[place[r]] = lower_keys[e] & ((1 << bits) - 1)
            place[r] += 1
