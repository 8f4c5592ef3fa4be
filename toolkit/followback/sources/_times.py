"""Times of any usual kind to milliseconds since 1970 UTC."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from .._errors import FollowbackError

# Seconds, milliseconds, microseconds and nanoseconds of the years 1995 to 2100 do
# not overlap, so the size of a number tells its unit.
_FIRST, _LAST = 788_918_400_000, 4_102_444_800_000  # 1995-01-01, 2100-01-01
_TEXTS = (
    pa.types.is_null, pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view,
)  # fmt: skip
_UNITS = ((1e-3, "s"), (1.0, "ms"), (1e3, "us"), (1e6, "ns"))


def to_milliseconds(values: pa.Array, where: str, first_row: int) -> pa.Array:
    """Turn a column of times into int64 milliseconds, null where empty.

    Epoch numbers in seconds, milliseconds, microseconds or nanoseconds are told
    apart by their size; everything else is read as ISO 8601, UTC where no zone
    is given. A time before 1995 or after 2100 is taken for a mistake.

    >>> to_milliseconds(pa.array(["1700000000", "2023-11-14T22:13:20Z", ""]), "x", 1).to_pylist()
    [1700000000000, 1700000000000, None]
    """
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if pa.types.is_timestamp(values.type):
        return _plausible(_of_unit(values), values, where, first_row)
    if pa.types.is_date(values.type):
        return to_milliseconds(pc.cast(values, pa.timestamp("ms")), where, first_row)
    if pa.types.is_integer(values.type) or pa.types.is_floating(values.type):
        numbers = values.to_numpy(zero_copy_only=False).astype(np.float64)
        return _plausible(_scaled(numbers), values, where, first_row)
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    if not any(test(values.type) for test in _TEXTS):
        raise FollowbackError(
            f"{where}: its column of times is of type {values.type}; give text, numbers or times"
        )

    text = pc.utf8_trim_whitespace(pc.cast(values, pa.large_string()))
    try:
        return to_milliseconds(pc.cast(text, pa.int64()), where, first_row)
    except pa.ArrowInvalid:  # not all of them are whole numbers
        pass
    series = text.to_pandas().replace("", None)
    numbers = pd.to_numeric(series, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    stamps = _scaled(numbers)
    dates = series.where(np.isnan(numbers))
    if dates.notna().any():
        parsed = pd.to_datetime(dates, format="ISO8601", utc=True, errors="coerce")
        as_ms = pa.array(parsed.dt.as_unit("ms"), from_pandas=True)
        stamps = pc.coalesce(stamps, pc.cast(as_ms, pa.int64()))
    asked = pa.array(series.notna().to_numpy())
    return _plausible(stamps, pc.if_else(asked, text, None), where, first_row)


def _of_unit(values: pa.Array) -> pa.Array:
    """Turn timestamps, whose unit is known, into milliseconds; null where they are unlikely."""
    factor = {unit: factor for factor, unit in _UNITS}[values.type.unit]
    numbers = pc.fill_null(pc.cast(values, pa.int64()), 0).to_numpy(zero_copy_only=False)
    likely = (numbers >= _FIRST * factor) & (numbers < _LAST * factor)
    near = np.where(likely, numbers, 0)
    out = near * 1000 if factor < 1 else near // int(factor)
    return pa.array(out, mask=~likely)


def _scaled(numbers: np.ndarray) -> pa.Array:
    out = np.full(len(numbers), np.nan)
    for factor, _ in _UNITS:
        fits = (numbers >= _FIRST * factor) & (numbers < _LAST * factor)
        out[fits] = np.round(numbers[fits] / factor)
    known = ~np.isnan(out)
    return pa.array(np.where(known, out, 0).astype(np.int64), mask=~known)


def _plausible(stamps: pa.Array, asked: pa.Array, where: str, first_row: int) -> pa.Array:
    """Pass the times on if every one that was given could be read and is a likely one."""
    likely = pc.and_(pc.greater_equal(stamps, _FIRST), pc.less(stamps, _LAST))
    bad = pc.and_(pc.is_valid(asked), pc.invert(pc.fill_null(likely, False)))
    at = pc.index(bad, True).as_py()
    if at >= 0:
        try:
            given = asked[at].as_py()
        except (OverflowError, ValueError):  # beyond what a date can be
            given = asked[at].value
        raise FollowbackError(
            f"{where}, row {first_row + at}: {str(given)[:40]!r} is not a time between "
            "1995 and 2100; give ISO 8601 or seconds since 1970, or leave the cell empty"
        )
    return stamps
