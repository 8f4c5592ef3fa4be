"""SYNTH: what is asked for comes out, exactly and always the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import followback as fb
from followback import synth


@given(st.integers(0, 9), st.sampled_from([0.0, 0.2, 0.35, 0.7]))
def test_accounts_follows_and_reciprocity_are_exact(seed, share):
    g = synth.follow_network(300, 2_000, reciprocity=share, seed=seed)
    assert (g.n_accounts, g.n_follows) == (300, 2_000)
    assert 2 * fb.mutual(g).n_mutual / g.n_follows == pytest.approx(share, abs=0.001)


def test_the_same_seed_is_the_same_graph_and_another_is_not():
    one, same, other = (synth.follow_network(300, 2_000, seed=seed) for seed in (1, 1, 2))
    assert one == same
    assert one != other


def test_tails_are_heavy_and_communities_are_there():
    g = synth.follow_network(3_000, 30_000, seed=1)
    followers = np.sort(g.followers.degrees)[::-1]
    assert followers[:30].sum() > 5 * followers.mean() * 30
    assert fb.core_numbers(g).max() >= 5


def test_planted_rings_have_the_size_density_and_mutual_share_asked_for():
    before = synth.follow_network(2_000, 10_000, seed=1)
    g, truth = synth.plant_rings(
        before, [(100, 0.3), (60, 0.9)], mutual_share=0.8, new_accounts=0.25, seed=1
    )
    assert truth.groupby("ring").size().tolist() == [100, 60]
    assert g.n_accounts == 2_000 + 25 + 15
    assert not truth["account"].duplicated().any()
    twin = g.to_networkx()
    for (_, group), density in zip(truth.groupby("ring"), (0.3, 0.9), strict=True):
        inner = twin.subgraph(group["account"])
        pairs = len(group) * (len(group) - 1) / 2
        mutual = inner.to_undirected(reciprocal=True).number_of_edges()
        connected = inner.to_undirected().number_of_edges()
        assert connected / pairs == pytest.approx(density, abs=0.05)
        assert mutual / connected == pytest.approx(0.8, abs=0.05)


def test_camouflage_goes_outside_and_is_partly_answered():
    before = synth.follow_network(2_000, 10_000, seed=1)
    bare, truth = synth.plant_rings(before, [(30, 0.5)], seed=1)
    hidden, same = synth.plant_rings(before, [(30, 0.5)], camouflage=40, answered=0.2, seed=1)
    assert truth.equals(same)
    ring = truth["account"].to_numpy()
    more = hidden.following.degrees[ring].sum() - bare.following.degrees[ring].sum()
    back = hidden.followers.degrees[ring].sum() - bare.followers.degrees[ring].sum()
    assert 0.9 * 1200 < more <= 1200
    assert 0.1 * 1200 < back < 0.3 * 1200


def test_impossible_wishes_are_refused():
    g = synth.follow_network(50, 100)
    text = fb.FollowGraph.from_pairs([("a", "b")])
    for call in (
        lambda: synth.follow_network(5, 10),
        lambda: synth.follow_network(50, 10_000),
        lambda: synth.follow_network(50, 100, reciprocity=1.5),
        lambda: synth.follow_network(50, 100, cliques=-1),
        lambda: synth.plant_rings(g, [(2, 0.5)]),
        lambda: synth.plant_rings(g, [(10, 0)]),
        lambda: synth.plant_rings(g, [(500, 0.5)]),
        lambda: synth.plant_rings(g, [], mutual_share=2),
        lambda: synth.plant_rings(text, []),
        lambda: synth.follow_network(50, 100, seed=-1),
        lambda: synth.follow_network(2**31, 100),
        lambda: synth.follow_network(10**9, 10**12),
        lambda: synth.plant_rings(g, [(5, 0.5)], seed=-1),
        lambda: synth.plant_rings(g, [(5, 0.5)], camouflage=-1),
        lambda: synth.plant_rings(g, [(50, 0.5)], new_accounts=0, camouflage=1),
        lambda: synth.plant_rings(g, [(5.5, 0.5)]),
        lambda: synth.plant_rings(g, [(10**8, 0.5)], new_accounts=1),
        lambda: synth.follow_network(400, 39_000, community_share=1.0, reciprocity=0, seed=1),
    ):
        with pytest.raises(fb.CallError):
            call()
