"""DISK: the graph built part by part is the graph that `read` builds."""

import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import followback as fb
from followback import _progress
from followback._drafts import locked
from followback._errors import CallError, FollowbackError
from followback.engines import _numbers, _room, disk
from followback.engines._journal import Journal
from followback.engines._rows import RowFiles

IDS = st.one_of(
    st.lists(st.tuples(st.integers(-3, 12), st.integers(-3, 12)), min_size=1, max_size=60),
    st.lists(st.tuples(st.sampled_from([0, 2**62, -(2**61), 5]), st.integers(0, 3)), min_size=1),
    st.lists(
        st.tuples(st.sampled_from("aebß1"), st.sampled_from("aebß12")), min_size=1, max_size=40
    ),
)


def same(g, h):
    """Compare all that a graph holds; the rows beside it too."""
    assert g == h
    assert (g.dropped, g.read_as) == (h.dropped, h.read_as)
    assert repr(g.collection) == repr(h.collection)
    for rows in ("back", "mutual"):
        assert rows in vars(h)["beside"]
        for mine, theirs in zip(getattr(g.arrays, rows), getattr(h.arrays, rows), strict=True):
            assert np.array_equal(mine, theirs)


@given(IDS, st.data())
@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
def test_twin_of_read(tmp_path_factory, pairs, data):
    frame = pd.DataFrame(pairs, columns=["source", "target"])
    if data.draw(st.booleans()):
        times = st.lists(
            st.sampled_from([None, 10**12, 10**12 + 1]), min_size=len(pairs), max_size=len(pairs)
        )
        frame["created_at"] = pd.array(data.draw(times), dtype="Int64")
    here = tmp_path_factory.mktemp("disk")
    file = here / data.draw(st.sampled_from(["x.parquet", "x.csv"]))
    frame.to_parquet(file) if file.suffix == ".parquet" else frame.to_csv(file, index=False)
    mutual = data.draw(st.booleans())
    try:
        expected = fb.read(file, mutual=mutual)
    except FollowbackError as error:
        with pytest.raises(type(error)):
            disk.build(file, here / "graph", mutual=mutual)
        return
    budget = _numbers.SCRATCH * expected.n_accounts + data.draw(st.integers(12, 400))
    same(expected, disk.build(file, here / "graph", mutual=mutual, budget=budget))
    assert sorted(path.name for path in here.iterdir()) == ["graph", file.name]


@pytest.fixture(scope="module")
def follows(tmp_path_factory):
    graph = fb.synth.follow_network(400, 4_000, seed=1)
    file = tmp_path_factory.mktemp("follows") / "x.parquet"
    graph.to_table().to_pandas().sample(frac=1, random_state=1).to_parquet(file, index=False)
    return file


# stops for good in the middle of the given part; what was finished before stands in the journal
KILLED = """
import os, signal, sys
from followback.engines import disk
name, part = sys.argv[3], int(sys.argv[4])
work = getattr(disk, name)
def counted(*a, left=[part], **k):
    if left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left[0] -= 1
    return work(*a, **k)
setattr(disk, name, counted)
disk.build(sys.argv[1], sys.argv[2], budget=20_000)
"""


@pytest.mark.parametrize(("name", "part"), [("_follows_of", 2), ("_followers_of", 1)])
def test_a_killed_build_goes_on_at_the_last_finished_part(
    follows, tmp_path, monkeypatch, name, part
):
    call = [sys.executable, "-c", KILLED, str(follows), str(tmp_path / "graph"), name, str(part)]
    died = subprocess.run(call, check=False)
    assert died.returncode == -signal.SIGKILL
    assert not (tmp_path / "graph").exists()

    done = []
    work = getattr(disk, name)
    monkeypatch.setattr(disk, name, lambda *a, **k: (done.append(1), work(*a, **k)))
    fresh = disk.build(follows, tmp_path / "other", budget=20_000)
    n_parts = len(done)
    done.clear()
    same(fb.read(follows), disk.build(follows, tmp_path / "graph", budget=20_000))
    assert len(done) == n_parts - part
    assert fresh.n_follows == 4_000
    assert not list(tmp_path.glob(".*"))


def test_a_changed_input_starts_anew(follows, tmp_path, monkeypatch):
    file = tmp_path / "x.parquet"
    file.write_bytes(follows.read_bytes())
    monkeypatch.setattr(disk, "_followers_of", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        disk.build(file, tmp_path / "graph", budget=20_000)
    monkeypatch.undo()
    pd.DataFrame({"source": [1, 2], "target": [2, 1]}).to_parquet(file)
    same(fb.read(file), disk.build(file, tmp_path / "graph", budget=20_000))


def test_it_says_so_before_it_starts(follows, tmp_path, monkeypatch):
    with pytest.raises(
        CallError, match=r"need 0\.000 GB of memory for counts alone .*; give 0\.001 GB or more"
    ):
        disk.build(follows, tmp_path / "graph", budget=1_000)
    monkeypatch.setattr(disk.shutil, "disk_usage", lambda _: SimpleNamespace(free=10))
    with pytest.raises(FollowbackError, match=r"0\.00 GB for temporary files"):
        disk.build(follows, tmp_path / "graph", budget=20_000)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("lacking", ["out", "work"])
def test_it_looks_at_both_disks(follows, tmp_path, monkeypatch, lacking):
    for name in ("out", "work"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(_room, "disk_of", lambda path: "work" in path.parts)
    monkeypatch.setattr(disk, "disk_of", _room.disk_of)
    monkeypatch.setattr(
        _room.shutil,
        "disk_usage",
        lambda path: SimpleNamespace(free=1_000 if lacking in path.parts else 10**9),
    )
    told = {"out": "for the graph", "work": "for temporary files"}[lacking]
    with pytest.raises(FollowbackError, match=rf"/{lacking}\S* has 0.00 GB .*{told}") as refused:
        disk.build(follows, tmp_path / "out" / "g", budget=20_000, work=tmp_path / "work")
    assert str(refused.value).count("has 0.00 GB") == 1
    assert sorted(file.name for file in tmp_path.rglob("*")) == ["out", "work"]


def test_no_more_stands_on_disk_than_was_told(tmp_path, monkeypatch):
    ids = np.random.default_rng(1).integers(0, 1 << 50, (2, 6_000))
    table = {"source": ids[0], "target": ids[1], "created_at": np.arange(6_000) + 10**12}
    pd.DataFrame(table).to_parquet(tmp_path / "x.parquet")
    told, found = [], []
    monkeypatch.setattr(disk, "check_room", lambda _, needs, *__: told.append(needs[0][2]))
    note = disk.write_about
    before, count = [], disk.numbered

    def at_work():
        return sum(file.stat().st_size for file in (tmp_path / ".g-work").rglob("*.*"))

    def counted(*arguments, **options):
        stream = count(*arguments, **options)
        before.append(at_work())
        return stream

    monkeypatch.setattr(disk, "numbered", counted)
    monkeypatch.setattr(
        disk, "write_about", lambda *a, **k: (note(*a, **k), found.append(at_work()))
    )
    disk.build(tmp_path / "x.parquet", tmp_path / "g")
    assert found[0] - 2_000 < before[0] + told[0] < 1.2 * found[0]  # heads of files on top


@pytest.mark.parametrize("place", [0.3, 0.9])
def test_a_damaged_file_leaves_nothing(follows, tmp_path, place):
    data = bytearray(follows.read_bytes())
    at = int(len(data) * place)
    data[at : at + 400] = b"?" * 400
    (tmp_path / "x.parquet").write_bytes(data)
    with pytest.raises(FollowbackError, match="Parquet"):
        disk.build(tmp_path / "x.parquet", tmp_path / "graph")
    assert [file.name for file in tmp_path.iterdir()] == ["x.parquet"]


def test_a_notebook_shows_what_will_be_written_and_where(follows, tmp_path):
    from nbclient import NotebookClient
    from nbformat.v4 import new_code_cell, new_notebook

    call = f"from followback.engines import disk\ndisk.build({str(follows)!r}, 'graph')"
    notebook = new_notebook(cells=[new_code_cell(call)])
    NotebookClient(notebook, resources={"metadata": {"path": tmp_path}}).execute()
    shown = "".join(cell.get("text", "") for cell in notebook.cells[0].outputs)
    assert "4,000 follows: the graph will take 0.00 GB of disk in graph; until then" in shown
    assert "stand in .graph-work, which is removed" in shown


def test_names_that_do_not_fit_name_what_would_do(tmp_path):
    file = tmp_path / "x.csv"
    names = [f"account-{k}" for k in range(8_000)]
    pd.DataFrame({"source": names, "target": names[::-1]}).to_csv(file, index=False)
    told = (
        r"at least 8,000 accounts, .* is 0\.000 GB; give at least (\S+) GB, or use --engine duckdb"
    )
    with pytest.raises(FollowbackError, match=told) as refused:
        disk.build(file, tmp_path / "graph", budget=400_000)
    enough = re.search(told, str(refused.value))[1]
    same(fb.read(file), disk.build(file, tmp_path / "graph", budget=int(float(enough) * 1e9)))


def test_one_call_at_a_time(follows, tmp_path):
    (tmp_path / ".graph-work").mkdir()
    with locked(tmp_path / ".graph-work"), pytest.raises(CallError, match="another process"):
        disk.build(follows, tmp_path / "graph")


def text_of(follows, file):
    pd.read_parquet(follows).to_csv(file, index=False)
    return file


def test_a_text_that_would_fill_the_disk_is_refused_before_it_is_read(
    follows, tmp_path, monkeypatch
):
    file = text_of(follows, tmp_path / "x.csv")
    monkeypatch.setattr(_room.shutil, "disk_usage", lambda _: SimpleNamespace(free=50_000))
    monkeypatch.setattr(_numbers, "_distinct", None)
    monkeypatch.setattr(_room, "_STAGED", 20_000)
    with pytest.raises(FollowbackError, match=r"x\.csv, about [34],\d+ follows: .* 0\.0[78] GB"):
        disk.build(file, tmp_path / "graph")
    assert [left.name for left in tmp_path.iterdir()] == ["x.csv"]


@pytest.mark.parametrize("full", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_where_the_disk_is_full_the_same_call_goes_on(follows, tmp_path, monkeypatch, capsys, full):
    file, write = text_of(follows, tmp_path / "x.csv"), RowFiles.write
    left = iter([1, 1])

    def filled(self, *arrays):
        if not next(left, 0):
            raise full
        write(self, *arrays)

    monkeypatch.setattr(RowFiles, "write", filled)
    with pytest.raises(type(full)) as stopped:
        disk.build(file, tmp_path / "graph", budget=20_000)
    told = capsys.readouterr().err if isinstance(full, KeyboardInterrupt) else str(stopped.value)
    assert f"of {file} stays in {tmp_path / '.graph-work'}, and the same call goes on" in told
    monkeypatch.setattr(RowFiles, "write", write)
    monkeypatch.setattr(_numbers, "_distinct", None)
    same(fb.read(file), disk.build(file, tmp_path / "graph", budget=20_000))


HARM = {
    "removed": lambda _: None,
    "cut short": lambda data: data[: len(data) * 2 // 3],
    "longer": lambda data: data + bytes(range(1, 41)),
    "changed": lambda data: data[:-7] + bytes([data[-7] ^ 64]) + data[-6:],
}
ROWS = [
    f"{prefix}{name}"
    for prefix in ("", "followers_", "mutual_")
    for name in ("degrees.bin", "indices.npy")
]
STAGED = ["names.arrow", "positions.bin", "out.npy", "in.npy", "gone.bin"]
DEALT = ["own.npy", "out.npy", "in.npy", "part-2.bin"]


@pytest.fixture(scope="module")
def stopped(follows, tmp_path_factory):
    """Two builds that were stopped: the file, and the folder of the work folder."""
    rows = pd.read_parquet(follows)
    rows = pd.concat([rows, rows.head(300)])
    found = {}
    for ending, step in (
        ("csv", "_follows_of"),
        ("csv", "_followers_of"),
        ("parquet", "_follows_of"),
    ):
        here = tmp_path_factory.mktemp("stopped")
        file = here / f"x.{ending}"
        rows.to_csv(file, index=False) if ending == "csv" else rows.to_parquet(file, index=False)
        work, left = getattr(disk, step), iter([1, 1])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(disk, step, lambda *a, w=work, k=left: 1 / next(k, 0) and w(*a))
            with pytest.raises(ZeroDivisionError):
                disk.build(file, here / "graph", budget=16_000)
        found[ending, step] = file
    return found


@pytest.mark.parametrize("harm", HARM)
@pytest.mark.parametrize(
    ("ending", "step", "name"),
    [("csv", "_follows_of", name) for name in STAGED]
    + [("csv", "_followers_of", name) for name in ROWS]
    + [("parquet", "_follows_of", name) for name in DEALT],
)
def test_temporary_files_that_are_not_as_they_were_left_are_noticed(
    stopped, tmp_path, ending, step, name, harm
):
    file = stopped[ending, step]
    shutil.copytree(file.with_name(".graph-work"), tmp_path / ".graph-work")
    (harmed,) = (tmp_path / ".graph-work").rglob(name)
    data = HARM[harm](harmed.read_bytes())
    harmed.unlink() if data is None else harmed.write_bytes(data)
    if harm == "longer" and name in (*ROWS, "gone.bin"):  # a part that was not finished
        same(fb.read(file), disk.build(file, tmp_path / "graph", budget=16_000))
        return
    told = r"graph-work were removed, cut short or changed; the same call starts anew"
    with pytest.raises(FollowbackError, match=told):
        disk.build(file, tmp_path / "graph", budget=16_000)
    assert list(tmp_path.iterdir()) == []
    if harm == "changed":
        same(fb.read(file), disk.build(file, tmp_path / "graph", budget=16_000))


@pytest.mark.parametrize(("timed", "size"), [(False, 8 + 3 * 8), (True, 8 + 3 * 16)])
def test_a_batch_that_is_cut_short_is_not_handed_on(tmp_path, timed, size):
    file = tmp_path / "part.bin"
    file.write_bytes((3).to_bytes(8, "little") + bytes(size - 8))
    assert [*map(len, next(_numbers.of_file(file, timed=timed)))] == [3, 3, 3 * timed]
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(FollowbackError, match="cut short"):
        next(_numbers.of_file(file, timed=timed))


def test_rows_beside_survive_saving_again(follows, tmp_path):
    g = disk.build(follows, tmp_path / "graph")
    g.save(tmp_path / "copy")
    same(g, fb.FollowGraph.load(tmp_path / "copy"))


def test_of_a_follow_made_twice_the_earliest_time_is_kept(tmp_path):
    times = [1_600_000_000_000, 1_500_000_000_000, 1_700_000_000_000]
    rows = "".join(f"1,2,{at}\n" for at in times)
    (tmp_path / "f.csv").write_text(f"source,target,created_at\n{rows}2,1,{times[0]}\n")
    g = disk.build(tmp_path / "f.csv", tmp_path / "graph")
    assert g.created_at.tolist() == [times[1], times[0]]
    assert g == fb.read(tmp_path / "f.csv")


def test_what_stands_in_place_of_the_work_folder_is_named(follows, tmp_path):
    for make in (Path.touch, lambda place: place.symlink_to("nowhere")):
        make(tmp_path / ".graph-work")
        with pytest.raises(CallError, match=r"\.graph-work is in the way .* move it away"):
            disk.build(follows, tmp_path / "graph")
        (tmp_path / ".graph-work").unlink()
        make(tmp_path / "work")
        with pytest.raises(CallError, match=r"/work is no folder and .*; name another"):
            disk.build(follows, tmp_path / "graph", work=tmp_path / "work")
        (tmp_path / "work").unlink()


@pytest.mark.parametrize("step", ["write_about", "_moved"])
def test_a_publication_cut_short_is_made_up_for(step, tmp_path, monkeypatch):
    (tmp_path / "f.csv").write_text("".join(f"{i},{i * 7 % 40}\n" for i in range(1, 40)))

    def cut(*_arguments, **_options):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(f"followback.engines.disk.{step}", cut)
        with pytest.raises(KeyboardInterrupt):
            disk.build(tmp_path / "f.csv", tmp_path / "graph")
    g = disk.build(tmp_path / "f.csv", tmp_path / "graph")
    assert g == fb.read(tmp_path / "f.csv")
    assert sorted(f.name for f in tmp_path.iterdir()) == ["f.csv", "graph"]


def test_what_was_moved_before_a_kill_is_made_anew(tmp_path):
    (tmp_path / "f.csv").write_text("".join(f"{i},{i * 7 % 40}\n" for i in range(1, 40)))
    code = (
        "import os, signal, followback.engines.disk as d\n"
        "from pathlib import Path\n"
        "d._moved = lambda made, to: (made.rename(to), os.kill(os.getpid(), signal.SIGKILL))\n"
        "d.build('f.csv', 'graph')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=False)
    assert done.returncode == -signal.SIGKILL
    assert disk.build(tmp_path / "f.csv", tmp_path / "graph") == fb.read(tmp_path / "f.csv")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["f.csv", "graph"]


@pytest.mark.parametrize("name", ["_follows_of", "_followers_of"])
def test_who_goes_on_with_other_free_memory_cuts_the_parts_as_before(
    follows, tmp_path, monkeypatch, name
):
    monkeypatch.setattr(disk, "free_memory", lambda: 40_000)
    work = getattr(disk, name)
    left = iter([1, 1])  # parts that are finished before it stops
    monkeypatch.setattr(disk, name, lambda *a, **k: 1 / next(left, 0) and work(*a, **k))
    with pytest.raises(ZeroDivisionError):
        disk.build(follows, tmp_path / "graph")
    monkeypatch.setattr(disk, name, work)
    monkeypatch.setattr(disk, "free_memory", lambda: 40_800)
    same(fb.read(follows), disk.build(follows, tmp_path / "graph"))


def test_no_time_is_made_up_where_a_build_goes_on(tmp_path, monkeypatch):
    rows = "".join(f"{i},{i * 7 % 40},\n" for i in range(1, 40))
    (tmp_path / "f.csv").write_text(f"source,target,created_at\n{rows}")
    monkeypatch.setattr(disk, "_followers_of", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        disk.build(tmp_path / "f.csv", tmp_path / "graph")
    monkeypatch.undo()
    g = disk.build(tmp_path / "f.csv", tmp_path / "graph")
    assert g.created_at is None
    same(fb.read(tmp_path / "f.csv"), g)


def test_an_id_that_the_footer_does_not_tell_of_is_refused(tmp_path):
    ids = np.arange(1, 1_001)
    ids[5] = 4_000
    pd.DataFrame({"source": ids, "target": ids[::-1]}).to_parquet(
        tmp_path / "x.parquet", compression=None
    )
    data = (tmp_path / "x.parquet").read_bytes()
    footer = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    told, wrong = ((k).to_bytes(8, "little") for k in (4_000, 1_000))
    (tmp_path / "x.parquet").write_bytes(data[:footer] + data[footer:].replace(told, wrong))
    with pytest.raises(FollowbackError, match="in its footer"):
        disk.build(tmp_path / "x.parquet", tmp_path / "graph")


def test_what_a_build_takes_is_said_at_once(tmp_path, capsys):
    """Also where a command holds its lines back until it succeeds: a job may be killed."""
    pd.DataFrame({"a": [1, 2], "b": [2, 1]}).to_csv(tmp_path / "follows.csv", index=False)
    with _progress.lines_held():
        disk.build(tmp_path / "follows.csv", tmp_path / "graph")
        assert "2 follows: the graph will take" in capsys.readouterr().err


def test_a_folder_of_somebody_else_is_not_worked_in(follows, tmp_path):
    work = tmp_path / ".graph-work"
    (work / "graph").mkdir(parents=True)
    (work / "thesis.txt").write_text("mine")
    with pytest.raises(CallError, match=r"graph-work is in the way .* move it away"):
        disk.build(follows, tmp_path / "graph")
    assert (work / "thesis.txt").read_text() == "mine"
    assert not (tmp_path / "graph").exists()


def test_a_journal_that_is_none_starts_anew(tmp_path):
    (tmp_path / "journal.json").write_text("[1]")
    assert "parts" not in Journal(tmp_path, "key")


@pytest.mark.parametrize("budget", [100_000_000, 40_000])
@pytest.mark.parametrize("new", ["more", "other", "gone"])
def test_a_file_that_is_changed_while_it_is_read_is_told(new, budget, tmp_path, monkeypatch):
    """After its follows are counted, as by a nightly export; ids stay in their range."""
    rng = np.random.default_rng(1)
    file, build = tmp_path / "x.parquet", disk._build  # noqa: SLF001

    def write(path, n, top):
        ends = {"source": rng.integers(0, top, n), "target": rng.integers(0, 500, n)}
        pd.DataFrame(ends).to_parquet(path)

    def late(*given):
        if new == "gone":
            file.unlink()
        else:
            write(tmp_path / "new.parquet", *{"more": (90_000, 500), "other": (9_000, 1)}[new])
            (tmp_path / "new.parquet").replace(file)
        return build(*given)

    write(file, 9_000, 500)
    monkeypatch.setattr(disk, "_build", late)
    if new == "gone":
        with pytest.raises((FollowbackError, FileNotFoundError), match=r"x\.parquet"):
            disk.build(file, tmp_path / "graph", budget=budget)
    else:
        with pytest.raises(FollowbackError, match="was changed while it was read"):
            disk.build(file, tmp_path / "graph", budget=budget)
    assert not (tmp_path / "graph").exists()
