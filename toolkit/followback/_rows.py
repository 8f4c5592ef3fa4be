"""GRAPH: `Rows`, the neighbours of every account in two arrays, and parts of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Value = TypeVar("Value", bound=np.generic)


class Rows(NamedTuple):
    """Neighbours of every account in compressed sparse rows (CSR).

    Those of account ``i`` are ``indices[indptr[i]:indptr[i + 1]]``, ascending.
    """

    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]

    @property
    def degrees(self) -> NDArray[np.int64]:
        """The number of neighbours of every account."""
        return np.diff(self.indptr)

    def of(self, account: int) -> NDArray[np.int32]:
        """Return the neighbours of the account at this position."""
        return self.indices[self.indptr[account] : self.indptr[account + 1]]


def induced(rows: Rows, positions: NDArray[np.int64]) -> tuple[Rows, NDArray[np.int64]]:
    """Return rows among the nodes at ``positions``, renumbered, and which entries they are."""
    new = np.full(len(rows.indptr) - 1, -1, dtype=np.int32)
    new[positions] = np.arange(len(positions), dtype=np.int32)
    whole, entries = taken(rows, positions)
    renamed = Rows(whole.indptr, new[whole.indices])
    inside = renamed.indices >= 0
    return only(renamed, inside), entries[inside]


def taken(rows: Rows, positions: NDArray[np.int64]) -> tuple[Rows, NDArray[np.int64]]:
    """Return the rows of the nodes at ``positions``, and which entries they are."""
    first, lengths = rows.indptr[positions], rows.degrees[positions]
    before = np.cumsum(lengths) - lengths
    entries = repeated(first - before, lengths) + np.arange(lengths.sum())
    return Rows(np.append(before, lengths.sum()), rows.indices[entries]), entries


def repeated(values: NDArray[Value], times: NDArray[np.int64]) -> NDArray[Value]:
    """Repeat each value as often as ``times`` says.

    As `numpy.repeat`, which refuses 64-bit counts on a Python of 32 bits (in a browser).

    >>> repeated(np.array(["a", "b", "c"]), np.array([2, 0, 1])).tolist()
    ['a', 'a', 'c']
    """
    return np.repeat(values, np.asarray(times, np.intp))


def only(rows: Rows, kept: NDArray[np.bool_]) -> Rows:
    """Return all rows with the marked entries alone."""
    before = np.zeros(len(kept) + 1, np.int64)
    np.cumsum(kept, out=before[1:])
    return Rows(before[rows.indptr], rows.indices[kept])
