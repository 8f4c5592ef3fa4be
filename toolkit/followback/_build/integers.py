"""Integer ids, batch by batch, to positions: no text and no dictionary on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .._threads import ahead, cores, shares, spread
from ..kernels import COMPILED, ids

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Ends = list[NDArray[Any]]  # source and target, int32 or int64
    Chunk = tuple[NDArray[np.int32], NDArray[np.int32]]

_LIMITS = np.iinfo(np.int32)
_SPREAD = 8  # ids a possible id that a bitmap is worth: it takes as many bits as ids could be
_TABLE = 1 << 15  # ids that a hash table has room for at first, a power of two


def are_integers(kinds: list[pa.DataType]) -> bool:
    """Say whether ids of these types are all whole numbers of 64 bits.

    >>> are_integers([pa.int64(), pa.uint32()]), are_integers([pa.int64(), pa.uint64()])
    (True, False)
    """
    return all(pa.types.is_integer(kind) and not pa.types.is_uint64(kind) for kind in kinds)


def positions(
    batches: Iterable[tuple[pa.Array, pa.Array]],
) -> tuple[NDArray[np.int64], list[Chunk]]:
    """Return the distinct ids, ascending, and for every batch its ends as places among them.

    Ids of 32 bits wait as they are for their range to be known; others are numbered as
    they come, so that a follow never takes more than 8 bytes.
    """
    waiting: list[Ends] = []
    chunks: list[Chunk] = []
    table = _Table()
    for ends in ahead(lambda batch: [_array(column) for column in batch], batches):
        if chunks or (COMPILED and any(end.dtype == np.int64 for end in ends)):
            chunks += [table.chunk(early) for early in waiting]
            chunks.append(table.chunk(ends))
            waiting.clear()
        else:
            waiting.append(ends)
    if not COMPILED:
        return _by_sorting(waiting)
    if chunks:
        return table.sorted_with(chunks)

    every = [end for ends in waiting for end in ends if len(end)]
    low = min((int(end.min()) for end in every), default=0)
    high = max((int(end.max()) for end in every), default=0)
    if high - low > _SPREAD * sum(map(len, every)) + (1 << 16):
        return table.sorted_with([table.chunk(ends) for ends in waiting])
    return _by_bitmap(waiting, low, high)


def _array(column: pa.Array) -> NDArray[Any]:
    """Return the ids as 32 bits if they fit, else as 64; nobody writes to them.

    Those that are of 32 bits are not copied: new memory costs as much as what is done with it.
    """
    if pa.types.is_int32(column.type):
        return column.to_numpy()  # type: ignore[no-any-return]
    wide = pc.cast(column, pa.int64())
    span = pc.min_max(wide)
    fits = len(wide) == 0 or (
        span["min"].as_py() >= _LIMITS.min and span["max"].as_py() <= _LIMITS.max
    )
    return np.array(wide.to_numpy(), np.int32 if fits else np.int64)


def _by_bitmap(waiting: list[Ends], low: int, high: int) -> tuple[NDArray[np.int64], list[Chunk]]:
    """Mark which ids there are; an id's place is the number of marks before it."""
    every = [end for ends in waiting for end in ends]
    n_words = (high - low) // 32 + 1

    def mark(part: tuple[int, int]) -> NDArray[np.int64]:
        mine = np.zeros(n_words, np.int64)
        for end in every[part[0] : part[1]]:
            ids.mark_ids(end, low, mine)
        return mine

    words = np.bitwise_or.reduce(spread(mark, shares(len(every), cores())))
    labels = ids.marked_ids(low, words)
    if low != 0 or len(labels) <= high:  # else every id is its own place

        def put(ends: Ends) -> None:
            ends[:] = [ids.places_of_marked(low, words, end) for end in ends]

        spread(put, waiting)
    return labels, [(source, target) for source, target in waiting]


def _by_sorting(waiting: list[Ends]) -> tuple[NDArray[np.int64], list[Chunk]]:
    """Find the ids and their places with numpy, where kernels are not compiled."""
    every = [end for ends in waiting for end in ends]
    labels, found = np.unique(np.concatenate([np.zeros(0, np.int64), *every]), return_inverse=True)
    parts = np.split(found.astype(np.int32), np.cumsum([len(end) for end in every])[:-1])
    return labels, list(zip(parts[::2], parts[1::2], strict=True))


class _Table:
    """A hash table that numbers ids as they first appear."""

    def __init__(self) -> None:
        self.known = 0
        self.ids = np.empty(_TABLE, np.int64)
        self.slots = np.zeros(2 * _TABLE, np.int32)

    def numbers(self, values: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return the number of every id; new ids get the next."""
        out = np.empty(len(values), np.int32)
        done = 0
        while True:
            done, self.known = ids.number_ids(values, done, self.known, self.slots, self.ids, out)
            if done == len(values):
                return out
            self.ids = np.concatenate([self.ids, np.empty_like(self.ids)])
            self.slots = np.zeros(2 * len(self.slots), np.int32)
            ids.fill_slots(self.ids, self.known, self.slots)

    def chunk(self, ends: Ends) -> Chunk:
        """Return the numbers of both ends of a batch; they are used up."""
        source, target = (self.numbers(end.astype(np.int64)) for end in ends)
        ends.clear()
        return source, target

    def sorted_with(self, chunks: list[Chunk]) -> tuple[NDArray[np.int64], list[Chunk]]:
        """Return the ids ascending, and the chunks with places in place of numbers."""
        found = self.ids[: self.known]
        order = np.argsort(found)
        place = np.empty(self.known, np.int32)
        place[order] = np.arange(self.known, dtype=np.int32)

        def put(end: NDArray[np.int32]) -> None:
            end[:] = place[end]

        spread(put, [end for chunk in chunks for end in chunk])
        return found[order], chunks
