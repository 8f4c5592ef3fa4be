"""Writing: tables and follows, each file whole or not there at all."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ._drafts import drafted
from ._errors import CallError

if TYPE_CHECKING:
    import pandas as pd

    from .graph import FollowGraph

# What a spreadsheet may take for a formula; plain handles cannot be one.
_FORMULA = re.compile(r"'*(?!@[\w.-]+(@[\w.-]+)?\Z)[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_SEPARATORS = {".csv": ",", ".tsv": "\t"}
_WHOLE = (".parquet", ".arrow", ".gexf", ".graphml")  # formats that are not compressed again
_COMPRESSIONS = {".gz": "gzip", ".bz2": "bz2", ".zst": "zstd"}


@contextmanager
def naming(path: Path, draft: Path) -> Iterator[None]:
    """Let what goes wrong with a draft name the file that was asked for.

    The draft is a file or folder whose name begins as ``draft`` does. A reason without a
    number, as NumPy gives where the disk is full, is kept.

    Parameters
    ----------
    path
        The file or folder that was asked for.
    draft
        The path of the draft, or its beginning.

    Raises
    ------
    OSError
        What went wrong, with the name of ``path`` where it had that of the draft or none.

    Examples
    --------
    >>> with naming(Path("a.csv"), Path(".a.csv-")):
    ...     raise OSError("9 requested and 0 written")
    Traceback (most recent call last):
    OSError: [Errno 5] 9 requested and 0 written: 'a.csv'
    """
    try:
        yield
    except OSError as error:
        if error.filename is None or _written_as(error.filename, draft):
            if error.strerror is None:
                error.errno, error.strerror = errno.EIO, str(error)
            error.filename = str(path)
        raise


def _written_as(name: str | bytes, draft: Path) -> bool:
    """Tell whether a file is a draft's, however the way to either is written."""
    return os.path.realpath(os.fsdecode(name)).startswith(os.path.realpath(draft))


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give a draft to write to; it takes the file's name when all went well.

    Parameters
    ----------
    path
        The file. One that is there is replaced and keeps its permissions; of a symbolic
        link the file that it names is.

    Yields
    ------
    pathlib.Path
        The draft, an empty file in the same folder.

    Raises
    ------
    CallError
        ``path`` is a folder.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "a.txt"
    >>> with whole(target) as draft:
    ...     _ = draft.write_text("done")
    >>> target.read_text()
    'done'
    """
    if path.is_dir():
        raise CallError(f"{path} is a folder; name a file")
    if path.is_symlink():
        path = path.resolve()  # the file that it names is replaced, not the link
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o644
    with naming(path, path.with_name(f".{path.name}-")), drafted(path) as draft:
        draft.touch()
        yield draft
        draft.chmod(mode)
        draft.replace(path)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Give a folder to fill; it takes the name when all went well.

    A folder of that name is replaced; should that fail or be interrupted, it is put back.

    Parameters
    ----------
    path
        The folder; of a symbolic link the folder that it names is replaced.

    Yields
    ------
    pathlib.Path
        The draft, an empty folder beside it.

    Examples
    --------
    >>> import tempfile
    >>> target = Path(tempfile.mkdtemp()) / "a"
    >>> with whole_folder(target) as draft:
    ...     _ = (draft / "b.txt").write_text("done")
    >>> [file.name for file in target.iterdir()]
    ['b.txt']
    """
    if path.is_symlink():
        path = path.resolve()
    with naming(path, path.with_name(f".{path.name}-")), drafted(path) as new:
        old = new.with_name("old")
        try:
            new.mkdir()
            yield new
            if path.exists():
                path.rename(old)
            new.rename(path)
        except BaseException:
            if old.exists() and not path.exists():
                old.rename(path)
            raise


def csv_text(frame: pd.DataFrame) -> str:
    r"""Return a table as CSV: six digits that count, the same bytes on every system.

    Parameters
    ----------
    frame
        The table; its index is left out.

    Examples
    --------
    >>> import pandas as pd
    >>> csv_text(pd.DataFrame({"account": ["ann"], "share": [2 / 3]}))
    'account,share\nann,0.666667\n'
    """
    import csv

    # a return inside a text is not quoted by itself, and would end the row for a reader
    texts = frame.select_dtypes(exclude="number")
    returns = any("\r" in str(cell) for name in texts for cell in texts[name])
    quoting = csv.QUOTE_NONNUMERIC if returns else csv.QUOTE_MINIMAL
    text: str = frame.to_csv(index=False, float_format="%.6g", lineterminator="\n", quoting=quoting)
    return text


def spreadsheet_text(frame: pd.DataFrame) -> str:
    """Return a table as CSV that is safe to open in a spreadsheet.

    A text that begins with ``=``, ``+``, ``-``, ``@``, a tab or a line's end could be
    taken for a formula; it gets one apostrophe in front. So does one that begins with
    apostrophes before such a sign, and nothing else does, so `read_table` gives back
    exactly what was written. Numbers, and handles like ``@ann`` or ``@ann@example.org``,
    which cannot be a formula, stand as they are.

    Parameters
    ----------
    frame
        The table; its index is left out.

    Examples
    --------
    >>> import pandas as pd
    >>> print(spreadsheet_text(pd.DataFrame({"account": ["=1+1", "@ann"], "x": [-1.5, 2]})), end="")
    account,x
    '=1+1,-1.5
    @ann,2
    """
    import pandas as pd

    texts = frame.select_dtypes(exclude="number").columns
    marked = {
        name: frame[name].map(_marked, na_action="ignore")
        for name in texts
        if not pd.api.types.is_bool_dtype(frame[name])
    }
    return csv_text(frame.assign(**marked))


def read_table(path: str | os.PathLike[str]) -> pd.DataFrame:
    r"""Read a table of a report: numbers as numbers, ids exactly as they were.

    The column ``account`` is text where any id is; see `spreadsheet_text` for the
    apostrophes that are taken away.

    Parameters
    ----------
    path
        A CSV file that a report made.

    Returns
    -------
    pandas.DataFrame

    Examples
    --------
    >>> import io
    >>> read_table(io.StringIO("account,x\n'=1+1,2\n")).to_dict("list")
    {'account': ['=1+1'], 'x': [2]}
    """
    import pandas as pd

    frame = pd.read_csv(path, keep_default_na=False, na_values={}, dtype=str)
    for name in frame.columns:
        if name == "account" and not frame[name].str.fullmatch(r"0|-?[1-9]\d{0,17}").all():
            frame[name] = frame[name].map(_unmarked)
            continue
        plain = frame[name].replace("", None)
        try:
            frame[name] = pd.to_numeric(plain)
        except ValueError:
            frame[name] = frame[name].map(_unmarked)
    return frame


def _marked(text: Any) -> Any:
    return f"'{text}" if isinstance(text, str) and _FORMULA.match(text) else text


def _unmarked(text: str) -> str:
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def write_tables(folder: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write tables as ``folder/name.csv``; none appears before all are written.

    Parameters
    ----------
    folder
        The folder; it is made where there is none.
    tables
        Each by its name.

    Raises
    ------
    CallError
        ``folder`` is a file.

    Examples
    --------
    >>> import pandas as pd
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_tables(Path(folder), {"a": pd.DataFrame({"x": [1]})})
    ...     [file.name for file in Path(folder).iterdir()]
    ['a.csv']
    """
    if folder.exists() and not folder.is_dir():
        raise CallError(f"{folder} is a file; name a folder")
    folder.mkdir(parents=True, exist_ok=True)
    with naming(folder, folder / ".tables-"), drafted(folder / "tables") as draft:
        draft.mkdir()
        for name, frame in tables.items():
            (draft / f"{name}.csv").write_text(csv_text(frame), encoding="utf-8")
        for name in tables:
            (draft / f"{name}.csv").replace(folder / f"{name}.csv")


def write_follows(graph: FollowGraph, path: Path) -> None:
    """Write the follows of a graph; the name's ending tells the format.

    ``.csv`` and ``.tsv`` (also ``.gz``, ``.bz2``, ``.zst``), ``.parquet``, ``.arrow``,
    ``.gexf`` and ``.graphml`` (for Gephi);
    a name without an ending is a folder that `FollowGraph.load` maps.

    Parameters
    ----------
    graph
        The follower graph; known times are written with it.
    path
        The file or folder.

    Raises
    ------
    CallError
        The ending is not known.

    Examples
    --------
    >>> import followback as fb
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_follows(fb.FollowGraph.from_pairs([("ann", "bob")]), Path(folder) / "a.csv")
    ...     print((Path(folder) / "a.csv").read_text(), end="")
    "source","target"
    "ann","bob"
    """
    import pyarrow as pa

    compression = _COMPRESSIONS.get(path.suffix)
    ending = Path(path.stem).suffix if compression else path.suffix
    if not ending and not compression:
        graph.save(path)
        return
    if ending not in (*_SEPARATORS, *_WHOLE) or (compression and ending not in _SEPARATORS):
        raise CallError(
            f"cannot write {path.name}: end the name in .csv, .csv.gz, .tsv, .parquet, .arrow, .gexf "
            "or .graphml, or in nothing for a folder that maps without copying"
        )
    with whole(path) as draft:
        if ending == ".parquet":
            import pyarrow.parquet as pq

            pq.write_table(graph.to_table(), draft)
        elif ending in (".gexf", ".graphml"):
            from . import gephi

            (gephi.write_gexf if ending == ".gexf" else gephi.write_graphml)(graph, draft)
        elif ending == ".arrow":
            table = graph.to_table()
            with pa.ipc.new_file(draft, table.schema) as writer:
                writer.write_table(table)
        else:
            import pyarrow.csv as pcsv

            options = pcsv.WriteOptions(
                delimiter=_SEPARATORS[ending], quoting_style="needed", quoting_header="needed"
            )
            with pa.output_stream(str(draft), compression=compression) as stream:
                pcsv.write_csv(graph.to_table(), stream, options)
