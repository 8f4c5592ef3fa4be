"""The pack for a room: lessons for each audience, data, handouts and pages for a teacher."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from . import ROSTER
from .classes import SchoolClass, facts
from .lessons import AUDIENCES, Lesson, lessons, notebook_for
from .pages import markdown_table, page

if TYPE_CHECKING:
    import pandas as pd

_START = "09:00"
_WELCOME, _BREAK, _CLOSE = 10, 20, 10  # minutes; the break comes after the second lesson
_BREAK_AFTER = 2
_PAGES = ("START-HERE", "ethics", "instructor/codebook")  # the codebook tells what was planted


def write_pack(folder: Path, made: Mapping[str, SchoolClass], seed: int) -> None:
    """Write the whole pack into an empty folder."""
    import nbformat

    taught = lessons()
    for audience in AUDIENCES:
        (folder / audience).mkdir()
        for lesson in taught:
            text = nbformat.writes(notebook_for(audience, lesson.master), version=4)
            _write(folder / audience / f"{lesson.name}.ipynb", f"{text}\n")
    write_data(folder, made)
    _write_handouts(folder, taught)
    facts_of = {"seed": seed, "facts": markdown_table(facts(made)), "lessons": _listed(taught)}
    for name in _PAGES:
        _write(folder / f"{name}.html", page(_text(Path(name).name, facts_of)))
    _write(folder / "schedule.html", schedule(taught))
    _write(folder / "LICENSE.txt", (_texts() / "LICENSE.txt").read_text(encoding="utf-8"))
    shutil.copyfile(_texts() / "check-my-machine.ipynb", folder / "check-my-machine.ipynb")


def _write_handouts(folder: Path, taught: list[Lesson]) -> None:
    """Print each lesson for a room without computers, and their answers for the instructor."""
    from .handouts import answers, handout

    (folder / "handouts").mkdir()
    papers = [handout(lesson, folder / "students") for lesson in taught]
    for paper in papers:
        _write(folder / "handouts" / f"{paper.lesson.name}.html", paper.page)
    text = _text("answers", {"answers": "\n\n".join(map(answers, papers))})
    _write(folder / "instructor" / "answers.html", page(text))


def write_data(folder: Path, made: Mapping[str, SchoolClass]) -> None:
    """Write the classes of data, the team's roster, and the truth apart from them."""
    data, truth = folder / "data", folder / "instructor" / "truth"
    data.mkdir()
    truth.mkdir(parents=True)
    for name, one in made.items():
        arrows = one.graph.to_table().to_pandas()[["source", "target"]]
        _csv(data / f"{name}.csv", arrows)
        if len(one.truth):
            _csv(truth / f"{name}-truth.csv", one.truth)
        if (team := one.truth[one.truth["kind"] == "team"]).size:
            _csv(data / ROSTER, team[["account"]])


def schedule(
    taught: list[Lesson], measured: pd.DataFrame | None = None, cores: int | None = None
) -> str:
    """Return the schedule as a page, with a column of run times once they are measured."""
    seconds = {} if measured is None else dict(measured.itertuples(index=False, name=None))
    said = (
        f"*The computer runs*: each lesson's solution, run from top to bottom by `followback workshop "
        f"time` on {cores} cores, the start of Python included."
        if seconds
        else ""
    )
    for doubt in [] if measured is None else measured.attrs.get("doubts", []):
        said += f"\n\nTake these times with care: {doubt}."
    return page(
        _text("schedule", {"table": markdown_table(_timetable(taught, seconds)), "said": said})
    )


def _timetable(taught: list[Lesson], seconds: Mapping[str, float]) -> pd.DataFrame:
    import pandas as pd

    parts: list[tuple[str, int, Lesson | None]] = [("Welcome, check the machines", _WELCOME, None)]
    for k, lesson in enumerate(taught, 1):
        parts.append((f"{k}. {lesson.title}", lesson.minutes, lesson))
        if k == _BREAK_AFTER:
            parts.append(("Break", _BREAK, None))
    parts.append(("Close: what will you report differently?", _CLOSE, None))

    rows: list[tuple[Any, ...]] = []
    clock = datetime.strptime(_START, "%H:%M")  # noqa: DTZ007 a clock on a wall
    for what, minutes, one in parts:
        split = (one.teaching, one.exercises, one.discussion) if one else ("",) * 3
        runs = seconds.get(one.name) if one else None
        rows.append((f"{clock:%H:%M}", what, minutes, *split, f"{runs:.1f} s" if runs else ""))
        clock += timedelta(minutes=minutes)
    rows.append((f"{clock:%H:%M}", "End", *[""] * 5))
    names = ["at", "what", "minutes", "teaching", "exercises", "discussion", "the computer runs"]
    table = pd.DataFrame(rows, columns=names)
    return table if seconds else table.drop(columns=names[-1])


def _listed(taught: list[Lesson]) -> str:
    return "\n".join(
        f"{k}. **{lesson.title}** `{lesson.name}`, {lesson.minutes} minutes"
        for k, lesson in enumerate(taught, 1)
    )


def _texts() -> Path:
    from ..report import notebooks_folder

    return notebooks_folder() / "workshop"


def _text(name: str, values: Mapping[str, Any]) -> str:
    return Template((_texts() / f"{name}.md").read_text(encoding="utf-8")).substitute(values)


def _csv(path: Path, frame: pd.DataFrame) -> None:
    from ..files import csv_text

    _write(path, csv_text(frame))


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
