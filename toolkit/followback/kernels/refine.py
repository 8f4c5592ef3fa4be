"""Kernels: fit a set of accounts to its ties, and what the null model expects inside it."""

import numpy as np
from numpy.typing import NDArray

from . import kernel


@kernel
def fitted_fitness(
    degrees: NDArray[np.float64], counts: NDArray[np.float64], rounds: int, tolerance: float
) -> NDArray[np.float64]:
    """Solve the configuration model: the fitness z of each class of accounts.

    ``counts[a]`` accounts have mutual degree ``degrees[a]``. In the model a pair is
    tied with probability z_a z_b / (1 + z_a z_b); the z are such that every
    account's expected degree is its own. Fixed-point iteration
    z_a <- k_a / sum over other accounts b of z_b / (1 + z_a z_b), started at the sparse
    solution k_a / sqrt(sum of degrees), until no z moves by more than ``tolerance``
    of itself.
    """
    m = len(degrees)
    total = 0.0
    for a in range(m):
        total += degrees[a] * counts[a]
    z: NDArray[np.float64] = degrees / np.sqrt(max(total, 1.0))
    new = z.copy()
    for _ in range(rounds):
        moved = 0.0
        for a in range(m):
            reach = 0.0
            for b in range(m):
                reach += counts[b] * z[b] / (1.0 + z[a] * z[b])
            reach -= z[a] / (1.0 + z[a] * z[a])  # not with itself
            if reach > 0.0:
                new[a] = degrees[a] / reach
        for a in range(m):
            damped = np.sqrt(z[a] * new[a])  # half a step: a whole one can swing for ever
            if z[a] > 0.0:
                moved = max(moved, abs(damped - z[a]) / z[a])
            z[a] = damped
        if moved < tolerance:
            break
    return z


@kernel
def expected_inside(fitness: NDArray[np.float64], counts: NDArray[np.float64]) -> float:
    """Return the mutual follows expected among accounts, ``counts[a]`` of ``fitness[a]``.

    Sum over pairs of z_i z_j / (1 + z_i z_j).
    """
    total = 0.0
    for a in range(len(fitness)):
        for b in range(a):
            product = fitness[a] * fitness[b]
            total += counts[a] * counts[b] * product / (1.0 + product)
        square = fitness[a] * fitness[a]
        total += 0.5 * counts[a] * (counts[a] - 1.0) * square / (1.0 + square)
    return total


@kernel
def _banded(
    values: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Group positive values within a fifth of each other: the mean and the count of each band."""
    total, count = np.zeros(512, np.float64), np.zeros(512, np.float64)
    for value in values:
        band = min(max(int(np.floor(4.0 * np.log2(value))) + 256, 0), 511)
        total[band] += value
        count[band] += 1.0
    used = 0
    for band in range(512):
        if count[band] > 0.0:
            total[used], count[used] = total[band] / count[band], count[band]
            used += 1
    return total[:used], count[:used]


@kernel
def _odds_ratio(
    mean: NDArray[np.float64], count: NDArray[np.float64], seen: float, rounds: int
) -> float:
    """Return the r at which pairs of odds r z_i z_j give as many ties as were seen."""
    ratio = 1.0
    for _ in range(rounds):
        total = 0.0
        for a in range(len(mean)):
            for b in range(len(mean)):
                odds = ratio * mean[a] * mean[b]
                total += 0.5 * count[a] * (count[b] - (a == b)) * odds / (1.0 + odds)
        ratio = min(max(ratio * (seen + 0.5) / (total + 0.5), 1.0), 1e9)
    return ratio


@kernel
def sort_ascending(out_values: NDArray[np.int32]) -> None:
    """Sort in place, by Shell's method with gaps a third each: numpy's takes longer to compile."""
    gap = 1
    while 3 * gap < len(out_values):
        gap = 3 * gap + 1
    while gap > 0:
        for k in range(gap, len(out_values)):
            value, place = out_values[k], k
            while place >= gap and out_values[place - gap] > value:
                out_values[place] = out_values[place - gap]
                place -= gap
            out_values[place] = value
        gap //= 3


@kernel
def fitted_set(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    fitness: NDArray[np.float64],
    members: NDArray[np.int32],
    with_hubs: bool,
    rounds: int,
    scratch_inside: NDArray[np.int32],
    scratch_ties: NDArray[np.float64],
) -> NDArray[np.int32]:
    """Add accounts that belong to a set and drop those that do not, until it stands still.

    An account belongs if its ties into the set are likelier in a ring than under the
    null model, by more than it costs to name it, ln(n / s) + 1 nats, and it has at
    least two ties into the set. Under the null model a pair has odds z_i z_j. A ring is
    either even, every pair tied with the set's density p; or, ``with_hubs``, every
    pair's odds are r z_i z_j, so that who has more ties at large has more inside (a
    train: few conductors, many riders). The gain of an account is summed over bands of
    members of like fitness.

    The scratch arrays hold n zeros and n rows of two, and zeros again at the end. In a row
    the ties into the set and the sum of their logarithms lie side by side, to be fetched
    together. Only the rows of members are walked, so a hub outside costs no more than its
    ties into the set.
    """
    n = len(indptr) - 1
    current = members.copy()
    for _ in range(rounds):
        s = len(current)
        if s < 3:
            break
        reach = 0
        inner_fitness = np.empty(s, np.float64)
        for k in range(s):
            i = current[k]
            scratch_inside[i] = 1
            reach += indptr[i + 1] - indptr[i]
            inner_fitness[k] = fitness[i]
        mean, count = _banded(inner_fitness)

        # every account with a tie into the set, and those with two; no branch to foresee
        touched, twice = np.empty(reach, np.int32), np.empty(reach, np.int32)
        n_touched, n_twice = 0, 0
        for i in current:
            own_log = np.log(fitness[i])
            for e in range(indptr[i], indptr[i + 1]):
                j = indices[e]
                ties = scratch_ties[j, 0]
                touched[n_touched] = j
                n_touched += ties == 0.0
                twice[n_twice] = j
                n_twice += ties == 1.0
                scratch_ties[j, 0] = ties + 1.0
                scratch_ties[j, 1] += own_log
        inner = 0.0
        for i in current:
            inner += scratch_ties[i, 0]
        seen = 0.5 * inner
        density = min(max((seen + 0.5) / (0.5 * s * (s - 1) + 1.0), 1e-6), 0.995)
        ratio = _odds_ratio(mean, count, seen, 6) if with_hubs else 1.0

        # who belongs; most have too few ties, whatever the sum over bands is
        log_ratio, log_tied, log_free = np.log(ratio), np.log(density), np.log(1.0 - density)
        pull = 0.0
        for b in range(len(mean)):
            pull += mean[b] * count[b]
        kept = 0
        price = np.log(n / s) + 1.0
        for t in range(n_twice):
            i = twice[t]
            d, z, member = scratch_ties[i, 0], fitness[i], scratch_inside[i]
            if with_hubs:
                gain = d * log_ratio + member * np.log((1.0 + ratio * z * z) / (1.0 + z * z))
                for b in range(len(mean)):
                    if gain <= price:  # what follows only lessens it
                        break
                    odds = z * mean[b]
                    gain += count[b] * np.log((1.0 + odds) / (1.0 + ratio * odds))
            else:
                gain = d * log_tied + (s - member - d) * log_free
                null = d * np.log(z) + scratch_ties[i, 1]
                slack = 1e-6 * (1.0 + abs(gain) + abs(null))
                if gain - null + z * pull < price - slack:  # ln(1 + x) is at most x
                    continue
                gain -= member * np.log(1.0 + z * z)
                for b in range(len(mean)):
                    gain += count[b] * np.log(1.0 + z * mean[b])
                gain -= null
            twice[kept] = i
            kept += gain > price
        chosen = twice[:kept]
        sort_ascending(chosen)

        # leave the scratch as it was
        for i in current:
            scratch_inside[i] = 0
        for t in range(n_touched):
            scratch_ties[touched[t], 0] = 0.0
            scratch_ties[touched[t], 1] = 0.0
        same = len(chosen) == len(current)
        if same:
            for k in range(len(chosen)):
                if chosen[k] != current[k]:
                    same = False
                    break
        current = chosen
        if same:
            break
    return current
