"""Groups of an undirected graph by the constant Potts model (CPM)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ._threads import cores
from .engines._room import FILES, LITTLE, left
from .kernels.communities import merged_groups, moved_groups, renumbered

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Bytes of memory that grouping takes at each density that is looked at while others are.
_ENTRY, _NODE = 20, 60  # an entry of the rows that are grouped, and one of their accounts


def cpm_groups(
    indptr: NDArray[np.int64], indices: NDArray[np.int32], resolution: float, budget: int
) -> tuple[NDArray[np.int32], int]:
    """Partition the accounts into groups denser inside than ``resolution``.

    Louvain's two steps, moving and merging, on the constant Potts model (Traag,
    Van Dooren and Nesterov 2011, https://arxiv.org/abs/1104.3114): maximise the sum
    over groups of ties - resolution * pairs. Deterministic: accounts are taken in
    their order, a tie keeps the account where it is.

    ``budget`` bounds the ties looked at; returned with the groups is what was used.
    """
    n = len(indptr) - 1
    groups = np.arange(n, dtype=np.int32)
    weights = np.ones(len(indices), np.int64)
    sizes = np.ones(n, np.int64)
    used = 0
    while used < budget:
        label, visits = moved_groups(indptr, indices, weights, sizes, resolution, budget - used)
        used += visits
        label, n_groups = renumbered(label)
        if n_groups == len(indptr) - 1:
            break
        groups = label[groups]
        sizes = np.bincount(label, sizes, n_groups).astype(np.int64)
        indptr, indices, weights = merged_groups(indptr, indices, weights, label, n_groups)
    return groups, used


def densities_at_once(n_entries: int, n_accounts: int) -> int:
    """Return at how many densities rows are grouped at once: on all cores, or as memory allows."""
    size = _ENTRY * n_entries + _NODE * n_accounts
    return cores() if size <= LITTLE else max(min(cores(), left(*FILES) // size), 1)
