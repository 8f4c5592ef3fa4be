"""ENGINES: the same graph from a file of follows, in memory, by DuckDB or on a Spark cluster.

An engine turns follows into a saved graph (the layout of `FollowGraph.save`), which is
mapped and never copied. So everything behind it is the same code, whatever the engine,
and every table has the same bytes.

- ``memory`` reads the file into this process: the fastest. What does not fit is built part
  by part on disk, by `disk.build`; ``auto`` does the same.
- ``duckdb`` sorts in bounded memory and spills to a temporary folder; TMPDIR names its disk.
- ``spark`` lets a cluster sort, or the cores of this machine. The work folder lies beside
  the file, so that the cluster's machines see both; the driver needs 4 bytes of disk a follow
  (12 where times are known), 8 bytes of disk and memory an account, and the accounts' ids.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._errors import CallError

if TYPE_CHECKING:
    import os

    from ..graph import FollowGraph
    from ..mutuals import MutualGraph
    from ..sources import Follows
    from ._reduce import Engine

_ENGINES = ("auto", "memory", "duckdb", "spark")
_SMALL = 1_000_000  # pairs: peeled in a second or two in memory; a round on a cluster takes longer

__all__ = ["build", "choose", "mutual_core"]


def build(
    source: Any,
    folder: str | os.PathLike[str] | None = None,
    *,
    format: str | None = None,  # noqa: A002
    mutual: bool = False,
    owner: str = "",
    engine: str = "auto",
    master: str = "",
    budget: int | None = None,
) -> FollowGraph:
    """Build the follower graph of a file with an engine.

    Parameters
    ----------
    source, format, mutual, owner
        As `followback.read` takes them.
    folder
        Where to save the graph; `FollowGraph.load` and every command take it from there.
        Left out, an engine's files are temporary: their disk is free when the graph is.
    engine
        ``memory``, ``duckdb``, ``spark``, or ``auto`` to choose; see `choose`.
    master
        The Spark cluster, as in ``spark://host:7077``; left out, this machine.
    budget
        Bytes of memory: the graph of one file is built over disk, within them, as
        `disk.build` takes them. Left out, see `choose`.

    Returns
    -------
    FollowGraph

    Raises
    ------
    CallError
        An unknown engine, one that is not installed, a cluster that does not answer, a
        budget that is too small, or for an engine or a source that takes none.
    FollowbackError
        The follows cannot be read, or memory or disk would not do.

    Examples
    --------
    >>> import pandas as pd
    >>> build(pd.DataFrame({"source": [1, 2, 2], "target": [2, 1, 2]}), engine="memory")
    FollowGraph with 2 accounts and 2 follows
    """
    from ..graph import FollowGraph
    from ..sources import opened

    follows = opened(source, format, mutual=mutual, owner=owner)
    if isinstance(follows, FollowGraph):
        _known(source, engine, master, budget)
        if folder is not None:
            follows.save(folder)
        return follows
    chosen = choose(source, follows, engine=engine, master=master, budget=budget)
    how = {"format": format, "mutual": mutual, "owner": owner, "budget": budget}
    return _built(chosen, master, source, follows, folder, how)


def _built(
    chosen: str,
    master: str,
    source: Any,
    follows: Follows,
    folder: str | os.PathLike[str] | None,
    how: dict[str, Any],
) -> FollowGraph:
    """Build the graph by the engine that was chosen, and note it in the record of a run."""
    from .._report.facts import note
    from ..graph import FollowGraph
    from ..saved import graph_folder

    note(engine=chosen)
    if chosen == "memory":
        graph = FollowGraph.from_follows(follows)
        if folder is not None:
            graph.save(folder)
        return graph
    if chosen == "disk":
        from ._journal import reading_places, work_folder
        from .disk import build as disk_build

        if folder is not None:
            return disk_build(source, folder, **how)
        with work_folder(reading_places(Path(source))) as work:
            return disk_build(source, work / "graph", **how)

    from ._reduce import graph_on

    with _engine(chosen, master, source, folder) as running:
        if folder is None:
            graph_on(running, follows, running.work)
            return FollowGraph.load(running.work)  # the maps outlive the files' names
        with graph_folder(folder) as draft:
            graph_on(running, follows, draft)
    return FollowGraph.load(folder)


def mutual_core(
    source: Any,
    k: int = 2,
    *,
    format: str | None = None,  # noqa: A002
    mutual: bool = False,
    owner: str = "",
    engine: str = "auto",
    master: str = "",
    small: int = _SMALL,
) -> MutualGraph:
    """Reduce a file of follows to the k-core of its mutual graph.

    The k-core is the largest set of accounts of which each has at least ``k`` mutual
    follows within the set. Rings of which every member has ``k`` mutual follows inside lie
    in it, and it is small where the graph is not: DuckDB and Spark find it without ever
    holding the graph, by one text of SQL (`followback.engines.sql`).

    Parameters
    ----------
    source, format, mutual, owner, engine, master
        As `build` takes them.
    k
        Mutual follows that every account keeps; 1 keeps all that have any.
    small
        Where no more mutual follows than this are left, they are peeled in memory.

    Returns
    -------
    MutualGraph
        Its accounts alone, in canonical order.

    Raises
    ------
    CallError
        ``k`` is less than 1; an engine or cluster as `build` refuses it.
    FollowbackError
        The follows cannot be read, or memory or disk would not do.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [("ann", "bob"), ("bob", "cem"), ("cem", "ann"), ("cem", "dot"), ("eve", "ann")]
    >>> both = rows[:4] + [(v, u) for u, v in rows[:4]] + rows[4:]
    >>> list(mutual_core(pd.DataFrame(both, columns=["source", "target"]), 2).accounts)
    ['ann', 'bob', 'cem']

    References
    ----------
    Seidman (1983), Network structure and minimum degree, Social Networks 5, 269-287.
    """
    from ..graph import FollowGraph
    from ..sources import opened
    from ._reduce import core_of, core_on

    if k < 1:
        raise CallError(f"k is {k}; give 1 or more mutual follows that every account keeps")
    follows = opened(source, format, mutual=mutual, owner=owner)
    if isinstance(follows, FollowGraph):
        _known(source, engine, master)
        return core_of(follows, k)
    chosen = choose(source, follows, engine=engine, master=master)
    if chosen in ("memory", "disk"):
        how = {"format": format, "mutual": mutual, "owner": owner}
        return core_of(_built(chosen, master, source, follows, None, how), k)
    with _engine(chosen, master, source) as running:
        return core_on(running, follows, k, small)


def choose(
    source: Any,
    follows: Follows,
    *,
    engine: str = "auto",
    master: str = "",
    budget: int | None = None,
) -> str:
    """Choose the engine: as asked; Spark where a master is named; else this process.

    What would not fit in the memory that is free goes over disk, and so does a file whose
    budget is named: ``disk`` is what ``memory`` and ``auto`` become then. Of a file the
    rows are known (Parquet) or estimated from its head and size; a table is in memory already.

    Parameters
    ----------
    source
        The file or table, as `followback.read` takes it.
    follows
        The same, opened.
    engine, master, budget
        As `build` takes them.

    Returns
    -------
    str
        ``memory``, ``disk``, ``duckdb`` or ``spark``.

    Raises
    ------
    CallError
        There is no such engine, a master for one that has none, or a budget for an engine or a
        source that takes none.

    Examples
    --------
    >>> import pandas as pd
    >>> from followback.sources.tables import read_table
    >>> table = pd.DataFrame({"source": [1], "target": [2]})
    >>> choose(table, read_table(table)), choose(table, read_table(table), engine="duckdb")
    ('memory', 'duckdb')
    """
    _known(source, engine, master, budget)
    if engine in ("duckdb", "spark"):
        return engine
    if master:
        return "spark"
    from ._room import free_memory, memory_for

    if not isinstance(source, str | Path):
        return "memory"
    if budget is None and memory_for(Path(source), follows) <= free_memory():
        return "memory"
    return "disk"


def _known(source: Any, engine: str, master: str, budget: int | None = None) -> None:
    if engine not in _ENGINES:
        raise CallError(f"no engine is called {engine!r}; choose one of {', '.join(_ENGINES)}")
    if master and engine not in ("auto", "spark"):
        raise CallError(
            f"--master is for Spark; leave it out, or write --engine spark, not {engine}"
        )
    if budget is not None and (master or engine not in ("auto", "memory")):
        raise CallError(
            "--budget is for building over disk, without --master; leave it out, or write --engine "
            f"memory, not {engine}"
        )
    if budget is not None and not (isinstance(source, str | Path) and Path(source).is_file()):
        raise CallError("--budget (in Python budget=) is for one file of follows; leave it out")


@contextmanager
def _engine(
    name: str, master: str, source: Any, folder: str | os.PathLike[str] | None = None
) -> Iterator[Engine]:
    """Start an engine in a work folder of its own; both are gone afterwards."""
    from .._drafts import drafted
    from ._room import check_disk, free_memory

    place = Path(tempfile.gettempdir())
    if name == "spark" and isinstance(source, str | Path):
        from .spark import is_cluster

        place = Path(source).resolve().parent if is_cluster(master) else place
    if isinstance(source, str | Path):
        check_disk(Path(source), place, None if folder is None else Path(folder))
    with drafted(place / "followback") as work:
        work.mkdir()
        if name == "duckdb":
            from .duckdb import opened as duckdb_opened

            with duckdb_opened(work, free_memory() // 2) as engine:
                yield engine
        else:
            from .spark import opened as spark_opened

            with spark_opened(work, master, free_memory() // 2) as session:
                yield session
