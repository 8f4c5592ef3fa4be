"""GRAPH: canonical, equal whatever the order, saved and mapped without loss."""

import json
import pathlib

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import followback as fb
from followback import FollowGraph, files
from followback.graph import UNKNOWN_TIME

from .conftest import PAIR, STORY, arcs, networkx_of


def test_the_story_by_hand(story):
    assert list(story.accounts) == ["ann", "bob", "cem", "dot"]
    assert story.following.indptr.tolist() == [0, 2, 3, 4, 4]
    assert story.following.indices.tolist() == [1, 3, 0, 0]
    assert story.followers.indptr.tolist() == [0, 2, 3, 3, 4]
    assert story.followers.indices.tolist() == [1, 2, 0, 0]
    assert story.positions(["dot", "ann"]).tolist() == [3, 0]


@given(arcs(), st.randoms(use_true_random=False))
def test_any_order_of_the_rows_is_the_same_graph(pairs, random):
    kept = [pair for pair in pairs if pair[0] != pair[1]]
    if kept:
        shuffled = random.sample(pairs, len(pairs))
        assert FollowGraph.from_pairs(pairs) == FollowGraph.from_pairs(shuffled)


@given(arcs())
def test_twin_networkx_there_and_back(pairs):
    if any(u != v for u, v in pairs):
        g = FollowGraph.from_pairs(pairs)
        assert nx.utils.graphs_equal(g.to_networkx(), networkx_of(pairs))
        assert FollowGraph.from_networkx(networkx_of(pairs)) == g


def test_networkx_keeps_isolated_nodes_times_and_text():
    graph = nx.DiGraph()
    graph.add_nodes_from([("a", 1), 2, "x"])
    graph.add_edge(2, "x", created_at=1_700_000_000_000)
    graph.add_edge("x", 2)
    g = FollowGraph.from_networkx(graph)
    assert list(g.accounts) == ["('a', 1)", "2", "x"]
    back = g.to_networkx()
    assert back.edges["2", "x"] == {"created_at": 1_700_000_000_000}
    assert back.edges["x", "2"] == {}


def test_networkx_that_cannot_be_read():
    clash = nx.DiGraph([(1, "1")])
    for graph, message in ((nx.Graph(PAIR), "undirected"), (clash, "same text")):
        with pytest.raises(fb.CallError, match=message):
            FollowGraph.from_networkx(graph)


def test_an_empty_networkx_graph_is_an_empty_graph():
    g = FollowGraph.from_networkx(nx.DiGraph())
    assert (g.n_accounts, g.n_follows, fb.mutual(g).n_mutual) == (0, 0, 0)
    assert "FollowGraph" in g._repr_html_()
    assert len(fb.find_rings(g)) == 0


def timed():
    when = pd.to_datetime(["2024-01-01", "2024-02-01", None])
    return fb.read(
        pd.DataFrame({"source": ["a", "b", "c"], "target": ["b", "a", "a"], "time": when})
    )


@pytest.mark.parametrize("make", [lambda: FollowGraph.from_pairs(STORY), timed,
                                  lambda: FollowGraph.from_pairs([(3, 1), (1, 3)])])  # fmt: skip
def test_save_and_load_is_the_same_graph_and_maps(make, tmp_path):
    g = make()
    g.save(tmp_path / "g")
    back = FollowGraph.load(tmp_path / "g")
    assert back == g
    assert back.dropped == g.dropped
    assert isinstance(back.following.indices, np.memmap)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["g"]  # no draft is left


def test_save_replaces_a_graph_and_nothing_else(tmp_path, story, two_rings):
    story.save(tmp_path / "g")
    two_rings.save(tmp_path / "g")
    assert FollowGraph.load(tmp_path / "g") == two_rings
    (tmp_path / "mine").mkdir()
    with pytest.raises(fb.CallError, match="no saved graph; choose another name"):
        story.save(tmp_path / "mine")


def test_damaged_saves_are_refused(tmp_path, story):
    with pytest.raises(fb.CallError, match="no saved graph"):
        FollowGraph.load(tmp_path)
    for damage in ("layout", "short", "missing"):
        folder = tmp_path / damage
        story.save(folder)
        if damage == "layout":
            (folder / "graph.json").write_text(json.dumps({"layout": 99}))
        elif damage == "short":
            np.save(folder / "indices.npy", np.zeros(1, np.int32))
        else:
            (folder / "accounts.arrow").unlink()
        with pytest.raises(fb.FollowbackError, match="cannot be used"):
            FollowGraph.load(folder)


def test_graphs_differ_by_follows_by_times_and_by_kind(story):
    g = timed()
    assert g != fb.read(g.to_networkx().edge_subgraph([("a", "b")]).copy())
    untimed = FollowGraph.from_pairs([("a", "b"), ("b", "a"), ("c", "a")])
    assert g != untimed
    assert story != "story"


def test_unknown_accounts_are_named(story):
    with pytest.raises(fb.CallError, match="account zoe is not in the graph"):
        story.positions(["ann", "zoe"])


def test_cards_escape_and_tell(story):
    g = FollowGraph.from_pairs([("<script>", "b"), ("b", "<script>")])
    assert "FollowGraph" in timed()._repr_html_()
    assert "2024-02-01" in timed()._repr_html_()
    rings = fb.find_rings(g)
    for card in (g, fb.mutual(g), rings):
        assert "<script>" not in card._repr_html_()
    assert repr(story) == "FollowGraph with 4 accounts and 4 follows"


def test_times_of_networkx_edges_are_read_as_those_of_a_file():
    spellings = [1_700_000_000, 1_700_000_000_000, 1.7e9, "2023-11-14T22:13:20Z",
                 pd.Timestamp("2023-11-14T22:13:20"), np.datetime64("2023-11-14T22:13:20")]  # fmt: skip
    for at in spellings:
        graph = nx.DiGraph()
        graph.add_edge(1, 2, created_at=at)
        graph.add_edge(2, 1, created_at=float("nan"))
        graph.add_edge(2, 3, created_at=pd.NaT)
        times = FollowGraph.from_networkx(graph).created_at.tolist()
        assert times == [1_700_000_000_000, UNKNOWN_TIME, UNKNOWN_TIME]
    for at in ("2023", "soon", 17):
        with pytest.raises(fb.FollowbackError, match="is not a time"):
            FollowGraph.from_networkx(nx.DiGraph([(1, 2, {"created_at": at})]))


def test_networkx_nodes_keep_their_type():
    assert FollowGraph.from_networkx(nx.DiGraph([("1", "2")])).accounts.tolist() == ["1", "2"]
    assert FollowGraph.from_networkx(nx.DiGraph([("a", "a ")])).accounts.tolist() == ["a", "a "]
    numbers = nx.DiGraph([(np.int64(10), np.int32(9))])
    assert FollowGraph.from_networkx(numbers).accounts.tolist() == [9, 10]
    assert FollowGraph.from_networkx(nx.DiGraph([(True, 2)])).accounts.tolist() == ["2", "True"]
    large = nx.DiGraph([(2**63, 1)])
    assert FollowGraph.from_networkx(large).accounts.tolist() == ["1", str(2**63)]


@pytest.mark.parametrize("node", ["", "  ", "\ud800"])
def test_nodes_without_a_text_are_refused(node):
    with pytest.raises(fb.FollowbackError, match=r"empty id|surrogate"):
        FollowGraph.from_networkx(nx.DiGraph([("a", node)]))
    with pytest.raises(fb.FollowbackError, match=r"empty|surrogate"):
        FollowGraph.from_pairs([("a", node)])


def test_wrong_calls_name_what_is_taken(story):
    for wrong in ("follows.csv", None, 3, pd.DataFrame({"source": [1], "target": [2]})):
        for call in (fb.mutual, fb.reciprocity, fb.accounts, fb.core_numbers, fb.find_rings):
            with pytest.raises(fb.CallError, match=r"give a FollowGraph or a networkx\.DiGraph"):
                call(wrong)
    for pairs in ([("a", "b", 3)], [("a",)], 7, [1, 2], None):
        with pytest.raises(fb.CallError, match="pairs"):
            FollowGraph.from_pairs(pairs)
    with pytest.raises(fb.CallError, match="give a list"):
        story.positions("ann")


def test_a_save_that_breaks_off_leaves_the_old_graph(tmp_path, story, two_rings, monkeypatch):
    story.save(tmp_path / "g")
    rename = pathlib.Path.rename

    def interrupted(path, target):
        if path.name == "new":
            raise KeyboardInterrupt
        return rename(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(pathlib.Path, "rename", interrupted)
        with pytest.raises(KeyboardInterrupt):
            two_rings.save(tmp_path / "g")
    assert FollowGraph.load(tmp_path / "g") == story
    assert [file.name for file in tmp_path.iterdir()] == ["g"]


def test_writing_keeps_the_mode_and_follows_a_link(tmp_path, story):
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.write_text("old")
    real.chmod(0o600)
    link.symlink_to(real)
    files.write_follows(story, link)
    assert link.is_symlink()
    assert FollowGraph.from_pairs(STORY) == fb.read(real)
    assert real.stat().st_mode & 0o777 == 0o600
    files.write_follows(story, tmp_path / "new.csv")
    assert (tmp_path / "new.csv").stat().st_mode & 0o777 == 0o644


def test_an_account_that_is_not_there_is_named_in_plain_letters_and_briefly():
    numbers, names = FollowGraph.from_pairs([(1, 2)]), FollowGraph.from_pairs([("a", "b")])
    with pytest.raises(fb.CallError, match=r"^account 99 is not in the graph; ids"):
        numbers.positions([99])
    with pytest.raises(fb.CallError, match=r"^account 99 and 2 more are not in the graph"):
        numbers.positions([1, 99, 98, 97])
    with pytest.raises(fb.CallError, match=r"^account x{80}… is not"):
        names.positions(["x" * 10_000])
