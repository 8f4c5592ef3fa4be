"""Sets of accounts in compressed rows, and the two bounds that evidence is counted with."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
from scipy.special import gammaln, xlogy

if TYPE_CHECKING:
    from numpy.typing import NDArray


Numbers: TypeAlias = "NDArray[np.float64] | NDArray[np.int64]"


Z_95 = 1.959964  # standard deviations, of a 95% interval


class Sets(NamedTuple):
    """Sets of accounts in compressed rows; members ascending, sets may overlap."""

    indptr: NDArray[np.int64]
    members: NDArray[np.int32]

    @property
    def sizes(self) -> NDArray[np.int64]:
        """The number of members of each set."""
        return np.diff(self.indptr)

    def sums(self, values: Numbers) -> NDArray[np.float64]:
        """Sum a value of every membership over each set; exactly, so in any order."""
        if values.dtype.kind == "f":
            spans = zip(self.indptr[:-1].tolist(), self.indptr[1:].tolist(), strict=True)
            return np.array([math.fsum(values[a:b]) for a, b in spans], np.float64)
        total = np.concatenate([[0], np.cumsum(values)])
        return np.asarray(total[self.indptr[1:]] - total[self.indptr[:-1]], np.float64)

    def of(self, k: int) -> NDArray[np.int32]:
        """Return the members of set ``k``."""
        return self.members[self.indptr[k] : self.indptr[k + 1]]

    def pairs(self) -> NDArray[np.float64]:
        """Return the number of pairs in each set."""
        return np.asarray(self.sizes * (self.sizes - 1) / 2)


def as_sets(groups: list[NDArray[np.int32]]) -> Sets:
    """Stack arrays of members into `Sets`."""
    indptr = np.concatenate([[0], np.cumsum([len(group) for group in groups], dtype=np.int64)])
    stacked = np.concatenate([*groups, np.zeros(0, np.int32)])
    return Sets(indptr.astype(np.int64), stacked.astype(np.int32))


def excess_share(
    successes: Numbers, trials: Numbers, share: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Bound how improbable so many successes are at a given mean share, in nats.

    Chernoff's bound, trials * KL(seen share || share), where the seen share is the
    greater; 0 elsewhere. It holds for independent trials of unequal probability as
    well, with their mean as the share (Hoeffding 1956).

    >>> float(excess_share(np.array([9.0]), np.array([10.0]), np.array([0.5]))[0].round(3))
    3.681
    """
    trials = np.maximum(np.asarray(trials, float), 1e-300)
    seen = np.minimum(np.asarray(successes, float) / trials, 1.0)
    share = np.clip(share, 1e-300, 1 - 1e-12)
    divergence = xlogy(seen, seen / share) + xlogy(1 - seen, (1 - seen) / (1 - share))
    return np.where(seen > share, trials * divergence, 0.0)


def search_price(sizes: NDArray[np.int64], n_candidates: int) -> NDArray[np.float64]:
    """Price the search in nats: ln of the number of sets that could have been found.

    ln C(n, s) for the members and ln n for the size, over the n accounts with a mutual
    follow: a union bound, so that p-values hold however the set was found.

    >>> search_price(np.array([2]), 4).round(3)
    array([3.178])
    """
    n = max(n_candidates, 1)
    s = np.minimum(np.asarray(sizes, float), n)
    choices = gammaln(n + 1.0) - gammaln(s + 1.0) - gammaln(n - s + 1.0)
    return np.asarray(choices + np.log(n), dtype=np.float64)


def wilson(successes: Numbers, trials: Numbers) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the 95% Wilson interval of a share; NaN where there is no trial.

    >>> [float(end[0].round(3)) for end in wilson(np.array([8.0]), np.array([10.0]))]
    [0.49, 0.943]
    """
    z = Z_95
    with np.errstate(invalid="ignore", divide="ignore"):
        share = successes / trials
        middle = (share + z * z / (2 * trials)) / (1 + z * z / trials)
        spread = share * (1 - share) / trials + z * z / (4 * trials * trials)
        half = z * np.sqrt(spread) / (1 + z * z / trials)
    return np.asarray(middle - half), np.asarray(middle + half)
