"""Pseudonyms hide every id, keep every follow, and their key stays apart."""

import json
import os

import pytest

import followback as fb
from followback import pseudonyms
from followback._report.hidden import Pseudonyms
from followback.pseudonyms import read_key
from followback.thread_audits import read_participants

from . import exports as ex
from .conftest import STORY

KEY = b"k" * 32


def test_ties_stay_and_names_go(story):
    g = fb.pseudonymise(story, KEY)
    assert sorted(g.followers.degrees) == sorted(story.followers.degrees)
    assert fb.mutual(g).n_mutual == fb.mutual(story).n_mutual
    assert not set(g.accounts) & set(story.accounts)
    assert list(g.accounts) == sorted(g.accounts)
    assert g == fb.pseudonymise(story, KEY)
    assert g != fb.pseudonymise(story, b"l" * 32)
    assert fb.read(g.to_table()) == g  # the canonical graph of its own follows


def test_nothing_that_is_stored_holds_an_id(tmp_path):
    rows = [ex.item("ann", "bob", via=f"at://{ex.DID['dot']}/app.bsky.graph.starterpack/1"),
            ex.item("bob", "ann"), ex.item("ann", "cem", created="2024-01-01T00:00:00Z")]  # fmt: skip
    (tmp_path / "a.jsonl").write_text(ex.lines([*rows, {"records": rows, "cursor": "c"}]))
    g = fb.pseudonymise(fb.read(tmp_path / "a.jsonl"), KEY)
    g.save(tmp_path / "g")
    stored = b"".join(path.read_bytes() for path in (tmp_path / "g").iterdir())
    assert b"did:plc" not in stored
    assert b"/app.bsky.graph.starterpack/1" in stored
    assert g.created_at is not None


def test_a_key_is_long(story):
    with pytest.raises(fb.CallError, match="shorter than 32 bytes"):
        fb.pseudonymise(story, b"x" * 31)


def test_two_accounts_never_share_a_pseudonym(story, monkeypatch):
    monkeypatch.setattr(pseudonyms, "_DIGITS", 0)
    with pytest.raises(fb.FollowbackError, match="use another key"):
        fb.pseudonymise(story, KEY)


def test_a_key_is_made_once_and_never_lies_in_the_output(tmp_path):
    key = read_key(tmp_path / "keys" / "k", tmp_path / "out")
    assert key == read_key(tmp_path / "keys" / "k", tmp_path / "out")
    assert (tmp_path / "keys" / "k").stat().st_mode & 0o077 == 0
    for inside in (tmp_path / "out" / "k", tmp_path / "out"):
        with pytest.raises(fb.CallError, match="keep it in another folder"):
            read_key(inside, tmp_path / "out")
    for wrong in ("no key", "00ff"):
        (tmp_path / "wrong").write_text(wrong)
        with pytest.raises(fb.CallError, match="name a file that is not there"):
            read_key(tmp_path / "wrong", tmp_path / "out")


def test_a_run_sees_the_same_pseudonyms_and_what_the_export_tells(tmp_path):
    page = ex.page("followers", "ann", ["bob"], cursor="c")  # a list cut short
    (tmp_path / "a.jsonl").write_text(ex.lines([page]))
    graph = fb.read(tmp_path / "a.jsonl")
    with Pseudonyms.maybe(tmp_path / "key", tmp_path / "out") as runs:
        seen = fb.read(runs._input("follows", tmp_path / "a.jsonl"))  # noqa: SLF001
    assert seen == fb.pseudonymise(graph, read_key(tmp_path / "key", tmp_path / "out"))
    with pytest.raises(fb.FollowbackError, match="cut short"):
        fb.find_rings(seen)


def test_the_json_of_a_saved_graph_is_json(tmp_path, story):
    story.save(tmp_path / "g")
    assert json.loads((tmp_path / "g" / "graph.json").read_text())["collection"]["tables"] == []


def test_of_two_processes_that_make_the_key_both_get_the_same(tmp_path, monkeypatch):
    keys, draw = [], pseudonyms.secrets.token_hex

    def other_process(n):
        monkeypatch.setattr(pseudonyms.secrets, "token_hex", draw)
        keys.append(read_key(tmp_path / "key", tmp_path / "out"))
        return draw(n)

    monkeypatch.setattr(pseudonyms.secrets, "token_hex", other_process)
    assert [read_key(tmp_path / "key", tmp_path / "out")] == keys
    assert os.listdir(tmp_path) == ["key"]


def test_a_full_disk_leaves_no_key_and_is_named(tmp_path, monkeypatch):
    def full(*_arguments, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", full)
    with pytest.raises(OSError, match=f"No space.*{tmp_path / 'key'}"):
        read_key(tmp_path / "key", tmp_path / "out")
    assert os.listdir(tmp_path) == []


def test_follows_in_a_txt_are_no_list_of_participants(tmp_path, story):
    (tmp_path / "follows.txt").write_text("# SNAP\n" + "".join(f"{u} {v}\n" for u, v in STORY))
    (tmp_path / "who.txt").write_text("# people\nann\n\nbob\n")
    (tmp_path / "pages.txt").write_text("Ann Lee\n")
    with Pseudonyms.maybe(tmp_path / "key", tmp_path / "out") as hidden:
        copied = hidden._input  # noqa: SLF001
        assert fb.read(copied("follows", tmp_path / "follows.txt")) == fb.pseudonymise(
            story, read_key(tmp_path / "key", tmp_path / "out")
        )
        for name, file, people in (
            ("who", "who.txt", ["ann", "bob"]), ("participants", "pages.txt", ["Ann Lee"]),
        ):  # fmt: skip
            copy = copied(name, tmp_path / file)
            assert read_participants(copy) == [hidden.of(person) for person in people]
