"""KERNELS of rows from a stream of follows, each beside a slow twin of lists and sets."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followback.graph import UNKNOWN_TIME
from followback.kernels.dealing import (
    close_up,
    count_ends,
    deal,
    fill_back,
    fill_rows,
    sort_rows,
)

N = 8  # accounts
FOLLOWS = st.lists(st.tuples(st.integers(0, N - 1), st.integers(0, N - 1)), max_size=60)
PART = st.tuples(st.integers(0, N), st.integers(0, N), st.integers(0, N)).map(sorted)
few = settings(max_examples=30, deadline=None)


def ends_of(pairs):
    return (np.array(pairs, np.int32).reshape(-1, 2).T.copy()[k] for k in (0, 1))


def bounds(lengths):
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


@few
@given(FOLLOWS)
def test_twin_count_ends(pairs):
    counts = np.zeros(N, np.int32)
    own = count_ends(*ends_of(pairs), counts)
    kept = [u for u, v in pairs if u != v]
    assert own == len(pairs) - len(kept)
    assert counts.tolist() == [kept.count(i) for i in range(N)]


@few
@given(FOLLOWS, st.sets(st.integers(1, N - 1)))
def test_twin_deal(pairs, cuts):
    start = np.array([0, *sorted(cuts), N], np.int64)
    source, _ = ends_of(pairs)
    order, ends = deal(source, start)
    slow = [[e for e, (u, _) in enumerate(pairs) if a <= u < b] for a, b in pairwise(start)]
    assert [order[a:b].tolist() for a, b in pairwise(ends)] == slow


@pytest.mark.parametrize("timed", [False, True])
@few
@given(FOLLOWS, PART, st.data())
def test_twins_of_rows_filled_sorted_and_closed_up(timed, pairs, part, data):
    first, middle, last = part
    at = st.lists(st.sampled_from([UNKNOWN_TIME, 1, 2, 3]), min_size=len(pairs), max_size=60)
    times = data.draw(at)[: len(pairs)] if timed else []
    stamped = times or [None] * len(pairs)
    slow = [
        [(v, t) for (u, v), t in zip(pairs, stamped, strict=True) if u == i != v]
        for i in range(first, last)
    ]
    indptr = bounds([len(row) for row in slow])
    place, targets = indptr[:-1].copy(), np.empty(indptr[-1], np.int32)
    stamps = np.empty(indptr[-1] if timed else 0, np.int64)
    for span in ((first, middle), (middle, last)):  # as two threads would
        given_times = np.array(times, np.int64)
        fill_rows(*ends_of(pairs), given_times, *span, first, indptr[1:], place, targets, stamps)
    assert targets.tolist() == [v for row in slow for v, _ in row]
    assert stamps.tolist() == ([t for row in slow for _, t in row] if timed else [])

    degrees = np.zeros(last - first, np.int64)
    for span in ((0, middle - first), (middle - first, last - first)):
        sort_rows(indptr, *span, UNKNOWN_TIME, targets, stamps, degrees)
    once = [sorted({v for v, _ in row}) for row in slow]
    assert degrees.tolist() == [len(row) for row in once]
    gone = close_up(indptr, degrees, targets, stamps)
    n = sum(map(len, once))
    assert targets[:n].tolist() == [v for row in once for v in row]
    all_targets = Counter(v for row in slow for v, _ in row)
    assert Counter(gone.tolist()) == all_targets - Counter(targets[:n].tolist())
    if timed:
        known = [
            [[t for w, t in row if w == v and t != UNKNOWN_TIME] for v in kept]
            for row, kept in zip(slow, once, strict=True)
        ]
        earliest = [min(at, default=UNKNOWN_TIME) for row in known for at in row]
        assert stamps[:n].tolist() == earliest


@few
@given(st.sets(st.tuples(st.integers(0, N - 1), st.integers(0, N - 1))), PART, st.integers(0, N))
def test_twin_fill_back(pairs, part, cut):
    first, middle, last = part
    ordered = sorted(pairs)
    slow = [[u for u, v in ordered if v == j] for j in range(first, last)]
    start = bounds([len(row) for row in slow])
    place, found = start[:-1].copy(), np.empty(start[-1], np.int32)
    rows = bounds([sum(u == i for u, _ in ordered) for i in range(N)])
    targets = np.array([v for _, v in ordered], np.int32)
    for low, high in ((0, cut), (cut, N)):  # as blocks are read
        local, block = rows[low : high + 1] - rows[low], targets[rows[low] : rows[high]]
        for span in ((first, middle), (middle, last)):
            fill_back(local, block, low, *span, first, start[1:], place, found)
    assert found.tolist() == [u for row in slow for u in row]


def test_what_a_row_has_no_room_for_is_counted_not_written():
    """The file was changed after its follows had been counted."""
    few = np.array([0, 1, 2], np.int64)  # two rows of one entry each
    ends, none = ends_of([(0, 1), (0, 2), (0, 3), (1, 2)]), np.zeros(0, np.int64)
    place, targets = few[:-1].copy(), np.full(8, -1, np.int32)
    fill_rows(*ends, none, 0, 2, 0, few[1:], place, targets, none)
    assert (place.tolist(), targets.tolist()) == ([3, 2], [1, 2] + [-1] * 6)

    place, rows = few[:-1].copy(), np.full(8, -1, np.int32)
    fill_back(bounds([1, 1, 1]), np.array([0, 1, 0], np.int32), 5, 0, 2, 0, few[1:], place, rows)
    assert (place.tolist(), rows.tolist()) == ([2, 2], [5, 6] + [-1] * 6)
