"""SYNTH at any size: streamed, exact in number, the same whoever draws it; and the search in it."""

import json
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pyarrow.parquet as pq
import pytest

import followback as fb
from followback import _giant, organic, rings, search
from followback._communities import cpm_groups
from followback._errors import CallError, FollowbackError
from followback._giant import giant
from followback.bench import giant as bench
from followback.chance import fitness
from followback.engines import _room
from followback.kernels.draws import mixed
from followback.kernels.rows import ties_in_groups


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """Three blocks of 3,000 accounts, a ring of 40 and one of 100."""
    file = tmp_path_factory.mktemp("giant") / "x.parquet"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_giant, "_BLOCK", 3_000)
        truth = giant(file, 9_000, 180_000, [(40, 0.6), (100, 0.4)], camouflage=10, seed=3)
    return file, truth


def test_numbers_are_exact_and_no_block_draws_a_pair_of_another(tmp_path, monkeypatch):
    monkeypatch.setattr(_giant, "_BLOCK", 1_000)
    giant(tmp_path / "x.parquet", 3_001, 50_000, seed=1, reciprocity=0.3621)
    g = fb.read(tmp_path / "x.parquet")
    assert g.dropped == {"rows": 50_000, "self_follows": 0, "duplicates": 0}
    assert g.n_accounts <= 3_001
    assert fb.mutual(g).n_mutual == round(0.3621 * 50_000 / 2)


def test_tails_are_heavy_and_new_members_are_added(drawn):
    g = fb.read(drawn[0])
    assert g.n_accounts == 9_000 + 20 + 50
    top = np.sort(g.followers.degrees)[::-1]
    assert top[0] > 20 * np.median(top)


@pytest.mark.parametrize("n_cores", [1, 3])
def test_same_bytes_whoever_draws(drawn, tmp_path, monkeypatch, n_cores):
    monkeypatch.setattr(_giant, "_BLOCK", 3_000)
    monkeypatch.setattr("followback._threads.cores", lambda: n_cores)
    again = tmp_path / "y.parquet"
    truth = giant(again, 9_000, 180_000, [(40, 0.6), (100, 0.4)], camouflage=10, seed=3)
    assert pq.read_table(again).equals(pq.read_table(drawn[0]))
    assert truth.equals(drawn[1])


def test_too_many_follows_are_refused(tmp_path):
    with pytest.raises(CallError, match="do not go together"):
        giant(tmp_path / "x.parquet", 100, 5_000)
    with pytest.raises(CallError, match="twice as many"):
        giant(tmp_path / "x.parquet", 100, 500, [(300, 0.5)])


B = 10**30


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({"n_accounts": 2 * 10**9}, "2,000,000,000 accounts are too many"),
        ({"n_accounts": B, "n_follows": B}, "accounts are too many"),
        ({"n_follows": B}, "do not go together"),
        ({"rings": [(10**6, 0.5)]}, "need about 50,000 GB of memory"),
        ({"rings": [(10**400, 0.5)]}, "smaller rings"),
        ({"rings": [(10, 0.5)], "camouflage": 10**9}, "less camouflage"),
        ({"n_accounts": 10**5, "n_follows": 2 * 10**9}, "more accounts"),
        ({"seed": 2**62}, "less than"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line_before_it_starts(tmp_path, monkeypatch, how, told):
    monkeypatch.setattr("followback.engines._room.free_memory", lambda: 10**10)
    with pytest.raises(CallError, match=told):
        giant(tmp_path / "x.parquet", **{"n_accounts": 10**4, "n_follows": 10**4, **how})
    assert list(tmp_path.iterdir()) == []


def test_the_largest_number_of_accounts_is_drawn_without_overflow(tmp_path, monkeypatch):
    most = 1_518_500_249
    last = lambda work, parts: map(work, [parts[-1]])  # noqa: E731
    monkeypatch.setattr(_giant, "ahead", last)
    giant(tmp_path / "x.parquet", most, 10**8)
    table = pq.read_table(tmp_path / "x.parquet")
    assert len(table) > 4_000
    for end in table.columns:
        ids = end.to_numpy()
        assert 0 <= ids.min() < most * 0.02 < most * 0.98 < ids.max() < most
    with pytest.raises(CallError, match=f"give {most:,} or fewer"):
        giant(tmp_path / "x.parquet", most + 1, 10**8)


def test_a_disk_that_would_not_do_is_told_and_what_is_written_is_less(tmp_path, monkeypatch):
    file, told = tmp_path / "x.parquet", []
    check = _room.check_room
    monkeypatch.setattr(_room, "check_room", lambda *a: (told.append(a[1][0][2]), check(*a)))
    giant(file, 50_000, 60_000, [(60, 0.9)], camouflage=5)
    assert told[0] / 2 < file.stat().st_size < told[0]
    monkeypatch.setattr(_room.shutil, "disk_usage", lambda _: SimpleNamespace(free=10))
    with pytest.raises(FollowbackError, match=rf"^{file}, 60,000 follows: .* 0\.00 GB more"):
        giant(file, 50_000, 60_000)


def found(g, truth):
    """Return how much the most alike found ring is each planted one."""
    table = fb.find_rings(g, min_size=20)
    planted = [set(ring["account"]) for _, ring in truth.groupby("ring")]
    sets = [set(ring.accounts) for ring in table]
    return table, [max(len(p & s) / len(p | s) for s in sets) for p in planted]


def test_the_bounds_of_a_large_search_lose_no_planted_ring(drawn, monkeypatch):
    g = fb.read(drawn[0])
    whole, before = found(g, drawn[1])
    monkeypatch.setattr(search, "MOST_TIES", 8_000)
    monkeypatch.setattr(rings, "_MOST_SETS", 3)
    monkeypatch.setattr(organic, "MOST_PAIRS", 60_000)
    bound, after = found(g, drawn[1])
    assert min(before) > 0.9
    assert min(after) > 0.9
    assert whole.notes == ()
    assert any("-core" in note for note in bound.notes)
    assert len(bound) <= 3


def test_a_core_holds_every_set_of_so_many_ties_inside(drawn):
    g = fb.read(drawn[0])
    m = fb.mutual(g)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "MOST_TIES", 8_000)
        who, ties, (note,) = search.searched(g, m)
    t = int(note.split("-core")[0].split()[-1])
    assert np.array_equal(np.sort(who), np.flatnonzero(m.core_numbers >= t))
    assert len(ties.indices) / 2 <= 8_000
    assert ties.degrees.min() >= t
    twin = m.arrays.subgraph(who.astype(np.int64)).rows
    assert np.array_equal(ties.indices, twin.indices)


def test_the_clearest_groups_hold_the_planted_ones(drawn):
    m = fb.mutual(fb.read(drawn[0]))
    labels, _ = cpm_groups(*m.ties, 0.15, 10**9)
    every = search.groups_of(labels, 5)
    few, n = search.clearest_groups(m.ties, fitness(m), labels, 5, 4)
    assert n == len(every) > 100
    assert {group.tobytes() for group in few} < {group.tobytes() for group in every}
    for _, ring in drawn[1].groupby("ring"):
        planted = set(m.accounts.get_indexer(ring["account"]))
        assert max(len(planted & set(group.tolist())) for group in few) > 0.8 * len(planted)


def test_twin_ties_in_groups(drawn):
    m = fb.mutual(fb.read(drawn[0]))
    labels = (np.arange(m.n_accounts) % 7).astype(np.int32)
    source = np.repeat(np.arange(m.n_accounts), m.ties.degrees)
    both = labels[source] == labels[m.ties.indices]
    slow = np.bincount(labels[source[both]], minlength=7)
    assert np.array_equal(ties_in_groups(*m.ties, labels, 7), slow)


@pytest.mark.parametrize(("value", "seed"), [(0, 0), (12345, 7), (2**62, 3)])
def test_twin_hash(value, seed):
    z = (value + 0x9E3779B97F4A7C15 * (seed + 1)) % 2**64
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
    assert int(mixed(value, seed)) == z ^ (z >> 31)


def test_the_bench_builds_with_the_engine_that_is_asked(drawn, tmp_path, monkeypatch):
    (tmp_path / "follows.parquet").hardlink_to(drawn[0])
    noted = []
    monkeypatch.setattr("followback._report.facts.note", lambda **facts: noted.append(facts))
    told = bench.build(tmp_path, None, "duckdb")
    assert noted == [{"engine": "duckdb"}]
    assert told["follows"] == fb.FollowGraph.load(tmp_path / "graph").n_follows > 180_000


@pytest.mark.slow
def test_the_bench_runs_from_end_to_end(tmp_path):
    call = [sys.executable, "-m", "followback.bench.giant", str(tmp_path)]
    more = ["--accounts", "4000", "--follows", "60000"]
    done = subprocess.run([*call, *more], check=True, capture_output=True, text=True)
    told = json.loads((tmp_path / "giant.json").read_text())
    assert json.loads(done.stdout) == told
    assert [stage["stage"] for stage in told["stages"]] == ["make", "build", "search"]
    assert told["stages"][2]["planted"][0]["jaccard"] > 0.8
    assert not (tmp_path / "graph").exists()
