"""GRAPH: `Rows`, the neighbours of every account in two arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


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
