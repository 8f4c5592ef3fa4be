"""Ids of any type, batch by batch: checked, then numbered in canonical order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .._errors import FollowbackError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ..sources import Follows

_INTEGER = r"^(0|-?[1-9][0-9]{0,18})$"  # "007" and "+7" are names, not numbers
_LONGEST = 1 << 16  # bytes in an id
_PARTS = 16  # that distinct names are found in, so that no hash table gets large


def interned(
    follows: Follows,
) -> Iterator[tuple[pa.Array, NDArray[np.int32], pa.Array | None]]:
    """Give for every batch its distinct names, which of them its ends are, and its times.

    The names are checked, and int64 where all of a batch are whole numbers, else text.
    """
    ways = 2 if follows.collection.mutual_by_construction else 1  # batches come twice
    row, n_read = follows.first_row, 0
    for batch in follows.batches:
        size = batch.num_rows
        if size == 0:
            continue
        ends = [id_array(batch.column(k), follows.name, row) for k in (0, 1)]
        if ends[0].type != ends[1].type:
            ends = [pc.cast(end, pa.large_string()) for end in ends]
        ids = pa.concat_arrays(ends).dictionary_encode()
        code, distinct = ids.indices.to_numpy(), ids.dictionary
        if not pa.types.is_integer(distinct.type):
            distinct = distinct if follows.typed else pc.utf8_trim_whitespace(distinct)
            _check_names(distinct, code, size, follows.name, row)
            distinct = distinct if follows.typed else _as_integers(distinct)
        yield distinct, code.reshape(2, size), batch.column(2) if batch.num_columns > 2 else None
        n_read += size
        row = follows.first_row + n_read // ways


def _check_names(
    names: pa.Array, codes: NDArray[np.int32], size: int, where: str, first_row: int
) -> None:
    """Refuse ids that are empty, endless or no text."""

    def row(name: int) -> int:
        return first_row + int(np.flatnonzero(codes == name)[0] % size)

    try:
        names.validate(full=True)
    except pa.ArrowInvalid as error:
        raise FollowbackError(
            f"{where}: an id is no UTF-8 text; write the file again with text in UTF-8"
        ) from error
    long = pc.index(pc.greater(pc.binary_length(names), _LONGEST), True).as_py()
    if long >= 0:
        raise FollowbackError(
            f"{where}, row {row(long)}: an id is longer than 64 kB; "
            "check which two columns hold the follower and the followed"
        )
    empty = pc.index(pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(names)), 0), True).as_py()
    if empty >= 0:
        raise FollowbackError(
            f"{where}, row {row(empty)}: an id is empty; remove the row or fill it in"
        )


def id_array(cells: pa.Array, name: str, first_row: int) -> pa.Array:
    """Bring a column of ids to int64 or text; refuse what is neither."""
    if isinstance(cells, pa.ChunkedArray):
        cells = cells.combine_chunks()
    if pa.types.is_dictionary(cells.type):
        names = pc.cast(cells.dictionary, pa.large_string()) if _viewed(cells) else cells.dictionary
        cells = pa.DictionaryArray.from_arrays(cells.indices, names).dictionary_decode()
    no_gaps(cells, name, first_row)
    kind = cells.type
    if pa.types.is_floating(kind):
        exact = 2.0 ** {16: 11, 32: 24, 64: 53}[kind.bit_width]  # above, whole numbers are rounded
        cells = pc.cast(cells, pa.float64())
        whole = pc.and_(pc.equal(cells, pc.floor(cells)), pc.less_equal(pc.abs(cells), exact))
        if not pc.all(whole, min_count=0).as_py():
            raise FollowbackError(
                f"{name}: ids are fractional or rounded numbers; read the id columns as text"
            )
        return pc.cast(cells, pa.int64())
    if pa.types.is_uint64(kind) and len(cells) and pc.max(cells).as_py() >= 2**63:
        return pc.cast(cells, pa.large_string())
    if pa.types.is_integer(kind):
        return pc.cast(cells, pa.int64())
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return pc.cast(cells, pa.large_string())
    raise FollowbackError(f"{name}: ids are of type {kind}; give text or integers")


def no_gaps(cells: pa.Array, name: str, first_row: int) -> None:
    if cells.null_count:
        row = first_row + pc.index(pc.is_null(cells), True).as_py()
        raise FollowbackError(f"{name}, row {row}: an id is empty; remove the row or fill it in")


def _viewed(cells: pa.DictionaryArray) -> bool:
    return bool(pa.types.is_string_view(cells.type.value_type))


def canonical(
    names: list[pa.Array],
) -> tuple[pa.Array | NDArray[np.int64], list[NDArray[np.int32]]]:
    """Put the distinct ids of all lists in order; return them and each list's positions.

    The lists are used up: each leaves ``names`` when it is done with.
    """
    if all(pa.types.is_integer(part.type) for part in names):
        return _ordered_integers([part.to_numpy() for part in names])
    names[:] = [pc.cast(part, pa.large_string()) for part in names]
    return _ordered_text(names)


def _ordered_integers(
    names: list[NDArray[np.int64]],
) -> tuple[NDArray[np.int64], list[NDArray[np.int32]]]:
    values = np.concatenate([np.zeros(0, np.int64), *names])
    values.sort()
    new = np.ones(len(values), dtype=bool)
    np.not_equal(values[1:], values[:-1], out=new[1:])
    labels = values[new]

    ranks = []
    for part in names:
        order = np.argsort(part)  # look-ups in order stay in the cache
        rank = np.empty(len(part), np.int32)
        rank[order] = np.searchsorted(labels, part[order])
        ranks.append(rank)
    return labels, ranks


def _ordered_text(names: list[pa.Array]) -> tuple[pa.Array, list[NDArray[np.int32]]]:
    """Find the distinct names part by part, then sort them once."""
    codes = [np.empty(len(column), np.int32) for column in names]
    part_of, pieces = _dealt(names)
    distinct, n = [], 0
    for part in range(_PARTS):
        found = pa.concat_arrays(pieces.pop(0)).dictionary_encode()
        numbers, at = found.indices.to_numpy(), 0
        for code, mine in zip(codes, part_of, strict=True):
            places = np.flatnonzero(mine == part)
            code[places] = numbers[at : at + len(places)] + n
            at += len(places)
        distinct.append(found.dictionary)
        n += len(found.dictionary)
        del found, numbers
        pa.default_memory_pool().release_unused()

    joined = pa.concat_arrays(distinct)
    distinct.clear()
    pa.default_memory_pool().release_unused()
    order = pc.array_sort_indices(joined)
    labels = joined.take(order)
    rank = np.empty(n, np.int32)
    rank[order.to_numpy()] = np.arange(n, dtype=np.int32)
    for code in codes:
        code[:] = rank[code]
    return labels, codes


def _dealt(names: list[pa.Array]) -> tuple[list[NDArray[np.uint8]], list[list[pa.Array]]]:
    """Deal the names to parts, list by list; each list is let go when it is dealt."""
    part_of = []
    pieces: list[list[pa.Array]] = [[] for _ in range(_PARTS)]
    names.reverse()
    while names:
        column = names.pop()
        mine = _parts(column)
        for part in range(_PARTS):
            pieces[part].append(column.filter(pa.array(mine == part)))
        part_of.append(mine)
    return part_of, pieces


def _parts(names: pa.Array) -> NDArray[np.uint8]:
    """Deal names to parts by the sum of their bytes: equal names, equal parts."""
    if len(names) == 0:
        return np.zeros(0, np.uint8)
    stops = np.frombuffer(names.buffers()[1], np.int64)[names.offset :][: len(names) + 1]
    data = np.frombuffer(names.buffers()[2], np.uint8)[: stops[-1]]
    start = stops[:-1].astype(np.intp, copy=False)  # 32 bits on a Python of 32
    return (np.add.reduceat(data, start, dtype=np.uint32) % _PARTS).astype(np.uint8)


def _as_integers(names: pa.Array) -> pa.Array:
    """Return the names as int64 if each is written as one, else as they are."""
    if not pc.all(pc.match_substring_regex(names, _INTEGER)).as_py():
        return names
    try:
        return pc.cast(names, pa.int64())
    except pa.ArrowInvalid:  # beyond 2**63: a name
        return names
