# ruff: noqa: E501, PT017 - a table of layouts reads best a row a layout
"""READ what platforms export: every layout gives the follows that it holds, and says how complete."""

import gzip
import json
import random

import pandas as pd
import pyarrow as pa
import pytest

import followback as fb
from followback.collection import cap_of, cautions
from followback.graph import UNKNOWN_TIME
from followback.sources import car
from followback.sources._archive import FREE, RATIO

from . import exports as ex

ANN = "(owner)"
EGO = {("bob", ANN), ("cem", ANN), (ANN, "bob")}

# name -> (file name, content, follows); ids of Bluesky are written without their prefix
CASES = {
    "bluesky page": ("a.json", json.dumps(ex.list_records()), {("ann", "bob"), ("ann", "cem")}),
    "bluesky pages by line": ("a.jsonl", ex.lines([ex.list_records("c"), {"records": [ex.item("ann", "dot")]}]),
                              {("ann", "bob"), ("ann", "cem"), ("ann", "dot")}),
    "bluesky records": ("a.jsonl", ex.lines([ex.item("ann", "bob"), ex.item("bob", "ann")]),
                        {("ann", "bob"), ("bob", "ann")}),
    "bluesky bare records": ("a.jsonl", ex.lines([{"did": ex.DID["ann"], **ex.follow("bob")}] * 2), {("ann", "bob")}),
    "bluesky car": ("a.car", ex.car(), {("ann", "bob"), ("ann", "cem"), ("ann", "dot")}),
    "bluesky followers": ("a.json", json.dumps(ex.page("followers", "ann", ["bob", "cem"])),
                          {("bob", "ann"), ("cem", "ann")}),
    "bluesky follows": ("a.json", json.dumps(ex.page("follows", "ann", ["bob"])), {("ann", "bob")}),
    "jetstream v1": ("a.jsonl", ex.lines([ex.v1("ann", "create", "k1", "bob"), ex.v1("bob", "create", "k2", "ann")]),
                     {("ann", "bob"), ("bob", "ann")}),
    "jetstream v2": ("a.jsonl", ex.lines([ex.v2("ann", "create", "k1", "bob")]), {("ann", "bob")}),
    "jetstream v2 wrapped": ("a.jsonl", ex.lines([ex.v2("ann", "create", "k1", "bob", wrapped=True)] * 2), {("ann", "bob")}),
    "mastodon export": ("following_accounts.csv", ex.MASTODON, {(ANN, "bob@one.example"), (ANN, "cem@two.example")}),
    "mastodon old export": ("x.csv", "Account address\nbob@one.example\n", {(ANN, "bob@one.example")}),
    "mastodon api": ("followers.json", json.dumps([
        {"id": "1", "acct": "bob@one.example", "url": "https://one.example/@bob"},
        {"id": "2", "acct": "cem", "uri": "https://home.example/users/cem"}]),
        {("bob@one.example", ANN), ("cem@home.example", ANN)}),
    "x zip": ("twitter.zip", ex.zipped(ex.X), {("2", "1"), ("3", "1"), ("4", "1"), ("1", "2")}),
    "x file": ("follower.js", ex.X["data/follower.js"], {("2", ANN), ("3", ANN)}),
    "twarc2": ("f.jsonl", ex.lines(ex.twarc("followers", ["2", "3"])), {("2", "1"), ("3", "1")}),
    "twarc2 flat": ("f.jsonl", ex.lines(ex.twarc("following", ["2", "3"], flat=True)), {("1", "2"), ("1", "3")}),
    "instagram zip": ("instagram-ann-2025-07-04-x1.zip", ex.zipped(ex.INSTA),
                      {("bob", "ann"), ("cem", "ann"), ("dot", "ann"), ("ann", "bob")}),
    "instagram list": ("followers_1.json", json.dumps([ex.insta("bob"), ex.insta("cem")]), {("bob", ANN), ("cem", ANN)}),
    "instagram following": ("following.json", json.dumps({"relationships_following": [ex.insta("bob")]}), {(ANN, "bob")}),
    "instagram titled": ("following.json", json.dumps({"relationships_following": [ex.insta_titled("bob")]}), {(ANN, "bob")}),
    "instagram link": ("following.json", json.dumps({"relationships_following": [ex.insta_link("bob")]}), {(ANN, "bob")}),
    "instagram labels": ("followers_1.json", json.dumps([ex.insta_labels("bob")]), {("bob", ANN)}),
    "instagram nested": ("following.json", json.dumps([ex.insta_nested("bob")]), {(ANN, "bob")}),
    "instagram old": ("followers.json", json.dumps({"relationships_followers": [ex.insta("bob")]}), {("bob", ANN)}),
    "tiktok old": ("user_data.json", json.dumps(ex.TIKTOK_OLD), EGO),
    "tiktok new": ("user_data_tiktok.json", json.dumps(ex.TIKTOK_NEW), {("bob", "ann"), ("cem", "ann"), ("ann", "bob")}),
    "tiktok long": (
        "user_data.json",
        json.dumps({"Ads": ["x" * 70_000], **ex.TIKTOK_OLD}),
        EGO,
    ),
    "tiktok zip": ("t.zip", ex.zipped({"user_data.json": ex.TIKTOK_OLD}), EGO),
    "tiktok txt": ("Follower.txt", ex.TIKTOK_TXT, {("bob", ANN), ("cem", ANN)}),
    "tiktok txt zip": ("t.zip", ex.zipped({"TikTok/Activity/Follower List.txt": ex.TIKTOK_TXT}), {("bob", ANN), ("cem", ANN)}),
    "github": ("followers.json", json.dumps([{"login": "Bob", "id": 1, "node_id": "x", "type": "User"}]), {("bob", ANN)}),
    "linkedin": ("Connections.csv", ex.LINKEDIN, {
        (ANN, "https://www.linkedin.com/in/bob"), ("https://www.linkedin.com/in/bob", ANN),
        (ANN, "https://www.linkedin.com/in/dot"), ("https://www.linkedin.com/in/dot", ANN)}),
    "linkedin zip": ("l.zip", ex.zipped({"Connections.csv": ex.LINKEDIN.split("Cem")[0]}), {
        (ANN, "https://www.linkedin.com/in/bob"), ("https://www.linkedin.com/in/bob", ANN)}),
    "graphml": ("g.graphml", ex.GRAPHML, {("ann", "bob"), ("bob", "ann"), ("cem", "ann")}),
    "graphml undirected": ("g.xml", ex.GRAPHML.replace('"directed"', '"undirected"').replace('directed="true"', ""),
                           {("ann", "bob"), ("bob", "ann"), ("cem", "ann"), ("ann", "cem")}),
    "gexf": ("g.gexf", ex.GEXF, {("ann", "bob"), ("bob", "ann"), ("cem", "ann")}),
    "gexf mixed": ("g.gexf", ex.GEXF.replace('target="0"/></edges>', 'target="0" type="undirected"/></edges>'),
                   {("ann", "bob"), ("bob", "ann"), ("cem", "ann"), ("ann", "cem")}),
    "pajek": ("g.net", ex.PAJEK, {("ann", "bob"), ("bob", "ann"), ("cem", "ann")}),
    "pajek edges": ("g.net", "*Vertices 2\n*Edges\n1 2\n", {("1", "2"), ("2", "1")}),
    "pajek mixed": ("g.net", "*Vertices 3\n*Arcs\n1 3\n*Edgeslist\n1 2\n", {("1", "2"), ("2", "1"), ("1", "3")}),
    "matrix market": ("g.mtx", ex.MATRIX, {("1", "2"), ("2", "1"), ("3", "1")}),
    "matrix market symmetric": ("g.mtx", "%%MatrixMarket matrix coordinate real symmetric\n3 3 1\n2 1 0.5\n", {("1", "2"), ("2", "1")}),
    "konect": ("out.x", "% asym unweighted\n% 3 3 3\n1 2 1 1700000000\n2\t1\t1\t1700000001\n", {("1", "2"), ("2", "1")}),
    "konect symmetric": ("out.x", "% sym unweighted\n1 2\n", {("1", "2"), ("2", "1")}),
    "snap": ("s.txt", "# Directed graph: x\n# FromNodeId\tToNodeId\n1\t2\n", {("1", "2")}),
    "snap undirected": ("s.txt", "# Undirected graph: x\n# FromNodeId\tToNodeId\n1\t2\n", {("1", "2"), ("2", "1")}),
    "nodexl": ("n.csv", "Vertex 1,Vertex 2,Width\nann,bob,1\n", {("ann", "bob")}),
    "gephi": ("e.csv", "Source,Target,Type,Id,Label,Weight\nann,bob,Directed,0,,1.0\n", {("ann", "bob")}),
    "gephi undirected": ("e.csv", "Source;Target;Type;Id\nann;bob;Undirected;0\n", {("ann", "bob"), ("bob", "ann")}),
}  # fmt: skip


@pytest.fixture
def write(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def pairs(g):
    short = {did: name for name, did in ex.DID.items()}
    table = g.to_table().to_pydict()
    return {
        (short.get(u, str(u)), short.get(v, str(v)))
        for u, v in zip(table["source"], table["target"], strict=True)
    }


@pytest.mark.parametrize("case", CASES)
def test_every_layout_gives_its_follows(case, write):
    name, content, expected = CASES[case]
    assert pairs(fb.read(write(name, content))) == expected


@pytest.mark.parametrize("case", CASES)
def test_thirty_broken_variants_end_in_one_line_or_in_a_graph(case, write):
    """Cut, flipped, repeated and emptied: never a traceback, whatever the bytes."""
    name, content, _ = CASES[case]
    whole = content.encode() if isinstance(content, str) else content
    seed = random.Random(case)
    refused = 0
    for k in range(30):
        path = write(name, broken(whole, k, seed))
        try:
            fb.read(path)
        except fb.FollowbackError as error:
            refused += 1
            assert "\n" not in str(error)
            assert len(str(error)) < 600
    assert refused > 0


def broken(whole, k, seed):
    at = seed.randrange(1, len(whole))
    if k % 5 == 0:
        return whole[:at]
    if k % 5 == 1:
        return whole[:at] + bytes([seed.randrange(256)]) + whole[at + 1 :]
    if k % 5 == 2:
        return whole[:at] + whole[at // 2 :]
    if k % 5 == 3:
        swaps = [
            (b'"', b""),
            (b":", b": null,"),
            (b"[", b"{"),
            (b'": "', b'": 7 "'),
            (b"1", b"\xff"),
            (b",", b""),
        ]
        old, new = swaps[seed.randrange(len(swaps))]
        return whole.replace(old, new, seed.randrange(1, 4))
    return whole[:at] + seed.randbytes(20) + whole[at + 20 :]


WRONG = {
    "records without subject": ("a.json", '{"records": [{"uri": "at://d/app.bsky.graph.follow/k", "value": {}}]}', "'subject' is missing"),
    "records of a number": ("a.json", '{"records": [7]}', "cannot be read as Bluesky"),
    "nested": ("a.json", '{"records": ' + "[" * 100_000, "nested too deeply"),
    "unknown json": ("a.json", '{"what": 1}', "JSON of a kind that is not known"),
    "facebook friends": ("a.json", '{"friends_v2": [{"name": "x", "timestamp": 1}]}', "by name alone"),
    "html": ("followers.html", "<!doctype html><html></html>", "in the format JSON"),
    "instagram html": ("i.zip", ex.zipped({ex.FOLDER + "followers_1.html": "<html>"}), "in the format JSON"),
    "no side": ("people.json", '[{"login": "bob", "id": 1}]', "put 'followers' or"),
    "zip of nothing": ("z.zip", ex.zipped({"a.txt": "x"}), "no export known"),
    "zip in zip": ("z.zip", ex.zipped({"inner.zip": ex.zipped(ex.X)}), "archives within an archive"),
    "traversal": ("z.zip", ex.zipped({"../../follower.js": "x"}), "leads out of the archive"),
    "absolute": ("z.zip", ex.zipped({"/follower.js": "x"}), "leads out of the archive"),
    "link": ("z.zip", ex.zipped(ex.X, link="data/evil"), "symbolic link"),
    "deep": ("z.zip", ex.zipped({"a/" * 40 + "follower.js": "x"}), "nested more than 32 deep"),
    "bomb": ("z.zip", ex.zipped({"data/follower.js": b"[" + b" " * (40 << 20)}), "archive bomb"),
    "cut zip": ("z.zip", ex.zipped(ex.X)[:200], "cannot be read as a zip"),
    "bipartite": ("out.x", "% bip\n1 2\n", "bipartite"),
    "entities": ("g.graphml", '<?xml version="1.0"?><!DOCTYPE g [<!ENTITY a "b">]><graphml/>', "declares XML entities"),
    "unknown encoding": ("g.graphml", '<?xml version="1.0" encoding="utf-99"?><graphml/>', "unknown encoding"),
    "deep xml": ("g.graphml", "<graphml>" + "<a>" * 300, "nested too deeply"),
    "lost node": ("g.graphml", '<graphml><graph><edge source="a" target="b"/></graph></graphml>', "not there"),
    "matrix too short": ("g.mtx", ex.MATRIX.replace("3 3 3", "3 3 9"), "declares 9 entries"),
    "matrix outside": ("g.mtx", ex.MATRIX.replace("3 1\n", "9 1\n"), "outside the matrix"),
    "matrix dense": ("g.mtx", "%%MatrixMarket matrix array real general\n1 1\n", "no coordinate matrix"),
    "vertex outside": ("g.net", "*Vertices 1\n*Arcs\n1 2\n", "not among the 1"),
    "too many vertices": ("g.net", "*Vertices 999999999999\n*Arcs\n1 2\n", "999,999,999,999 vertices"),
    "open quote": ("g.net", '*Vertices 2\n1 "a\n2 b\n*Arcs\n1 2\n', "line 2: .* is no vertex"),
    "matrix value": ("g.mtx", "%%MatrixMarket matrix coordinate real general\n3 3 1\n1 2 x\n", "could not convert"),
    "edge type": ("e.csv", "Source,Target,Type\na,b,Directed\na,c,Sideways\n", "row 3: the type 'sideways'"),
    "bare car": ("a.car", ex.car()[:300], "cut short"),
    "changed car": ("a.car", ex.car().replace(b"2026", b"2027"), "does not fit its hash"),
    "no target": ("f.jsonl", '{"__twarc": {"url": "https://x"}, "data": []}\n', "names no followers"),
    "muted accounts": (
        "m.csv",
        "Account address,Hide notifications\nbob@one.example,true\n",
        "not that of following_accounts.csv",
    ),
    "bad address": ("m.csv", "Account address\nbob\n", "no address user@domain"),
    "tombstone of all": ("a.jsonl", ex.lines([ex.v1("ann", "create", "k", "bob"),
        {"did": ex.DID["ann"], "time_us": 1, "kind": "account", "account": {"active": False, "status": "deleted"}}]), "holds no follow"),
}  # fmt: skip


@pytest.mark.parametrize("fault", WRONG)
def test_wrong_files_say_what_where_and_the_cure(fault, write):
    name, content, message = WRONG[fault]
    path = write(name, content)
    with pytest.raises(fb.FollowbackError, match=message) as caught:
        fb.read(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_compressed_bomb_is_refused(write):
    bomb = gzip.compress(b'{"records": [' + b" " * (60 << 20), 9)
    with pytest.raises(fb.FollowbackError, match="unfolds to"):
        fb.read(write("a.json.gz", bomb))
    bomb = gzip.compress(b'{"did": "a", "kind": "x"}\n' + b" " * (60 << 20), 9)
    with pytest.raises(fb.FollowbackError, match="unfolds to"):
        fb.read(write("a.jsonl.gz", bomb))


@pytest.mark.parametrize("rows", [b"a,b\n", b"# a\n", b"\n"])
def test_a_compressed_bomb_of_text_is_refused(rows, write):
    """Rows that repeat without end unfold to a thousand times; lists of people do not."""
    bomb = gzip.compress(b"b,a\n" + rows * ((24 << 20) // len(rows)), 9)
    with pytest.raises(fb.FollowbackError, match="unfolds to more than 500 times"):
        fb.read(write("a.csv.gz", bomb))


def test_a_preamble_without_end_is_refused(write):
    with pytest.raises(fb.FollowbackError, match="first 16 MB hold blank lines and comments"):
        fb.read(write("a.csv", b"\n" * (17 << 20) + b"a,b\n"))


def test_honest_follows_that_pack_well_are_read(write):
    rows = "".join(f"did:plc:{'a' * 24},did:plc:{'b' * 18}{i:06}\n" for i in range(300_000))
    packed = pa.Codec("zstd").compress(rows.encode()).to_pybytes()
    assert len(rows) > max(FREE, RATIO * len(packed))  # an archive's file may not
    assert fb.read(write("a.csv.zst", packed)).n_follows == 300_000


def test_the_files_of_a_zip_have_one_budget(write):
    """Each alone is within bounds; together they are not."""
    part = ex.ytd("follower", ["2"]).encode() + b" " * (9 << 20)
    files = {"data/follower.js": part, "data/follower-part1.js": part}
    with pytest.raises(fb.FollowbackError, match=r"follower\.js unfolds to"):
        fb.read(write("x.zip", ex.zipped(files)))


def test_the_keys_of_a_repository_cannot_grow_without_end():
    entry = {"p": 0, "k": b"x" * 2000, "v": ex.Cid(b"v" * 36), "t": None}
    with pytest.raises(ValueError, match="longer than 1 kB"):
        car._entries({b"root": ex.cbor({"l": None, "e": [entry]})}, b"root")  # noqa: SLF001


@pytest.mark.parametrize("kind", ["twarc", "mastodon", "bluesky"])
def test_a_folder_of_a_format_of_single_files_is_a_wrong_call(kind, tmp_path):
    with pytest.raises(fb.CallError, match="is a folder; name the file"):
        fb.read(tmp_path, kind)


def test_a_folder_with_more_files_than_any_export_is_not_walked(tmp_path, monkeypatch):
    monkeypatch.setattr("followback.sources._archive.MEMBERS", 3)
    for name in "abcd":
        (tmp_path / name).mkdir()
    with pytest.raises(fb.CallError, match="more than 3 files"):
        fb.read(tmp_path)


def test_folders_are_read_like_zips(tmp_path):
    for name, content in ex.X.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    (tmp_path / "data" / "link.js").symlink_to("/etc/passwd")
    assert fb.read(tmp_path).n_follows == 4
    assert fb.read(tmp_path / "data" / "following.js", owner="1").n_follows == 1


def test_bluesky_keeps_both_clocks_and_flags_those_that_disagree(write):
    rows = [
        ex.item("ann", "bob", via="at://pack"),
        ex.item("ann", "cem", created="0001-01-01T00:00:00Z"),
        ex.item("ann", "dot", created="2024-01-01T00:00:00Z"),
    ]
    g = fb.read(write("a.jsonl", ex.lines(rows)))
    at = dict(zip(g.to_table()["target"].to_pylist(), g.created_at, strict=True))
    assert at[ex.DID["bob"]] == ex.MOMENT - 138  # as claimed
    assert at[ex.DID["cem"]] == at[ex.DID["dot"]] == ex.MOMENT  # as the key says
    clocks = g.collection.clocks.to_pandas().set_index("target")
    assert clocks.loc[ex.DID["bob"], "via"] == "at://pack"
    assert clocks.loc[ex.DID["dot"], "claimed_at"] == 1_704_067_200_000
    assert "2 of 3 follows" in g.collection.notes[0]


def test_jetstream_folds_deletes_replays_and_tombstones(write):
    rows = [
        ex.v1("ann", "create", "k1", "bob", at=ex.MOMENT),
        ex.v1("ann", "delete", "k1", at=ex.MOMENT + 5000),
        ex.v1("ann", "create", "k1", "bob", at=ex.MOMENT),  # replayed
        ex.v1("bob", "create", "k2", "ann", at=ex.MOMENT),
        ex.v1("bob", "create", "k3", "ann", at=ex.MOMENT + 1),  # recorded twice
        ex.v1("bob", "delete", "k2", at=ex.MOMENT + 2),
        ex.v1("cem", "create", "k4", "dot", at=ex.MOMENT),
        ex.v1("cem", "delete", "k0", at=ex.MOMENT),  # made before the file begins
        ex.v1("cem", "create", "k5", "ann", collection="app.bsky.feed.like"),
        {"did": ex.DID["dot"], "time_us": 1_783_175_900_000_000, "kind": "account",
         "account": {"active": False, "status": "deleted"}},
        {"did": ex.DID["ann"], "time_us": 1, "kind": "identity", "identity": {}},
        {"did": ex.DID["ann"], "time_us": 1, "kind": "sync"},
    ]  # fmt: skip
    g = fb.read(write("a.jsonl", ex.lines(rows)))
    assert pairs(g) == {("bob", "ann")}
    removed = g.collection.removed.to_pylist()
    assert [(r["source"], r["target"]) for r in removed] == [
        (ex.DID["ann"], ex.DID["bob"]),
        (ex.DID["cem"], ex.DID["dot"]),
    ]
    assert removed[0]["removed_at"] == ex.MOMENT + 5000
    assert any("before the file begins" in note for note in g.collection.notes)
    assert any("resynchronised" in note for note in g.collection.notes)


def test_jetstream_2_orders_by_sequence(write):
    rows = [ex.v2("ann", "delete", "k", seq=2), ex.v2("ann", "create", "k", "bob", seq=1),
            ex.v2("bob", "create", "k", "ann", seq=3)]  # fmt: skip
    assert pairs(fb.read(write("a.jsonl", ex.lines(rows)))) == {("bob", "ann")}


def test_completeness_is_carried(write):
    followers = [
        ex.page("followers", "ann", ["bob"], cursor="c"),
        ex.page("followers", "ann", ["cem"], declared=3),
        ex.page("follows", "bob", ["ann"], cursor="c"),
    ]
    g = fb.read(write("a.jsonl", ex.lines(followers)))
    table = fb.completeness(g).set_index("account")
    ann, bob = ex.DID["ann"], ex.DID["bob"]
    assert table.loc[ann, "followers_state"] == "complete"
    assert table.loc[ann, "followers_declared"] == 3
    assert table.loc[ann, "followers"] == 2
    assert table.loc[bob, "following_state"] == "capped"
    assert table.loc[ex.DID["cem"], "following_state"] == "unseen"


def test_instagram_unfollows_and_mojibake(write):
    g = fb.read(write("instagram-ann-2025-07-04-x1.zip", ex.zipped(ex.INSTA)))
    assert g.collection.owner == "ann"
    assert g.collection.removed.to_pylist()[0]["target"] == "eve"
    assert set(g.created_at) == {1_749_860_021_000}
    name = "zoë".encode().decode("latin-1")
    assert "zoë" in fb.read(write("followers_1.json", json.dumps([ex.insta(name)]))).accounts


def test_twarc_tells_capped_lists_and_reads_bare_ids(write):
    g = fb.read(write("f.jsonl", ex.lines(ex.twarc("followers", ["2"], more=True))))
    assert fb.completeness(g)["followers_state"].tolist() == ["capped", "unseen"]
    g = fb.read(write("followers.txt", "2\n3\n"), "twarc", owner="1")
    assert pairs(g) == {("2", "1"), ("3", "1")}
    with pytest.raises(fb.FollowbackError, match="line 2: 'x' is no id"):
        fb.read(write("followers.txt", "2\nx\n"), "twarc", owner="1")


def test_linkedin_drops_names_and_addresses(write, tmp_path):
    g = fb.read(write("Connections.csv", ex.LINKEDIN), owner="me")
    g.save(tmp_path / "g")
    stored = b"".join(path.read_bytes() for path in (tmp_path / "g").iterdir())
    assert b"Secret" not in stored
    assert b"secret.example" not in stored
    assert g.collection.mutual_by_construction
    assert "1 connections hide" in g.collection.notes[0]


def test_a_collection_is_saved_with_its_graph(write, tmp_path):
    g = fb.read(write("a.jsonl", ex.lines([ex.v1("ann", "create", "k1", "bob"), ex.v1("ann", "delete", "k1"),
                                           ex.v1("ann", "create", ex.tid(ex.MOMENT), "cem")])))  # fmt: skip
    g.save(tmp_path / "g")
    back = fb.read(tmp_path / "g").collection
    assert back.platform == "bluesky"
    for name in ("lists", "clocks", "removed"):
        assert getattr(back, name).equals(getattr(g.collection, name))


def test_each_pair_once_makes_mutual_follows_and_no_reciprocity(tmp_path):
    frame = pd.DataFrame({"id_1": [1, 1, 2], "id_2": [2, 3, 3], "time": 1_700_000_000})
    g = fb.read(frame, mutual=True)
    assert (g.n_follows, fb.mutual(g).n_mutual, g.dropped["rows"]) == (6, 3, 3)
    assert set(g.created_at) == {1_700_000_000_000}
    with pytest.raises(fb.FollowbackError, match="1 by construction"):
        fb.reciprocity(g)
    assert len(fb.find_rings(g)) == 0
    with pytest.raises(fb.CallError, match="has its directions already"):
        fb.read(g, mutual=True)


def test_a_file_that_may_store_each_pair_once_is_told():
    once = [(i, i + k) for i in range(300) for k in range(1, 6)]
    assert "store each mutual pair once" in " ".join(
        " ".join(cautions(fb.FollowGraph.from_pairs(once))).split()
    ).replace("stores", "store")
    assert cautions(fb.read(pd.DataFrame(once, columns=["source", "target"]), mutual=True)) == []


def test_rings_are_refused_where_lists_are_capped(write):
    rng = random.Random(1)
    capped = [(i, j) for i in range(200) for j in rng.sample(range(200, 3000), 10)]
    g = fb.FollowGraph.from_pairs(capped)
    with pytest.raises(fb.FollowbackError, match="following at 10 an account"):
        fb.find_rings(g)
    assert len(fb.find_rings(g, force=True)) == 0
    g = fb.read(write("a.json", json.dumps(ex.page("followers", "ann", ["bob"], cursor="more"))))
    with pytest.raises(fb.FollowbackError, match="1 of 1 lists are cut short"):
        fb.find_rings(g)


def test_natural_lists_are_not_taken_for_capped():
    for seed in range(5):
        g = fb.synth.follow_network(1_500, 12_000, seed=seed)
        assert cap_of(g.followers.degrees) is None
        assert cap_of(g.following.degrees) is None


def test_times_of_tiktok_are_utc(write):
    g = fb.read(write("user_data.json", json.dumps(ex.TIKTOK_OLD)))
    assert set(g.created_at) == {1_704_189_600_000}
    assert UNKNOWN_TIME not in g.created_at
