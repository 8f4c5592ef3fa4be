"""AUDIT of a whole graph: by hand on small graphs, against NetworkX on a drawn one."""

import re
from dataclasses import replace
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

import followback as fb
from followback import networks, plot, plot_network, show_network

from .conftest import PAIR, everyone


def measured(g, rings=None):
    table = networks.health(g, rings or fb.find_rings(g))
    return table.set_index("measure")["value"]


@pytest.fixture(scope="module")
def planted():
    drawn = fb.synth.follow_network(1_500, 12_000, seed=3)
    g = fb.synth.plant_rings(drawn, [(30, 0.8)], seed=3)[0]
    return g, fb.find_rings(g)


def test_the_story_by_hand(story):
    value = measured(story)
    assert value[["accounts", "follows", "mutual_follows"]].tolist() == [4, 4, 1]
    assert value["largest_component"] == 1
    assert value["never_followed"] == 1 / 4  # cem
    assert value["never_following"] == 1 / 4  # dot
    assert (value["arc_reciprocity"], value["highest_core"]) == (0.5, 1)
    assert value["follower_gini"] == pytest.approx(3 / 8)  # 0, 1, 1, 2 followers
    assert value["top_percent"] == 2 / 4


def test_a_drawn_graph_as_networkx_sees_it(planted):
    g, rings = planted
    value = measured(g, rings)
    twin, mutual = g.to_networkx(), fb.mutual(g).to_networkx()
    largest = max(map(len, nx.weakly_connected_components(twin)))
    assert value["largest_component"] == largest / g.n_accounts
    assert value["mutual_transitivity"] == pytest.approx(nx.transitivity(mutual))
    counts = rings.table["verdict"].value_counts()
    assert [value[f"{v}_rings"] for v in ("strong", "moderate", "weak")] == [
        counts.get(v, 0) for v in ("strong", "moderate", "weak")
    ]
    inside = set()
    for ring in rings:
        if ring.row["verdict"] != "weak":
            inside |= {frozenset(tie) for tie in ring.subgraph().edges}
    assert 0 < len(inside) < mutual.number_of_edges()
    assert value["ring_mutual_follows"] == pytest.approx(len(inside) / mutual.number_of_edges())


def test_follower_mix_sums_to_all_followers(planted):
    g, rings = planted
    mix = networks.follower_mix(g, rings)
    assert mix["followers"].sum() == g.n_follows
    assert mix["accounts"].sum() == (g.followers.degrees > 0).sum()
    assert mix[["from_rings", "returned", "one_way"]].sum(axis=1).to_numpy() == pytest.approx(1)
    returned = ((mix["from_rings"] + mix["returned"]) * mix["followers"]).sum()
    assert returned == pytest.approx(2 * fb.mutual(g).n_mutual)
    assert mix["from_rings"].max() > 0.1
    for low, high in zip(mix["followers_from"], mix["followers_to"], strict=True):
        assert ((g.followers.degrees >= low) & (g.followers.degrees <= high)).any()


def test_who_follows_back_nearly_everybody_is_counted():
    fans = [(f"fan{k}", "hub") for k in range(30)]
    g = fb.FollowGraph.from_pairs([*fans, *((b, a) for a, b in fans)])
    assert measured(g)["promiscuous"] == 1 / 31  # one follower is not enough to be sure


def test_the_codebook_explains_every_measure_and_column(planted):
    text = (Path(__file__).parents[1] / "data" / "README.md").read_text()
    explained = set(
        re.findall(r"\w+", " ".join(re.findall(r"^\| ([\w, ]+) \|", text, re.MULTILINE)))
    )
    g, rings = planted
    names = {
        *networks.health(g, rings)["measure"], *networks.follower_mix(g, rings),
        *fb.snapshots.changes(g, g), *fb.snapshots.ring_changes(rings, rings),
    }  # fmt: skip
    assert names <= explained


def test_the_page_writes_each_measure_in_its_unit(planted):
    table = networks.health(*planted)
    html = show_network.measures_table(table, "health", "One row a measure.").data
    assert "<td style='text-align:left'>1,515</td>" in html
    assert f"{table.set_index('measure')['value']['arc_reciprocity']:.1%}" in html
    said = " ".join(show_network.health_lines(table))
    assert said.startswith(f"{planted[0].n_follows:,} follows among 1,515 accounts")
    quiet = fb.FollowGraph.from_pairs(PAIR)
    assert (
        "beyond chance"
        in show_network.health_lines(networks.health(quiet, fb.find_rings(quiet)))[-1]
    )
    assert "says nothing about its own" in show_network.known(quiet).data


@pytest.mark.parametrize(("turn", "what"), [(1, "follow nobody"), (-1, "are followed by nobody")])
def test_the_edge_of_a_crawl_is_told_with_its_numbers(turn, what):
    read = [*everyone("abcd"), ("a", "e"), ("b", "e"), ("a", "f"), ("c", "g")]  # e, f, g: the edge
    (said,) = networks.crawl_edge(fb.FollowGraph.from_pairs([pair[::turn] for pair in read]))
    assert said.startswith(f"43% of the accounts {what}")
    assert "of the 4 follows" in said
    assert said.endswith(
        "75% of all follows are returned, 100% of those whose return could be seen."
    )


def test_no_edge_is_told_where_there_is_none(planted):
    assert networks.crawl_edge(planted[0]) == []
    ours = fb.FollowGraph.from_pairs([(1, 2), (1, 3)])
    assert len(networks.crawl_edge(ours)) == 2
    ours = replace(ours, collection=replace(ours.collection, owner="1"))  # its lists are whole
    assert networks.crawl_edge(ours) == []
    summary = show_network.health_summary(networks.health(*planted), ["Take care."]).data
    assert "<p>Take care.</p>" in summary


def test_figures_are_the_same_bytes_and_fit_what_they_get(planted):
    g, rings = planted
    mix = networks.follower_mix(g, rings)
    for draw in (
        lambda: plot_network.degree_tails(g),
        lambda: plot_network.composition(mix),
        lambda: plot_network.two_reciprocities({"one": 0.4, "two": 0.6}),
        lambda: plot_network.against_chance(9, [1, 2, 2, 3], "mutual follows"),
    ):
        one, two = plot.png(draw()), plot.png(draw())
        assert one == two
        assert one.startswith(b"\x89PNG")
    assert plot_network.composition(mix.head(0)) is None
    axes = plot_network.composition(mix).axes[0]
    drawn = sum(bar.get_width() for bar in axes.patches)
    assert drawn == pytest.approx(len(mix))  # every row is one whole
    assert np.isclose(
        plot_network.against_chance(9, [1, 2], "x").axes[0].lines[-1].get_xdata()[0], 9
    )
