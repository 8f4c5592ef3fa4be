"""The pack for a room: lessons for each audience, data, handouts and pages for a teacher."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import datetime, timedelta
from html import escape
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from .classes import SchoolClass, facts
from .lessons import AUDIENCES, Lesson, handout, lessons, notebook_for

if TYPE_CHECKING:
    import pandas as pd

_START = "09:00"
_WELCOME, _BREAK, _CLOSE = 10, 20, 10  # minutes; the break comes after the second lesson
_BREAK_AFTER = 2
_PAGES = ("START-HERE", "codebook", "ethics")
_STYLE = """
body { font: 11pt/1.5 Georgia, serif; max-width: 42em; margin: 2em auto; padding: 0 1em; color: #222 }
h1, h2, h3 { font-family: "Helvetica Neue", Arial, sans-serif; line-height: 1.25 }
table { border-collapse: collapse; margin: 1em 0; font-size: 0.92em }
th, td { border-bottom: 1px solid #bbb; padding: 0.3em 0.8em 0.3em 0; text-align: left }
td { vertical-align: top }
code { font-size: 0.92em } pre { background: #f3f3f3; padding: 0.6em }
@media print { body { margin: 0; max-width: none } h2, h3 { break-after: avoid } a { color: inherit } }
"""


def write_pack(folder: Path, made: Mapping[str, SchoolClass], seed: int) -> None:
    """Write the whole pack into an empty folder."""
    import nbformat

    taught = lessons()
    for audience in AUDIENCES:
        (folder / audience).mkdir()
        for lesson in taught:
            text = nbformat.writes(notebook_for(audience, lesson.master), version=4)
            _write(folder / audience / f"{lesson.name}.ipynb", f"{text}\n")
    (folder / "handouts").mkdir()
    for lesson in taught:
        _write(folder / "handouts" / f"{lesson.name}.html", page(handout(lesson.master)))

    write_data(folder, made)
    facts_of = {"seed": seed, "facts": markdown_table(facts(made)), "lessons": _listed(taught)}
    for name in _PAGES:
        _write(folder / f"{name}.html", page(_text(name, facts_of)))
    _write(folder / "schedule.html", schedule(taught))
    _write(folder / "LICENSE.txt", (_texts() / "LICENSE.txt").read_text(encoding="utf-8"))
    shutil.copyfile(_texts() / "check-my-machine.ipynb", folder / "check-my-machine.ipynb")


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
            _csv(data / "class-3-roster.csv", team[["account"]])


def schedule(
    taught: list[Lesson], measured: pd.DataFrame | None = None, cores: int | None = None
) -> str:
    """Return the schedule as a page, with the measured run times where there are any."""
    seconds = {} if measured is None else dict(measured.itertuples(index=False, name=None))
    said = (
        "How long the computer runs was not measured. To measure it on this machine: "
        "`followback workshop time` and the name of this folder."
        if measured is None
        else f"Each lesson's solution was run from top to bottom by `followback workshop time`, on a "
        f"machine with {cores} cores; the start of Python is included."
    )
    return page(
        _text("schedule", {"table": markdown_table(_timetable(taught, seconds)), "said": said})
    )


def page(markdown: str) -> str:
    """Return Markdown as one page that loads nothing and prints well.

    >>> "<h1" in page("# Ethics") and "<title>Ethics</title>" in page("# Ethics")
    True
    """
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    title = markdown.lstrip().splitlines()[0].lstrip("# ")
    renderer = IPythonRenderer(escape=True, exclude_anchor_links=True)
    body = MarkdownWithMath(renderer=renderer).render(markdown)
    return (
        "<!doctype html>\n<html lang='en'>\n<meta charset='utf-8'>\n"
        "<meta name='viewport' content='width=device-width'>\n"
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n<main>\n{body}</main>\n</html>\n"
    )


def markdown_table(frame: pd.DataFrame) -> str:
    """Return a table in Markdown.

    >>> import pandas as pd
    >>> print(markdown_table(pd.DataFrame({"class": ["calm"], "follows": [2400]})))
    | class | follows |
    |---|---|
    | calm | 2400 |
    """
    rows = [frame.columns, *frame.itertuples(index=False)]
    lines = [f"| {' | '.join(str(cell) for cell in row)} |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(frame.columns), *lines[1:]])


def _timetable(taught: list[Lesson], seconds: Mapping[str, float]) -> pd.DataFrame:
    import pandas as pd

    parts: list[tuple[str, int, str, str]] = [("Welcome, check the machines", _WELCOME, "", "")]
    for k, lesson in enumerate(taught, 1):
        split = f"{lesson.teaching} + {lesson.exercises} + {lesson.discussion}"
        run = f"{seconds[lesson.name]:.1f} s" if lesson.name in seconds else "not measured"
        parts.append((f"{k}. {lesson.title}", lesson.minutes, split, run))
        if k == _BREAK_AFTER:
            parts.append(("Break", _BREAK, "", ""))
    parts.append(("Close: what will you report differently?", _CLOSE, "", ""))

    rows: list[tuple[str, str, int | str, str, str]] = []
    clock = datetime.strptime(_START, "%H:%M")  # noqa: DTZ007 a clock on a wall
    for what, minutes, split, run in parts:
        rows.append((f"{clock:%H:%M}", what, minutes, split, run))
        clock += timedelta(minutes=minutes)
    rows.append((f"{clock:%H:%M}", "End", "", "", ""))
    names = ["at", "what", "minutes", "teaching + exercises + discussion", "the computer runs"]
    return pd.DataFrame(rows, columns=names)


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
