"""DuckDB: the reduction on one machine, in bounded memory, beside a bounded temporary folder."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._errors import CallError, FollowbackError, install
from ._reduce import ROWS, n_rows

if TYPE_CHECKING:
    import pyarrow as pa

_DISK_SHARE = 0.9  # of the free disk, that temporary files may take


class DuckDB:
    """An engine in this process; see `_reduce.Engine`."""

    def __init__(self, connection: Any, work: Path) -> None:
        self.work, self._connection = work, connection

    def table(self, name: str, files: list[Path]) -> None:
        """Name Parquet files as a table."""
        listed = ", ".join(_literal(re.sub(r"([*?\[])", r"[\1]", str(file))) for file in files)
        self.run(f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT * FROM read_parquet([{listed}])")  # noqa: S608

    def run(self, text: str) -> None:
        """Run a statement that returns nothing."""
        self._connection.execute(text)

    def keep(self, name: str, text: str) -> int:
        """Write a query's rows to Parquet, as a table; return how many they are."""
        file = self.work / name / "part-0.parquet"
        file.parent.mkdir()
        self.run(f"COPY ({text}) TO {_literal(str(file))} (FORMAT parquet)")
        self.table(name, [file])
        return n_rows(file)

    def stream(self, name: str, text: str) -> Iterator[pa.RecordBatch]:  # noqa: ARG002
        """Return a query's rows in its order, a batch at a time."""
        yield from self._connection.sql(text).to_arrow_reader(ROWS)


@contextmanager
def opened(work: Path, memory: int) -> Iterator[DuckDB]:
    """Open DuckDB with ``memory`` bytes; what it spills goes to the work folder.

    Raises
    ------
    CallError
        DuckDB is not installed.
    FollowbackError
        Memory or disk ran out, or the file cannot be read.
    """
    try:
        import duckdb
    except ModuleNotFoundError as error:
        raise CallError(f"--engine duckdb needs DuckDB; {install('duckdb')}") from error
    room = int(_DISK_SHARE * shutil.disk_usage(work).free)
    settings = {
        "memory_limit": f"{memory}B",
        "temp_directory": str(work / "spill"),
        "max_temp_directory_size": f"{room}B",
        "preserve_insertion_order": True,  # without it a sorted stream comes out of order
        "python_enable_replacements": False,  # no variable of ours is a table
    }
    try:
        with duckdb.connect(":memory:", config=settings) as connection:
            yield DuckDB(connection, work)
    except duckdb.InterruptException as error:
        raise KeyboardInterrupt from error
    except duckdb.OutOfMemoryException as error:
        raise FollowbackError(
            f"DuckDB ran out of its {memory / 1e9:.1f} GB of memory or the {room / 1e9:.1f} GB of "
            f"disk at {tempfile.gettempdir()}: {_one_line(error)}; free some, or set "
            "TMPDIR to a larger disk"
        ) from error
    except duckdb.Error as error:
        raise FollowbackError(f"DuckDB cannot do this: {_one_line(error)}") from error


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
