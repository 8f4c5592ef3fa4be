"""Kernels that draw follows at random, each from a number that is a hash of its place."""

import numpy as np
from numpy.typing import NDArray

from . import kernel

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


@kernel
def mixed(value: int, seed: int) -> np.uint64:
    """Hash a number (Steele, Lea and Flood 2014, splitmix64)."""
    z = np.uint64(value) + _STEP * np.uint64(seed + 1)
    z = (z ^ (z >> np.uint64(30))) * _FIRST
    z = (z ^ (z >> np.uint64(27))) * _SECOND
    return z ^ (z >> np.uint64(31))


@kernel
def draw_pairs(
    quota: NDArray[np.int64],
    first: int,
    n: int,
    step: int,
    bounds: NDArray[np.int64],
    near: float,
    power: float,
    seed: int,
    stream: int,
) -> NDArray[np.int64]:
    """Draw for the accounts first, first + 1 … as many pairs as ``quota`` says.

    With probability ``near`` the other end is an account of the same community, between
    two of ``bounds``, else any of 0 … n - 1, at rank u**power; ranks are scattered by
    ``step``. A pair goes as 4 (lower * n + upper) + 2, plus 1 where the upper follows. Of
    a pair with an account elsewhere only one end may draw it, by a hash; the draw is
    repeated until it may.
    """
    total = quota.sum()
    keys = np.empty(total, np.int64)
    size, place, home = 0, 0, 0
    for a in range(len(quota)):
        while a >= bounds[home + 1]:
            home += 1
        i = first + a
        for _ in range(quota[a]):
            while True:
                bits = mixed(place, stream)
                place += 1
                rank = (np.float64(bits >> np.uint64(12)) + 0.5) * 2.0**-52
                rank = rank**power
                if np.float64(bits & np.uint64(1023)) < near * 1024.0:
                    j = first + bounds[home] + np.int64(rank * (bounds[home + 1] - bounds[home]))
                else:
                    j = (np.int64(rank * n) * step + n // 3) % n
                low, high = min(i, j), max(i, j)
                key = low * n + high
                if first <= j < first + len(quota):
                    break
                if (mixed(key, seed) & np.uint64(1)) == np.uint64(i != low):
                    break
            if low != high:
                keys[size] = 4 * key + 2 + (i != low)
                size += 1
    return keys[:size].copy()


@kernel
def waiting_times(
    keys: NDArray[np.int64], n: int, friendly: float, friends_mutual: float, seed: int, stream: int
) -> NDArray[np.float64]:
    """Return for every pair how long it waits to be mutual: the first ones are.

    Exponential, at the product of both ends' propensity to follow back, u**1.5 with u a
    hash of the account: 0.4 in the mean. Pairs of friends (those without the bit 2)
    wait ``friendly`` times shorter, and for ever unless ``friends_mutual``.
    """
    out = np.empty(len(keys), np.float64)
    for k in range(len(keys)):
        pair = keys[k] >> 2
        rate = 1.0
        for end in (pair // n, pair % n):
            u = (np.float64(mixed(end, seed) >> np.uint64(12)) + 0.5) * 2.0**-52
            rate *= u * np.sqrt(u)
        bits = mixed(k, stream)
        out[k] = -np.log((np.float64(bits >> np.uint64(12)) + 0.5) * 2.0**-52) / rate
        if keys[k] & 2 == 0:
            out[k] /= friendly
            if np.float64(bits & np.uint64(1023)) >= friends_mutual * 1024.0:
                out[k] = np.inf
    return out
