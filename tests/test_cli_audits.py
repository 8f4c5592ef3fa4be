# ruff: noqa: F811 - a fixture that another module has is passed by name
"""The commands about data, audits and time."""

import re

import pandas as pd
import pytest

import followback as fb
from followback import synth
from followback.files import write_follows

from . import exports as ex
from .test_cli import here, one_line  # noqa: F401 - a fixture
from .test_sources import CSV


@pytest.fixture
def files(tmp_path):
    g, truth = synth.plant_rings(synth.follow_network(800, 6_000, seed=2), [(15, 0.9)], seed=2)
    write_follows(g, tmp_path / "f.csv")
    (tmp_path / "p.txt").write_text("# a thread\n" + "\n".join(map(str, truth["account"])) + "\n")
    (tmp_path / "story.csv").write_text(CSV)
    return g, truth


def test_audit_prints_or_writes(files, tmp_path, here):
    _, truth = files
    who = truth["account"].iloc[0]
    run = here("audit", "f.csv", who)
    assert run.stdout.startswith("measure,value,low,high,meaning\n")
    run = here("audit", "f.csv", who, "-o", "a")
    assert run.stdout == "a/audit.csv\na/growth.csv\na/rings.csv\n"
    assert sorted(p.name for p in (tmp_path / "a").iterdir()) == [
        "audit.csv",
        "growth.csv",
        "rings.csv",
    ]
    assert len(pd.read_csv(tmp_path / "a" / "rings.csv")) == 1


def test_a_terminal_shows_measures_for_people(files, here, monkeypatch):
    _, truth = files
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    lines = here("audit", "f.csv", truth["account"].iloc[0]).stdout.splitlines()
    assert lines[0].split() == ["measure", "value", "low", "to", "high", "meaning"]
    assert lines[1].index("followers in") == lines[0].index("meaning")
    assert any(re.match(r"follow_back +\d+%  .*  share of its", line) for line in lines)


def test_thread_prints_or_writes(files, tmp_path, here):
    run = here("thread", "f.csv", "p.txt", "--posted-at", "2026-07-04")
    assert run.stdout.startswith("measure,value,low,high,meaning\n")
    assert "note: no times" in run.stderr
    run = here("thread", "f.csv", "p.txt", "-o", "t")
    assert run.stdout == "t/thread.csv\nt/participants.csv\n"
    assert len(pd.read_csv(tmp_path / "t" / "participants.csv")) == 15


def test_diff_convert_and_rings_as_of(files, tmp_path, here, story):
    (tmp_path / "later.csv").write_text(CSV.replace("cem,ann", "cem,bob"))
    run = here("diff", "story.csv", "later.csv")
    assert (
        run.stdout == "source,target,change,mutual\ncem,ann,taken back,False\ncem,bob,made,False\n"
    )
    assert "1 follow made, 0 of them mutual" in run.stderr
    assert here("diff", "story.csv", "later.csv", "-o", "d.csv").stdout == "d.csv\n"
    pairs = here("diff", "story.csv", "later.csv", "--mutual", "--owner", "ann").stdout
    assert pairs.count(",made,True") == pairs.count(",taken back,True") == 2

    assert (
        here("convert", "story.csv", "h.csv", "--pseudonymise", "--key", "keys/k").returncode == 0
    )
    hidden = fb.read(tmp_path / "h.csv")
    assert hidden.n_follows == story.n_follows
    assert not set(hidden.accounts) & set(story.accounts)

    (tmp_path / "timed.csv").write_text("source,target,time\n1,2,2024-01-01\n2,1,2024-03-01\n")
    run = here("rings", "timed.csv", "-o", "r", "--as-of", "2024-02-01")
    assert run.returncode == 0
    (tmp_path / "once.csv").write_text(CSV)
    assert here("convert", "once.csv", "m.csv", "--mutual").returncode == 0
    assert fb.mutual(fb.read(tmp_path / "m.csv")).n_mutual == 3


def test_refusals_end_with_one_line(files, tmp_path, here):
    (tmp_path / "capped.json").write_text(
        ex.lines([ex.page("followers", "ann", ["bob"], cursor="c")])
    )
    assert "cut short" in one_line(here("rings", "capped.json", "-o", "x"), 1)
    assert here("rings", "capped.json", "-o", "x", "--force").returncode == 0
    one_line(here("rings", "story.csv", "-o", "x", "--as-of", "2024-01-01"), 1)
    one_line(here("audit", "story.csv", "nobody"), 2)
    one_line(here("thread", "story.csv", "none.txt"), 2)
    one_line(here("thread", "story.csv", "p.txt", "--posted-at", "soon"), 2)
    one_line(here("convert", "story.csv", "out", "--pseudonymise", "--key", "out/k"), 2)
    one_line(here("fetch", "nothing"), 2)


def test_fetch_lists_what_it_knows(here):
    assert "epinions\t" in here("fetch").stdout


def test_the_audit_notebooks_run(files, tmp_path, monkeypatch):
    from followback import report

    _, truth = files
    monkeypatch.chdir(tmp_path)
    for name, values in (
        ("11-account-audit", {"account": str(truth["account"].iloc[0])}),
        ("12-thread-audit", {"participants": "p.txt", "title": "#F4F thread"}),
    ):
        run = report.run(name, {"follows": "f.csv", **values}, out=tmp_path / "reports")
        page = (run / "report.html").read_text()
        assert "What cannot be known" in page
        assert len(list((run / "figures").iterdir())) == 1
        assert list((run / "tables").iterdir())
