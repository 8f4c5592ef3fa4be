"""KERNELS that draw follows, each beside a slow twin in Python's own whole numbers."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followback.kernels.draws import draw_pairs, mixed, waiting_times

few = settings(max_examples=25, deadline=None)
SEED = st.integers(0, 1000)


def unit(bits):
    """Turn the upper 52 of 64 bits into a number between 0 and 1."""
    return ((bits >> 12) + 0.5) / 2**52


def part(bits):
    """Turn the lower ten bits into a number from 0 to 1."""
    return bits % 1024 / 1024


def slow_pairs(quota, *asked):
    """Draw one end after the other, from the text of `draw_pairs`."""
    first, n, step, bounds, near, power, seed, stream = asked
    keys, draws = [], iter(int(mixed(k, stream)) for k in range(10**6))
    for a, wanted in enumerate(quota):
        i = first + a
        low, high = next((x, y) for x, y in pairwise(bounds) if x <= a < y)
        for _ in range(wanted):
            for bits in draws:
                rank = unit(bits) ** power
                anywhere = (int(rank * n) * step + n // 3) % n
                j = first + low + int(rank * (high - low)) if part(bits) < near else anywhere
                pair = min(i, j) * n + max(i, j)
                chosen = ("lower", "upper")[int(mixed(pair, seed)) % 2]  # may draw a pair outside
                if first <= j < first + len(quota) or chosen == ("lower" if i <= j else "upper"):
                    break
            keys += [4 * pair + 2 + (i > j)] * (i != j)
    return keys


@few
@given(
    st.lists(st.integers(0, 6), min_size=6, max_size=6),
    st.integers(0, 4), st.sets(st.integers(1, 5)), st.sampled_from([0.0, 0.5, 1.0]), SEED, SEED,
)  # fmt: skip
def test_twin_draw_pairs(quota, block, cuts, near, seed, stream):
    bounds = [0, *sorted(cuts), 6]
    given_ = (6 * block, 30, 19, bounds, near, 2.6, seed, stream)
    arrays = [np.array(x, np.int64) if isinstance(x, list) else x for x in (quota, *given_)]
    assert draw_pairs(*arrays).tolist() == slow_pairs(quota, *given_)


@few
@given(
    st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29), st.integers(0, 3)), max_size=20),
    st.sampled_from([0.0, 0.5, 1.0]), SEED, SEED,
)  # fmt: skip
def test_twin_waiting_times(pairs, friends_mutual, seed, stream):
    slow = []
    for k, (low, high, kind) in enumerate(pairs):
        bits = int(mixed(k, stream))
        rate = math.prod(unit(int(mixed(end, seed))) ** 1.5 for end in (low, high))
        wait = -math.log(unit(bits)) / rate
        friends = kind < 2
        slow.append((math.inf if part(bits) >= friends_mutual else wait / 200) if friends else wait)
    keys = np.array([4 * (low * 30 + high) + kind for low, high, kind in pairs], np.int64)
    found = waiting_times(keys, 30, 200.0, friends_mutual, seed, stream)
    assert found.tolist() == pytest.approx(slow, rel=1e-12)
