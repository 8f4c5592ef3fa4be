"""READ tables: Parquet, Arrow, and frames of pandas, polars or Arrow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from .._errors import CallError, FollowbackError
from .._threads import ahead
from ._follows import Follows, choose_columns, describe_columns
from ._times import to_milliseconds

_ROWS = 1 << 20
_PIECE = 1 << 18  # rows of a batch that is at hand already: small ones are shared out evenly


def read_parquet(path: Path) -> Follows:
    """Read the follows of a Parquet file, a million rows at a time."""
    try:
        file = pq.ParquetFile(path)
        names, columns = _chosen(file.schema_arrow.names, str(path))
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(path, "Parquet", error) from error
    raw = _row_groups(file, path, names)
    batches = _guarded(_batches(raw, names, str(path)), path, "Parquet")
    whole = _whole(file.schema_arrow, names)
    plain = (names[0], names[1]) if whole and len(names) == 2 else None
    return Follows(batches, str(path), columns, integers=whole, plain=plain)


def _row_groups(file: pq.ParquetFile, path: Path, names: list[str]) -> Iterator[pa.RecordBatch]:
    """Read the row groups in order, some ahead of their turn so that every core is at work."""
    about = file.metadata
    groups = range(about.num_row_groups)
    if max((about.row_group(k).num_rows for k in groups), default=0) > 4 * _ROWS:
        yield from file.iter_batches(_ROWS, columns=names)  # too large to hold several
        return

    def read(group: int) -> pa.Table:
        own = pq.ParquetFile(path, metadata=about)  # a reader serves one thread
        return own.read_row_group(group, columns=names, use_threads=False)

    for table in ahead(read, groups):
        yield from table.combine_chunks().to_batches(_PIECE)


def read_arrow(path: Path) -> Follows:
    """Read the follows of an Arrow file or stream (Feather version 2)."""
    try:
        source = pa.OSFile(str(path))  # mapped, what another process writes would come in midway
        head = source.read(6)
        source.seek(0)
        if head == b"ARROW1":
            reader = pa.ipc.open_file(source)
            raw = (reader.get_batch(k) for k in range(reader.num_record_batches))
        else:
            _check_ends(source, path)
            reader = pa.ipc.open_stream(source)
            raw = iter(reader)
        names, columns = _chosen(reader.schema.names, str(path))
        integers = _whole(reader.schema, names)
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(path, "Arrow", error) from error
    batches = _guarded(_batches(raw, names, str(path)), path, "Arrow")
    return Follows(batches, str(path), columns, integers=integers)


def read_pairs(pairs: Any) -> Follows:
    """Read the follows of ``(source, target)`` pairs."""
    import pandas as pd

    try:
        rows = [(source, target) for source, target in pairs]
        frame = pd.DataFrame(rows, columns=["source", "target"])
    except UnicodeEncodeError as error:
        raise no_text(error) from error
    except (TypeError, ValueError) as error:
        raise CallError(
            "the pairs cannot be read; give (source, target) each, as in [('ann', 'bob')], and "
            "a table to followback.read where there is more to a follow"
        ) from error
    return read_table(frame)


def read_table(frame: Any) -> Follows:
    """Read the follows of any frame that speaks the Arrow C stream interface."""
    if isinstance(frame, pa.Table):
        reader = frame.to_reader(_ROWS)
    elif hasattr(frame, "__arrow_c_stream__"):
        try:
            reader = pa.RecordBatchReader.from_stream(frame)
        except UnicodeEncodeError as error:
            raise no_text(error) from error
        except (pa.ArrowException, TypeError, ValueError) as error:
            raise FollowbackError(
                f"the table cannot be read: {_one_line(error)}; give each column one type"
            ) from error
    else:
        raise CallError(
            f"cannot read follows from a {type(frame).__name__}; give a path, a pandas, polars or "
            "Arrow table, or a networkx.DiGraph"
        )
    names, columns = _chosen(reader.schema.names, "the table")
    integers = _whole(reader.schema, names)
    return Follows(_batches(reader, names, "the table"), "the table", columns, integers=integers)


def no_text(error: UnicodeEncodeError) -> FollowbackError:
    """Say which id holds half of a letter, which no file can hold."""
    return FollowbackError(
        f"the id {error.object[:60]!r} is no valid text (half of a letter of two, a lone "
        "surrogate); read its source as UTF-8, or drop the row"
    )


def _batches(
    raw: Iterable[pa.RecordBatch], names: list[str], where: str
) -> Iterator[pa.RecordBatch]:
    first_row = 1
    for batch in raw:
        arrays = [batch.column(name) for name in names]
        if len(names) > 2:
            arrays[2] = to_milliseconds(arrays[2], where, first_row)
        yield pa.record_batch(arrays, ["source", "target", "created_at"][: len(arrays)])
        first_row += batch.num_rows


def _chosen(names: list[str], where: str) -> tuple[list[str], str]:
    """Choose the columns by name, once; return their names and say it in words."""
    usable = [name for name in names if not name.startswith("__index_level_")]
    if len(usable) < 2:
        raise FollowbackError(
            f"{where} has {len(usable)} column(s); it needs two: who follows, and who is followed"
        )
    places = choose_columns(usable)
    wanted = [usable[k] for k in places if k is not None]
    twice = next((name for name in wanted if names.count(name) > 1), None)
    if twice is not None:
        raise FollowbackError(f"{where} has two columns called {twice!r}; rename one of them")
    return wanted, describe_columns(usable, places, "")


def parquet_rows(path: Path, names: list[str], size: int) -> Iterator[pa.RecordBatch]:
    """Read columns in order, group by group: one call for all groups keeps what it has read."""

    def raw() -> Iterator[pa.RecordBatch]:
        with pq.ParquetFile(path) as file:
            for group in range(file.metadata.num_row_groups):
                yield from file.iter_batches(size, columns=names, row_groups=[group])

    return _guarded(raw(), path, "Parquet")


def _whole(schema: pa.Schema, names: list[str]) -> bool:
    """Say whether both columns of ids hold integers of 64 bits."""
    from .._build.integers import are_integers

    return are_integers([schema.field(name).type for name in names[:2]])


def _check_ends(source: pa.NativeFile, path: Path) -> None:
    """Refuse a stream without its end mark: cut between two batches it would look whole."""
    source.seek(max(source.size() - 8, 0))
    if source.read(8) != b"\xff\xff\xff\xff\0\0\0\0":
        raise FollowbackError(
            f"{path} is an Arrow stream cut short: its end mark is missing; write or download it "
            "again"
        )
    source.seek(0)


def _guarded(batches: Iterator[pa.RecordBatch], path: Path, kind: str) -> Iterator[pa.RecordBatch]:
    try:
        yield from batches
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(path, kind, error) from error


def _unreadable(path: Path, kind: str, error: Exception) -> FollowbackError:
    return FollowbackError(
        f"{path} cannot be read as {kind}: {_one_line(error)}; the file may be cut short, "
        "write or download it again"
    )


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
