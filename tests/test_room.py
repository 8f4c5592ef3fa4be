"""ROOM: what will fit, and what is free, as told before any work."""

import threading
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import followback as fb
from followback import _communities, organic, rings, search
from followback._communities import cpm_groups, densities_at_once
from followback._errors import FollowbackError
from followback.cli import main
from followback.engines import _room
from followback.files import write_follows
from followback.sources import opened

GB = 1_000_000_000
V1 = ("memory.limit_in_bytes", "memory.usage_in_bytes")
V2 = ("memory.max", "memory.current")


@pytest.fixture
def system(tmp_path, monkeypatch):
    """A machine with 9 GB free, whose files a test adds to."""
    monkeypatch.setattr(_room, "_ROOT", tmp_path)
    monkeypatch.setattr(_room.os, "sysconf", {"SC_PAGE_SIZE": 4, "SC_PHYS_PAGES": GB}.get)

    def write(name, text):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    write("proc/meminfo", f"MemTotal: 1 kB\nMemAvailable:  {9 * GB // 1024} kB\n")
    return write


def group(write, place, names, limit, used, stat):
    for name, text in zip((*names, "memory.stat"), (limit, used, stat), strict=True):
        write(f"sys/fs/cgroup/{place}/{name}", f"{text}\n")


def test_without_a_group_the_machine_tells(system):
    assert _room.free_memory() == 9 * GB // 1024 * 1024


def test_where_nothing_tells_it_is_half_of_all(system, tmp_path):
    (tmp_path / "proc/meminfo").unlink()
    assert _room.free_memory() == 2 * GB


@pytest.mark.parametrize("listed", ["0::/\n", "0::/not/seen/from/here\n", "1:cpu:/x\n0::/a/b\n"])
def test_of_nested_groups_the_tightest_counts_and_file_pages_are_free(system, listed):
    system("proc/self/cgroup", listed)
    group(system, "a/b", V2, "max", GB, "inactive_file 0")
    group(system, "a", V2, 8 * GB, GB, "inactive_file 5")
    group(system, "", V2, 6 * GB, 5 * GB, f"anon 7\nactive_file 3\ninactive_file {2 * GB}")
    assert _room.free_memory() == 3 * GB


def test_groups_of_version_1(system):
    system("proc/self/cgroup", "5:cpu:/\n4:memory:/job/step\n0::/\n")
    stat = f"inactive_file 1\ntotal_inactive_file {GB}"
    group(system, "memory/job/step", V1, 4 * GB, 3 * GB, stat)
    group(system, "memory", V1, 2**63 - 4096, 8 * GB, stat)
    assert _room.free_memory() == 2 * GB


def test_never_less_than_python_and_its_libraries_take(system):
    system("proc/self/cgroup", "0::/\n")
    group(system, "", V2, GB, GB, "inactive_file 0")
    assert _room.free_memory() == GB // 2


@pytest.mark.parametrize(("names", "place"), [(V2, ""), (V1, "memory")])
def test_for_a_search_the_pages_of_a_mapped_graph_are_free(system, names, place):
    system("proc/self/cgroup", f"0:{place}:/\n")
    stat = f"inactive_file {GB // 4}\nactive_file {GB}\nactive_anon 7"
    group(system, place, names, 6 * GB, 5 * GB, stat)
    assert _room.left(*_room.FILES) == GB + GB // 4 + GB
    assert _room.free_memory() == GB + GB // 4


def least(n_accounts, pairs):
    return rings._PAIR * pairs + rings._ACCOUNT * n_accounts  # noqa: SLF001


@pytest.mark.parametrize(
    ("connected", "mutual", "counted"),
    [
        (10_000_000, 9_000_000, 10_000_000),
        (10_000_001, 8_000_000, 8_000_000),  # then of its mutual part alone
        (30_000_000, 9_000_000, 0),  # and where that is large too, of a core
    ],
)
def test_a_search_is_refused_for_less_than_the_least_that_it_takes(
    monkeypatch, connected, mutual, counted
):
    needed = least(2_000_000, counted)
    monkeypatch.setattr(rings, "left", lambda *_: needed)
    rings._check_search(2_000_000, connected, mutual)  # noqa: SLF001
    monkeypatch.setattr(rings, "left", lambda *_: needed - 1)
    with pytest.raises(FollowbackError, match="among 2,000,000 accounts needs at least"):
        rings._check_search(2_000_000, connected, mutual)  # noqa: SLF001


def test_rings_are_not_looked_for_where_memory_would_not_do(tmp_path, monkeypatch, capsys):
    g = fb.synth.follow_network(3_000, 30_000, seed=1)
    write_follows(g, tmp_path / "x.csv")
    monkeypatch.setattr(rings, "left", lambda *_: 1_500_000)
    fb.find_rings(g)  # so few are not worth asking
    monkeypatch.setattr(rings, "LITTLE", 0)
    monkeypatch.setattr(rings, "candidates", lambda *_: pytest.fail("it has started"))
    with pytest.raises(SystemExit) as ended:
        main(["rings", str(tmp_path / "x.csv"), "-o", str(tmp_path / "found")])
    assert ended.value.code == 1
    lines = capsys.readouterr().err.splitlines()
    (told,) = [line for line in lines if "kernels are compiled" not in line]
    assert "needs at least 0.00 GB of memory besides the graph, and 0.00 GB are free; close" in told
    assert not (tmp_path / "found").exists()


@pytest.mark.parametrize(("left", "expected"), [(0, 1), (2.5, 2), (9, 4)])
def test_densities_are_grouped_at_once_as_memory_allows(monkeypatch, left, expected):
    size = _communities._ENTRY * 10_000_000 + _communities._NODE * 1_000_000  # noqa: SLF001
    monkeypatch.setattr(_communities, "cores", lambda: 4)
    monkeypatch.setattr(_communities, "left", lambda *_: int(left * size))
    assert densities_at_once(10_000_000, 1_000_000) == expected
    assert densities_at_once(100, 10) == 4


def test_where_memory_is_short_a_search_takes_one_density_at_a_time(monkeypatch):
    quiet = fb.synth.follow_network(2_000, 20_000, seed=1)
    g, _ = fb.synth.plant_rings(quiet, [(30, 0.8)], seed=1)
    expected, who = fb.find_rings(g).table, []

    def told(*arguments):
        who.append(threading.current_thread())
        return cpm_groups(*arguments)

    monkeypatch.setattr(_communities, "cores", lambda: 2)
    monkeypatch.setattr(_communities, "LITTLE", 0)
    monkeypatch.setattr(_communities, "left", lambda *_: 0)
    for module in (search, organic):
        monkeypatch.setattr(module, "cpm_groups", told)
    pd.testing.assert_frame_equal(fb.find_rings(g).table, expected)
    assert set(who) == {threading.main_thread()}
    assert len(who) == 11


@pytest.mark.parametrize(("disks", "told"), [((1, 1), 1), ((1, 2), 0)])
def test_what_goes_to_one_disk_adds_up(tmp_path, monkeypatch, disks, told):
    places = [tmp_path / "a", tmp_path / "b"]
    monkeypatch.setattr(_room, "disk_of", lambda path: disks[places.index(path)])
    monkeypatch.setattr(_room.shutil, "disk_usage", lambda _: SimpleNamespace(free=5 * GB))
    needs = [("this", places[0], 3 * GB), ("that", places[1], 3 * GB)]
    if not told:
        _room.check_room("x.csv", needs, "wait")
        return
    with pytest.raises(FollowbackError, match=r"5\.00 GB and 6\.00 GB are needed") as refused:
        _room.check_room("x.csv", needs, "wait")
    assert "(3.00 GB for this and 3.00 GB for that), 1.00 GB more" in str(refused.value)


def test_parquet_is_judged_by_its_rows_not_its_bytes(tmp_path):
    path = tmp_path / "x.parquet"
    one = np.ones(2_000_000, np.int32)
    pq.write_table(pa.table({"source": one, "target": one * 2}), path)
    assert path.stat().st_size < 100_000
    assert _room.memory_for(path, opened(path)) == 480_000_000


def test_a_small_file_and_a_folder_always_fit(tmp_path):
    (tmp_path / "x.csv").write_text("1,2\n2,3\n")
    follows = opened(tmp_path / "x.csv")
    assert _room.memory_for(tmp_path / "x.csv", follows) == 0
    assert _room.memory_for(tmp_path, follows) == 0
