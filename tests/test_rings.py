"""RINGS: planted ones are found, nulls give none, and the same graph gives the same bytes."""

import os
import subprocess
import sys
from dataclasses import replace

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import followback as fb
from followback import synth
from followback.files import csv_text

PLANTED = [(40, 0.5), (20, 0.8), (12, 1.0)]


@pytest.fixture(scope="module")
def planted():
    background = synth.follow_network(3_000, 30_000, seed=3)
    return synth.plant_rings(background, PLANTED, camouflage=10, seed=3)


@pytest.fixture(scope="module")
def found(planted):
    return fb.find_rings(planted[0])


def best_jaccard(truth, rings):
    """Return for each planted ring the best overlap with a ring that was found."""
    sets = [set(ring.accounts) for ring in rings]
    best = []
    for _, group in truth.groupby("ring")["account"]:
        one = set(group)
        best.append(max((len(one & s) / len(one | s) for s in sets), default=0))
    return best


def test_planted_rings_are_found(planted, found):
    assert min(best_jaccard(planted[1], found)) >= 0.9


def test_a_graph_with_degrees_alone_has_no_ring():
    rng = np.random.default_rng(5)
    degrees = np.minimum(rng.zipf(2.2, 1500), 100)
    stubs = rng.permutation(np.repeat(np.arange(1500), degrees))
    half = len(stubs) // 2
    a, b = stubs[:half], stubs[half : 2 * half]
    pairs = np.vstack([np.column_stack([a, b]), np.column_stack([b, a])])
    rings = fb.find_rings(fb.FollowGraph.from_pairs(pairs.tolist()))
    assert len(rings) == 0
    assert len(rings.members) == 0
    assert repr(rings) == "0 rings (none beyond chance)"
    assert "0 rings" in rings._repr_html_()


def test_the_table_has_the_columns_of_the_contract_in_order(found):
    assert found.table.columns[:10].tolist() == [
        "ring", "size", "mutual_follows", "density", "reciprocity", "expected_reciprocity",
        "score", "p_value", "q_value", "verdict",
    ]  # fmt: skip
    assert found.table["ring"].tolist() == list(range(1, len(found) + 1))
    rank = found.table["verdict"].map({"strong": 0, "moderate": 1, "weak": 2})
    assert rank.is_monotonic_increasing
    assert found.table[rank == 1]["score"].is_monotonic_decreasing
    assert (found.table["q_value"] <= 0.05).all()
    assert (found.table["size"] >= 5).all()


def test_twin_every_number_of_every_ring_from_networkx(planted, found):
    twin = planted[0].to_networkx()
    for ring in found:
        inner = twin.subgraph(ring.accounts)
        row = ring.row
        both = inner.to_undirected(reciprocal=True)
        assert row["size"] == len(ring) == inner.number_of_nodes()
        assert row["mutual_follows"] == both.number_of_edges()
        assert row["density"] == pytest.approx(nx.density(both))
        assert row["reciprocity"] == pytest.approx(nx.overall_reciprocity(inner))
        followers = sum(dict(twin.in_degree(ring.accounts)).values())
        assert row["follower_share"] == pytest.approx(inner.number_of_edges() / followers)
        assert nx.utils.graphs_equal(ring.subgraph(), both)


def test_members_tell_each_ones_own_evidence(planted, found):
    twin = planted[0].to_networkx()
    first = found.members[found.members["ring"] == 1].iloc[0]
    inner = set(found[0].accounts)
    followers = set(twin.predecessors(first["account"]))
    back = followers & set(twin.successors(first["account"]))
    assert first["followers"] == len(followers)
    assert first["follow_back_inside"] == pytest.approx(len(back & inner) / len(followers & inner))
    assert first["follow_back_outside"] == pytest.approx(len(back - inner) / len(followers - inner))
    assert first["follower_share"] == pytest.approx(len(followers & inner) / len(followers))
    assert found.members.groupby("ring").size().tolist() == found.table["size"].tolist()


def test_the_page_says_of_which_rings_members_are_shown(found):
    assert "clearest members of each ring; all" in fb.show.members(found, limit=99).data
    once = found.members.drop_duplicates("account")
    cut = replace(found, members=pd.concat([once, once[:2], once[:1]]))  # one of them thrice
    html = fb.show.members(cut, limit=6).data
    assert "clearest members of the first 2 rings; all" in html
    assert "In that file 2 accounts stand more than once" in html


def test_rings_behave_as_a_sequence(found):
    assert [ring.number for ring in found] == found.table["ring"].tolist()
    assert found[-1].number == len(found)
    n = len(found)
    for k in (n, -n - 1):
        said = rf"no rings\[{k}\]: {n} rings are listed, rings\[0\] is ring 1 and rings\[{n - 1}\]"
        with pytest.raises(IndexError, match=said):
            found[k]
    assert "Ring 1" in found[0]._repr_html_()


def test_networkx_graphs_give_the_same_rings(planted, found):
    assert fb.find_rings(planted[0].to_networkx()).table.equals(found.table)


def test_wrong_calls_name_the_cure(story):
    for wrong in ({"min_size": 2}, {"alpha": 0}, {"alpha": 1}):
        with pytest.raises(fb.CallError):
            fb.find_rings(story, **wrong)


def test_larger_min_size_leaves_small_rings_out(planted):
    assert fb.find_rings(planted[0], min_size=30).table["size"].min() >= 30


def test_same_bytes_for_any_row_order_hash_seed_and_thread_count(planted, found, tmp_path):
    table = planted[0].to_table().to_pandas().sample(frac=1, random_state=1)
    table.to_csv(tmp_path / "follows.csv", index=False)
    for seed, threads in (("0", "1"), ("42", "2")):
        out = tmp_path / seed
        subprocess.run(
            [sys.executable, "-m", "followback", "rings", tmp_path / "follows.csv", "-o", out],
            check=True,
            capture_output=True,
            env={**os.environ, "PYTHONHASHSEED": seed, "NUMBA_NUM_THREADS": threads},
        )
        assert (out / "rings.csv").read_text() == csv_text(found.table)
        assert (out / "members.csv").read_text() == csv_text(found.members)


def test_a_work_budget_that_is_hit_is_reported(planted, monkeypatch):
    monkeypatch.setattr("followback.search._WORK", 1)
    assert "work budget" in fb.find_rings(planted[0]).notes[0]


def test_what_is_mutual_by_construction_gets_no_verdict_and_no_reciprocity(tmp_path):
    base = fb.synth.follow_network(600, 5_000, seed=1)
    g, _ = fb.synth.plant_rings(base, [(20, 0.9)], mutual_share=1.0, seed=1)
    ends = fb.mutual(g).to_networkx().edges
    (tmp_path / "pairs.csv").write_text("".join(f"{u},{v}\n" for u, v in ends))
    rings = fb.find_rings(fb.read(tmp_path / "pairs.csv", mutual=True))
    assert len(rings) > 0
    assert set(rings.table["verdict"]) == {"weak"}
    assert rings.table[["reciprocity", "organic_score", "follow_back"]].isna().all(axis=None)
    assert set(rings.members["label"]) == {"not told"}
    assert any("each mutual pair once" in note for note in rings.notes)


def test_a_file_of_single_pairs_read_as_follows_is_warned_of(tmp_path):
    ends = fb.mutual(fb.synth.follow_network(800, 9_000, seed=1)).to_networkx().edges
    (tmp_path / "pairs.csv").write_text("".join(f"{u},{v}\n" for u, v in ends))
    with pytest.warns(UserWarning, match="none of the 1,[0-9]+ follows is returned"):
        fb.reciprocity(fb.read(tmp_path / "pairs.csv"))


def test_one_ring_is_no_rings(found):
    assert repr(replace(found, table=found.table[:1])) == "1 ring (1 strong)"
