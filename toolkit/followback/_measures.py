"""Intervals, groups of like accounts, and tables of measures that the audits share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from .sets import wilson

if TYPE_CHECKING:
    from numpy.typing import NDArray


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
    low, high = wilson(np.array([share * n]), np.array([n]))
    return max(0.0, float(low[0])), min(1.0, float(high[0]))


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
