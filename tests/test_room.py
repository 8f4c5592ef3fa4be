"""ROOM: what will fit, and what is free, as told before any work."""

from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from followback._errors import FollowbackError
from followback.engines import _room
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
