"""A text stream without comments, blank lines and runs of spaces."""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING

import numpy as np

from .._errors import FollowbackError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ._archive import Bounded

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
SEP_LINE = re.compile(rb"\A(?i:sep)=([^\w\"\r\n])\r?\n")  # Excel's first line names the separator
_BLOCK = 1 << 22
# Lines in a row are one match: without a quotation mark all are in a cell, or none is.
_SKIPPED = re.compile(
    rb'(?m)^(?:(?:[#%][^\n"]*\n)++|[#%][^\n]*(?:\n|\Z)|(?:[ \t\r\f\v]*\n)++|[ \t\r\f\v]+\Z)'
)
_MAY_SKIP = (b"\n#", b"\n%", b"\n\n", b"\n ", b"\n\t", b"\n\r", b"\n\f", b"\n\v")
_QUOTED_COMMENT = re.compile(rb'(?m)^[#%][^\n"]*"[^\n]*\n?')
_SPACES = re.compile(rb"[ \t]+")
_EDGES = re.compile(rb"(?m)^ | \r?$")


class CleanLines:
    """A readable file that hands on whole, clean lines.

    Comment lines (``#``, ``%``) and lines of white space alone are left out unless
    they stand inside a quoted cell; so are byte-order marks, Excel's ``sep=`` line
    and spaces between a separator and a quotation mark. Where a space separates,
    any run of spaces and tabs becomes one and edges are trimmed. A class because
    pyarrow asks for a file object.

    Attributes
    ----------
    comments
        Comment lines left out after the first row; those before it are a preamble.
    """

    closed = False

    def __init__(self, stream: IO[bytes] | Bounded, separator: str, name: str = "the text") -> None:
        self.comments = 0
        self._stream, self._separator, self._name = stream, separator.encode(), name
        self._pad = re.compile(rb"(?m)(?:^|%b)( +)(?=\")" % re.escape(self._separator))
        self._tail = b""  # an unfinished line
        self._ready = b""  # clean bytes not handed on yet
        self._started = self._ended = False
        self._begun = False  # a row has been seen
        self._inside = False  # a quoted cell is open
        self._lines = 0  # read so far
        self._opened = 0  # line on which the open cell begins

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while not self._ended and (size < 0 or len(self._ready) < size):
            self._ready += self._next()
        end = len(self._ready) if size < 0 else size
        out, self._ready = self._ready[:end], self._ready[end:]
        return out

    def close(self) -> None:
        self.closed = True

    def check_end(self) -> None:
        """Refuse a text that ends inside a quoted cell, which would have swallowed rows."""
        if self._inside:
            raise self._unclosed()

    def _next(self) -> bytes:
        block = self._tail + self._filled()
        if not self._started:
            while block.startswith(BYTE_ORDER_MARK):
                block = block.removeprefix(BYTE_ORDER_MARK)
            if named := SEP_LINE.match(block):
                block, self._lines = block[named.end() :], 1
            self._started = True
        if b"\0" in block:
            line = self._lines + block.count(b"\n", 0, block.index(b"\0")) + 1
            raise FollowbackError(
                f"{self._name}, line {line}: a NUL byte, which no text holds; write the file again"
            )
        if b"\n" not in block:
            block = block.replace(b"\r", b"\n")  # old Mac
        cut = len(block) if self._ended else block.rfind(b"\n") + 1
        lines, self._tail = block[:cut], block[cut:]
        if len(self._tail) >= _BLOCK:
            line = self._lines + lines.count(b"\n") + 1
            raise FollowbackError(
                f"{self._name}, line {line}: longer than 4 MB; it is no list of follows"
            )
        return self._cleaned(lines)

    def _filled(self) -> bytes:
        """Read a block; a compressed stream may give less than it is asked for."""
        parts, size = [], 0
        while size < _BLOCK and (part := self._stream.read(_BLOCK - size)):
            parts.append(part)
            size += len(part)
        self._ended = size < _BLOCK
        return b"".join(parts)

    def _cleaned(self, lines: bytes) -> bytes:
        parts, done = [], 0
        if b'"' in lines and (b"#" in lines or b"%" in lines):
            # quotation marks in a comment open nothing, so such lines go first, one by one
            for match in _QUOTED_COMMENT.finditer(lines):
                parts.append(self._segment(lines[done : match.start()]))
                done = match.start()
                if not self._inside:
                    self.comments += self._begun
                    self._lines += 1
                    done = match.end()
        parts.append(self._segment(lines[done:] if done else lines))
        clean = b"".join(parts)
        if self._separator == b" ":
            clean = _EDGES.sub(b"", _SPACES.sub(b" ", clean))
        return clean

    def _segment(self, text: bytes) -> bytes:
        """Cut out lines and spaces that are not part of a cell; follow the quotes."""
        if not text:
            return text
        pads = list(self._pad.finditer(text)) if b' "' in text else []
        at, after = _quotes(text, self._separator, [m.end() for m in pads], inside=self._inside)

        def outside(found: list[re.Match[bytes]]) -> list[re.Match[bytes]]:
            states = np.append(self._inside, after)  # before the first mark, behind each
            inside = states[np.searchsorted(at, [match.start() for match in found])]
            return [match for match, skip in zip(found, inside, strict=True) if not skip]

        cuts = [pad.span(1) for pad in outside(pads)]
        if text[:1] in b"#% \t\r\n\f\v" or any(mark in text for mark in _MAY_SKIP):
            lines = outside(list(_SKIPPED.finditer(text)))
            cuts += [match.span() for match in lines]
            self._count_comments(lines)
        self._follow(text, at, after)
        clean = _without(text, sorted(cuts)) if cuts else text
        self._begun = self._begun or bool(clean)
        return clean

    def _count_comments(self, skipped: list[re.Match[bytes]]) -> None:
        """Count comment lines that stand behind a row."""
        done = 0
        for match in skipped:
            self._begun = self._begun or match.start() > done
            if self._begun and match.group()[:1] in (b"#", b"%"):
                self.comments += len(match.group().rstrip(b"\n").split(b"\n"))
            done = match.end()

    def _follow(self, text: bytes, at: NDArray[np.int64], after: NDArray[np.bool_]) -> None:
        """Note whether a cell is open at the end, and on which line it began."""
        if self._inside and not len(at) and len(text) >= _BLOCK:
            raise self._unclosed()
        if len(at):
            self._inside = bool(after[-1])
            if self._inside:
                self._opened = self._lines + text.count(b"\n", 0, int(at[-1])) + 1
        self._lines += text.count(b"\n")

    def _unclosed(self) -> FollowbackError:
        return FollowbackError(
            f"{self._name}, line {self._opened}: a quoted cell opens here and does not end; "
            "close the quotation mark"
        )


def _quotes(
    text: bytes, separator: bytes, padded: list[int], *, inside: bool
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return where quoting can change, and whether a cell is open behind each such place.

    A run of an even number of quotation marks changes nothing. One of an odd
    number closes an open cell; outside it opens one at a cell's start (at a line's
    start, behind a separator, or at a place in ``padded``) and is a plain letter elsewhere.
    """
    if b'"' not in text:
        return np.zeros(0, np.int64), np.zeros(0, bool)
    data = np.frombuffer(text, np.uint8)
    marks = np.flatnonzero(data == ord('"'))
    runs = np.flatnonzero(np.diff(marks, prepend=-2) > 1)
    at = marks[runs][np.diff(runs, append=len(marks)) % 2 == 1]

    before = np.where(at > 0, data[at - 1], ord("\n"))
    opens = np.isin(before, [ord("\n"), ord("\r"), separator[0]]) | np.isin(at, padded)
    # state: number of toggles since the last mark that can only close, odd is inside
    toggles = np.cumsum(opens)
    closed = np.maximum.accumulate(np.where(opens, -1 if inside else 0, toggles))
    return at, np.asarray((toggles - closed) % 2, dtype=bool)


def _without(text: bytes, cuts: list[tuple[int, int]]) -> bytes:
    kept, done = [], 0
    for start, stop in cuts:
        if start >= done:
            kept.append(text[done:start])
        done = max(done, stop)
    return b"".join([*kept, text[done:]])
