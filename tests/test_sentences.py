"""SENTENCES: what a ring report says where there is little to say, and what it leaves out."""

import networkx as nx
import numpy as np
import pandas as pd
import pytest

import followback as fb
from followback import nulls, search, sentences, show, show_audits, synth
from followback._report import pages


def said(g):
    rings = fb.find_rings(g)
    return " ".join(sentences.summary_lines(g, fb.mutual(g), rings, 0.05))


def test_no_verdict_is_explained_away_where_habit_cannot_be_asked(tmp_path):
    g, _ = synth.plant_rings(synth.follow_network(300, 900, seed=1), [(15, 0.9)], seed=1)
    for u, v in fb.mutual(g).to_networkx().edges:
        with (tmp_path / "pairs.csv").open("a") as file:
            file.write(f"{u},{v}\n")
    pairs = fb.read(tmp_path / "pairs.csv", mutual=True)
    assert "cannot be asked of mutual follows alone" in said(pairs)
    assert "ordinary community" not in said(pairs)
    with pytest.raises(fb.FollowbackError, match="by construction"):
        nx.overall_reciprocity(pairs)


def test_without_mutual_follows_nothing_is_said_of_chance():
    g = fb.FollowGraph.from_pairs([(k, k + 1) for k in range(30)])
    assert "none to look for them in" in said(g)
    assert "beyond chance" not in said(g)
    assert fb.find_rings(g).notes == ()


def test_a_search_that_was_cut_short_is_told_where_it_found_nothing(monkeypatch):
    g = nulls.null_graph(synth.follow_network(300, 2_000, seed=1), seed=1)
    assert "work budget" not in said(g)
    monkeypatch.setattr(search, "_WORK", 1)
    assert "beyond chance" in said(g)
    assert "stopped at its work budget" in said(g)


def test_a_column_that_tells_nothing_is_named_and_not_shown():
    frame = pd.DataFrame({"size": [3, 4], "organic_reciprocity": [np.nan, np.nan]})
    html = show.table(frame, "t", "One row a ring.").data
    assert "Left out, as these data tell nothing of it: organic reciprocity." in html
    assert html.count("organic") == 1
    assert "Left out" not in show.table(frame.fillna(0.5), "t", "One row a ring.").data


def test_the_second_column_stands_where_its_kind_stands():
    frame = pd.DataFrame({"measure": ["mutual"], "value": [3], "account": [7]})
    html = show.table(frame, "t", "One row a measure.").data
    assert "<th>value</th>" in html
    assert "<td>3</td>" in html
    assert "<td style='text-align:left'>7</td>" in html
    assert "nth-child(2)" not in pages.text_of("style.css")


def test_an_audit_without_notes_does_not_claim_that_nothing_is_missing():
    assert "no proof that they are complete" in show_audits.limits([]).data
