"""Turn rows around: who follows, and who follows back, on every core."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .compression import bits_of, close_up, in_place_of, room_for_keys, rows_in_bucket
from .._threads import shares, spread
from ..graph import Rows
from ..kernels import flips

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PART = 1 << 18  # entries that one core deals out at a time
_BUCKET = 1 << 16  # entries whose bucket is worth a place to write to: it is read twice alone


def transposed(rows: Rows) -> Rows:
    """Turn rows of targets into rows of sources, ascending."""
    n = len(rows.indptr) - 1
    shift, bits = rows_in_bucket(n, len(rows.indices), _BUCKET), bits_of(n)
    start, keys = _dealt(rows, shift, bits, down=False)
    indptr = np.zeros_like(rows.indptr)
    indices = in_place_of(keys)
    spread(
        lambda part: flips.turned_rows(start, keys, *part, shift, bits, indptr[1:], indices),
        shares(len(start) - 1),
    )
    np.cumsum(indptr, out=indptr)
    return Rows(indptr, indices)


def returned(rows: Rows) -> Rows:
    """Keep the entries that stand in both rows of a pair: the mutual graph of follows.

    Entries that lead to a lower account are turned and met with those that lead to a
    higher one; what is found is turned once more, so that it stands in both rows.
    """
    n = len(rows.indptr) - 1
    shift, bits = rows_in_bucket(n, len(rows.indices), _BUCKET), bits_of(n)
    start, keys = _dealt(rows, shift, bits, down=True)
    indptr = np.zeros(n + 1, np.int64)
    upper = in_place_of(keys)
    sizes = np.zeros(len(start) - 1, np.int64)
    spread(
        lambda part: flips.returned_upward(
            *rows, start, keys, *part, shift, bits, indptr[1:], upper, sizes
        ),
        shares(len(sizes)),
    )
    close_up(upper, start, sizes)
    np.cumsum(indptr, out=indptr)

    upward = Rows(indptr, upper)
    start, keys = _dealt(upward, shift, bits, down=False)
    both = Rows(np.zeros(n + 1, np.int64), np.empty(2 * len(upper), np.int32))
    spread(
        lambda part: flips.joined_rows(start, keys, *upward, *part, shift, bits, *both),
        shares(len(sizes)),
    )
    return both


def _dealt(
    rows: Rows, shift: int, bits: int, *, down: bool
) -> tuple[NDArray[np.int64], NDArray[np.int32 | np.int64]]:
    """Deal the entries to buckets of their targets; return where each begins, and the entries."""
    indptr, indices = rows
    n = len(indptr) - 1
    cut = np.searchsorted(indptr, np.arange(0, len(indices), _PART), side="right") - 1
    bounds = [0, *cut[1:].tolist(), n]  # rows are not cut, so parts are about as large
    counts = np.zeros((len(bounds) - 1, (max(n, 1) - 1 >> shift) + 1), np.int64)

    def count(p: int) -> None:
        flips.count_flips(indptr, indices, bounds[p], bounds[p + 1], shift, down, counts[p])

    spread(count, range(len(counts)))
    start = np.concatenate([[0], np.cumsum(counts.sum(axis=0))])
    place = start[:-1] + np.cumsum(counts, axis=0) - counts
    keys = room_for_keys(start[-1], shift + bits)

    def fill(p: int) -> None:
        flips.fill_flips(indptr, indices, bounds[p], bounds[p + 1], shift, bits, down, place[p], keys)

    spread(fill, range(len(counts)))
    return start, keys
