"""A lesson on paper: its prose, its tables and figures, its questions with room to answer.

Everything comes from the lesson's master: its cells are run here, and what a cell that is
tagged ``handout`` shows is printed. So paper and screen ask the same of the same data.
"""

from __future__ import annotations

import ast
from contextlib import redirect_stdout
from dataclasses import dataclass
from html import escape
from io import StringIO
from pathlib import Path
from typing import Any

from .._html import table_html
from .choices import Choice
from .lessons import Lesson, notebook_for, tags
from .pages import framed, prose

_ON_PAPER = (
    "*On paper: of what cells show, some is printed below, some is read out to you, some needs a "
    "screen. Where the text says to click, tick a box and write down your reason; where it asks for "
    "code, write in words what the computer has to do.*"
)
_REASON, _ANSWER, _TALK = 1, 3, 5  # lines to write on


@dataclass(frozen=True)
class Handout:
    """One lesson on paper.

    Attributes
    ----------
    lesson
        The lesson.
    page
        The page to print.
    asked
        The questions on it that have answers to tick.
    printed
        What the cells print that are not on it: for the instructor to read out.
    """

    lesson: Lesson
    page: str
    asked: list[Choice]
    printed: str


def handout(lesson: Lesson, place: Path) -> Handout:
    """Run a lesson and put it on paper.

    Parameters
    ----------
    lesson
        The lesson.
    place
        The folder that the paths among the lesson's parameters are relative to.
    """
    namespace: dict[str, Any] = {"__name__": "handout"}
    printed = StringIO()
    parts, asked = [], []
    for cell in notebook_for("paper", lesson.master).cells:
        shown = ""
        if cell.cell_type == "markdown":
            shown = prose(cell.source) if "handout" in tags(cell) else ""
        elif "check" not in tags(cell):
            with redirect_stdout(printed):
                value = _value(cell.source, namespace)
            if "parameters" in tags(cell):
                namespace |= {name: place / namespace[name] for name in _paths(lesson)}
            if isinstance(value, Choice):
                asked.append(value)
            shown = _printed(cell, value)
        parts.append(_with_room(shown) if "room" in tags(cell) else shown)
    parts.insert(1, prose(_ON_PAPER))
    return Handout(lesson, framed(lesson.title, "".join(parts)), asked, printed.getvalue())


def answers(paper: Handout) -> str:
    """Return as Markdown what a handout's instructor needs: the right answers, what cells print."""
    right = [
        f"- {question.asks} **{str(option).rstrip('.')}**. {result.message}"
        for question in paper.asked
        for option in question.options
        if (result := question.judge(option))
    ]
    lines = [f"## {paper.lesson.title}\n", *right]
    if paper.printed:
        lines += ["\nCells that are not on paper print:\n", "```", paper.printed.strip(), "```"]
    return "\n".join(lines)


def _value(source: str, namespace: dict[str, Any]) -> Any:
    """Run a cell of a lesson of ours as a kernel would; return what its last line shows."""
    *before, last = ast.parse(source).body
    shows = isinstance(last, ast.Expr)
    ran = ast.Module(before if shows else [*before, last], [])
    exec(compile(ran, "<lesson>", "exec"), namespace)  # noqa: S102
    return eval(ast.unparse(last), namespace) if shows else None  # noqa: S307


def _paths(lesson: Lesson) -> list[str]:
    """Name the parameters that are paths."""
    from .._report.parameters import declared

    known = declared(lesson.master, Path(lesson.name))
    return [name for name, parameter in known.items() if parameter.kind.holds_paths]


def _printed(cell: Any, value: Any) -> str:
    if isinstance(value, Choice):
        return f"<div class='question'>{value.still}{_lines(_REASON)}</div>"
    if "solution" in tags(cell):
        asks = [line.lstrip("# ") for line in cell.source.splitlines() if line.startswith("#")]
        return "".join(
            f"<div class='question'><p><b>{escape(line)}</b></p>{_lines(_ANSWER)}</div>"
            for line in asks
        )
    if "handout" not in tags(cell):
        return ""
    return table_html(value, len(value)) if hasattr(value, "columns") else str(value.data)


def _with_room(shown: str) -> str:
    """Set room to draw beside a table, and lines to write on below prose."""
    if "<table" in shown:
        return f"<div class='pair'><div>{shown}</div><div class='room'></div></div>"
    return shown + _lines(_TALK)


def _lines(count: int) -> str:
    return f"<div class='lines'>{'<div></div>' * count}</div>"
