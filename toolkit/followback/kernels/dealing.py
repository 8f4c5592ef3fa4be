"""Kernels: compressed rows of a part of the accounts, from a stream of follows.

A part is a range of accounts whose rows fit in memory. Follows stand in the order of
the file, so rows are filled by counting and sorted afterwards; the transposed rows are
filled from ascending rows, so they are ascending as they stand.
"""

import numpy as np
from numpy.typing import NDArray

from . import kernel


@kernel
def count_ends(
    ends: NDArray[np.int32], others: NDArray[np.int32], out_counts: NDArray[np.int32]
) -> int:
    """Count how often each account stands in ``ends``; return the number of self-follows.

    A self-follow is not counted for the account.
    """
    own = 0
    for e in range(len(ends)):
        if ends[e] == others[e]:
            own += 1
        else:
            out_counts[ends[e]] += 1
    return own


@kernel
def deal(
    source: NDArray[np.int32], start: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Order follows by part: part p has the sources from start[p] on; return order and ends."""
    n_parts = len(start) - 1
    part = np.empty(len(source), np.int32)
    ends = np.zeros(n_parts + 1, np.int64)
    for e in range(len(source)):
        low, high = 0, n_parts
        while high - low > 1:
            middle = (low + high) // 2
            if start[middle] <= source[e]:
                low = middle
            else:
                high = middle
        part[e] = low
        ends[low + 1] += 1
    for p in range(n_parts):
        ends[p + 1] += ends[p]
    place = ends[:-1].copy()
    order = np.empty(len(source), np.int64)
    for e in range(len(source)):
        order[place[part[e]]] = e
        place[part[e]] += 1
    return order, ends


@kernel
def fill_rows(
    source: NDArray[np.int32],
    target: NDArray[np.int32],
    times: NDArray[np.int64],
    begin: int,
    end: int,
    first: int,
    row_ends: NDArray[np.int64],
    out_place: NDArray[np.int64],
    out_targets: NDArray[np.int32],
    out_times: NDArray[np.int64],
) -> None:
    """Append each target, and its time, to the row of its source, from ``out_place`` on.

    Only sources from ``begin`` to ``end`` are taken, so that threads share the rows;
    row 0 is of account ``first``. ``times`` is empty where there are none. What a row, up
    to its place in ``row_ends``, has no room for is counted in ``out_place``, not written:
    the file was changed after its follows were counted.
    """
    for e in range(len(source)):
        i = source[e]
        if i < begin or i >= end or i == target[e]:
            continue
        place = out_place[i - first]
        out_place[i - first] = place + 1
        if place >= row_ends[i - first]:
            continue
        out_targets[place] = target[e]
        if len(times) > 0:
            out_times[place] = times[e]


@kernel
def sort_rows(
    indptr: NDArray[np.int64],
    begin: int,
    end: int,
    unknown: int,
    out_targets: NDArray[np.int32],
    out_times: NDArray[np.int64],
    out_degrees: NDArray[np.int64],
) -> None:
    """Sort the rows from ``begin`` to ``end``; what a row holds twice goes to its end.

    ``out_degrees`` counts the rest. Of duplicates the earliest time is kept that is
    not ``unknown``.
    """
    timed = len(out_times) > 0
    for i in range(begin, end):
        low, high = indptr[i], indptr[i + 1]
        row = out_targets[low:high]
        if timed:
            order = np.argsort(row, kind="mergesort")
            when = out_times[low:high][order]
            row[:] = row[order]
        else:
            row.sort()
            when = out_times[:0]
        size = 0
        for e in range(len(row)):
            if size > 0 and row[size - 1] == row[e]:
                if timed and when[e] != unknown:
                    kept = out_times[low + size - 1]
                    if kept == unknown or when[e] < kept:
                        out_times[low + size - 1] = when[e]
                continue
            row[size], row[e] = row[e], row[size]
            if timed:
                out_times[low + size] = when[e]
            size += 1
        out_degrees[i] = size


@kernel
def close_up(
    indptr: NDArray[np.int64],
    degrees: NDArray[np.int64],
    out_targets: NDArray[np.int32],
    out_times: NDArray[np.int64],
) -> NDArray[np.int32]:
    """Move rows together over what `sort_rows` left at their ends, which is returned."""
    n = len(degrees)
    gone = np.empty(indptr[n] - degrees.sum(), np.int32)
    size, n_gone = 0, 0
    for i in range(n):
        for e in range(indptr[i] + degrees[i], indptr[i + 1]):
            gone[n_gone] = out_targets[e]
            n_gone += 1
        for e in range(indptr[i], indptr[i] + degrees[i]):
            out_targets[size] = out_targets[e]
            if len(out_times) > 0:
                out_times[size] = out_times[e]
            size += 1
    return gone


@kernel
def fill_back(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    account: int,
    begin: int,
    end: int,
    first: int,
    row_ends: NDArray[np.int64],
    out_place: NDArray[np.int64],
    out_rows: NDArray[np.int32],
) -> None:
    """Append the sources of some rows to the rows of their targets.

    The rows are those of ``account`` and the next ones; ``indptr`` begins at 0. Only
    targets from ``begin`` to ``end`` are taken; row 0 of the result is of ``first``. What a
    row has no room for, up to its place in ``row_ends``, is counted, not written.
    """
    for i in range(len(indptr) - 1):
        for e in range(indptr[i], indptr[i + 1]):
            j = indices[e]
            if begin <= j < end:
                place = out_place[j - first]
                out_place[j - first] = place + 1
                if place < row_ends[j - first]:
                    out_rows[place] = account + i
