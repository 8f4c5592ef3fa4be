"""READ Matrix Market coordinate files: row i, column j is a follow i -> j."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from ._archive import Bounded, opened
from ._draft import reader
from ._follows import Follows, mirrored

_PIECE = 1 << 18  # entries handed on at a time


@reader("Matrix Market", "write it again")
def read_matrix_market(path: Path) -> Follows:
    """Read a sparse matrix as follows; a symmetric one stores each mutual pair once.

    Accounts are the matrix's indices, from 1. The number of entries must be the one
    that the head declares; entries that are 0 are follows all the same.
    """
    with opened(path) as stream:
        words = stream.read(1024).split(b"\n", 1)[0].decode("ascii").lower().split()
    if len(words) < 5 or words[1:3] != ["matrix", "coordinate"]:
        raise ValueError("it is no coordinate matrix")
    if words[4] not in ("general", "symmetric"):
        raise ValueError(f"a matrix that is {words[4]!r} holds no follows")
    follows = Follows(list(_batches(path)), str(path))
    return mirrored(follows) if words[4] == "symmetric" else follows


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    declared, size, found = -1, 0, 0
    source: list[int] = []
    target: list[int] = []
    with opened(path) as stream:
        for number, line in enumerate(_lines(Bounded(stream, path)), start=1):
            if line.startswith(b"%") or not line.strip():
                continue
            cells = line.split()
            if declared < 0:
                size, declared = max(int(cells[0]), int(cells[1])), int(cells[2])
                continue
            for value in cells[2:]:
                float(value)  # refuses what is no number
            i, j = int(cells[0]), int(cells[1])
            if not (0 < i <= size and 0 < j <= size):
                raise ValueError(f"line {number} lies outside the matrix")
            source.append(i)
            target.append(j)
            found += 1
            if len(source) == _PIECE:
                yield _batch(source, target)
                source, target = [], []
    if source:
        yield _batch(source, target)
    if found != declared:
        raise ValueError(f"its head declares {declared:,} entries, {found:,} are there")


def _lines(stream: Bounded) -> Iterator[bytes]:
    tail = b""
    while block := stream.read(1 << 20):
        lines = (tail + block).split(b"\n")
        tail = lines.pop()
        if len(tail) > 1 << 16:
            raise ValueError("a line is longer than 64 kB")
        yield from lines
    yield tail


def _batch(source: list[int], target: list[int]) -> pa.RecordBatch:
    columns = [pa.array(source, pa.int64()), pa.array(target, pa.int64())]
    return pa.record_batch(columns, ["source", "target"])
