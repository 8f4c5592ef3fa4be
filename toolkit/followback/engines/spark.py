"""Spark: the reduction on a cluster, or on the cores of this machine.

Each table is written to Parquet on storage that the cluster's machines share, so that a
machine that is lost takes no more with it than a part of the step at hand.
"""

from __future__ import annotations

import logging
import os
import re
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._errors import CallError, FollowbackError, install
from ._reduce import batches, n_rows, parts
from .java import java_home

if TYPE_CHECKING:
    import pyarrow as pa

_PER_TASK = 2_000_000  # rows that one task of a shuffle takes
_PATIENCE = 60  # seconds to wait for a first worker


class Spark:
    """An engine on a cluster; see `_reduce.Engine`."""

    def __init__(self, session: Any, work: Path) -> None:
        self.work, self._session = work, session.newSession()  # its tables and settings are ours
        self._tasks = session.sparkContext.defaultParallelism
        for name in ("spark.sql.ansi.enabled", "spark.sql.ansi.doubleQuotedIdentifiers"):
            self._session.conf.set(name, True)

    def table(self, name: str, files: list[Path]) -> None:
        """Name Parquet files as a table."""
        paths = [re.sub(r"([\\{}\[\]*?])", r"\\\1", str(file.resolve())) for file in files]
        self._tasks = max(self._tasks, sum(map(n_rows, files)) // _PER_TASK)
        self._session.conf.set("spark.sql.shuffle.partitions", self._tasks)
        self._session.read.parquet(*(f"file://{path}" for path in paths)).createOrReplaceTempView(
            name
        )

    def run(self, text: str) -> None:
        """Run a statement that returns nothing."""
        self._session.sql(text)

    def keep(self, name: str, text: str) -> int:
        """Write a query's rows to Parquet, as a table; return how many they are."""
        context = self._session.sparkContext
        context.setJobGroup(name, f"followback: {name.replace('_', ' ')}", interruptOnCancel=True)
        folder = self.work / name
        try:
            self._session.sql(text).write.parquet(f"file://{folder.resolve()}")
        except KeyboardInterrupt:
            context.cancelJobGroup(name)
            raise
        if not parts(folder):
            raise FollowbackError(
                f"Spark's workers wrote nothing to {folder}; the file of follows must lie on storage "
                "that this machine and all workers share"
            )
        self.table(name, [folder])
        return n_rows(folder)

    def stream(self, name: str, text: str) -> Iterator[pa.RecordBatch]:
        """Return a query's rows in its order, a batch at a time."""
        self.keep(name, text)
        return batches(self.work / name)  # Spark numbers the parts in the order of their rows


def is_cluster(master: str) -> bool:
    """Say whether other machines will work: those of the master, or of a session that runs."""
    running = _running()
    if running is not None:
        master = running.sparkContext.master
    return bool(master) and not master.startswith("local")


def _running() -> Any:
    """Return the session that this process has, or None."""
    try:
        from pyspark.sql import SparkSession
    except ModuleNotFoundError as error:
        raise CallError(f"--engine spark needs PySpark; {install('spark')} (450 MB)") from error
    return SparkSession.getActiveSession()


@contextmanager
def opened(work: Path, master: str, memory: int) -> Iterator[Spark]:
    """Open a session, or use the one that the process has; what Spark logs is kept from the user.

    Parameters
    ----------
    work
        Where tables are written: storage that all machines share.
    master
        The cluster; empty for what Spark's own configuration says, else this machine.
    memory
        Bytes that Spark may take where it runs on this machine alone.

    Raises
    ------
    CallError
        PySpark or a Java is missing, or no cluster answers.
    FollowbackError
        Spark could not finish.
    """
    running = _running()
    from py4j.protocol import Py4JError, Py4JNetworkError
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL)
    try:
        if running is not None:
            yield Spark(running, work)
            return
        with _started(SparkSession.builder, work, master, memory) as session:
            _check_workers(session, master)
            yield Spark(session, work)
    except (PySparkException, Py4JError, Py4JNetworkError) as error:
        raise FollowbackError(f"Spark could not finish: {_cause(error)}") from error


@contextmanager
def _started(builder: Any, work: Path, master: str, memory: int) -> Iterator[Any]:
    """Start Spark with its log in the work folder; stop it, and its Java, afterwards."""
    settings: dict[str, Any] = {
        "spark.app.name": "followback",
        "spark.ui.enabled": False,
        "spark.ui.showConsoleProgress": False,
    }
    if master:
        _check_master(master)
        settings["spark.master"] = master
    if not master or master.startswith("local"):
        settings |= {
            "spark.driver.memory": f"{memory >> 20}m",
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.local.dir": str(work),
        }
    for name, value in settings.items():
        builder.config(name, value)
    with _quiet(work / "spark.log"), _environment(JAVA_HOME=str(java_home())):
        session = builder.getOrCreate()
    gateway = session.sparkContext._gateway  # noqa: SLF001 PySpark has no other way to end its Java
    try:
        yield session
    finally:
        with suppress(Exception):  # a Java that died cannot be stopped
            session.stop()
        _end(gateway)


def _end(gateway: Any) -> None:
    """End the Java of a session that was stopped."""
    from pyspark import SparkContext

    if gateway.proc is None:  # it was there before
        return
    gateway.shutdown()
    gateway.proc.stdin.close()
    gateway.proc.wait(timeout=30)
    SparkContext._gateway = SparkContext._jvm = None  # noqa: SLF001


def _check_master(master: str) -> None:
    """Refuse a cluster that does not answer, before Spark tries for a minute and a half."""
    if not re.fullmatch(r"local(\[.*\])?|spark://.+|yarn|k8s://.+", master):
        raise CallError(f"--master {master}: write spark://host:7077, local[2], yarn or k8s://…")
    hosts = re.findall(r"([^/,]+):(\d+)", master) if master.startswith("spark://") else []
    for host, port in hosts:
        with suppress(OSError), socket.create_connection((host, int(port)), timeout=5):
            return
    if hosts or master.startswith("spark://"):
        raise CallError(
            f"no Spark master answers at {master}; check the address, or leave --master out to use "
            "this machine"
        )


def _check_workers(session: Any, master: str) -> None:
    """Refuse a cluster without workers: Spark would wait for ever."""
    if not master.startswith("spark://"):
        return
    context = session.sparkContext._jsc.sc()  # noqa: SLF001 the only one that counts executors
    ends = time.monotonic() + _PATIENCE
    while context.getExecutorMemoryStatus().size() < 2:  # the driver is one
        if time.monotonic() > ends:
            raise CallError(
                f"the Spark master at {master} gives no worker within {_PATIENCE} s; start workers, or "
                "ask for less memory (spark.executor.memory in spark-defaults.conf)"
            )
        time.sleep(0.2)


@contextmanager
def _quiet(log: Path) -> Iterator[None]:
    """Send what this process and those it starts write on standard error to a file."""
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with log.open("ab") as file:
            os.dup2(file.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    """Set what Spark reads when it starts: the Java, and this very Python."""
    values["PYSPARK_PYTHON"] = sys.executable
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _cause(error: Exception) -> str:
    """Return the innermost reason of an error of Java in one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    causes = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ")]
    first = [line for line in lines if not line.startswith("An error occurred while calling")]
    return (causes[-1:] + first + [type(error).__name__])[0].removeprefix(": ")[:300]
