"""A saved graph from a stream of sorted follows: compressed rows, never held in memory."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from .._progress import watched
from ..graph import UNKNOWN_TIME
from ..saved import npy_header

if TYPE_CHECKING:
    from numpy.typing import NDArray


def write_rows(
    folder: Path, n_accounts: int, batches: Iterable[pa.RecordBatch]
) -> tuple[int, bool]:
    """Write ``indptr``, ``indices`` and ``created_at`` as `FollowGraph.save` does.

    Parameters
    ----------
    folder
        Where the files go.
    n_accounts
        The number of accounts; 8 bytes of memory each.
    batches
        Positions ``source`` and ``target``, strictly ascending, and maybe ``created_at``.

    Returns
    -------
    tuple
        The number of follows, and whether any time is known.
    """
    degrees = np.zeros(n_accounts, np.int64)
    names: dict[str, np.dtype[Any]] = {
        "indices": np.dtype(np.int32),
        "created_at": np.dtype(np.int64),
    }
    files = {name: (folder / f"{name}.npy").open("wb") for name in names}
    last, n_follows, known = -1, 0, False
    try:
        for name, kind in names.items():
            files[name].write(npy_header(0, kind))
        for batch in watched(batches, "follows written", "follows", len):
            if len(batch) == 0:
                continue
            source, target = (batch.column(k).to_numpy() for k in (0, 1))
            last = _checked_last(source, target, last, n_accounts)
            starts = np.flatnonzero(np.diff(source, prepend=-1))
            degrees[source[starts]] += np.diff(starts, append=len(source))
            files["indices"].write(target.astype(np.int32, copy=False).data)
            if batch.num_columns > 2:
                times = batch.column(2).fill_null(UNKNOWN_TIME).to_numpy()
                known = known or bool((times != UNKNOWN_TIME).any())
                files["created_at"].write(times.data)
            n_follows += len(source)
        for name, kind in names.items():
            files[name].seek(0)
            files[name].write(npy_header(n_follows, kind))
    finally:
        for file in files.values():
            file.close()

    indptr = np.zeros(n_accounts + 1, np.int64)
    np.cumsum(degrees, out=indptr[1:])
    np.save(folder / "indptr.npy", indptr)
    if not known:
        (folder / "created_at.npy").unlink()
    return n_follows, known


def _checked_last(
    source: NDArray[np.int32], target: NDArray[np.int32], last: int, n_accounts: int
) -> int:
    """Return the last follow as one number; an engine that mixes up the order is found out."""
    keys = source.astype(np.int64) * n_accounts + target
    if keys[0] <= last or (np.diff(keys) <= 0).any():
        raise AssertionError("the engine's rows are not in order")
    return int(keys[-1])
