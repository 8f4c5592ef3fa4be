"""EVIDENCE: bounds that hold, prices that are right, propensities by hand."""

import math

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import followback as fb
from followback import nulls, synth
from followback.chance import _q_values, chance, fitness
from followback.evidence import beyond_habit, members_table, shape
from followback.habits import habits
from followback.sets import as_sets, excess_share, search_price, wilson

from .conftest import everyone


@given(st.integers(1, 60), st.floats(0.01, 0.99), st.data())
def test_excess_share_never_exceeds_the_exact_binomial_tail(trials, share, data):
    successes = data.draw(st.integers(0, trials))
    exact = -stats.binom.logsf(successes - 1, trials, share)
    assert excess_share([successes], [trials], [share])[0] <= exact + 1e-9


def test_no_surprise_where_no_more_is_seen_than_expected():
    assert excess_share([3, 0], [10, 0], [0.3, 0.5]).tolist() == [0, 0]


def test_search_price_counts_the_sets():
    assert search_price(np.array([3]), 10)[0] == pytest.approx(math.log(math.comb(10, 3) * 10))
    assert search_price(np.array([5]), 0)[0] == 0


def test_wilson_is_scipys():
    low, high = wilson(np.array([7.0]), np.array([9.0]))
    exact = stats.binomtest(7, 9).proportion_ci(method="wilson")
    assert (low[0], high[0]) == pytest.approx((exact.low, exact.high), abs=1e-6)
    assert np.isnan(wilson(np.array([0.0]), np.array([0.0]))[0][0])


@given(st.lists(st.floats(0, 1), max_size=30))
def test_q_values_are_scipys(values):
    p_values = np.array(values)
    expected = stats.false_discovery_control(p_values) if values else p_values
    assert _q_values(p_values).tolist() == expected.tolist()


@given(st.lists(st.floats(0.01, 0.95), min_size=2, max_size=12), st.data())
def test_the_bound_holds_for_pairs_of_unequal_probability(shares, data):
    """The exact tail of a sum of unequal coins is never above what the mean share gives."""
    seen = data.draw(st.integers(0, len(shares)))
    exact = np.array([1.0])
    for share in shares:
        exact = np.convolve(exact, [1 - share, share])
    bound = excess_share([seen], [len(shares)], [np.mean(shares)])[0]
    assert exact[seen:].sum() <= math.exp(-bound) + 1e-9


def graph_and_sets(pairs, *groups):
    g = fb.FollowGraph.from_pairs(pairs)
    return g, fb.mutual(g), as_sets([g.positions(group).astype(np.int32) for group in groups])


HAND = [*everyone(["ann", "bob", "cem"]), ("x", "ann"), ("ann", "x"), ("y", "ann"), ("z", "ann")]


def test_habits_by_hand():
    """A triangle; ann has one more follower she follows back, and two that she does not."""
    own = habits(*graph_and_sets(HAND, ["ann", "bob", "cem"]))
    base = 8 / 10  # four mutual follows are 8 of 10 follows
    assert own.mutual_in.tolist() == [2, 2, 2]
    assert own.mutual_out.tolist() == [1, 0, 0]
    assert own.followers_out.tolist() == [3, 0, 0]
    assert own.following_out.tolist() == [1, 0, 0]
    assert own.follow_back == pytest.approx([(1 + 5 * base) / (3 + 5), base, base])
    assert own.followed_back == pytest.approx([(1 + 5 * base) / (1 + 5), base, base])


def test_habit_and_verdict_by_hand():
    g, m, sets = graph_and_sets(HAND, ["ann", "bob", "cem"])
    found = beyond_habit(g, m, sets, alpha=0.05, seed=0)
    ann, base = (1 + 5 * 0.8) / 8, 0.8
    expected = (2 * ann + 2 * base + 2 * base) / 6
    assert found["expected_reciprocity"][0] == pytest.approx(expected)
    assert found["reciprocity_outside"][0] == pytest.approx(1 / 3)
    bits = -3 * math.log2(expected / (2 - expected))  # three of three pairs, at the dyadic share
    assert found["habit_score"][0] == pytest.approx(bits)
    assert found["verdict"].tolist() == ["weak"]


def test_shape_by_hand():
    g, m, sets = graph_and_sets(HAND, ["ann", "bob", "cem"], ["ann", "x"])
    found = {name: column.tolist() for name, column in shape(g, m, sets).items()}
    assert found["mutual_follows"] == [3, 1]
    assert found["density"] == [1, 1]
    assert found["reciprocity"] == [1, 1]
    assert found["follower_share"] == pytest.approx([6 / 9, 2 / 6])
    assert found["closedness"] == pytest.approx([6 / 7, 2 / 4])
    assert found["one_way_audience"] == pytest.approx([2 / 9, 2 / 6])
    assert found["follow_back"] == pytest.approx([7 / 9, 4 / 6])
    assert found["centralisation"] == [0, 0]
    star = shape(
        *graph_and_sets([("h", c) for c in "abcd"] + [(c, "h") for c in "abcd"], list("habcd"))
    )
    assert star["centralisation"].tolist() == [1]


def test_the_null_model_keeps_every_accounts_mutual_degree():
    """Solved, the expected degrees of all accounts are their own; dense graphs too."""
    for density in (0.05, 0.5):
        twin = nx.gnp_random_graph(60, density, seed=1)
        m = fb.mutual(twin.to_directed())
        z = fitness(m)
        p = np.outer(z, z) / (1 + np.outer(z, z))
        np.fill_diagonal(p, 0)
        assert p.sum(axis=0) == pytest.approx(m.ties.degrees, abs=0.01)


def fitted_dyads(adjacency):
    """Solve the reciprocal configuration model: each account keeps its follows of each kind.

    Squartini and Garlaschelli (2011), New Journal of Physics 13, 083001: a pair is
    mutual with probability z_i z_j / (1 + x_i y_j + x_j y_i + z_i z_j), follows one way
    with x_i y_j over the same. Returned are the probabilities of the two kinds.
    """
    both = (adjacency * adjacency.T).sum(axis=1)
    kept = np.array([adjacency.sum(axis=1) - both, adjacency.sum(axis=0) - both, both])
    x, y, z = kept / np.sqrt(kept.sum(axis=1, keepdims=True) + 1)
    for _ in range(500):
        weight = 1 / (1 + np.outer(x, y) + np.outer(y, x) + np.outer(z, z))
        np.fill_diagonal(weight, 0)
        x, y, z = np.sqrt([x, y, z] * kept / [weight @ y, weight @ x, weight @ z])
    return np.outer(z, z) * weight, np.outer(x, y) * weight


def test_twin_expectation_is_that_of_the_full_reciprocal_model():
    """The model that keeps unreturned follows as well says the same, within 5%, for sets of 30."""
    g = synth.follow_network(300, 6_000, reciprocity=0.5, seed=1)
    adjacency = np.zeros((300, 300))
    adjacency[g.sources(), g.following.indices] = 1
    m = fb.mutual(g)
    both, alone = fitted_dyads(adjacency)
    assert both.sum(axis=1) == pytest.approx(m.ties.degrees)  # solved
    assert alone.sum(axis=1) == pytest.approx(g.following.degrees - m.ties.degrees)

    rng = np.random.default_rng(0)
    groups = [np.sort(rng.permutation(300)[:30]).astype(np.int32) for _ in range(20)]
    found = chance(m, as_sets(groups), fitness(m))["expected_mutual_follows"]
    slow = [np.triu(both[np.ix_(group, group)], 1).sum() for group in groups]
    assert found == pytest.approx(slow, rel=0.05)


def test_chance_by_hand():
    """On a 6-cycle every pair has probability 2/5; a path of three has two of three pairs."""
    pairs = [(i, (i + 1) % 6) for i in range(6)]
    _, m, sets = graph_and_sets(pairs + [(j, i) for i, j in pairs], [0, 1, 2])
    found = chance(m, sets, fitness(m))
    assert found["expected_mutual_follows"][0] == pytest.approx(3 * 0.4, abs=1e-4)
    nats = 2 * math.log((2 / 3) / 0.4) + math.log((1 / 3) / 0.6) - math.log(math.comb(6, 3) * 6)
    assert found["score"][0] == pytest.approx(nats / math.log(2), abs=1e-3)
    assert found["p_value"][0] == 1


@pytest.mark.parametrize("density", [0.05, 0.3, 0.6])
def test_chance_alone_lists_nothing_however_dense(density):
    for seed in range(3):
        twin = nx.gnp_random_graph(150, density, seed=seed)
        assert len(fb.find_rings(twin.to_directed())) == 0


def test_null_graphs_keep_all_three_degrees_and_nothing_else(monkeypatch):
    g = synth.plant_rings(synth.follow_network(800, 8_000, seed=1), [(30, 0.8)], seed=1)[0]
    null = nulls.null_graph(g, seed=1)
    m, same = fb.mutual(g), fb.mutual(null)
    assert (null.followers.degrees == g.followers.degrees).all()
    assert (null.following.degrees == g.following.degrees).all()
    assert (same.ties.degrees == m.ties.degrees).all()
    assert null != g
    assert null == nulls.null_graph(g, seed=1) != nulls.null_graph(g, seed=2)
    monkeypatch.setattr(nulls, "_ROUNDS", 1)
    with pytest.raises(fb.FollowbackError, match="too dense"):
        nulls.null_graph(g)


def test_at_most_one_null_graph_in_twenty_has_a_ring():
    """Forty nulls at alpha .05: five or more would happen once in twenty by chance."""
    g = synth.plant_rings(synth.follow_network(700, 6_000, seed=5), [(20, 0.9)], seed=5)[0]
    listed = sum(len(fb.find_rings(nulls.null_graph(g, seed=s))) > 0 for s in range(40))
    assert listed <= stats.binom.ppf(0.95, 40, 0.05)


def clubs(n_clubs, size, seed, inside=0.6, outside=0.05):
    """Colleagues: clubs whose members nearly all follow each other, most of them back."""
    rng = np.random.default_rng(seed)
    a, b = np.triu_indices(n_clubs * size, 1)
    same = a // size == b // size
    tied = rng.random(len(a)) < np.where(same, inside, outside)
    a, b, same = a[tied], b[tied], same[tied]
    back = rng.random(len(a)) < np.where(same, 0.85, 0.35)
    return fb.FollowGraph.from_pairs([*zip(a, b, strict=True), *zip(b[back], a[back], strict=True)])


@pytest.mark.parametrize(("n_clubs", "size"), [(20, 15), (4, 60), (2, 80)])
def test_colleagues_are_listed_but_never_strong(n_clubs, size):
    rings = fb.find_rings(clubs(n_clubs, size, seed=1))
    assert len(rings) > 0
    assert "strong" not in set(rings.table["verdict"])


def test_ring_free_graphs_with_cliques_and_communities_have_no_strong_ring():
    for seed in range(3):
        rings = fb.find_rings(synth.follow_network(4_000, 50_000, seed=seed))
        assert "strong" not in set(rings.table["verdict"])


def test_large_planted_rings_are_strong():
    g = synth.follow_network(4_000, 50_000, seed=1)
    planted, truth = synth.plant_rings(g, [(80, 0.5), (60, 0.6)], seed=1)
    rings = fb.find_rings(planted)
    for _, group in truth.groupby("ring")["account"]:
        (ring,) = (r for r in rings if len(set(r.accounts) & set(group)) > len(group) / 2)
        assert ring.row["verdict"] == "strong"


def test_reference_groups_do_not_see_who_follows_back():
    """Turning mutual follows into single ones moves no reference group."""
    from followback.organic import Reference

    g = synth.follow_network(1_000, 9_000, seed=2)
    names = np.column_stack([g.sources(), g.following.indices])
    swapped = names[names[:, 0] > names[:, 1]][:, ::-1].tolist()
    one_way = fb.FollowGraph.from_pairs([*names[names[:, 0] < names[:, 1]].tolist(), *swapped])
    seen = Reference.of(g, fb.mutual(g), seed=0)
    blind = Reference.of(one_way, fb.mutual(one_way), seed=0)
    assert fb.mutual(one_way).n_mutual == 0 < fb.mutual(g).n_mutual
    assert list(g.accounts[seen.groups.members]) == list(one_way.accounts[blind.groups.members])


def test_labels_tell_ring_members_from_those_who_follow_back_everybody():
    pod = everyone(range(10))
    fans = [(100 + 20 * i + j, i) for i in range(9) for j in range(20)]
    friendly = [(9, 500 + j) for j in range(40)] + [(500 + j, 9) for j in range(40)]
    g, m, sets = graph_and_sets(pod + fans + friendly, range(10))
    labels = members_table(g, m, sets).set_index("account")["label"]
    assert set(labels[:9]) == {"ring member"}
    assert labels[9] == "promiscuous follow-backer"


def test_weighing_nothing_is_nothing(story):
    m = fb.mutual(story)
    for found in (
        chance(m, as_sets([]), fitness(m)),
        beyond_habit(story, m, as_sets([]), alpha=0.05, seed=0),
        shape(story, m, as_sets([])),
    ):
        assert all(len(column) == 0 for column in found.values())
