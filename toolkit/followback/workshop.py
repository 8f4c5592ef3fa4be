"""WORKSHOP: "What is a follower worth?", half a day for teachers of social media metrics.

`choose` and `check` are what the lessons use; `build` makes the pack for a room from
one master a lesson, `measure` times its lessons, `environment` says whether a machine
is ready. Everything works without a network.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ._errors import CallError, install
from ._workshop import SEED
from ._workshop.classes import classes
from ._workshop.counts import cut_lists, same_count
from ._workshop.machine import environment, folder_of
from ._workshop.rings import sentences, subject
from .mutuals import as_follow_graph

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

    from ._workshop.judge import Question
    from .graph import FollowGraph

__all__ = [
    "Result", "build", "check", "choose", "classes", "cut_lists", "environment", "measure",
    "questions", "same_count", "sentences", "subject",
]  # fmt: skip


@dataclass(frozen=True)
class Result:
    """What a check says: whether the answer is right, and a sentence that helps."""

    passed: bool
    message: str

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        return f"{'✓ Right.' if self.passed else '○ Not yet.'} {self.message}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        edge = "#0072B2" if self.passed else "#E69F00"
        style = f"border-left:0.4em solid {edge};padding:0.4em 0.8em;margin:0.4em 0"
        return f"<div role='status' style='{style}'>{escape(str(self))}</div>"


def check(question: str, answer: Any, graph: FollowGraph | nx.DiGraph, **given: int) -> Result:
    """Check an answer against the data, and say what is wrong and how to find the right one.

    The truth is computed from the graph each time; no answer ends in an error, so that a
    notebook runs to its end with answers still missing.

    Parameters
    ----------
    question
        One of `questions`.
    answer
        What was found: a value, or what `choose` returned.
    graph
        The follower graph that the question is about.
    **given
        What this question depends on besides: ``shown`` accounts in "followed back",
        ``keep`` follows of each account in "cut lists".

    Returns
    -------
    Result
        True where the answer is right.

    Raises
    ------
    CallError
        There is no such question; what it depends on is not given, or is no whole number,
        1 or more; or the graph is none.

    Examples
    --------
    >>> import followback as fb
    >>> graph = fb.FollowGraph.from_pairs([("ann", "bob"), ("bob", "ann"), ("cem", "ann")])
    >>> check("arc reciprocity", 2 / 3, graph)
    ✓ Right. Returned follows over all follows; a mutual follow is two follows.
    >>> check("arc reciprocity", 1 / 3, graph)
    ○ Not yet. Each mutual follow was counted once; it is two follows, one each way.
    """
    asked, graph = _question(question, given), as_follow_graph(graph)
    try:
        clicked = hasattr(answer, "buttons")
        chosen = answer.buttons.value if clicked else answer
        if chosen is None or chosen is ...:
            todo = "Click on an answer above" if clicked else "Replace the dots by your answer"
            return Result(False, f"Nothing is answered here. {todo}, then run this cell again.")
        fault = asked.fault(chosen, graph, **given)
        if fault and clicked:
            fault += " After another click, run this cell again."
    except Exception as error:  # whatever was given, the notebook goes on
        fault = f"This cannot be compared with the data: {error}. {asked.asks}"
    return Result(not fault, fault or asked.because)


def choose(question: str, graph: FollowGraph | nx.DiGraph, **given: int) -> Any:
    """Show a question with answers to click on; each click says at once whether it is right.

    Where nothing can be clicked, in an exported page say, a list of the answers stands instead.

    Parameters
    ----------
    question
        One of `questions` that has answers to choose from.
    graph
        The follower graph that the question is about.
    **given
        As in `check`.

    Returns
    -------
    ipywidgets.VBox
        ``buttons.value`` is what was chosen, None before; ``told`` holds what is said to it.

    Raises
    ------
    CallError
        As in `check`; or the question is answered in writing, its subject is not in this
        graph, or ipywidgets is not installed.

    Examples
    --------
    >>> import followback as fb
    >>> graph = fb.FollowGraph.from_pairs([("ann", "bob"), ("bob", "ann"), ("cem", "ann")])
    >>> chosen = choose("direction", graph)
    >>> chosen.buttons.value = "cem"
    >>> chosen.told.value.count("Right.")
    1
    """
    asked, graph = _question(question, given), as_follow_graph(graph)
    if asked.options is None:
        raise CallError(f"'{question}' is answered in writing: check('{question}', answer, graph)")
    try:
        from ._workshop.choices import Choice
    except ModuleNotFoundError as error:
        raise CallError(
            f"nothing can be clicked without ipywidgets: {install('workshop')}, then restart the kernel"
        ) from error

    options = asked.options(graph, **given)
    return Choice(asked.asks, options, lambda answer: check(question, answer, graph, **given))


def questions() -> dict[str, str]:
    """Return every question of the workshop by name.

    Examples
    --------
    >>> questions()["direction"]
    'Who follows somebody and is followed by nobody?'
    """
    return {name: asked.asks for name, asked in _all().items()}


def build(out: str | os.PathLike[str], *, seed: int = SEED) -> Path:
    """Make the pack for a room: notebooks, data, handouts, pages; whole or not at all.

    The same seed gives the same bytes.

    Parameters
    ----------
    out
        The folder to make; it must not hold anything yet.
    seed
        Of the classes of data.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    CallError
        The folder holds something, or is none.
    FollowbackError
        With this seed a class does not show what its lesson is about.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     (Path(folder) / "notes.txt").touch()
    ...     build(folder)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    followback._errors.CallError: ... holds something already; name a new folder, or empty this one
    """
    from ._workshop.pack import write_pack
    from .files import whole_folder

    folder = folder_of("out", out)
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise CallError(f"{folder} holds something already; name a new folder, or empty this one")
    made = classes(seed)
    with whole_folder(folder) as draft:
        write_pack(draft, made, seed)
    return folder


def measure(pack: str | os.PathLike[str]) -> pd.DataFrame:
    """Run every lesson's solution and write how long each took into the pack's schedule.

    Parameters
    ----------
    pack
        A folder that `build` made.

    Returns
    -------
    pandas.DataFrame
        One row a lesson: ``lesson``, ``seconds`` (kernel start included). Its
        ``attrs["doubts"]`` say in sentences why the times may not be those of the room:
        the machine was busy, or a lesson took more than its minute.

    Raises
    ------
    CallError
        The folder is no pack, or a lesson in it no notebook.
    FollowbackError
        A lesson does not run to its end.

    Examples
    --------
    >>> measure("nowhere")
    Traceback (most recent call last):
    followback._errors.CallError: nowhere is no pack; make one: followback workshop build -o nowhere
    """
    from ._workshop.machine import timed

    return timed(folder_of("pack", pack))


def _all() -> dict[str, Question]:
    from ._workshop import counts, rings

    return counts.QUESTIONS | rings.QUESTIONS


def _question(name: str, given: Mapping[str, Any]) -> Question:
    from ._workshop.judge import is_count

    known = _all()
    if not isinstance(name, str) or name not in known:
        raise CallError(f"there is no question {name!r}; there are {', '.join(known)}")
    if {*given} != {*known[name].needs}:
        needs = ", ".join(f"{one}={one}" for one in known[name].needs) or "nothing"
        raise CallError(
            f"'{name}' needs {needs} beside the graph, not {', '.join(given) or 'nothing'}"
        )
    for one, value in given.items():
        if not is_count(value):
            raise CallError(f"{one} is {value!r}; give a whole number, 1 or more")
    return known[name]
