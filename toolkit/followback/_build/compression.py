"""From follows as positions, in any order, to compressed rows: sorted, without extras."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from .._threads import shares, spread
from ..graph import UNKNOWN_TIME, Rows
from ..kernels import COMPILED, edges

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Chunk = tuple[NDArray[np.int32], NDArray[np.int32]]

_BUCKET = 1 << 14  # follows in a bucket: sorted within the second cache
_BUCKETS = 1 << 13  # more would be written to more places than a core keeps at hand
_NONE = np.zeros(0, np.int64)


class Compressed(NamedTuple):
    """Rows, the times of their entries, and how many rows were left out."""

    rows: Rows
    created_at: NDArray[np.int64] | None
    self_follows: int
    duplicates: int


def compress(
    chunks: list[Chunk],
    n: int,
    times: list[NDArray[np.int64]] | None = None,
    *,
    first: int = 0,
    last: int | None = None,
) -> Compressed:
    """Sort follows into rows, dropping self-follows and duplicates.

    Parameters
    ----------
    chunks
        (source, target) arrays of positions; used up, so that each is let go in time.
    n
        Accounts: targets lie in 0 … n - 1.
    times
        The time of every follow, chunk by chunk; used up. Of duplicates the earliest
        known one is kept.
    first, last
        The range that the sources lie in, ``last`` not included; row 0 is of account
        ``first``. All accounts where left out.
    """
    n_rows = (n if last is None else last) - first
    if not COMPILED:
        return _by_sorting(chunks, n, times or [], first, n_rows)
    shift = rows_in_bucket(n_rows, sum(len(source) for source, _ in chunks))
    bits = bits_of(n)
    start, keys, stamps, own = _dealt(chunks, times or [], first, n_rows, shift, bits)

    indptr = np.zeros(n_rows + 1, np.int64)
    indices = in_place_of(keys)
    sizes = np.zeros(len(start) - 1, np.int64)
    degrees = indptr[1:]
    spread(
        lambda part: edges.sort_buckets(
            start, *part, shift, bits, UNKNOWN_TIME, keys, stamps, degrees, indices, sizes
        ),
        shares(len(sizes)),
    )
    np.cumsum(degrees, out=degrees)
    duplicates = len(keys) - int(sizes.sum())
    del keys
    if duplicates:
        close_up(indices, start, sizes)
        close_up(stamps, start, sizes)
    known = bool((stamps != UNKNOWN_TIME).any())
    return Compressed(Rows(indptr, indices), stamps if known else None, own, duplicates)


def _dealt(
    chunks: list[Chunk],
    times: list[NDArray[np.int64]],
    first: int,
    n_rows: int,
    shift: int,
    bits: int,
) -> tuple[NDArray[np.int64], NDArray[np.int32 | np.int64], NDArray[np.int64], int]:
    """Deal the follows to buckets; return where each begins, the follows, times, self-follows."""
    for end in (end for chunk in chunks for end in chunk):
        end.flags.writeable = False  # so that the kernels, made for one kind of array, serve all
    parts = shares(len(chunks))
    counts = np.zeros((len(parts), (max(n_rows, 1) - 1 >> shift) + 1), np.int64)

    def count(p: int) -> int:
        mine = chunks[slice(*parts[p])]
        return sum(edges.count_buckets(*chunk, first, shift, counts[p]) for chunk in mine)

    own = spread(count, range(len(parts)))
    start = np.concatenate([[0], np.cumsum(counts.sum(axis=0))])
    place = start[:-1] + np.cumsum(counts, axis=0) - counts  # where each part's share begins
    keys = room_for_keys(start[-1], shift + bits)
    stamps = np.empty(len(keys) if times else 0, np.int64)

    def fill(p: int) -> None:
        for c in range(*parts[p]):
            source, target = chunks[c]
            when = times[c] if times else _NONE
            edges.fill_buckets(source, target, when, first, shift, bits, place[p], keys, stamps)
            chunks[c] = (source[:0].copy(), target[:0].copy())
            if times:
                times[c] = _NONE

    spread(fill, range(len(parts)))
    return start, keys, stamps, sum(own)


def _by_sorting(
    chunks: list[Chunk], n: int, times: list[NDArray[np.int64]], first: int, n_rows: int
) -> Compressed:
    """Do the same with numpy's sort, where kernels are not compiled."""
    none = np.zeros(0, np.int32)
    source = np.concatenate([none, *(chunk[0] for chunk in chunks)])
    target = np.concatenate([none, *(chunk[1] for chunk in chunks)])
    stamps = np.concatenate([_NONE, *times])
    kept = source != target
    keys = (source[kept].astype(np.int64) - first) * n + target[kept]
    late = np.where(stamps == UNKNOWN_TIME, np.iinfo(np.int64).max, stamps)[kept[: len(stamps)]]
    order = np.lexsort((late, keys) if len(stamps) else (keys,))
    keys, new = np.unique(keys[order], return_index=True)
    indptr = np.concatenate([[0], np.cumsum(np.bincount(keys // max(n, 1), minlength=n_rows))])
    rows = Rows(indptr, (keys % max(n, 1)).astype(np.int32))
    created_at = stamps[kept][order][new] if len(stamps) else _NONE
    known = bool((created_at != UNKNOWN_TIME).any())
    own, duplicates = len(kept) - len(order), len(order) - len(keys)
    return Compressed(rows, created_at if known else None, own, duplicates)


def rows_in_bucket(n_rows: int, m: int, size: int = _BUCKET) -> int:
    """Return how many rows a bucket takes, as a power of two, to hold ``size`` of m entries."""
    wanted = min(_BUCKETS, max(1, m // size))
    return max(0, (max(n_rows - 1, 0) // wanted).bit_length())


def bits_of(n: int) -> int:
    """Return how many bits the positions of n accounts take."""
    return max(n - 1, 1).bit_length()


def room_for_keys(m: int, bits: int) -> NDArray[np.int32 | np.int64]:
    """Return an array for m keys of so many bits: half the memory where 31 will do."""
    return np.empty(m, np.int32 if bits < 32 else np.int64)


def in_place_of(keys: NDArray[np.int32 | np.int64]) -> NDArray[np.int32]:
    """Return an array for what becomes of each key: their own, where they are as wide.

    New memory costs as much as what is done with it.
    """
    narrow = keys.dtype == np.int32
    return cast("NDArray[np.int32]", keys) if narrow else np.empty(len(keys), np.int32)


def close_up(
    values: NDArray[np.int32] | NDArray[np.int64],
    start: NDArray[np.int64],
    sizes: NDArray[np.int64],
) -> None:
    """Move the buckets' contents together, in place, and give back what is left over."""
    if len(values) == 0:
        return
    out = 0
    for low, size in zip(start[:-1].tolist(), sizes.tolist(), strict=True):
        values[out : out + size] = values[low : low + size]
        out += size
    values.resize(out, refcheck=False)
