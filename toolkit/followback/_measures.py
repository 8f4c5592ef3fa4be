"""Intervals, groups of like accounts, and tables of measures that the audits share."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

_Z = 1.959964  # of a 95 % interval


def share_interval(successes: int, drawn: int, total: int) -> tuple[float, float]:
    """Return the 95 % Wilson interval of a share, seen in ``drawn`` out of ``total``.

    The finite-population correction takes the sample for one of
    drawn (total - 1) / (total - drawn) out of endlessly many; a whole population
    leaves no doubt, and its interval is a point.

    >>> [round(end, 3) for end in share_interval(8, 10, 1_000_000)]
    [0.49, 0.943]
    >>> share_interval(8, 10, 10)
    (0.8, 0.8)

    References
    ----------
    Wilson (1927), Journal of the American Statistical Association 22, 209-212;
    Cochran (1977), Sampling Techniques, section 2.6.
    """
    if drawn == 0:
        return 0.0, 1.0
    share = successes / drawn
    if drawn >= total:
        return share, share
    n = drawn * (total - 1) / (total - drawn)
    middle = (share + _Z * _Z / (2 * n)) / (1 + _Z * _Z / n)
    spread = share * (1 - share) / n + _Z * _Z / (4 * n * n)
    half = _Z * math.sqrt(spread) / (1 + _Z * _Z / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def nearest(
    followers: NDArray[np.int64], account: int, usable: NDArray[np.bool_], count: int
) -> NDArray[np.int64]:
    """Return the usable accounts nearest in followers, by ratio; ties by position."""
    pool = np.flatnonzero(usable & (followers > 0))
    pool = pool[pool != account]
    distance = np.abs(np.log(followers[pool] / max(int(followers[account]), 1)))
    return np.sort(pool[np.argsort(distance, kind="stable")[:count]])


def table_of(rows: list[tuple[str, float, float, float, str]]) -> pd.DataFrame:
    """Return measures as a table: name, value, both ends of its interval, meaning."""
    return pd.DataFrame(rows, columns=["measure", "value", "low", "high", "meaning"])
