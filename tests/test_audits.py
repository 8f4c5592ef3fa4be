# ruff: noqa: E501 - tables of sayings and follows
"""AUDIT: every number by hand on small graphs; intervals that widen with what is not known."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import followback as fb
from followback import plot_audits, show_audits, synth
from followback import timelines as times
from followback._measures import nearest, share_interval
from followback.account_audits import audit
from followback.lexicon import TERMS
from followback.thread_audits import read_participants

from . import exports as ex


@pytest.fixture(scope="module")
def planted():
    g = synth.follow_network(1_500, 12_000, seed=2)
    return synth.plant_rings(g, [(20, 0.9)], seed=2)


@pytest.fixture(scope="module")
def rings(planted):
    return fb.find_rings(planted[0])


def test_accounts_by_hand(story):
    table = fb.accounts(story).set_index("account")
    assert table.loc["ann", "ratio"] == 1
    assert table.loc["ann", "propensity"] == (1 + 5 * 0.5) / (2 + 5)
    # ann follows 2, bob and cem 1: the median of those who follow anybody is 1
    assert table.loc["ann", "reach"] == 2
    assert table.loc["bob", "reach"] == 0.5
    assert table.loc["ann", "mass_followers"] == 0
    assert "followed_first" not in table


def test_mass_followers_are_those_who_follow_more_than_1500():
    pairs = [("mass", f"a{k}") for k in range(1_501)] + [("few", "a0"), ("few", "a1")]
    table = fb.accounts(fb.FollowGraph.from_pairs(pairs)).set_index("account")
    assert table.loc["a0", "mass_followers"] == 0.5
    assert table.loc["a2", "mass_followers"] == 1
    assert table.loc["a0", "reach"] == pytest.approx(1 / (1501 / 751.5) + 1)


def test_a_member_of_a_ring_has_fewer_earned_followers(planted, rings):
    g, truth = planted
    found = fb.audit(g, truth["account"].iloc[0], rings=rings)
    supplied = found.rings["followers_supplied"].max()
    assert len(found.rings) == 1
    assert found["ring_share"]["value"] == supplied / found["followers"]["value"]
    assert found["earned_followers"]["low"] <= found["followers"]["value"] - supplied
    assert found["peer_place"]["value"] > 0.5
    table = fb.accounts(g).set_index("account")
    outside = table[~table.index.isin(rings.members["account"])]["followers"].idxmax()
    calm = fb.audit(g, outside, rings=rings)
    assert calm["earned_share"]["high"] == 1
    assert calm["ring_share"]["value"] == 0
    for one in (found, calm):
        row = one["earned_followers"]
        assert 0 <= row["low"] <= row["high"] <= one["followers"]["value"]
        assert table.loc[one.account, "follow_back"] == one["follow_back"]["value"]


def test_ids_that_are_numbers_may_be_given_as_text(planted, rings):
    g, _ = planted
    assert fb.audit(g, str(g.accounts[0]), rings=rings).account == g.accounts[0]
    with pytest.raises(fb.CallError, match="not in the graph"):
        fb.audit(g, "nobody", rings=rings)


def test_an_ego_export_alone_says_what_it_cannot_know(tmp_path):
    (tmp_path / "instagram-ann-2025-07-04-x1.zip").write_bytes(ex.zipped(ex.INSTA))
    graph = fb.read(tmp_path / "instagram-ann-2025-07-04-x1.zip")
    found = fb.audit(graph, "ann")
    assert found["follow_back"]["value"] == pytest.approx(1 / 3)
    row = found["earned_followers"]
    assert (row["low"], row["high"]) == (2, 3)  # bob may or may not be earned
    assert np.isnan(found["reach"]["value"])
    assert any("one account's own lists" in note for note in found.notes)
    (note,) = fb.find_rings(graph).notes
    assert note.endswith("so rings cannot be known")
    pairs = [*graph.to_table().to_pandas().itertuples(index=False)]
    more = fb.FollowGraph.from_pairs([*[pair[:2] for pair in pairs], ("bob", "cem")])
    assert fb.find_rings(replace(more, collection=graph.collection)).notes == ()
    assert found.growth["total"].tolist() == [3]


def test_followers_alone_leave_everything_open(tmp_path):
    (tmp_path / "followers_1.json").write_text(json.dumps([ex.insta("bob"), ex.insta("cem")]))
    found = fb.audit(fb.read(tmp_path / "followers_1.json", owner="ann"), "ann")
    row = found["earned_followers"]
    assert (row["low"], row["high"]) == (0, 2)
    assert np.isnan(found["follow_back"]["value"])
    assert any("nothing is known of follow-back" in note for note in found.notes)


def test_a_sample_widens_the_interval_and_the_whole_list_does_not(planted, rings):
    g, truth = planted
    who = truth["account"].iloc[0]
    whole = fb.audit(g, who, rings=rings)
    assert whole["follow_back"]["low"] == whole["follow_back"]["high"]
    sample = fb.audit(g, who, rings=rings, followers_total=5_000)
    assert sample["follow_back"]["low"] < sample["follow_back"]["value"]
    assert sample["earned_share"]["high"] > whole["earned_share"]["high"]
    assert sample["followers_total"]["value"] == 5_000
    assert any("drawn at random" in note for note in sample.notes)
    with pytest.raises(fb.CallError, match="give the whole number"):
        fb.audit(g, who, rings=rings, followers_total=1)


def test_the_interval_of_a_sample_covers_the_truth():
    """Of 2,000 samples of 60 out of 300, the interval misses the share in about 5 %."""
    rng = np.random.default_rng(5)
    for share in (0.1, 0.5):
        hits = rng.hypergeometric(round(300 * share), 300 - round(300 * share), 60, size=2_000)
        ends = {k: share_interval(int(k), 60, 300) for k in set(hits.tolist())}
        covered = np.mean([ends[k][0] <= share <= ends[k][1] for k in hits.tolist()])
        assert 0.92 < covered < 0.98
    assert share_interval(0, 0, 10) == (0.0, 1.0)


def test_days_driven_by_rings_are_marked(planted):
    g, truth = planted
    table = g.to_table().to_pandas()
    inside = table["source"].isin(truth["account"]) & table["target"].isin(truth["account"])
    table["time"] = 1_700_000_000_000 + np.where(inside, 10, np.arange(len(table)) % 20) * times.DAY
    g = fb.read(table)
    found = fb.audit(g, truth["account"].iloc[0])
    driven = found.growth[found.growth["ring_driven"]]
    assert fb.plot.png(plot_audits.growth_curve(found))[:4] == b"\x89PNG"
    assert driven["from_rings"].tolist() == [found.rings["followers_supplied"].iloc[0]]


def test_rings_are_not_looked_for_where_lists_are_cut(tmp_path):
    pages = [
        ex.page("followers", "ann", ["bob"], cursor="c"),
        ex.page("followers", "bob", ["ann", "cem"], cursor="c"),
    ]
    (tmp_path / "a.jsonl").write_text(ex.lines(pages))
    found = fb.audit(fb.read(tmp_path / "a.jsonl"), ex.DID["ann"])
    assert any("rings were not looked for: 2 of 2 lists" in note for note in found.notes)
    assert any("nothing is known of follow-back" in note for note in found.notes)


def test_nearest_are_nearest_by_ratio():
    followers = np.array([10, 20, 5, 11, 0, 100])
    usable = np.ones(6, dtype=bool)
    assert nearest(followers, 0, usable, 2).tolist() == [1, 3]


def test_a_thread_of_a_ring_is_beyond_chance_and_habit(planted):
    g, truth = planted
    found = fb.audit_thread(g, [*truth["account"], "nobody"])
    among = g.positions(truth["account"])
    pairs = set(zip(g.sources().tolist(), g.following.indices.tolist(), strict=True))
    mutual = sum((u, v) in pairs and (v, u) in pairs for u in among for v in among if u < v)
    assert found["mutual_follows"]["value"] == mutual
    assert found["p_value"]["value"] == 0.001
    assert found["reciprocity"]["value"] > found["expected_reciprocity"]["value"]
    assert found["ties_made"]["low"] > 0
    assert "1 participants are not in the graph, nobody" in found.notes[0]
    again = fb.audit_thread(g, truth["account"].astype(str))
    pd.testing.assert_frame_equal(again.table, found.table)


def test_a_thread_of_a_ring_says_of_habit_what_the_ring_does(planted):
    g, _ = planted
    ring = fb.find_rings(g)[0]
    found = fb.audit_thread(g, ring.accounts)
    for name in ("reciprocity", "expected_reciprocity"):
        assert found[name]["value"] == ring.row[name]
    inner = g.to_networkx().subgraph(ring.accounts)
    people = found.participants.set_index("account")
    assert people["followers_inside"].to_dict() == dict(inner.in_degree)
    assert people["following_inside"].to_dict() == dict(inner.out_degree)


def test_a_random_thread_is_not_beyond_chance(planted):
    g, _ = planted
    low = 0
    for seed in range(20):
        people = np.random.default_rng(seed).choice(g.accounts, 30, replace=False)
        p = fb.audit_thread(g, people, permutations=99, seed=seed)["p_value"]["value"]
        low += p <= 0.05
    assert low <= 4  # under chance 1 of 20 is expected


def test_a_thread_with_times_counts_before_and_after(tmp_path):
    day, t0 = times.DAY, 1_700_000_000_000
    rows = [("ann", "bob", -5 * day), ("bob", "ann", -4 * day), ("ann", "cem", 1000), ("cem", "ann", day),
            ("bob", "cem", 1000), ("cem", "bob", 3 * day), ("ann", "dot", 1000), ("dot", "ann", 90 * day)]  # fmt: skip
    g = fb.read(
        pd.DataFrame([(u, v, t0 + t) for u, v, t in rows], columns=["source", "target", "time"])
    )
    found = fb.audit_thread(g, ["ann", "bob", "cem", "dot"], t0, permutations=19)
    assert (found["ties_before"]["value"], found["ties_after"]["value"]) == (1, 2)
    assert found["ties_made"]["value"] == 1
    assert found["within_day"]["value"] == pytest.approx(1 / 3)
    people = found.participants.set_index("account")
    assert people.loc["ann", "gained"] == 2
    assert people.loc["ann", "followed_first"] == 1
    assert people.loc["ann", "coverage"] == 1


def test_a_thread_that_decayed(tmp_path):
    rows = [ex.v1("ann", "create", ex.tid(ex.MOMENT), "bob"), ex.v1("bob", "create", ex.tid(ex.MOMENT + 1), "ann"),
            ex.v1("cem", "create", ex.tid(ex.MOMENT + 2), "ann"),
            ex.v1("cem", "delete", ex.tid(ex.MOMENT + 2), at=ex.MOMENT + times.DAY),
            ex.v1("cem", "create", ex.tid(ex.MOMENT + 3), "bob")]  # fmt: skip
    (tmp_path / "a.jsonl").write_text(ex.lines(rows))
    g = fb.read(tmp_path / "a.jsonl")
    people = [ex.DID[name] for name in ("ann", "bob", "cem")]
    found = fb.audit_thread(g, people, ex.MOMENT, permutations=19)
    assert found["decayed"]["value"] == 1
    assert found.participants.set_index("account").loc[ex.DID["ann"], "decayed"] == 1


def test_a_conductor_stands_out():
    pairs = [p for k in range(12) for p in (("hub", f"a{k}"), (f"a{k}", "hub"))]
    g = fb.FollowGraph.from_pairs(pairs + [(f"x{k}", f"y{k}") for k in range(20)])
    found = fb.audit_thread(g, ["hub", *(f"a{k}" for k in range(12))], permutations=19)
    assert found.participants[found.participants["conductor"]]["account"].tolist() == ["hub"]
    assert "has a mutual follow with at least half" in " ".join(show_audits.thread_lines(found))


def test_a_thread_of_page_likes_needs_no_reciprocity():
    pages = pd.DataFrame([(a, b) for a in range(8) for b in range(a)], columns=["source", "target"])
    rest = pd.DataFrame([(k, k + 1) for k in range(10, 200)], columns=["source", "target"])
    g = fb.read(pd.concat([pages, rest]), mutual=True)
    found = fb.audit_thread(g, range(8), permutations=99)
    assert found["density"]["value"] == 1
    assert "reciprocity" not in set(found.table["measure"])


def test_mutual_likes_leave_it_open_how_many_followers_are_earned():
    likes = pd.DataFrame(
        [(k, (k + d) % 300) for k in range(300) for d in (1, 2, 3)], columns=["source", "target"]
    )
    found = fb.audit(fb.read(likes, mutual=True), 0)
    row = found["earned_followers"]
    assert (row["low"], row["high"]) == (0, 6)
    assert np.isnan(found["follow_back"]["value"])
    assert any("mutual follows alone" in note for note in found.notes)


def test_bad_calls(story, tmp_path):
    for people, options in (
        (["ann"], {}),
        (["ann", "bob"], {"days": 0}),
        (["ann", "bob"], {"permutations": 3}),
    ):
        with pytest.raises(fb.CallError):
            fb.audit_thread(story, people, **options)
    with pytest.raises(fb.CallError, match="there is no file"):
        read_participants(tmp_path / "none.txt")
    for content in (b"", b"# nobody\n\n", b"\xff\xfe"):
        (tmp_path / "p.txt").write_bytes(content)
        with pytest.raises(fb.FollowbackError):
            read_participants(tmp_path / "p.txt")


def test_summaries_speak_of_numbers_and_accuse_nobody(planted, rings):
    g, truth = planted
    lines = show_audits.account_lines(audit(g, truth["account"].iloc[0], rings=rings))
    lines += show_audits.thread_lines(fb.audit_thread(g, truth["account"]))
    text = " ".join(lines)
    assert "earned" in text
    assert "in 1 ring:" in text
    assert not any(word in text.lower() for word in ("fake", "fraud", "cheat", "suspicious"))


SAID = {
    "en": ["Drop your links, mutual follows thread!", "I follow back", "like my page and I'll like yours"],
    "und": ["#TeamFollowBack", "F4F", "#l4l", "follow4follow"],
    "de": ["Folge mir und ich folge dir", "ich folge zurück"],
    "es": ["sígueme y te sigo"], "pt": ["sigo de volta", "#SDV"], "fr": ["abonnements mutuels"],
    "it": ["ricambio follow"], "tr": ["karşılıklı takip"], "id": ["saling follow"], "ja": ["相互フォロー募集"],
    "ru": ["взаимная подписка"], "ar": ["متابعة متبادلة"], "zh": ["求互粉"], "ko": ["맞팔해요"],
}  # fmt: skip


def test_the_lexicon_knows_every_language_it_names():
    assert {term.language for term in TERMS} == set(SAID)
    for language, texts in SAID.items():
        for text in texts:
            assert language in {word.language for word in fb.announces(text)}, text
    for calm in (
        "I like the news and follow it",
        "gf4fx",
        "We follow up with mutual respect",
        "sub4subway",
        "",
    ):
        assert fb.announces(calm) == [], calm
    assert fb.announces("i\u2019ll follow back")[0].exchange == "follows"
