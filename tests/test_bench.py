"""BENCH: the measures by hand, and every rival on a ring that cannot be missed."""

import importlib.util
from pathlib import Path

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import followback as fb
from followback import synth
from followback.bench import contenders, scale
from followback.bench import rings as bench
from followback.bench.rivals import RIVALS

LIGHT = ["followback", "networkx", "scipy", "polars"]  # contenders that start soon
TRUTH = pd.DataFrame({"ring": [1, 1, 1, 1, 2, 2], "account": [1, 2, 3, 4, 8, 9]})


def test_scores_by_hand():
    found = [np.array([1, 2, 3, 4, 5]), np.array([8, 20]), np.array([30, 31])]
    scored = bench.score(TRUTH, found)
    assert scored["recovery"] == pytest.approx((4 / 5 + 1 / 3) / 2)
    assert scored["f1"] == pytest.approx(2 * (1 / 3) * (1 / 2) / (1 / 3 + 1 / 2))
    assert bench.score(TRUTH, [])["recovery"] == 0
    assert bench.score(TRUTH, [np.array([30])])["f1"] == 0


def test_crossings_are_interpolated():
    assert bench.crossing([0.1, 0.4], [0, 1], 0.5) == pytest.approx(0.2)
    assert bench.crossing([0.1, 0.4], [1, 1], 0.5) == 0.1
    assert np.isnan(bench.crossing([0.1, 0.4], [0, 0.2], 0.5))


@pytest.mark.parametrize("name", [name for name in RIVALS if name != "CatchSync"])
def test_every_rival_finds_what_cannot_be_missed(name):
    """A tight ring of 40 in thin air."""
    if name.startswith("Leiden") and importlib.util.find_spec("igraph") is None:
        pytest.skip("igraph is not installed (bench extra)")
    background = synth.follow_network(1_500, 4_000, reciprocity=0.1, cliques=0, seed=1)
    g, truth = synth.plant_rings(background, [(40, 0.9)], new_accounts=1.0, seed=1)
    found = RIVALS[name](g, 1)
    assert bench.score(truth, found)["recovery"] > (0.4 if name == "SpokEn" else 0.6)


def test_catchsync_finds_lockstep():
    """Thirty accounts that follow the same ten, whom nobody else follows."""
    crowd = synth.follow_network(1_500, 12_000, cliques=0, seed=1)
    crowd_pairs = zip(crowd.sources().tolist(), crowd.following.indices.tolist(), strict=True)
    lockstep = [(2_000 + i, 3_000 + j) for i in range(30) for j in range(10)]
    g = fb.FollowGraph.from_pairs([*crowd_pairs, *lockstep])
    (found,) = RIVALS["CatchSync"](g, 1)
    assert set(range(2_000, 2_030)) <= set(g.accounts[found])


def test_charikar_is_networkx_greedy():
    g, _ = synth.plant_rings(synth.follow_network(200, 1_000, seed=1), [(15, 0.9)], seed=1)
    density, _ = nx.approximation.densest_subgraph(fb.mutual(g).to_networkx(), 1)
    (found,) = RIVALS["Charikar"](g, 1)
    inner = fb.mutual(g).to_networkx().subgraph(found)
    assert inner.number_of_edges() / len(inner) == pytest.approx(density)


def test_comparison_calibration_and_densities_have_their_columns():
    graph = synth.follow_network(400, 2_500, seed=1)
    table = bench.compare(["small"], [1], graph=graph, rivals=["Charikar"])
    assert table["method"].tolist() == ["followback", "Charikar"] * 2
    assert bench.summarised(table)["plantings"].tolist() == [1, 1, 1, 1]
    nulls = bench.calibration(2, graph=graph)
    assert bench.false_alarms(nulls)["null_graphs"].tolist() == [2]
    found = bench.critical_density([20], [1], densities=(0.05, 0.9), graph=graph)
    assert 0.05 <= bench.floors(found)["p50"].iloc[0] <= 0.9


def test_backgrounds_keep_what_they_promise():
    organic = synth.follow_network(400, 2_500, seed=1)
    assert bench.background("organic", 3, organic) == organic
    null = bench.background("null", 3, organic)
    assert null != organic
    assert (null.followers.degrees == organic.followers.degrees).all()
    text = fb.FollowGraph.from_pairs([("ann", "bob"), ("bob", "cem")])
    assert bench.numbered(text).accounts.tolist() == [0, 1, 2]


def test_everybody_warms_up_on_the_same_tiny_file(monkeypatch):
    seen = []

    def steps(path):
        seen.append((path, Path(path).read_bytes() if Path(path).is_file() else b""))
        yield "import", {}
        yield "build", {"follows": len(seen)}

    for name in ("one", "other"):
        monkeypatch.setitem(contenders.CONTENDERS, name, steps)
        assert contenders.timed(name, "x.parquet")["found"] == {"follows": len(seen)}
    assert [path for path, _ in seen[1::2]] == ["x.parquet"] * 2
    assert seen[0][1] == seen[2][1] != b""


@pytest.mark.slow
def test_all_contenders_count_the_same(tmp_path):
    ends = np.random.default_rng(1).integers(0, 60, (2, 900), np.int32)
    file = tmp_path / "x.parquet"
    pd.DataFrame({"source": ends[0], "target": ends[1]}).to_parquet(file)
    table = scale.agreed(scale.measured(LIGHT, file, 900, runs=1))
    assert len(table) == len(LIGHT)
    assert table["agrees"].all()


def test_a_tool_that_fails_is_named_in_one_line(tmp_path):
    file = tmp_path / "x.parquet"
    with pytest.raises(fb.FollowbackError, match=rf"^copy on {file} took longer than 0.1 seconds"):
        scale.measured(["copy"], file, 1, timeout=0.1)
    with pytest.raises(
        fb.FollowbackError, match=rf"^followback on {file} failed: .*; leave it out"
    ):
        scale.first_calls(file, runs=1)


def test_growth_is_fitted_to_medians_and_to_minima():
    """Medians grow as m, minima as m ** 2; a third run of each size is slower still."""
    sizes = [100, 1_000, 10_000]
    runs = [(m, t) for m in sizes for t in (m**2 / 1e6, m, 9 * m)]
    growth = pd.DataFrame(runs, columns=["follows", "total"])
    assert scale.exponent(growth) == pytest.approx((1, 1))
    assert scale.exponent(growth, "min") == pytest.approx((2, 2))
    runs = pd.DataFrame(
        [("followback", 100, 1.0, 1.0, 9e8), ("networkx", 100, 160.0, 170.0, 9e8)],
        columns=["contender", "follows", "mutual", "total", "peak"],
    )
    asked = scale.asked(runs, runs, growth, pd.DataFrame({"first": [14.0, 16.0]}))
    told = asked.set_index("what")[["by medians", "by minima", "met"]].T.to_dict("list")
    assert told == {
        "times faster than networkx, total, 100 follows": [170, 170, True],
        "peak memory, of 16 bytes a follow + 0.4 GB": [pytest.approx(2.25, abs=0.01)] * 2 + [False],
        "growth, fitted exponent": [pytest.approx(1), pytest.approx(2), True],
        "growth, exponent of the last step": [pytest.approx(1), pytest.approx(2), True],
        "first call with compiling, seconds": [15, 14, False],
    }
