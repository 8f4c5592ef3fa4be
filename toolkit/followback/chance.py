"""CHANCE: whether a set has more mutual follows than the members' degrees explain."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .kernels.refine import expected_inside, fitted_fitness
from .kernels.rows import ties_inside
from .sets import Sets, excess_share, search_price

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .mutuals import MutualGraph

_LEAST_P = 690.0  # nats; a smaller p-value is shown as 1e-300
_CLASSES = 2_000  # of degree in the null model; above, degrees within one class differ by < 1 %
_FIT = (500, 1e-6)  # rounds and tolerance of the null model's fit


def fitness(m: MutualGraph) -> NDArray[np.float64]:
    """Fit the null model: a number z for every account, its pull towards mutual follows.

    Under the reciprocal configuration model each pair has a mutual follow with
    probability z_i z_j / (1 + z_i z_j), independently, such that every account's
    expected mutual degree is its own. (The full model's denominator also holds
    the two ways of an unreturned follow. They are left out: for sets of 30 in a graph
    of 300 accounts that moves the expectation by a few per cent either way.)

    Parameters
    ----------
    m
        The mutual graph.

    Returns
    -------
    numpy.ndarray
        One number an account; 0 where it has no mutual follow.

    Examples
    --------
    Of four accounts in a row, the two in the middle pull more:

    >>> import followback as fb
    >>> row = [("a", "b"), ("b", "c"), ("c", "d")]
    >>> m = fb.mutual(fb.FollowGraph.from_pairs([*row, *((b, a) for a, b in row)]))
    >>> pull = fitness(m)
    >>> bool(pull[0] == pull[3] < pull[1] == pull[2])
    True

    References
    ----------
    Squartini and Garlaschelli (2011), New Journal of Physics 13, 083001.
    """
    degrees = m.ties.degrees
    if m.n_mutual == 0:
        return np.zeros(m.n_accounts)
    have = np.bincount(degrees)  # accounts of each degree
    known = np.flatnonzero(have)
    classes = known.astype(np.float64)
    if len(known) > _CLASSES:  # group large degrees to within one per cent
        large = known > 100
        classes[large] = np.exp(np.round(np.log(classes[large]) / 0.01) * 0.01)
    values, place = np.unique(classes, return_inverse=True)
    counts = np.bincount(place, have[known]).astype(np.float64)
    pull = np.zeros(len(have))
    pull[known] = fitted_fitness(values, counts, *_FIT)[place]
    return pull[degrees]


def chance(m: MutualGraph, sets: Sets, pull: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Answer the first question, whether it is beyond chance.

    With e mutual follows seen among N pairs and mu expected under the null model,
    the surprise is N KL(e / N || mu / N) nats (Chernoff's bound on the sum of
    independent pairs). Less the price of the search, `followback.sets.search_price`,
    it is the score; p = exp(-score), so p holds however the set was found. q-values
    after Benjamini and Hochberg, over all candidate sets.

    Parameters
    ----------
    m
        The mutual graph.
    sets
        Sets of positions of accounts, all that were looked at.
    pull
        The null model's number of every account, from `fitness`.

    Returns
    -------
    dict of str to numpy.ndarray
        ``expected_mutual_follows``, ``score`` (bits), ``p_value``, ``q_value``; one a set.

    Examples
    --------
    Of six accounts, four follow each other; so few could be found anywhere:

    >>> import followback as fb
    >>> from followback.sets import as_sets
    >>> follows = [(a, b) for a in "abcd" for b in "abcd" if a != b]
    >>> g = fb.FollowGraph.from_pairs([*follows, ("x", "a"), ("y", "b"), ("a", "y")])
    >>> four = as_sets([np.arange(4, dtype=np.int32)])
    >>> m = fb.mutual(g)
    >>> found = chance(m, four, fitness(m))
    >>> found["expected_mutual_follows"].round(2).tolist(), found["p_value"].tolist()
    ([5.99], [1.0])
    """
    expected = np.array([_expected(pull[sets.of(k)]) for k in range(len(sets.sizes))])
    pairs = np.maximum(sets.pairs(), 1)
    seen = sets.sums(ties_inside(*m.ties, *sets)) / 2
    price = search_price(sets.sizes, int((m.ties.degrees > 0).sum()))
    score = excess_share(seen, pairs, expected / pairs) - price
    p_value = np.exp(-np.clip(score, 0, _LEAST_P))
    return {
        "expected_mutual_follows": expected,
        "score": score / np.log(2),
        "p_value": p_value,
        "q_value": _q_values(p_value),
    }


def _expected(pull: NDArray[np.float64]) -> float:
    values, counts = np.unique(pull, return_counts=True)
    return float(expected_inside(values, counts.astype(np.float64)))


def _q_values(p_value: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return q-values after Benjamini and Hochberg; to import scipy's would take a second."""
    n = len(p_value)
    order = np.argsort(p_value)
    scaled = p_value[order] * (n / np.arange(1, n + 1))
    out = np.empty(n)
    out[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return out
