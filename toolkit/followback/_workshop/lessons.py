"""The lessons: one master each, from which every audience gets its own notebook."""

from __future__ import annotations

import ast
import copy
import re
from dataclasses import dataclass
from typing import Any

from .._errors import FollowbackError

AUDIENCES = ("students", "solutions", "instructor")
_DROPPED = {
    "students": {"instructor", "paper"},
    "solutions": {"instructor", "paper"},
    "instructor": {"paper"},
    "paper": {"instructor"},
}
_ASKED = ("students", "paper")  # they get a prompt where the solution stands
_MINUTES = re.compile(r"\*\*Minutes:\*\* teaching (\d+), exercises (\d+), discussion (\d+)")


@dataclass(frozen=True)
class Lesson:
    """One lesson: its name, title, minutes and master notebook."""

    name: str
    title: str
    teaching: int
    exercises: int
    discussion: int
    master: Any

    @property
    def minutes(self) -> int:
        """All minutes of the lesson."""
        return self.teaching + self.exercises + self.discussion


def lessons() -> list[Lesson]:
    """Read the masters, in the order they are taught."""
    from .._report.execute import read_notebook
    from ..report import notebooks_folder

    found = sorted(notebooks_folder().glob("2[0-9]-*.ipynb"))
    return [lesson(path.stem, read_notebook(path)) for path in found]


def lesson(name: str, master: Any) -> Lesson:
    """Take from a master what the schedule needs."""
    first = master.cells[0].source
    minutes = _MINUTES.search(first)
    if minutes is None:
        raise FollowbackError(
            f"{name}: say in the first cell '**Minutes:** teaching 10, exercises 15, discussion 5'"
        )
    title = first.splitlines()[0].lstrip("# ")
    teaching, exercises, discussion = map(int, minutes.groups())
    return Lesson(name, title, teaching, exercises, discussion, master)


def notebook_for(audience: str, master: Any) -> Any:
    """Return a lesson's notebook for one audience.

    Students get a prompt in place of each solution, and nothing in place of one that
    is a click; so does paper, which alone gets the cells tagged ``paper``, in place of
    what moves. Only the instructor gets the instructor's notes.

    Parameters
    ----------
    audience
        students, solutions, instructor or paper.
    master
        The master; it is not changed.
    """
    made = copy.deepcopy(master)
    made.cells = [cell for cell in made.cells if not _DROPPED[audience] & tags(cell)]
    if audience in _ASKED:
        made.cells = [cell for cell in made.cells if not {"solution", "click"} <= tags(cell)]
        for cell in made.cells:
            if "solution" in tags(cell):
                cell.source = prompt(cell.source)
    return made


def prompt(solution: str) -> str:
    r"""Return what stands in a solution's place: its comments, and dots for each name it gives.

    >>> print(prompt("# The share that is returned.\nhalf = 2\nshare = half / 5"))
    # The share that is returned.
    half = ...
    share = ...
    """
    kept = {n: line for n, line in enumerate(solution.splitlines(), 1) if line.startswith("#")}
    for statement in ast.parse(solution).body:
        if isinstance(statement, ast.Assign):
            names = [ast.unparse(target) for target in statement.targets]
            kept[statement.lineno] = " = ".join([*names, "..."])
    return "\n".join(kept[n] for n in sorted(kept))


def tags(cell: Any) -> set[str]:
    """Return the tags of a cell."""
    return set(cell.metadata.get("tags", []))
