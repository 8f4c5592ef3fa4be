"""ORDER: who is tied to whom decides it, names do not."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import followback as fb
from followback import organic, search, synth
from followback.kernels import draws
from followback.kernels.rows import rows_among
from followback.ordering import mixed, scattered, structural_keys
from followback.pseudonyms import pseudonym
from followback.sets import as_sets

from .test_kernels import csr, rows


@pytest.mark.parametrize("seed", [0, 7])
def test_the_hash_is_that_of_the_kernels(seed):
    values = np.array([0, 1, 12345, 2**62], np.uint64)
    assert mixed(values, seed).tolist() == [int(draws.mixed(value, seed)) for value in values]


@pytest.mark.filterwarnings("ignore:The hashes produced")
@given(csr(symmetric=True), st.integers(1, 3))
def test_twin_keys_tell_apart_whom_networkx_tells_apart(drawn, rounds):
    graph, pairs = drawn
    n = len(graph.indptr) - 1
    twin = nx.Graph()
    twin.add_nodes_from(range(n))
    twin.add_edges_from(pairs)
    slow = nx.weisfeiler_lehman_subgraph_hashes(twin, iterations=rounds + 1)  # degrees are one
    names = [slow[i][-1] for i in range(n)]
    keys = structural_keys(graph, graph.degrees, rounds).tolist()
    assert [keys.index(key) for key in keys] == [names.index(name) for name in names]


def test_those_alike_are_told_apart_by_position_and_lie_scattered():
    """A hundred accounts of one key among a hundred others, each of another."""
    keys = mixed(np.minimum(np.arange(200), 100), 0)
    places = np.argsort(np.argsort(scattered(keys)))
    assert sorted(places) == list(range(200))
    assert places[100:].min() < 20
    assert places[100:].max() >= 180
    alone = scattered(keys[100:])
    assert {*scattered(keys).tolist()} > {*alone.tolist()}  # whatever the others are


@given(csr(symmetric=True), st.randoms(use_true_random=False))
def test_twin_rows_among_accounts_in_any_order(drawn, rng):
    graph, pairs = drawn
    n = len(graph.indptr) - 1
    who = rng.sample(range(n), rng.randint(0, n))
    expected = rows(len(who), {(who.index(u), who.index(v)) for u, v in pairs if {u, v} <= {*who}})
    indptr, indices = rows_among(*graph, np.array(who, np.int32))
    assert indptr.tolist() == expected.indptr.tolist()
    assert indices.tolist() == expected.indices.tolist()


def test_accounts_alike_in_mutual_follows_are_told_apart_by_their_other_follows():
    """Six who follow a hub and are followed back, the first with one fan, the last with six."""
    orders = []
    for names in ("abcdef", "fedcba"):
        pairs = [pair for name in names for pair in ((name, "hub"), ("hub", name))]
        pairs += [(f"x{i}{k}", name) for i, name in enumerate(names) for k in range(i + 1)]
        g = fb.FollowGraph.from_pairs(pairs)
        who = g.accounts[search.searched(g, fb.mutual(g))[0]]
        orders.append([names.index(name) for name in who if name in names])
    assert orders[0] == orders[1]
    assert len(orders[0]) == 6


@pytest.fixture(scope="module")
def crawl():
    """A planted ring, and a fringe of accounts seen with one or two of the same few hubs."""
    g, _ = synth.plant_rings(synth.follow_network(900, 9_000, seed=3), [(20, 0.8)], seed=3)
    rng = np.random.default_rng(3)
    pairs = g.to_table().to_pandas().to_numpy().tolist()
    for leaf in range(10_000, 10_300):
        for hub in rng.permutation(10)[: rng.integers(1, 3)].tolist():
            pairs += [[leaf, hub], [hub, leaf]][rng.integers(2) :][: rng.integers(1, 3)]
    return fb.FollowGraph.from_pairs(pairs)


@pytest.mark.parametrize("bounds", [{}, {"MOST_TIES": 1_000, "MOST_PAIRS": 6_000, "_DRAWN": 2_000}])
def test_other_names_give_the_same_rings_and_numbers(crawl, bounds, monkeypatch):
    for name, value in bounds.items():
        monkeypatch.setattr(organic if hasattr(organic, name) else search, name, value)
    found = fb.find_rings(crawl)
    for key in (b"k" * 32, b"l" * 32):
        other = fb.find_rings(fb.pseudonymise(crawl, key))
        assert other.table.equals(found.table)
        for mine, theirs in zip(found, other, strict=True):
            assert {pseudonym(name, key) for name in mine.accounts} == {*theirs.accounts}
    assert len(found) > 5
    assert any("-core" in note for note in found.notes) == bool(bounds)


def test_a_reference_group_holds_none_that_another_account_could_stand_for():
    """A clique of six; of the five others that know its first two, a circle has three."""
    twin = nx.complete_graph(6)
    twin.add_edges_from((hub, leaf) for hub in (0, 1) for leaf in range(6, 11))
    graph = rows(11, {*twin.edges, *((v, u) for u, v in twin.edges)})
    circles = [np.array([0, 1, 2, 3, 4, 5, 6, 7, 8]), np.arange(11)]
    groups, tight = organic._whole(graph, structural_keys(graph, graph.degrees), circles)  # noqa: SLF001
    assert groups.of(len(tight) - 2).tolist() == [0, 1, 2, 3, 4, 5]
    assert groups.of(len(tight) - 1).tolist() == list(range(11))
    assert tight[:-2].all()
    assert not tight[-2:].any()


def test_alike_members_stay_where_no_account_outside_is_tied_as_much():
    """Three classes of five: all look alike, yet nobody outside a class knows any of it."""
    classes = nx.disjoint_union_all([nx.complete_graph(5)] * 3)
    graph = rows(15, {*classes.edges, *((v, u) for u, v in classes.edges)})
    circles = [np.arange(5), np.array([0, 1, 5, 6, 7, 8])]
    groups, _ = organic._whole(graph, structural_keys(graph, graph.degrees), circles)  # noqa: SLF001
    *dense, whole, torn = [groups.of(k).tolist() for k in range(len(groups.sizes))]
    for place in range(0, 15, 5):
        assert dense.count([*range(place, place + 5)]) == len(organic._RESOLUTIONS)  # noqa: SLF001
    assert whole == [0, 1, 2, 3, 4]
    assert torn == []


@pytest.mark.parametrize(
    ("groups", "kept"),
    [
        ([(0, 1), (2, 3), (4, 5)], 6),  # everybody is in one tied pair
        ([(0, 1), (2, 3), (4, 5), (0, 1)], 8),  # one of them twice is still one
        ([(0, 1), (2, 3)], 0),  # two are in none
        ([(0, 1), (1, 2), (3, 4), (4, 5)], 0),  # two are in more
        ([(0, 1), (2, 4), (3, 5)], 0),  # not all pairs are tied
    ],
)
def test_members_stay_if_all_who_look_alike_are_in_as_many_such_groups(groups, kept):
    cycle = nx.cycle_graph(6)
    ties = rows(6, {*cycle.edges, *((v, u) for u, v in cycle.edges)})
    sets = as_sets([np.array(group, np.int32) for group in groups])
    owner = np.repeat(np.arange(len(groups)), 2)
    stays = organic._for_a_reason(ties, sets, owner, structural_keys(ties, ties.degrees))  # noqa: SLF001
    assert stays.sum() == kept


def test_a_ring_stays_strong_where_all_classes_are_alike():
    """Forty classes of twelve in which everybody is connected, one of them mutually."""
    rng = np.random.default_rng(1)
    ends = [(12 * c + a, 12 * c + b) for c in range(40) for a in range(12) for b in range(a)]
    pairs = [pair[:: rng.choice([1, -1])] for pair in ends]
    pairs += [pair[::-1] for k, pair in enumerate(pairs) if k < 66 or rng.random() < 0.1]
    (ring,) = fb.find_rings(fb.FollowGraph.from_pairs(pairs))
    assert ring.row["verdict"] == "strong"
    assert ring.row["organic_groups"] > 10


@pytest.mark.parametrize("degrees", [[10], range(8, 30)])
def test_whose_circles_are_taken_is_bounded_and_never_nobody(degrees, monkeypatch):
    """Rings of 60 accounts that all follow the next k: each k is one kind of account."""
    pairs = [
        (100 * k + i, 100 * k + (i + step) % 60)
        for k in degrees
        for i in range(60)
        for step in range(1, k + 1)
    ]
    g = fb.FollowGraph.from_pairs(pairs)
    monkeypatch.setattr(organic, "_DRAWN", 1_000)
    connections = g.following.degrees + g.followers.degrees
    for seed in range(4):
        drawn = organic._drawn(g, connections, seed)  # noqa: SLF001
        assert 0 < connections[drawn].sum() < 1_000 + 60 * 2 * max(degrees)
