"""ORDER: accounts in an order that who is tied to whom decides, and names do not.

Searches take accounts one after the other, and who comes first can decide where one on
the edge belongs. In the order of ids, other ids would give other results.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .graph import Rows
from .kernels import draws
from .kernels.rows import rows_among

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ROUNDS = 3  # an account's number depends on who is within three ties of it


def mixed(values: NDArray[np.integer], seed: int) -> NDArray[np.uint64]:
    """Hash numbers, as `followback.kernels.draws.mixed` does one.

    >>> mixed(np.array([1, 2]), 0)
    array([10451216379200822465, 10905525725756348110], dtype=uint64)
    """
    formula: Any = getattr(draws.mixed, "py_func", draws.mixed)  # as written it takes arrays, too
    with np.errstate(over="ignore"):
        return np.asarray(formula(values.astype(np.uint64), seed))


def structural_keys(
    ties: Rows, start: NDArray[np.integer], rounds: int = _ROUNDS
) -> NDArray[np.uint64]:
    """Return a number for every account that its surroundings decide, and its name does not.

    Colour refinement, after Weisfeiler and Leman: each round mixes an account's number
    with the sum of its neighbours'. Accounts that nothing within so many ties of them tells
    apart get the same number. So do others only if hashes of 64 bits collide, or if
    refinement cannot tell them apart, as the accounts of any two graphs in which all
    have k ties.

    Parameters
    ----------
    ties
        The neighbours of every account.
    start
        What is known of each account besides, a whole number.
    rounds
        How far to look, in ties.

    Examples
    --------
    The ends of a path are alike, its middle is not:

    >>> from followback.graph import Rows
    >>> path = Rows(np.array([0, 1, 3, 4]), np.array([1, 0, 2, 1], np.int32))
    >>> keys = structural_keys(path, path.degrees)
    >>> bool(keys[0] == keys[2]), bool(keys[0] == keys[1])
    (True, False)

    References
    ----------
    Shervashidze et al. (2011), Journal of Machine Learning Research 12, 2539-2561.
    """
    keys = mixed(start, 0)
    for _ in range(rounds):
        keys = mixed(keys + row_sums(ties.indptr, mixed(keys, 1)[ties.indices]), 0)
    return keys


def row_sums(indptr: NDArray[np.int64], values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Sum a value of every entry over each row, modulo 2**64: exact, so in any order.

    >>> row_sums(np.array([0, 0, 2]), np.array([1, 2**64 - 1], np.uint64)).tolist()
    [0, 0]
    """
    running = np.zeros(len(values) + 1, np.uint64)
    np.cumsum(values, out=running[1:])
    return np.asarray(running[indptr[1:]] - running[indptr[:-1]])


def scattered(keys: NDArray[np.uint64], seed: int = 0) -> NDArray[np.uint64]:
    """Hash keys once more, such that accounts that are alike lie as far apart as others do.

    They are numbered by position: exchanging two that are alike changes nothing but names.
    """
    by_key = np.argsort(keys, kind="stable")
    ranked = keys[by_key]
    number = np.arange(len(keys)) - np.searchsorted(ranked, ranked)
    out = np.empty_like(keys)
    out[by_key] = mixed(ranked + mixed(number, 1), seed)
    return out


def in_order(ties: Rows, keys: NDArray[np.uint64]) -> tuple[NDArray[np.int32], Rows]:
    """Return accounts in the order of their scattered keys, and their ties renumbered."""
    who = np.argsort(scattered(keys), kind="stable").astype(np.int32)
    return who, Rows(*rows_among(*ties, who))
