"""The workshop: every solution passes its checks, every student's version fails them until solved."""

import ast
import os
import re
import shutil
import sys
import tomllib
from html import unescape
from itertools import pairwise
from pathlib import Path

import nbformat
import pandas as pd
import pytest

import followback as fb
from followback import CallError, FollowbackError, workshop
from followback._workshop import ROSTER, lessons, machine, pack

from .conftest import follows
from .test_cli import here, one_line  # noqa: F401 a fixture

ROOT = Path(__file__).parents[1]
NAMES = sorted(path.stem for path in ROOT.glob("notebooks/2?-*.ipynb"))


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return workshop.build(tmp_path_factory.mktemp("room") / "pack")


def results_of(path, monkeypatch):
    """Run a notebook's cells in this process; return what its check cells say, by question."""
    kept, cells, check = {}, {}, workshop.check

    def kept_check(question, *arguments, **given):
        kept[question] = check(question, *arguments, **given)
        return kept[question]

    with monkeypatch.context() as patched:
        patched.chdir(path.parent)
        patched.setattr(workshop, "check", kept_check)
        room = {"display": lambda *_: None}
        for cell in code_of(path):
            kept.clear()
            exec(cell.source, room)
            cells |= kept if "check" in lessons.tags(cell) else {}
    return cells


def code_of(path):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


@pytest.mark.parametrize("name", NAMES)
def test_solutions_pass_and_students_fail_until_solved(name, built, monkeypatch):
    solved = results_of(built / "solutions" / f"{name}.ipynb", monkeypatch)
    opened = results_of(built / "students" / f"{name}.ipynb", monkeypatch)
    assert len(solved) >= 3
    assert {q: str(r) for q, r in solved.items() if not r} == {}
    assert {q: r for q, r in opened.items() if r} == {}
    assert list(opened) == list(solved)
    assert all("Nothing is answered" in result.message for result in opened.values())


@pytest.mark.parametrize("name", NAMES[2:])
def test_an_answer_alone_is_enough(name, built, monkeypatch):
    """What else it needs stands in the student's notebook, not in the solution."""
    judged, check = [], workshop.check
    monkeypatch.setattr(
        workshop, "check", lambda q, a, g, **k: judged.append((a, check(q, a, g, **k)))
    )
    monkeypatch.chdir(built / "students")
    answers, room = [], {"display": lambda *_: None}
    solved = {cell.id: cell for cell in code_of(built / "solutions" / f"{name}.ipynb")}
    for cell in code_of(built / "students" / f"{name}.ipynb"):
        exec(cell.source, room)
        if "solution" in lessons.tags(cell):
            answers = ast.parse(solved[cell.id].source).body
        while answers and "check" in lessons.tags(cell):
            answer, alone = answers.pop(), dict(room)
            judged.clear()
            exec(f"{ast.unparse(answer)}\n{cell.source}", alone)
            given = alone[answer.targets[0].id]
            assert [bool(r) for a, r in judged if a is given] == [True], ast.unparse(answer)


def test_solutions_hold_for_other_people(built, tmp_path, monkeypatch):
    shutil.copytree(built / "solutions", tmp_path / "solutions")
    pack.write_data(tmp_path, workshop.classes(11))
    for name in NAMES:
        assert all(results_of(tmp_path / "solutions" / f"{name}.ipynb", monkeypatch).values()), name


def test_every_question_is_asked(built):
    text = "".join((built / "students" / f"{name}.ipynb").read_text() for name in NAMES)
    assert {q for q in workshop.questions() if f'\\"{q}\\"' not in text} == set()


@pytest.mark.parametrize("name", NAMES)
def test_each_audience_gets_its_own_notebook(name, built):
    def cells(audience):
        return nbformat.read(built / audience / f"{name}.ipynb", as_version=4).cells

    def tagged(audience, tag):
        return [cell for cell in cells(audience) if tag in cell.metadata.get("tags", [])]

    whole = [cell.id for cell in cells("instructor")]
    for audience in lessons.AUDIENCES:
        assert len(tagged(audience, "parameters")) == 1
        assert [i for i in whole if i in {c.id for c in cells(audience)}] == [
            c.id for c in cells(audience)
        ]
        assert not any(c.get("outputs") for c in cells(audience))
    assert tagged("instructor", "instructor")
    assert not tagged("students", "instructor") + tagged("solutions", "instructor")
    assert all("..." in c.source for c in tagged("students", "solution"))
    assert not any("..." in c.source for c in tagged("solutions", "solution"))


def test_the_command_makes_the_same_bytes_and_refuses_to_do_so_twice(built, tmp_path, here):  # noqa: F811
    run = here("workshop", "build", "-o", "pack")
    assert (run.returncode, run.stdout) == (0, "pack/START-HERE.html\n")
    again = tmp_path / "pack"
    files = sorted(p.relative_to(built) for p in built.rglob("*") if p.is_file())
    assert files == sorted(p.relative_to(again) for p in again.rglob("*") if p.is_file())
    assert [f for f in files if (built / f).read_bytes() != (again / f).read_bytes()] == []
    assert "new folder" in one_line(here("workshop", "build", "-o", "pack"), 2)


def test_the_classes_in_the_repository_are_those_of_the_pack(built):
    for file in (built / "data").iterdir():
        assert file.read_bytes() == (ROOT / "data" / file.name).read_bytes(), file.name


def test_the_truth_is_what_was_planted(built):
    truth = pd.read_csv(built / "instructor" / "truth" / "class-3-mixed-truth.csv")
    assert truth["kind"].value_counts().to_dict() == {"exchange": 24, "team": 18}
    roster = pd.read_csv(built / "data" / ROSTER)["account"]
    assert set(roster) == set(truth.loc[truth["kind"] == "team", "account"])
    assert len(fb.find_rings(fb.read(built / "data" / "class-1-calm.csv"))) == 0


def test_nothing_is_overwritten_and_nothing_half_made_stands(tmp_path, monkeypatch):
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "mine.txt").write_text("mine")
    with pytest.raises(CallError, match="holds something already"):
        workshop.build(tmp_path / "pack")
    assert (tmp_path / "pack" / "mine.txt").read_text() == "mine"

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(pack, "write_data", interrupted)
    with pytest.raises(KeyboardInterrupt):
        workshop.build(tmp_path / "other")
    assert os.listdir(tmp_path) == ["pack"]


def test_the_pages_load_nothing_and_leave_no_gap(built):
    for page in built.glob("**/*.html"):
        text = page.read_text()
        assert not re.search(r"<script|<link|src=(?!'data:)|@import|\$\w", text), page.name
        assert "<h1" in text
    for name in NAMES:
        text = (built / "handouts" / f"{name}.html").read_text()
        for part in (
            "Questions:",
            "Objectives:",
            "Minutes:",
            "Exercise 1",
            "Key points",
            "Discussion",
            "What would change my mind",
        ):
            assert part in text, (name, part)
        assert "For the instructor" not in text


def test_what_was_planted_is_told_to_the_instructor_alone(built):
    """Copied to the room are the folders of the students, the data, and two pages."""
    for file in [*built.glob("*"), *built.glob("students/*"), *built.glob("handouts/*")]:
        told = file.is_file() and re.search(r"planted|(exchange|team) of \d", file.read_text())
        assert not told, file
    assert "exchange of 24, team of 18" in (built / "instructor" / "codebook.html").read_text()


def test_the_roster_is_called_the_same_everywhere(built):
    (lesson,) = (one for one in lessons.lessons() if one.name == "24-audit-and-report")
    assert f'"../data/{ROSTER}"' in lesson.master.cells[1].source
    assert f"data/{ROSTER}" in (built / "instructor" / "codebook.html").read_text()


def test_the_clock_adds_up(built):
    rows = _rows(built / "schedule.html")
    clock = [60 * int(at[:2]) + int(at[3:]) for at, *_ in rows]
    assert [then - at for at, then in pairwise(clock)] == [int(row[2]) for row in rows[:-1]]
    assert clock[-1] - clock[0] <= 4 * 60
    assert [row[1] for row in rows].index("Break") == 3  # after the welcome and two lessons
    assert {len(row) for row in rows} == {6}  # nothing is said of what nobody measured
    taught = [[int(row[2]), *map(int, row[3:])] for row in rows if row[3]]
    assert [whole for whole, *_ in taught] == [sum(split) for _, *split in taught]
    assert [split for _, *split in taught] == [
        [one.teaching, one.exercises, one.discussion] for one in lessons.lessons()
    ]


def test_a_handout_holds_all_that_a_room_without_computers_needs(built):
    page = (built / "handouts" / "22-reciprocity.html").read_text()
    assert _rows(page)[:5] == [
        [*pair] for pair in follows("ann>bob bob>ann cem>ann ann>dot bob>dot")
    ]
    assert "<div class='room'></div>" in page
    assert re.findall(r"☐ ([^<]+)", page)[:4] == ["0.2", "0.25", "0.4", "0.6"]
    assert page.count("<div class='lines'>") == 6  # three to tick, two to write, the discussion
    page = (built / "handouts" / "20-vanity-metrics.html").read_text()
    assert [len(row) for row in _rows(page)] == [5] * (8 + 2 + 30)


def test_a_table_that_is_asked_about_is_shown_whole_and_holds_what_the_lesson_defines(built):
    for page in built.glob("handouts/*.html"):
        assert "more row" not in page.read_text(), page.name
    measures = [row[0] for row in _rows(built / "handouts" / "24-audit-and-report.html")]
    assert {"follow_back", "earned_followers"} < {*measures}
    assert {"overlap", "peer_place", "reach", "reach_share"} & {*measures} == set()


@pytest.mark.parametrize(("name", "side"), [(NAMES[0], "xaxis"), (NAMES[2], "yaxis")])
def test_counts_have_whole_numbers_at_their_ticks(name, side, built, monkeypatch):
    drawn = []
    monkeypatch.setattr(fb.show, "figure", lambda figure, *_, **__: drawn.append(figure))
    results_of(built / "students" / f"{name}.ipynb", monkeypatch)
    ((axes,),) = [figure.axes for figure in drawn]
    for most in range(3, 40):
        getattr(axes, f"set_{side[0]}lim")(0, most)
        assert [at for at in getattr(axes, side).get_ticklocs() if at % 1] == [], most


def test_the_form_of_the_last_lesson_is_filled_in_with_a_file_of_the_pack(built, monkeypatch):
    forms, form = [], fb.report.form
    monkeypatch.setattr(fb.report, "form", lambda *a, **k: forms.append(form(*a, **k)) or forms[-1])
    results_of(built / "students" / f"{NAMES[4]}.ipynb", monkeypatch)
    (shown,) = forms
    assert shown.fields["follows"].value == "../data/class-3-mixed.csv"
    graph = fb.read(built / "data" / "class-3-mixed.csv")
    assert shown.fields["account"].value == workshop.subject(graph)
    assert "<code>../data/class-3-mixed.csv</code>" in shown.still


@pytest.mark.parametrize("name", NAMES)
def test_a_handout_asks_what_the_screen_asks_and_answers_nothing(name, built, monkeypatch):
    shown, choose = [], workshop.choose
    monkeypatch.setattr(
        workshop, "choose", lambda *a, **k: shown.append(choose(*a, **k)) or shown[-1]
    )
    results_of(built / "students" / f"{name}.ipynb", monkeypatch)
    page = (built / "handouts" / f"{name}.html").read_text()
    assert shown
    assert [one for one in shown if one.still not in page] == []
    assert page.count("☐") == sum(len(one.options) for one in shown)
    right = [result.message for one in shown for o in one.options if (result := one.judge(o))]
    assert [said for said in right if said in unescape(page)] == []
    told = unescape((built / "instructor" / "answers.html").read_text())
    assert [said for said in right if said not in told] == []


def test_paper_gets_a_figure_in_place_of_what_moves(built):
    page = (built / "handouts" / "23-rings-and-chance.html").read_text()
    assert page.count("<img") == 2
    assert "Adjacency matrix of ring 1" in page
    for audience in lessons.AUDIENCES:
        text = (built / audience / "23-rings-and-chance.ipynb").read_text()
        assert ("Adjacency matrix" in text, "show.explorer" in text) == (False, True)


def _rows(page):
    page = page if isinstance(page, str) else page.read_text()
    found = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in found]
    return [row for row in rows if row]


def test_times_are_written_once_measured(built, tmp_path, here):  # noqa: F811
    shutil.copytree(built, tmp_path / "pack")
    for name in NAMES[:1] + NAMES[2:]:
        (tmp_path / "pack" / "solutions" / f"{name}.ipynb").unlink()
    run = here("workshop", "time", "pack")
    assert (run.returncode, run.stdout) == (0, "pack/schedule.html\n")
    told = [line for line in run.stderr.splitlines() if "machine was busy" not in line]
    assert [line.split()[0] for line in told] == [NAMES[1]]  # nothing of the kernel
    measured = pd.read_csv(tmp_path / "pack" / "measured.csv")
    assert measured["lesson"].tolist() == [NAMES[1]]
    runs = [row[6] for row in _rows(tmp_path / "pack" / "schedule.html")]
    assert [run for run in runs if run] == [f"{measured['seconds'].iloc[0]:.1f} s"]
    assert "no pack" in one_line(here("workshop", "time", "nowhere"), 2)


@pytest.mark.parametrize("busy", [False, True])
def test_a_busy_machine_and_a_long_lesson_are_told(busy, built, tmp_path, here, monkeypatch):  # noqa: F811
    load, seconds = (2.1, 60.1) if busy else (2.0, 60.0)
    monkeypatch.setattr(os, "getloadavg", lambda: (load, 9.0, 9.0))
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {1}, raising=False)
    monkeypatch.setattr(machine, "_seconds", lambda _: seconds)
    shutil.copytree(built, tmp_path / "pack")
    run = here("workshop", "time", "pack")
    assert (run.returncode, run.stdout) == (0, "pack/schedule.html\n")
    told = [line for line in run.stderr.splitlines() if line.startswith("followback: ")]
    page = unescape((tmp_path / "pack" / "schedule.html").read_text())
    assert "workshop time on 1 cores" in page.replace("<code>", "").replace("</code>", "")
    assert page.count("Take these times with care") == len(told) == 6 * busy
    assert [line for line in told if line.removeprefix("followback: ") not in page] == []
    if told:
        assert "busy when measuring began, with a load of 2.1 on 2 cores" in told[0]
        assert (
            told[1]
            == f"followback: {NAMES[0]} took 60.1 s, and a lesson should take a minute at most"
        )


def test_without_a_load_nothing_is_said_of_it(built, tmp_path, monkeypatch):
    monkeypatch.delattr(os, "getloadavg")  # as on Windows
    monkeypatch.setattr(machine, "_seconds", lambda _: 1.0)
    shutil.copytree(built, tmp_path / "pack")
    assert workshop.measure(tmp_path / "pack").attrs["doubts"] == []


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("1 / 0", "cell 2 of the notebook failed: ZeroDivisionError: division by zero"),
        ("import os; os._exit(3)", "kernel died in cell 2 with exit code 3"),
        ("import time; time.sleep(9)", "cell 2 was still running after 2 s; a lesson should"),
    ],
)
def test_a_lesson_that_does_not_run_is_named(code, said, tmp_path, here, monkeypatch):  # noqa: F811
    monkeypatch.setattr(machine, "_LESSON_SECONDS", 2 if "sleep" in code else 60)
    (tmp_path / "solutions").mkdir()
    cells = [nbformat.v4.new_code_cell(source, id=source[:1]) for source in ("n: int = 1", code)]
    cells[0].metadata["tags"] = ["parameters"]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "solutions" / "20-x.ipynb")
    told = one_line(here("workshop", "time", "."), 1)
    assert "20-x.ipynb does not run: " in told
    assert said in told
    assert os.listdir(tmp_path) == ["solutions"]


def test_a_damaged_lesson_is_named(tmp_path, here):  # noqa: F811
    (tmp_path / "solutions").mkdir()
    (tmp_path / "solutions" / "20-x.ipynb").write_text("{")
    assert "20-x.ipynb is no notebook" in one_line(here("workshop", "time", "."), 2)


def test_the_machine_is_ready_or_says_what_to_do(built, monkeypatch):
    found = workshop.environment(built / "data")
    assert found.ready, found
    assert "Ready." in repr(found)
    monkeypatch.setattr(machine, "PACKAGES", ("followback", "no-such-package"))
    found = workshop.environment(built)
    assert [said.split(":")[0] for well, said in found if not well] == [
        "no-such-package is missing", f"The folder '{built}' holds no class of data",
    ]  # fmt: skip
    assert "Not ready" in found._repr_html_()


@pytest.mark.parametrize("damaged", [False, True])
@pytest.mark.parametrize(
    "name", ["class-1-calm.csv", "class-2-ring.csv", "class-3-mixed.csv", "class-3-roster.csv"]
)
def test_a_class_that_is_damaged_or_missing_is_named(name, damaged, built, tmp_path):
    shutil.copytree(built / "data", tmp_path / "data")
    (tmp_path / "data" / name).unlink()
    if damaged:
        (tmp_path / "data" / name).write_text("account\n" if "roster" in name else "")
    bad = [said for well, said in workshop.environment(tmp_path / "data") if not well]
    assert len(bad) == 1
    assert f"{name} can be read" in bad[0]
    assert "Unpack the pack anew" in bad[0]


@pytest.mark.parametrize("missing", [False, True])
def test_the_machine_check_runs_with_and_without_the_package(missing, built, monkeypatch, capsys):
    if missing:
        monkeypatch.setitem(sys.modules, "followback.workshop", None)
    monkeypatch.chdir(built)
    cells = nbformat.read("check-my-machine.ipynb", as_version=4).cells
    asked = r"first grey cell and press (?:\*\*)?Shift \+ Enter(?:\*\*)? (once|twice)"
    texts = (cells[0].source, unescape((built / "START-HERE.html").read_text()))
    (times,) = {re.search(asked, text)[1] for text in texts}  # both say the same
    first = next(k for k, cell in enumerate(cells) if cell.cell_type == "code")
    room = {}
    for cell in cells[first : first + {"once": 1, "twice": 2}[times]]:
        assert not cell.get("outputs")
        exec(cell.source if cell.cell_type == "code" else "", room)
    said = capsys.readouterr().out
    assert ("Install followback as START-HERE.html says" in said) == missing
    assert ("Ready." in said) != missing


def test_what_start_here_installs_is_what_there_is(built):
    page = unescape((built / "START-HERE.html").read_text())
    blocks = re.findall(r"<pre><code>(.*?)\n?</code>", page, re.DOTALL)
    made, entered, *commands = "\n".join(blocks).split("\n")
    assert (made, entered) == ("python3 -m venv room", ". room/bin/activate")
    words = [command.removeprefix("python -m pip ") for command in commands]
    assert [word.split()[0] for word in words] == ["install", "wheel", "install"]
    assert all(word.endswith('followback[workshop]"') for word in words)
    assert "./followback" in words[0]  # a folder: no index holds the package
    assert "--no-index" in words[2]
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    assert "workshop" in extras


def test_a_master_without_minutes_is_refused():
    cell = nbformat.v4.new_markdown_cell("# A lesson")
    with pytest.raises(FollowbackError, match="20-x: say in the first cell"):
        lessons.lesson("20-x", nbformat.v4.new_notebook(cells=[cell]))
