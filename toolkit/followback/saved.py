"""GRAPH, saved: a folder of arrays that are mapped, never copied.

Engines write the same files as `FollowGraph.save`, part by part.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from ._errors import CallError, FollowbackError
from .collection import Collection
from .graph import FollowGraph, Rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LAYOUT = 1  # of a saved graph; raised when the files change
_BESIDE = {
    "followers": "back",
    "mutual": "mutual",
}  # rows that may be saved too: their names in `arrays`


@contextmanager
def graph_folder(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a folder to save a graph in; it appears whole or not at all.

    Raises
    ------
    CallError
        Something stands there that is no saved graph.
    """
    from .files import whole_folder

    target = Path(path)
    if target.exists() and not (target / "graph.json").is_file():
        raise CallError(f"{target} exists and is no saved graph; choose another name")
    with whole_folder(target) as folder:
        yield folder


def write_graph(g: FollowGraph, folder: Path) -> None:
    """Write all of a graph into a folder."""
    np.save(folder / "indptr.npy", g.following.indptr)
    np.save(folder / "indices.npy", g.following.indices)
    if g.created_at is not None:
        np.save(folder / "created_at.npy", g.created_at)
    names = [name for name, where in _BESIDE.items() if where in g.beside]
    for name in names:
        rows = g.beside[_BESIDE[name]]
        np.save(folder / f"{name}_indptr.npy", rows.indptr)
        np.save(folder / f"{name}_indices.npy", rows.indices)
    write_about(
        folder,
        g.labels,
        dropped=g.dropped,
        read_as=g.read_as,
        times=g.created_at is not None,
        collection=g.collection,
        rows=names,
    )


def write_about(
    folder: Path,
    labels: pa.Array | NDArray[np.int64],
    *,
    dropped: dict[str, int],
    read_as: str,
    times: bool,
    collection: Collection,
    rows: Sequence[str] = (),
) -> None:
    """Write all of a saved graph but its follows: the accounts and what is known about it.

    ``rows`` names further rows that stand there: ``followers``, ``mutual``.
    """
    names = pa.array(labels) if isinstance(labels, np.ndarray) else labels
    table = pa.table({"account": names})
    with pa.ipc.new_file(folder / "accounts.arrow", table.schema) as writer:
        writer.write_table(table)
    about = {
        "layout": _LAYOUT,
        "dropped": dropped,
        "read_as": read_as,
        "times": times,
        "collection": collection.save(folder),
    } | ({"rows": list(rows)} if rows else {})
    (folder / "graph.json").write_text(json.dumps(about, indent=1) + "\n")


def load_graph(folder: Path) -> FollowGraph:
    """Map a saved graph; see `FollowGraph.load`."""
    if not (folder / "graph.json").is_file():
        raise CallError(f"there is no saved graph at {folder}; save one with g.save(path)")
    try:
        about = json.loads((folder / "graph.json").read_text())
        if about["layout"] != _LAYOUT:
            raise ValueError(f"its layout is {about['layout']}, this version knows {_LAYOUT}")
        # copy-on-write maps: shared with the file until written to, which nothing here does
        mapped = [
            np.load(folder / f"{name}.npy", mmap_mode="c")
            for name in ("indptr", "indices", *(["created_at"] if about["times"] else []))
        ]
        names = pa.ipc.open_file(pa.memory_map(str(folder / "accounts.arrow"))).read_all()
        column = names["account"].combine_chunks()
        labels = column.to_numpy() if pa.types.is_int64(column.type) else column
        _check_rows(mapped[0], mapped[1], len(column))
        beside = {
            _BESIDE[name]: _mapped_rows(folder, name, len(column)) for name in about.get("rows", ())
        }
        known = about.get("collection")  # graphs saved before 0.2 have none
        collection = Collection.load(folder, known) if known else Collection()
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
        raise FollowbackError(
            f"the graph saved at {folder} cannot be used: {' '.join(str(error).split())[:200]}; "
            "save it again"
        ) from error
    times = mapped[2] if about["times"] else None
    read_as = about.get("read_as", "")
    g = FollowGraph(
        labels, Rows(mapped[0], mapped[1]), times, about["dropped"], read_as, collection
    )
    vars(g)["beside"] = beside
    return g


def npy_header(length: int, kind: np.dtype[Any]) -> bytes:
    """Return the header of an .npy file; numpy leaves room in it for any length."""
    file = io.BytesIO()
    about = {
        "descr": np.lib.format.dtype_to_descr(kind),
        "fortran_order": False,
        "shape": (length,),
    }
    np.lib.format.write_array_header_1_0(file, about)
    return file.getvalue()


def _mapped_rows(folder: Path, name: str, n: int) -> Rows:
    indptr = np.load(folder / f"{name}_indptr.npy", mmap_mode="c")
    indices = np.load(folder / f"{name}_indices.npy", mmap_mode="c")
    _check_rows(indptr, indices, n)
    return Rows(indptr, indices)


def _check_rows(indptr: NDArray[np.int64], indices: NDArray[np.int32], n: int) -> None:
    if len(indptr) != n + 1 or indptr[0] != 0 or indptr[-1] != len(indices):
        raise ValueError("its arrays do not fit together")
