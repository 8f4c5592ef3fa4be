"""What both makers of follower graphs need: calls refused before any work, the follows of a ring."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ._errors import CallError

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BYTES_A_PAIR = 100  # memory that making one takes, roughly
_STREAM = "fewer, or let followback synth write to a .parquet, as it is drawn"


def check_rings(
    rings: Sequence[tuple[int, float]],
    mutual_share: float,
    answered: float,
    new_accounts: float,
    camouflage: int,
) -> None:
    """Refuse rings that cannot be planted, before any work; parameters as of `plant_rings`.

    Raises
    ------
    CallError
        A size, a density, a share or the number of follows is out of range.
    """
    for size, density in rings:
        if not isinstance(size, int | np.integer) or size < 3 or not 0 < density <= 1:
            raise CallError(
                f"ring {size}:{density}: give a whole number of accounts, 3 or more, "
                "and 0 < density <= 1"
            )
    check_shares(mutual_share=mutual_share, answered=answered, new_accounts=new_accounts)
    if camouflage < 0:
        raise CallError(f"camouflage is {camouflage}; give 0 or more follows each member")


def check_seed(seed: int) -> None:
    """Refuse a seed that numpy, or a kernel, would.

    Raises
    ------
    CallError
        It is negative, or has more than 62 bits.
    """
    if not 0 <= seed < 2**62:
        raise CallError(f"seed is {seed}; give 0 or more, and less than {2**62:,}")


def check_memory(pairs: int, cure: str = _STREAM) -> None:
    """Refuse what the memory that is free cannot hold, before any work.

    Raises
    ------
    CallError
        So many ``pairs`` (accounts, follows and pairs of rings) take more than all of it.
    """
    from .engines._room import free_memory

    if pairs * _BYTES_A_PAIR > free_memory():
        raise CallError(
            f"{pairs:,} accounts, follows and pairs of rings need about "
            f"{pairs * _BYTES_A_PAIR // 10**9:,} GB of memory, more than is free; ask for {cure}"
        )


def check_shares(**shares: float) -> None:
    """Refuse the first of the named shares that does not lie between 0 and 1.

    Raises
    ------
    CallError
        It names the parameter.
    """
    for name, share in shares.items():
        if not 0 <= share <= 1:
            raise CallError(f"{name} is {share}; it must lie between 0 and 1")


def ring_follows(
    group: NDArray[np.int64], density: float, mutual_share: float, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Draw the follows among the members of a ring: rows of (source, target), mutual ones twice.

    Examples
    --------
    >>> group = np.array([4, 7, 9])
    >>> len(ring_follows(group, 1.0, 1.0, np.random.default_rng(0)))
    6
    """
    a, b = np.triu_indices(len(group), 1)
    kept = rng.random(len(a)) < density
    pairs = np.column_stack([group[a[kept]], group[b[kept]]])
    turned = rng.random(len(pairs)) < 0.5
    pairs[turned] = pairs[turned][:, ::-1]
    returned = pairs[rng.random(len(pairs)) < mutual_share][:, ::-1]
    return np.vstack([pairs, returned])
