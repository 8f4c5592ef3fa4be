"""Follows of any format as Parquet files that every engine reads the same way."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from .._build import none_left
from .._build.names import interned

if TYPE_CHECKING:
    from ..sources import Follows


@dataclass(frozen=True)
class Staged:
    """Where the rows stand: Parquet files, their two columns, whole numbers or text, times."""

    files: list[Path]
    source: str = "source"
    target: str = "target"
    whole: bool = True
    times: bool = False


def staged(follows: Follows, work: Path) -> Staged:
    """Write the rows as Parquet, ids settled; a Parquet file of whole numbers is taken as it is.

    What the ids mean is settled as `_build` does: where one batch of a text file holds a
    name, all ids are text.
    """
    if follows.plain is not None:
        return Staged([Path(follows.name)], *follows.plain)
    kinds: dict[bool, pq.ParquetWriter] = {}
    files = {whole: work / f"{'whole' if whole else 'text'}.parquet" for whole in (True, False)}
    times = False
    try:
        for names, codes, stamps in interned(follows):
            whole = pa.types.is_integer(names.type)
            columns = {
                end: names.take(pa.array(code))
                for end, code in zip(("source", "target"), codes, strict=True)
            }
            if stamps is not None:
                columns["created_at"], times = stamps, True
            batch = pa.record_batch(columns)
            if whole not in kinds:
                kinds[whole] = pq.ParquetWriter(files[whole], batch.schema)
            kinds[whole].write_batch(batch)
    finally:
        for writer in kinds.values():
            writer.close()
    if not kinds:
        raise none_left(follows.name)
    if len(kinds) == 2:
        _as_text(files[True], work / "numbers.parquet")
        return Staged([work / "numbers.parquet", files[False]], whole=False, times=times)
    (whole,) = kinds
    return Staged([files[whole]], whole=whole, times=times)


def _as_text(source: Path, target: Path) -> None:
    """Write the ids of a staged file as text."""
    with pq.ParquetFile(source) as file:
        text = [pa.field(name, pa.large_string()) for name in ("source", "target")]
        schema = pa.schema([*text, *list(file.schema_arrow)[2:]])
        with pq.ParquetWriter(target, schema) as writer:
            for batch in file.iter_batches():
                ends = [pc.cast(batch.column(k), pa.large_string()) for k in (0, 1)]
                writer.write_batch(pa.record_batch([*ends, *batch.columns[2:]], schema=schema))
    source.unlink()
