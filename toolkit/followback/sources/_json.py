"""JSON documents: one a file, one a line, plain or compressed, never more than fits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .._errors import FollowbackError
from ._archive import allowed, bounded, opened

_LINE = 64 << 20  # bytes; no line of a feed is longer


def documents(path: Path) -> Iterator[Any]:
    r"""Yield the JSON values of a file: each line's, or the whole file's one.

    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp()) / "x"
    >>> _ = place.write_text('{"a": 1}\n\n[2]\n')
    >>> list(documents(place))
    [{'a': 1}, [2]]
    """
    with opened(path) as stream:
        first, rest = _first_line(stream.read(1 << 16))
    if first is not None and rest:
        yield from _lines(path)
    else:
        with opened(path) as stream:
            yield parsed(bounded(stream, path), str(path))


def parsed(content: bytes, where: str) -> Any:
    """Parse one JSON document, or say at which line it breaks off."""
    try:
        return json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise FollowbackError(f"{where}, line {line}: not UTF-8 text; export it again") from error
    except json.JSONDecodeError as error:
        raise FollowbackError(
            f"{where}, line {error.lineno}: {error.msg}; the file may be cut short, export it again"
        ) from error
    except RecursionError as error:
        raise FollowbackError(f"{where} is nested too deeply to be an export; refused") from error
    except ValueError as error:  # a number of thousands of digits
        raise FollowbackError(f"{where}: {str(error)[:80]}; export it again") from error


def records(path: Path) -> Iterator[Any]:
    """Yield the documents of a file, the members of a list one by one."""
    for document in documents(path):
        if isinstance(document, list):
            yield from document
        else:
            yield document


def _first_line(head: bytes) -> tuple[Any, bytes]:
    """Parse the first line that is not blank; None where it is no whole document."""
    head = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    line, _, rest = head.partition(b"\n")
    try:
        return json.loads(line), rest.strip()
    except (ValueError, RecursionError):
        return None, rest


def _lines(path: Path) -> Iterator[Any]:
    limit, size = allowed(path.stat().st_size), 0
    with opened(path) as stream:
        tail, number = b"", 0
        while True:
            block = stream.read(1 << 20)
            size += len(block)
            if size > limit or len(tail) > _LINE:
                raise FollowbackError(
                    f"{path} unfolds to far more than its size, as an archive bomb does; refused"
                )
            lines = (tail + block).split(b"\n")
            tail = lines.pop() if block else b""
            for line in lines:
                number += 1
                if line.strip():
                    yield _parsed_line(line, path, number)
            if not block:
                return


def _parsed_line(line: bytes, path: Path, number: int) -> Any:
    try:
        return json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise FollowbackError(f"{path}, line {number}: not UTF-8 text; export it again") from error
    except RecursionError as error:
        raise FollowbackError(f"{path}, line {number} is nested too deeply; refused") from error
    except ValueError as error:
        raise FollowbackError(
            f"{path}, line {number}: no JSON ({str(error)[:60]}); the file may be cut short, "
            "remove the line or export it again"
        ) from error
