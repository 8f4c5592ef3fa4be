"""The folder of reports: its list, its gallery, and sweeping it out."""

import os
import webbrowser

import pytest

import followback as fb
from followback import report
from followback._report import record as _record
from followback._report.index import write_index
from followback.cli import main


@pytest.fixture
def place(tmp_path):
    """Make a folder of runs without running: three finished, one failed, one killed."""
    for k, status in enumerate(["ok", "ok", "timeout", "ok"]):
        folder = tmp_path / f"n-{k}"
        (folder / "figures").mkdir(parents=True)
        (folder / "figures" / "a b.png").touch()
        record = {
            "status": status,
            "title": "<b>Title</b> \u202e" + str(k),
            "parameters": [
                {"name": "n", "shown": "<i>", "given": "<i>"},
                {"name": "m", "shown": "7"},
            ],
            "started": f"2026-01-0{k + 1}T00:00:00+00:00",
            "ended": f"2026-01-0{k + 1}T00:00:09+00:00",
            "headline": {"rings": 1000 * k},
        }
        _record.write(folder, record)
    (tmp_path / "sweep-n").mkdir()
    (tmp_path / ".n-9-abcdef").mkdir()
    write_index(tmp_path)
    return tmp_path


def test_runs_are_listed_newest_first(place, capsys):
    table = report.runs(place)
    assert table["run"].tolist() == ["n-3", "n-2", "n-1", "n-0"]
    assert table.iloc[0]["headline"] == "3,000 rings"
    assert table["seconds"].tolist() == [9.0] * 4
    with pytest.raises(SystemExit):
        main(["reports", "list", "-o", str(place)])
    assert capsys.readouterr().out.splitlines()[1].split() == [
        "2026-01-03T00:00", "timeout", "n-2", "2,000", "rings",
    ]  # fmt: skip
    assert report.runs(place / "none").empty


def test_the_gallery_shows_titles_as_text_and_pictures(place):
    page = (place / "index.html").read_text()
    assert page.count("<article>") == 4
    assert "&lt;b&gt;Title&lt;/b&gt; �3" in page
    assert "n = &lt;i&gt;" in page
    assert "m = " not in page  # a default
    assert "src='n-3/figures/a%20b.png'" in page
    assert "href='n-2/partial.ipynb'" in page
    assert "timeout: not finished" in page


def test_cleaning_takes_what_failed_and_what_was_left(place, capsys):
    assert report.clean(place, dry_run=True) == ["n-2", ".n-9-abcdef"]
    assert (place / "n-2").exists()
    with pytest.raises(SystemExit):
        main(["reports", "clean", "-o", str(place), "--keep", "1"])
    assert capsys.readouterr().out.split() == ["n-2", "n-1", "n-0", ".n-9-abcdef"]
    left = {name for name in os.listdir(place) if name != ".locks"}
    assert left == {"index.html", "n-3", "sweep-n"}
    assert (place / "index.html").read_text().count("<article>") == 1
    for wrong in ({"out": place / "none"}, {"out": place, "keep": -1}):
        with pytest.raises(fb.CallError):
            report.clean(**wrong)


def test_cleaning_leaves_a_draft_that_somebody_works_in(place):
    from filelock import FileLock

    with FileLock(place / ".locks" / "n-9"):
        assert report.clean(place) == ["n-2"]
    assert (place / ".n-9-abcdef").exists()


def test_the_gallery_opens(place, capsys, monkeypatch):
    opened = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    with pytest.raises(SystemExit) as ended:
        main(["reports", "open", "-o", str(place)])
    assert ended.value.code == 0
    assert opened == [(place / "index.html").as_uri()]
    with pytest.raises(SystemExit) as ended:
        main(["reports", "open", "-o", str(place / "none")])
    assert ended.value.code == 2
