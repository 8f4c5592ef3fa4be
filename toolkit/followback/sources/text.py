"""READ text: comma-, tab-, semicolon-, bar- or space-separated follows, one a row."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pcsv

from .._errors import FollowbackError
from ._archive import FREE, Bounded, opened
from ._clean import BYTE_ORDER_MARK, SEP_LINE, CleanLines
from ._follows import (
    ACCOUNT_NAMES,
    SOURCE_NAMES,
    TARGET_NAMES,
    TIME_NAMES,
    Follows,
    choose_columns,
    describe_columns,
    plain,
)
from ._times import to_milliseconds

_HEAD = 1 << 16  # bytes looked at to tell separator, header and columns
_BLOCK = 1 << 23  # bytes parsed at a time: about half a million rows
_PREAMBLE = re.compile(rb"\A(?:[ \t\r\f\v]*\n|[#%][^\n]*\n)+")


@dataclass(frozen=True)
class _Shape:
    separator: str
    n_columns: int
    header: bool
    source: int
    target: int
    time: int | None
    columns: str


def read_text(path: Path, separator: str | None = None) -> Follows:
    """Read follows from a text file, plain or compressed.

    The separator, the header and the columns are told from the first 64 kB; a first
    line ``sep=;`` names the separator. A first row is a header when it names a
    known column and no row below repeats that name, or when it holds no number and
    the rows below it do. Lines that start with ``#`` or ``%`` and blank lines are
    skipped; such comments behind the first row are counted. Without a header, the
    last of three or more columns is a time if all its first values look like times.

    Parameters
    ----------
    path
        The file.
    separator
        One character; a space stands for any run of spaces and tabs.

    Raises
    ------
    FollowbackError
        Not text in UTF-8, JSON or HTML, one column only, rows of unequal length, a
        file cut short, a quoted cell that does not end, a cell that is no time.
    """
    shape = _shape(path, separator)
    skipped: dict[str, int] = {}
    batches = _batches(path, shape, skipped)
    first = 1 + shape.header  # rows are counted as a spreadsheet shows them
    return Follows(batches, str(path), shape.columns, False, first, skipped)


def _shape(path: Path, separator: str | None) -> _Shape:
    """Tell separator, header and columns from the head of the file."""
    raw, whole = _head(path)
    _check_kind(raw, path)
    named = SEP_LINE.match(raw)
    sep = separator or (named[1].decode() if named else _separator(raw))
    rows = _rows(raw, sep)
    if not rows:
        raise FollowbackError(f"{path} holds no row; it must hold one follow a row")
    if len(rows[0]) < 2:
        raise FollowbackError(
            f"{path} has one column; it needs two, separated by a comma, a tab or a space: "
            "who follows, and who is followed"
        )
    if not whole:  # the last row may be cut by the head's end
        rows = rows[: max(len(rows) - 1, 1)]

    header = _is_header(rows)
    if header and len(rows) == 1:
        if not whole:
            raise FollowbackError(
                f"{path}: its row 2 is longer than 64 kB; it is no list of follows"
            )
        raise FollowbackError(f"{path} has a header and no row below it; it holds no follow")
    names = rows[0] if header else [""] * len(rows[0])
    source, target, time = choose_columns(names)
    if not header and len(rows[0]) > 2 and _look_like_times([row[-1] for row in rows]):
        time = len(rows[0]) - 1
    seen = "header seen" if header else "no header"
    columns = describe_columns(names, (source, target, time), seen)
    return _Shape(sep, len(rows[0]), header, source, target, time, columns)


def _head(path: Path) -> tuple[bytes, bool]:
    """Return whole lines from behind the preamble, and whether they are all there are."""
    head, size = b"", 0
    try:
        with opened(path) as stream:
            while part := stream.read(_HEAD):
                head += part
                size += len(part)
                if size > FREE:
                    raise FollowbackError(
                        f"{path}: its first {FREE >> 20} MB hold blank lines and comments alone; "
                        "remove them, or name the right file"
                    )
                while head.startswith(BYTE_ORDER_MARK):
                    head = head.removeprefix(BYTE_ORDER_MARK)
                head = _PREAMBLE.sub(b"", head)
                if len(head) >= _HEAD:
                    break
    except (OSError, pa.ArrowException) as error:
        raise _cut_short(path, error) from error
    if len(head) < _HEAD:
        return head, True
    cut = max(head.rfind(b"\n"), head.rfind(b"\r")) + 1
    if cut == 0:
        raise FollowbackError(
            f"{path}: its first row is longer than 64 kB; it is no list of follows"
        )
    return head[:cut], False


def _check_kind(raw: bytes, path: Path) -> None:
    """Refuse what is not a table in UTF-8 text."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise FollowbackError(f"{path} is UTF-16 text; save it as UTF-8 and read it again")
    if b"\0" in raw:
        raise FollowbackError(
            f"{path} is a binary file of a kind that is not known here; export it as CSV or Parquet"
        )
    kind = {b"{": "JSON", b"[": "JSON", b"<": "HTML or XML"}.get(raw.lstrip()[:1])
    if kind:
        raise FollowbackError(
            f"{path} looks like {kind}, not like a table; export it as CSV, one follow a row"
        )
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _not_utf8(path) from error


def _separator(raw: bytes) -> str:
    """Choose the separator that splits the first lines into the most even columns."""
    for candidate in ("\t", ",", ";", "|"):
        widths = {len(row) for row in _rows(raw, candidate)[:100]}
        if len(widths) == 1 and widths.pop() > 1:
            return candidate
    first = raw.split(b"\n", 1)[0].decode()
    for candidate in (",", "\t", ";", "|"):  # uneven rows: the first one decides
        if candidate in first:
            return candidate
    return " "


def _rows(raw: bytes, separator: str) -> list[list[str]]:
    text = CleanLines(io.BytesIO(raw), separator).read().decode()
    if separator == " ":
        return [line.split(" ") for line in text.split("\n") if line]
    parsed = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    return [[cell.strip() for cell in row] for row in parsed if row]


def _is_header(rows: list[list[str]]) -> bool:
    """Say whether the first row names columns."""
    first = [plain(cell) for cell in rows[0]]
    words = {name for name in first if len(name) > 1}
    if words & set(SOURCE_NAMES) and words & set(TARGET_NAMES):
        return True
    below = rows[1:]
    roles = {*SOURCE_NAMES, *TARGET_NAMES, *ACCOUNT_NAMES, *TIME_NAMES}
    known = [k for k, name in enumerate(first) if name in roles]
    telling = [k for k in known if len(first[k]) > 1 or len(known) > 1]  # one "u" tells nothing
    repeated = {row[k] for row in below for k in telling if k < len(row)}
    if below and telling and not repeated & {rows[0][k] for k in telling}:
        return True
    ends = [cell for row in below for cell in row[:2]]
    return (
        bool(ends)
        and not any(_is_integer(cell) for cell in rows[0][:2])
        and all(_is_integer(cell) for cell in ends)
    )


def _is_integer(cell: str) -> bool:
    return cell.lstrip("-").isdecimal()


def _look_like_times(cells: list[str]) -> bool:
    try:
        return bool(to_milliseconds(pa.array(cells), "", 1).null_count < len(cells))
    except FollowbackError:
        return False


def _batches(path: Path, shape: _Shape, skipped: dict[str, int]) -> Iterator[pa.RecordBatch]:
    """Parse the file block by block; a fault ends with its place and the cure."""
    uneven: list[pcsv.InvalidRow] = []

    def keep(row: pcsv.InvalidRow) -> str:
        uneven.append(row)
        return "error"

    columns = [f"c{k}" for k in range(shape.n_columns)]
    wanted = [columns[k] for k in (shape.source, shape.target, shape.time) if k is not None]
    n_rows, first = 0, 1 + shape.header
    try:
        with opened(path) as stream:
            lines = CleanLines(Bounded(stream, path), shape.separator, str(path))
            reader = pcsv.open_csv(
                pa.PythonFile(lines, mode="r"),
                read_options=pcsv.ReadOptions(
                    block_size=_BLOCK,
                    column_names=columns,
                    skip_rows_after_names=int(shape.header),
                    use_threads=False,
                ),
                parse_options=pcsv.ParseOptions(
                    delimiter=shape.separator,
                    newlines_in_values=shape.separator != " ",
                    invalid_row_handler=keep,
                ),
                convert_options=pcsv.ConvertOptions(
                    include_columns=wanted,
                    column_types=dict.fromkeys(columns, pa.large_string()),
                    strings_can_be_null=False,
                ),
            )
            for batch in reader:
                arrays = [batch.column(0), batch.column(1)]
                if shape.time is not None:
                    arrays.append(to_milliseconds(batch.column(2), str(path), n_rows + first))
                yield pa.record_batch(arrays, ["source", "target", "created_at"][: len(arrays)])
                n_rows += batch.num_rows
            lines.check_end()
            if lines.comments:
                skipped["comments"] = lines.comments
    except (pa.ArrowException, OSError) as error:
        raise _explained(error, path, uneven, n_rows) from error


def _explained(
    error: Exception, path: Path, uneven: list[pcsv.InvalidRow], n_rows: int
) -> FollowbackError:
    """Say in one line what is wrong with a text file, where, and the cure."""
    if uneven:
        row = uneven[0]
        where = f", row {row.number}" if row.number is not None else f", after row {n_rows}"
        text = " ".join(row.text.split())[:60]
        return FollowbackError(
            f"{path}{where}: {row.actual_columns} column(s) where the first row has "
            f"{row.expected_columns}: {text!r}; quote cells that hold the separator, or mend the row"
        )
    if "UTF8" in str(error):
        return _not_utf8(path)
    if "straddling" in str(error) or "out of sync" in str(error):
        return FollowbackError(
            f"{path}, after row {n_rows}: a row is longer than 8 MB; it is no list of follows, "
            "or a quotation mark is not closed"
        )
    return _cut_short(path, error)


def _not_utf8(path: Path) -> FollowbackError:
    line = _undecodable_line(path)
    return FollowbackError(
        f"{path}, line {line}: not UTF-8 text; save the file as UTF-8 and read it again"
    )


def _undecodable_line(path: Path) -> int:
    line, decoder = 1, codecs.getincrementaldecoder("utf-8")()
    with opened(path) as stream:
        text = Bounded(stream, path)
        while part := text.read(_BLOCK):
            try:
                decoder.decode(part)
            except UnicodeDecodeError as error:
                return line + error.object.count(b"\n", 0, error.start)
            line += part.count(b"\n")
    return line


def _cut_short(path: Path, error: Exception) -> FollowbackError:
    reason = " ".join(str(error).split())[:120]
    return FollowbackError(
        f"{path} cannot be read to its end ({reason}); the file may be cut short, "
        "write or download it again"
    )
