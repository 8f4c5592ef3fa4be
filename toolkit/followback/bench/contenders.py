"""From a Parquet file of follows to core numbers, once with each library.

Each contender is run in a process of its own, ``python -m followback.bench.contenders
NAME FILE``, and prints its times, its peak memory and what it found. Each does all of it
with a tiny file first, so that no library is timed while it is loaded; what a library
lacks is left out, not imitated.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from .._report.facts import peak_memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    # what a contender yields: the name of the step it has done, and what it counted
    Steps = Iterator[tuple[str, dict[str, int]]]


def followback(path: str) -> Steps:
    """Ours."""
    import followback as fb

    yield "import", {}
    graph = fb.read(path)
    yield "build", {"follows": graph.n_follows}
    mutual = fb.mutual(graph)
    yield "mutual", {"mutual": mutual.n_mutual}
    yield "cores", {"cores": int(fb.core_numbers(mutual).sum())}


def networkx(path: str) -> Steps:
    """NetworkX on dicts, without a backend."""
    import networkx as nx

    yield "import", {}
    graph = nx.DiGraph()
    graph.add_edges_from(zip(*(end.tolist() for end in _ends(path)), strict=True))
    graph.remove_edges_from(list(nx.selfloop_edges(graph)))
    yield "build", {"follows": graph.number_of_edges()}
    mutual = graph.to_undirected(reciprocal=True)
    yield "mutual", {"mutual": mutual.number_of_edges()}
    yield "cores", {"cores": sum(nx.core_number(mutual, backend="networkx").values())}


def igraph(path: str) -> Steps:
    """Use igraph."""
    import igraph as ig

    yield "import", {}
    pairs = np.column_stack(_ends(path))
    graph = ig.Graph(n=int(pairs.max()) + 1, edges=pairs, directed=True)
    graph.simplify()
    yield "build", {"follows": graph.ecount()}
    graph.to_undirected(mode="mutual")
    yield "mutual", {"mutual": graph.ecount()}
    yield "cores", {"cores": sum(graph.coreness())}


def networkit(path: str) -> Steps:
    """Use NetworKit, which has no mutual graph: its core numbers are those of all follows."""
    import networkit as nk

    nk.setNumberOfThreads(2)
    yield "import", {}
    source, target = _ends(path)
    n = int(max(source.max(), target.max())) + 1
    graph = nk.GraphFromCoo((source, target), n=n, directed=True)
    graph.removeMultiEdges()
    graph.removeSelfLoops()
    yield "build", {"follows": graph.numberOfEdges()}
    nk.centrality.CoreDecomposition(graph).run()
    yield "cores", {}


def scipy(path: str) -> Steps:
    """Use scipy's sparse matrices, which have no core numbers."""
    from scipy.sparse import coo_array

    yield "import", {}
    source, target = _ends(path)
    kept = source != target
    n = int(max(source.max(), target.max())) + 1
    ones = np.ones(int(kept.sum()), np.int8)
    matrix = coo_array((ones, (source[kept], target[kept])), shape=(n, n)).tocsr()
    matrix.data[:] = 1
    yield "build", {"follows": matrix.nnz}
    yield "mutual", {"mutual": matrix.multiply(matrix.T.tocsr()).nnz // 2}


def duckdb(path: str) -> Steps:
    """Use DuckDB: a table of distinct follows, joined with itself; no core numbers."""
    import duckdb as db

    yield "import", {}
    base = db.connect(config={"threads": 2})
    base.execute(
        "CREATE TABLE f AS SELECT DISTINCT source, target FROM read_parquet($1) "
        "WHERE source <> target",
        [path],
    )
    yield "build", {"follows": _count(base, "f")}
    base.execute(
        "CREATE TABLE m AS SELECT a.source, a.target FROM f a JOIN f b "
        "ON a.source = b.target AND a.target = b.source WHERE a.source < a.target"
    )
    yield "mutual", {"mutual": _count(base, "m")}


def polars(path: str) -> Steps:
    """Use polars: a frame of distinct follows, joined with itself; no core numbers."""
    import polars as pl

    yield "import", {}
    follows = pl.scan_parquet(path).select("source", "target")
    follows = follows.filter(pl.col("source") != pl.col("target")).unique()
    frame = follows.collect(engine="streaming")
    yield "build", {"follows": len(frame)}
    back = frame.lazy().select(source="target", target="source")
    up = frame.lazy().filter(pl.col("source") < pl.col("target"))
    both = up.join(back, on=["source", "target"], how="semi")
    yield "mutual", {"mutual": len(both.collect(engine="streaming"))}


def copy(path: str) -> Steps:
    """Read and write the bytes of the follows three times in memory: the machine's own limit."""
    yield "import", {}
    pairs = np.column_stack(_ends(path)).astype(np.int32)
    other = np.zeros_like(pairs)
    yield "build", {"follows": len(pairs)}
    for _ in range(3):
        np.copyto(other, pairs)
    yield "mutual", {}


CONTENDERS: dict[str, Callable[[str], Steps]] = {
    "followback": followback,
    "networkx": networkx,
    "igraph": igraph,
    "networkit": networkit,
    "scipy": scipy,
    "duckdb": duckdb,
    "polars": polars,
    "copy": copy,
}


def _ends(path: str) -> tuple[Any, Any]:
    table = pq.read_table(path, columns=["source", "target"])
    return table["source"].to_numpy(), table["target"].to_numpy()


def _count(base: Any, table: str) -> int:
    return int(base.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608


def timed(name: str, path: str) -> dict[str, Any]:
    """Run a contender; return the seconds of every step, what it found, and its peak memory."""
    with TemporaryDirectory() as folder:
        tiny = Path(folder, "tiny.parquet")
        ends = np.random.default_rng(0).integers(0, 50, (2, 500), np.int32)
        pq.write_table(pa.table({"source": ends[0], "target": ends[1]}), tiny)
        for _ in CONTENDERS[name](str(tiny)):
            pass
    seconds: dict[str, float] = {}
    found: dict[str, int] = {}
    start, busy = time.perf_counter(), 0.0
    for step, counted in CONTENDERS[name](path):
        now = time.perf_counter()
        seconds[step] = now - start
        if step == "import":
            busy = time.process_time()
        found |= counted
        start = time.perf_counter()
    used = time.process_time() - busy
    return {"seconds": seconds, "processor": used, "found": found, "peak": peak_memory()}


if __name__ == "__main__":
    print(json.dumps(timed(*sys.argv[1:])))  # noqa: T201 this is what it is asked for
