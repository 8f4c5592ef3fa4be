"""Spark on a real cluster: a master and two workers of one core, of which some do not live long.

Spark starts slowly, so one cluster and one session serve all tests; the command line
comes first, while all cores are free.
"""

import os
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import followback as fb
from followback import engines, synth
from followback.engines import spark
from followback.engines.java import java_home
from followback.files import write_follows

from .test_cli import followback
from .test_engines import NAMES, same, same_core, table

pyspark = pytest.importorskip("pyspark")
pytestmark = pytest.mark.slow

# small tasks, many of them, so that there is something to lose; compiled quickly, not well
SETTINGS = """
spark.executor.memory 512m
spark.default.parallelism 6
spark.sql.adaptive.coalescePartitions.enabled false
spark.sql.files.maxPartitionBytes 1000000
spark.driver.extraJavaOptions -XX:TieredStopAtLevel=1
spark.executor.extraJavaOptions -XX:TieredStopAtLevel=1
"""


class Cluster:
    """A master and its workers, each a process group of its own."""

    def __init__(self, folder):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.master, self.folder, self.processes = f"spark://127.0.0.1:{self.port}", folder, []
        self.start("master.Master", "--port", str(self.port))
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    break
            time.sleep(0.1)
        self.workers = [self.worker(), self.worker()]

    def start(self, name, *options):
        command = [
            Path(pyspark.__path__[0]) / "bin" / "spark-class",
            f"org.apache.spark.deploy.{name}",
        ]
        log = (self.folder / f"{len(self.processes)}.log").open("wb")
        with log:
            self.processes.append(
                subprocess.Popen([*command, "--host", "127.0.0.1", "--webui-port", "0", *options],
                                 stdout=log, stderr=log, start_new_session=True, cwd=self.folder)
            )  # fmt: skip
        return self.processes[-1]

    def worker(self):
        where = self.folder / f"worker{len(self.processes)}"
        return self.start("worker.Worker", "--cores", "1", "--memory", "512m",
                          "--work-dir", str(where), self.master)  # fmt: skip

    def kill(self, process):
        """End a machine: the worker and all that it has started."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    try:
        home = java_home()
    except fb.CallError as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("cluster")
    (folder / "conf").mkdir()
    (folder / "conf" / "spark-defaults.conf").write_text(SETTINGS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAVA_HOME", str(home))
        patch.setenv("SPARK_CONF_DIR", str(folder / "conf"))
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("SPARK_DAEMON_MEMORY", "256m")
        patch.setenv("SPARK_DAEMON_JAVA_OPTS", "-XX:TieredStopAtLevel=1")
        running = Cluster(folder)
        yield running
        for process in running.processes:
            if process.poll() is None:
                running.kill(process)


@pytest.fixture(scope="module")
def session(cluster, tmp_path_factory):
    """The session that all tests below use, as a notebook's would be."""
    with spark.opened(tmp_path_factory.mktemp("session"), cluster.master, 10**9) as engine:
        yield engine._session  # noqa: SLF001


def test_the_command_line_writes_the_same_tables_and_no_noise(cluster, tmp_path):
    g, _ = synth.plant_rings(synth.follow_network(1_000, 8_000, seed=3), [(25, 0.9)], seed=3)
    write_follows(g, tmp_path / "follows.csv")
    runs = [
        followback("rings", "follows.csv", "-o", engine, "--engine", engine, *options, cwd=tmp_path)
        for engine, options in (("spark", ["--master", cluster.master]), ("memory", []))
    ]
    assert runs[0].returncode == 0, runs[0].stderr
    assert runs[0].stderr == runs[1].stderr
    assert runs[0].stdout == "spark/rings.csv\nspark/members.csv\n"
    for name in ("rings.csv", "members.csv"):
        text = (tmp_path / "spark" / name).read_bytes()
        assert text == (tmp_path / "memory" / name).read_bytes()
        assert len(text.splitlines()) > 1
    assert sorted(f.name for f in tmp_path.iterdir()) == ["follows.csv", "memory", "spark"]


@pytest.fixture(scope="module")
def pairs():
    return np.random.default_rng(5).integers(0, len(NAMES), (90, 2)).tolist()


def test_the_same_graph(session, pairs, tmp_path):
    times = [None, 1_700_000_000_007, 1_700_000_000_003]
    path = tmp_path / "follows [1].parquet"
    pq.write_table(pa.Table.from_pandas(table(pairs, text=True, times=times)), path)
    expected = fb.read(path, engine="memory")
    assert expected.dropped["duplicates"] > 0 < expected.dropped["self_follows"]
    same(fb.read(path, engine="spark"), expected)


def test_the_same_core(session, pairs):
    core = engines.mutual_core(table(pairs), 2, engine="memory")
    assert 0 < core.n_accounts < len(NAMES)
    same_core(engines.mutual_core(table(pairs), 2, engine="spark", small=0), core)


def test_an_error_of_spark_is_one_line(session, tmp_path):
    with pytest.raises(fb.FollowbackError, match=r"^Spark could not finish: [^\n]+$"), \
            spark.opened(tmp_path, "", 10**9) as engine:  # fmt: skip
        engine.keep("broken", "SELECT CAST('x' AS BIGINT)")


def executors(session):
    """Count the workers that take part."""
    return session.sparkContext._jsc.sc().getExecutorMemoryStatus().size() - 1  # noqa: SLF001


def is_half_done(session, step):
    """Some tasks of the step are done and others run."""
    tracker = session.sparkContext.statusTracker()
    jobs = [tracker.getJobInfo(job) for job in tracker.getJobIdsForGroup(step)]
    stages = [tracker.getStageInfo(stage) for job in jobs if job for stage in job.stageIds]
    done = sum(stage.numCompletedTasks for stage in stages if stage)
    return done > 0 and any(stage.numActiveTasks for stage in stages if stage)


def wait_until(true):
    ends = time.monotonic() + 60
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.02)


def test_workers_are_killed_and_the_answer_is_right(cluster, session, tmp_path, monkeypatch):
    rng = np.random.default_rng(1)
    ends = (20_000 * rng.random((2, 200_000)) ** 2).astype(np.int64)
    path = tmp_path / "follows.parquet"
    both = {
        "source": np.concatenate([ends[0], ends[1][::2]]),
        "target": np.concatenate([ends[1], ends[0][::2]]),
    }
    pq.write_table(pa.table(both), path, row_group_size=50_000)
    keep, seen = spark.Spark.keep, []

    def keep_and_kill(engine, name, text):
        worker = {"mutual": 0, "round_1": 1}.get(name)
        if worker is None:
            return keep(engine, name, text)
        if name == "round_1":
            cluster.worker()  # takes the place of the first
        wait_until(lambda: executors(session) == 2)

        def kill():
            wait_until(lambda: is_half_done(session, name))
            cluster.kill(cluster.workers[worker])
            seen.append((name, (engine.work / name / "_SUCCESS").exists()))

        killer = threading.Thread(target=kill)
        killer.start()
        rows = keep(engine, name, text)
        killer.join()
        return rows

    monkeypatch.setattr(spark.Spark, "keep", keep_and_kill)
    core = engines.mutual_core(path, 4, engine="spark", small=94_700)  # two rounds
    assert seen == [("mutual", False), ("round_1", False)]  # neither step was over
    same_core(core, engines.mutual_core(path, 4, engine="memory"))
    assert 0 < core.n_accounts < 20_000
