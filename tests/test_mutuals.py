"""MUTUAL: mutual follows, reciprocity and cores, each beside its NetworkX twin."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given

import followback as fb
from followback import FollowGraph

from .conftest import STAR, TRIANGLE, arcs, everyone, networkx_of


def graph(pairs):
    return FollowGraph.from_networkx(networkx_of(pairs))


def test_the_story_by_hand(story):
    m = fb.mutual(story)
    assert m.n_mutual == 1
    assert list(m.accounts) == list(story.accounts)
    assert m.ties.degrees.tolist() == [1, 1, 0, 0]
    row = fb.reciprocity(story).iloc[0]
    assert row["arc"] == 2 / 4
    assert row["dyad"] == 1 / 3
    assert row["expected"] == 4 / 12
    assert row["rho"] == pytest.approx((1 / 2 - 1 / 3) / (1 - 1 / 3))


def test_twitter_2009_has_both_of_its_famous_numbers():
    # 0.362106 of 1,468,365,182 follows are returned; 22.1 % of the connected pairs are mutual
    arc = 0.362106
    assert arc / (2 - arc) == pytest.approx(0.2211, abs=5e-5)
    pairs = [(i, i + 500) for i in range(100)] + [(i + 500, i) for i in range(36)]
    row = fb.reciprocity(FollowGraph.from_pairs(pairs)).iloc[0]
    assert row["dyad"] == pytest.approx(row["arc"] / (2 - row["arc"]))


@pytest.mark.parametrize(
    ("pairs", "arc", "rho"), [(TRIANGLE, 1, np.nan), (STAR, 1, 1), ([(1, 2)], 0, -1)]
)
def test_closed_forms(pairs, arc, rho):
    row = fb.reciprocity(FollowGraph.from_pairs(pairs)).iloc[0]
    assert row["arc"] == arc
    assert row["rho"] == pytest.approx(rho, nan_ok=True)


def test_reciprocity_of_nothing_is_not_defined():
    assert fb.reciprocity(nx.DiGraph()).isna().all(axis=None)


@given(arcs())
def test_twin_reciprocity_and_mutual_graph(pairs):
    twin = networkx_of(pairs)
    m = fb.mutual(graph(pairs))
    assert nx.utils.graphs_equal(m.to_networkx(), twin.to_undirected(reciprocal=True))
    if twin.number_of_edges():
        assert fb.reciprocity(twin)["arc"].iloc[0] == pytest.approx(nx.overall_reciprocity(twin))


@given(arcs())
def test_twin_core_numbers(pairs):
    twin = nx.core_number(networkx_of(pairs).to_undirected(reciprocal=True))
    assert fb.core_numbers(graph(pairs)).tolist() == [twin[k] for k in sorted(twin)]


@pytest.mark.parametrize("n", range(2, 9))
def test_cores_of_cliques_cycles_and_stars(n):
    cycle = [(i, (i + 1) % n) for i in range(n)]
    star = [(0, i) for i in range(1, n)]
    both = [(v, u) for u, v in cycle], [(v, u) for u, v in star]
    assert set(fb.core_numbers(graph(everyone(range(n))))) == {n - 1}
    assert set(fb.core_numbers(graph(cycle + both[0]))) == {2 if n > 2 else 1}
    assert set(fb.core_numbers(graph(star + both[1]))) == {1}


def test_cards(two_rings):
    m = fb.mutual(two_rings)
    assert repr(m) == "MutualGraph with 7 accounts and 12 mutual follows"
    assert "highest core number" in m._repr_html_()


def test_every_measure_of_the_story(story):
    table = fb.accounts(story).set_index("account")
    ann = table.loc["ann"]
    assert ann[["followers", "following", "mutual"]].tolist() == [2, 2, 1]
    assert ann[["follow_back", "followed_back", "overlap"]].tolist() == [0.5, 0.5, 0.5]
    assert table["core_number"].tolist() == [1, 1, 0, 0]
    assert np.isnan(table.loc["cem", "follow_back"])  # nobody follows cem
