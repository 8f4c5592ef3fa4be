"""A run appears whole or not at all, whoever kills it, and once, however many ask for it."""

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from followback import _drafts, files, report

from . import kills

KILLS = Path(kills.__file__)


def kill(*arguments):
    # what is killed measures no coverage, and measuring would slow it down
    quiet = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    done = subprocess.run(
        [sys.executable, KILLS, *map(str, arguments)],
        check=True, capture_output=True, text=True, env=quiet,
    )  # fmt: skip
    return json.loads(done.stdout)


@pytest.mark.slow
def test_killed_at_200_random_moments_nothing_looks_finished_that_is_not(tmp_path):
    seen = kill("moments", tmp_path / "out", 200)
    assert seen["killed"] == 200
    assert (seen["wrong"], seen["again"]) == ([], [])
    assert report.clean(tmp_path / "out")
    assert not [f.name for f in (tmp_path / "out").iterdir() if f.name.startswith(".n-")]


@pytest.mark.slow
def test_killed_before_every_step_the_run_comes_back(tmp_path):
    seen = kill("steps", tmp_path / "out")
    assert seen["killed"] > 40
    assert seen["wrong"] == []


@pytest.mark.parametrize(("kind", "least"), [("folder", 4), ("file", 2)])
def test_killed_before_every_step_of_replacing_nothing_is_lost_or_left(tmp_path, kind, least):
    (tmp_path / "out").mkdir()
    seen = kill(kind, tmp_path / "out")
    assert seen["wrong"] == []
    assert seen["killed"] > seen["drafts"] > least


@pytest.mark.parametrize("make", [files.whole, files.whole_folder])
def test_a_draft_at_work_stays(tmp_path, make):
    with make(tmp_path / "g") as draft:
        _drafts.clear_drafts(tmp_path / "g")
        assert draft.exists()
    assert os.listdir(tmp_path) == ["g"]


def test_what_a_living_process_is_replacing_is_put_back_only_when_it_dies(tmp_path):
    draft = tmp_path / ".g-abcd1234"
    for name in ("new", "old"):
        (draft / name).mkdir(parents=True)
    with _drafts.locked(draft):
        _drafts.clear_drafts(tmp_path / "g")
        assert sorted(os.listdir(draft)) == ["new", "old"]
    _drafts.clear_drafts(tmp_path / "g")
    assert os.listdir(tmp_path) == ["g"]


@pytest.mark.parametrize("step", ["tempfile.mkdtemp", "os.open"])
def test_who_is_cleared_before_the_lock_takes_another_draft(tmp_path, monkeypatch, step):
    """Somebody clears up right after the step, before the first draft is locked."""
    module = getattr(_drafts, step.partition(".")[0])
    work, cleared = getattr(module, step.partition(".")[2]), []

    def late(*place, **how):
        done = work(*place, **how)
        if not cleared:
            cleared.append(place[0] if place else done)
            Path(cleared[0]).rmdir()
        return done

    monkeypatch.setattr(module, step.partition(".")[2], late)
    with files.whole_folder(tmp_path / "g") as draft:
        (draft / "a").touch()
        assert draft.parent != Path(cleared[0])
    assert os.listdir(tmp_path) == ["g"]


@pytest.mark.parametrize("locks", [True, False])
def test_who_clears_up_has_the_draft_though_it_still_stands(tmp_path, monkeypatch, locks):
    """The first draft is another's before it is locked; without locks it has gone already."""
    make, made = _drafts.tempfile.mkdtemp, []

    def late(**how):
        made.append(Path(make(**how)))
        if len(made) == 1:
            held.enter_context(_drafts.locked(made[0])) if locks else made[0].rmdir()
        return str(made[-1])

    if not locks:
        monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.setattr(_drafts.tempfile, "mkdtemp", late)
    with ExitStack() as held, _drafts.drafted(tmp_path / "g") as draft:
        assert len(made) == 2
        assert draft.parent == made[1]
    assert made[0].exists() == locks
    assert not made[1].exists()


@pytest.mark.slow
def test_eight_processes_that_ask_for_one_run_make_it_once(tmp_path):
    path = kills.notebook(tmp_path / "n.ipynb")
    cell = "open('../../../made', 'a').write('x')"
    path.write_text(
        path.read_text().replace('"import os', json.dumps(f"{cell}\n")[:-1] + "import os")
    )
    code = f"from followback import report; print(report.run({str(path)!r}, out='out'))"
    asked = [
        subprocess.Popen(
            [sys.executable, "-c", code], cwd=tmp_path, stdout=subprocess.PIPE, text=True
        )
        for _ in range(8)
    ]
    answers = {process.communicate(timeout=120)[0] for process in asked}
    assert len(answers) == 1
    assert (tmp_path / "made").read_text() == "x"
    folder = Path(answers.pop().strip())
    assert kills.looks_finished(folder.parent) == []
    assert [f for f in folder.parent.iterdir() if f.is_dir() and f.name[0] != "."] == [folder]


def test_folders_that_only_look_like_a_draft_stay(tmp_path):
    theirs = tmp_path / ".graph-20261125" / "old" / "thesis.txt"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("years of work")
    for name in ("new", "old"):
        (tmp_path / "elsewhere" / name).mkdir(parents=True)
    (tmp_path / ".graph-abcd1234").symlink_to(tmp_path / "elsewhere")
    _drafts.clear_drafts(tmp_path / "graph")
    assert theirs.read_text() == "years of work"
    assert (tmp_path / "elsewhere" / "old").is_dir()
    assert not (tmp_path / "graph").exists()


@pytest.mark.parametrize("anew", [False, True])
def test_a_folder_that_went_while_it_was_locked_is_not_ours(tmp_path, anew, monkeypatch):
    folder, keep = tmp_path / "work", os.open

    def late(*arguments):
        handle = keep(*arguments)
        folder.rename(tmp_path / "gone")
        if anew:
            folder.mkdir()
        return handle

    folder.mkdir()
    monkeypatch.setattr(os, "open", late)
    with _drafts.locked(folder) as free:
        assert free is False
