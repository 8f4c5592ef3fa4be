"""Compressed rows that are written to files part by part, and read again block by block."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .._progress import bar
from ..graph import UNKNOWN_TIME
from ..saved import npy_header
from ._journal import lost, summed, write

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ._journal import Journal

_BLOCK = 1 << 24  # entries that are read at a time


class RowFiles:
    """Rows in the files of a saved graph; what parts are finished stands in the journal."""

    def __init__(
        self, folder: Path, prefix: str, n: int, journal: Journal, *, timed: bool = False
    ) -> None:
        self._folder, self._prefix, self._n, self._journal = folder, prefix, n, journal
        self._timed = timed and not journal.get(f"{prefix}untimed", False)
        self._sums: dict[str, list[int]] = {}  # of each file, without an array's head
        self._sure = False  # whether what earlier calls wrote was compared with the journal

    def left(self, n_parts: int) -> Iterator[int]:
        """Give the parts that are not finished, in order."""
        self.rewind(self.done)
        yield from range(self.done, n_parts)

    @property
    def work(self) -> Path:
        """The work folder, where all that is no part of the graph stands."""
        return self._folder.parent

    @property
    def done(self) -> int:
        """The number of finished parts."""
        return len(self._marks)

    @property
    def _marks(self) -> list[dict[str, list[int]]]:
        """What `summed` says of each file at the end of each finished part."""
        found: list[dict[str, list[int]]] = self._journal.get(f"{self._prefix}parts", [])
        return found

    def rewind(self, part: int) -> None:
        """Forget what stands behind the first ``part`` parts; see that they are as they were."""
        self._journal[f"{self._prefix}parts"] = self._marks[:part]
        mark = self._marks[-1] if part else {}
        for name in ("degrees.bin", "gone.bin", "indices.npy", "created_at.npy"):
            if name == "created_at.npy" and not self._timed:
                continue
            head = len(npy_header(0, np.dtype(np.int32))) if name.endswith(".npy") else 0
            self._sums[name] = list(mark.get(name, [0, 0]))
            size = self._sums[name][0]
            if part and not self._sure and summed(self._path(name), head, size) != mark[name]:
                raise lost(self.work)
            with self._path(name).open("ab") as file:
                file.truncate(head + size)
        self._sure = True

    def write(
        self,
        degrees: NDArray[np.int64],
        targets: NDArray[np.int32],
        times: NDArray[np.int64] | None = None,
        gone: NDArray[np.int32] | None = None,
    ) -> None:
        """Write rows of the part at hand; ``gone`` are the targets of what was left out."""
        arrays: dict[str, NDArray[Any] | None] = {
            "degrees.bin": degrees, "indices.npy": targets, "created_at.npy": times, "gone.bin": gone,
        }  # fmt: skip
        for name, array in arrays.items():
            if array is not None and (name != "created_at.npy" or self._timed):
                with self._path(name).open("ab") as file:
                    write(file, self._sums[name], array)

    def mark(self) -> None:
        """Note in the journal that the part at hand is finished."""
        mark = {name: list(total) for name, total in self._sums.items()}
        self._journal[f"{self._prefix}parts"] = [*self._marks, mark]

    def finish(self) -> None:
        """Write what makes the files a saved graph's."""
        np.save(self._path("indptr.npy"), self.indptr())
        n_entries = self._sums["indices.npy"][0] // 4
        kinds = {"indices.npy": np.int32} | ({"created_at.npy": np.int64} if self._timed else {})
        if not self._timed:
            self._path("created_at.npy").unlink(missing_ok=True)
        for name, kind in kinds.items():
            with self._path(name).open("r+b") as file:
                file.write(npy_header(n_entries, np.dtype(kind)))
        if self._timed:
            times = np.load(self._path("created_at.npy"), mmap_mode="r")
            steps = range(0, n_entries, _BLOCK)
            if all((times[k : k + _BLOCK] == UNKNOWN_TIME).all() for k in steps):
                self._journal[f"{self._prefix}untimed"] = True  # before it goes
                self._path("created_at.npy").unlink()

    def indptr(self) -> NDArray[np.int64]:
        """Return where every row begins and ends."""
        indptr = np.zeros(self._n + 1, np.int64)
        np.cumsum(np.fromfile(self._path("degrees.bin"), np.int64), out=indptr[1:])
        return indptr

    def gone(self) -> NDArray[np.int32]:
        """Return the targets of all entries that were left out."""
        return np.fromfile(self._path("gone.bin"), np.int32)

    def blocks(
        self, indptr: NDArray[np.int64], first: int, last: int, what: str
    ) -> Iterator[tuple[int, int, NDArray[np.int32]]]:
        """Read the rows of a range of accounts, some at a time: (first, last, entries)."""
        head, low = len(npy_header(0, np.dtype(np.int32))), first
        total = int(indptr[last] - indptr[first])
        with self._path("indices.npy").open("rb") as file, bar(what, "follows", total) as done:
            file.seek(head + 4 * int(indptr[first]))
            while low < last:
                high = int(np.searchsorted(indptr, indptr[low] + _BLOCK, "right")) - 1
                high = min(max(high, low + 1), last)
                block = np.fromfile(file, np.int32, int(indptr[high] - indptr[low]))
                yield low, high, block
                done(len(block))
                low = high

    def _path(self, name: str) -> Path:
        scrap = name.endswith(".bin")
        return (self.work if scrap else self._folder) / f"{self._prefix}{name}"
