"""Kernels: from an unordered stream of follows to compressed rows.

Follows are dealt to buckets of neighbouring sources, each small enough for a core's
cache, and each bucket is sorted there by radix. Parts of the stream, and buckets, are
independent of each other, so cores share them; the result does not depend on how.
"""

import numpy as np
from numpy.typing import NDArray

from . import kernel

_DIGIT = 13  # bits sorted by in one pass at most: 8,192 counters stay in the second cache


@kernel
def count_buckets(
    source: NDArray[np.int32],
    target: NDArray[np.int32],
    first: int,
    shift: int,
    out_counts: NDArray[np.int64],
) -> int:
    """Count the follows that go to each bucket; return how many are self-follows.

    Bucket b takes the sources from first + b * 2**shift on; self-follows go nowhere.
    """
    own = 0
    for e in range(len(source)):
        if source[e] == target[e]:
            own += 1
        else:
            out_counts[(source[e] - first) >> shift] += 1
    return own


@kernel
def fill_buckets(
    source: NDArray[np.int32],
    target: NDArray[np.int32],
    times: NDArray[np.int64],
    first: int,
    shift: int,
    bits: int,
    out_place: NDArray[np.int64],
    out_keys: NDArray[np.int32 | np.int64],
    out_times: NDArray[np.int64],
) -> None:
    """Write each follow into its bucket as one number, from where ``out_place`` says on.

    The number is the source within its bucket, times 2**bits, plus the target.
    It fits in 31 bits or in 63, as ``out_keys`` says. ``times`` is empty where there are none.
    """
    mask = (1 << shift) - 1
    for e in range(len(source)):
        if source[e] == target[e]:
            continue
        i = np.int64(source[e]) - first
        place = out_place[i >> shift]
        out_place[i >> shift] = place + 1
        out_keys[place] = ((i & mask) << bits) | target[e]
        if len(times) > 0:
            out_times[place] = times[e]


@kernel
def sort_buckets(
    start: NDArray[np.int64],
    begin: int,
    end: int,
    shift: int,
    bits: int,
    unknown: int,
    scratch_keys: NDArray[np.int32 | np.int64],
    scratch_times: NDArray[np.int64],
    out_degrees: NDArray[np.int64],
    out_targets: NDArray[np.int32],
    out_sizes: NDArray[np.int64],
) -> None:
    """Sort the buckets from ``begin`` to ``end`` and drop what they hold twice.

    Bucket b is ``scratch_keys[start[b]:start[b + 1]]``, as `fill_buckets` leaves it; its
    targets go to the same places of ``out_targets``, as many as ``out_sizes[b]`` says,
    and their times to those of ``scratch_times``. Of duplicates the earliest time is
    kept that is not ``unknown``. ``out_degrees`` counts the targets of every source.
    ``out_targets`` may be ``scratch_keys``: no target is written before its key is read.
    """
    passes = max(1, (shift + bits + _DIGIT - 1) // _DIGIT)
    width = (shift + bits + passes - 1) // passes
    mask = (1 << width) - 1
    largest = 0
    for b in range(begin, end):
        largest = max(largest, start[b + 1] - start[b])
    keys, other_keys = scratch_keys, np.empty(largest, scratch_keys.dtype)
    timed = len(scratch_times) > 0
    other_times = np.empty(largest if timed else 0, np.int64)
    counts = np.empty((passes, mask + 1), np.int64)
    for b in range(begin, end):
        low, size = start[b], start[b + 1] - start[b]
        keys, times = scratch_keys[low : low + size], scratch_times[low : low + size]
        spare, spare_times = other_keys[:size], other_times[:size]

        # the digits of all passes are counted at once
        counts[:] = 0
        for e in range(size):
            key = keys[e]
            for p in range(passes):
                counts[p, key & mask] += 1
                key >>= width
        for p in range(passes):
            before = 0
            for d in range(mask + 1):
                counts[p, d], before = before, before + counts[p, d]

            # lowest digit first; each pass keeps the order of the one before
            for e in range(size):
                d = (keys[e] >> (p * width)) & mask
                place = counts[p, d]
                counts[p, d] = place + 1
                spare[place] = keys[e]
                if timed:
                    spare_times[place] = times[e]
            keys, spare = spare, keys
            times, spare_times = spare_times, times

        # equal follows are neighbours now
        out = low
        last = np.int64(-1)
        for e in range(size):
            key = keys[e]
            if key != last:
                last = key
                out_targets[out] = key & ((1 << bits) - 1)
                out_degrees[(b << shift) + (key >> bits)] += 1
                if timed:
                    scratch_times[out] = times[e]
                out += 1
            elif timed and times[e] != unknown:
                kept = scratch_times[out - 1]
                if kept == unknown or times[e] < kept:
                    scratch_times[out - 1] = times[e]
        out_sizes[b] = out - low
