"""Kernels: integer ids to positions, by a bitmap where they lie close, else by hashing."""

import numpy as np
from numpy.typing import NDArray

from . import kernel


@kernel
def mark_ids(values: NDArray[np.int32], low: int, out_words: NDArray[np.int64]) -> None:
    """Set the bit of every id; 32 bits a word, ``low`` has the first."""
    for e in range(len(values)):
        x = np.int64(values[e]) - low
        out_words[x >> 5] |= np.int64(1) << (x & 31)


@kernel
def ones(word: int) -> int:
    """Count the bits set among the lowest 32."""
    word -= (word >> 1) & 0x55555555
    word = (word & 0x33333333) + ((word >> 2) & 0x33333333)
    word = (word + (word >> 4)) & 0x0F0F0F0F
    return ((word * 0x01010101) >> 24) & 0xFF


@kernel
def marked_ids(low: int, out_words: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the marked ids, ascending; above its 32 bits each word gets the number before it."""
    n = 0
    for w in range(len(out_words)):
        before = n
        n += ones(out_words[w])
        out_words[w] |= np.int64(before) << 32
    ids = np.empty(n, np.int64)
    for w in range(len(out_words)):
        place = out_words[w] >> 32
        for bit in range(32):
            if (out_words[w] >> bit) & 1:
                ids[place] = low + 32 * w + bit
                place += 1
    return ids


@kernel
def places_of_marked(
    low: int, words: NDArray[np.int64], values: NDArray[np.int32]
) -> NDArray[np.int32]:
    """Return the place of every id among the marked ids."""
    out = np.empty(len(values), np.int32)
    for e in range(len(values)):
        x = np.int64(values[e]) - low
        word = words[x >> 5]
        below = word & ((np.int64(1) << (x & 31)) - 1)
        out[e] = (word >> 32) + ones(below)
    return out


@kernel
def slot_of(key: int, slots: NDArray[np.int32], ids: NDArray[np.int64]) -> int:
    """Return the slot of an id in an open hash table, or the free one where it belongs.

    A slot holds the id's number plus one, or 0; there are 2**k slots, some of them free.
    """
    mask = len(slots) - 1
    mixed = ((key & 0xFFFFFFFF) * 0x5BD1E995) ^ (((key >> 32) & 0xFFFFFFFF) * 0x27D4EB2F)
    slot = (mixed ^ (mixed >> 29)) & mask
    while slots[slot] != 0 and ids[slots[slot] - 1] != key:
        slot = (slot + 1) & mask
    return slot


@kernel
def number_ids(
    values: NDArray[np.int64],
    begin: int,
    known: int,
    out_slots: NDArray[np.int32],
    out_ids: NDArray[np.int64],
    out_numbers: NDArray[np.int32],
) -> tuple[int, int]:
    """Give ids numbers as they first appear, from ``begin`` on, until ``out_ids`` is full.

    ``known`` ids are in the table. Returns where it stopped and how many are known then.
    """
    for e in range(begin, len(values)):
        slot = slot_of(values[e], out_slots, out_ids)
        if out_slots[slot] == 0:
            if known == len(out_ids):
                return e, known
            out_ids[known] = values[e]
            known += 1
            out_slots[slot] = known
        out_numbers[e] = out_slots[slot] - 1
    return len(values), known


@kernel
def fill_slots(ids: NDArray[np.int64], known: int, out_slots: NDArray[np.int32]) -> None:
    """Enter the first ``known`` ids into an empty hash table."""
    for number in range(known):
        out_slots[slot_of(ids[number], out_slots, ids)] = number + 1
