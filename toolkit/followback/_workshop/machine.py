"""The machine in the room: whether it is ready, and how long the lessons take on it."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from html import escape
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._errors import CallError, FollowbackError
from .._threads import usable_cores
from . import ROSTER

if TYPE_CHECKING:
    import pandas as pd

PACKAGES = ("followback", "ipywidgets", "jupyterlab", "matplotlib", "networkx", "pandas", "seaborn")
_INSTALL = "install followback as START-HERE.html says, then open this notebook again"
_MINUTE = 60  # seconds a lesson should take at most, also on a slow machine
_LESSON_SECONDS = 5 * _MINUTE  # after which its cell is stopped


class Readiness(list[tuple[bool, str]]):
    """What was looked at: whether it is well, and a sentence; shown as a list."""

    @property
    def ready(self) -> bool:
        """Whether everything is well."""
        return all(well for well, _ in self)

    def __repr__(self) -> str:
        lines = [f"{'✓' if well else '✗'} {said}" for well, said in self]
        end = "Ready." if self.ready else "Not ready: do what the lines marked ✗ say."
        return "\n".join([*lines, end])

    def _repr_html_(self) -> str:
        return f"<div style='line-height:1.7'>{escape(repr(self)).replace(chr(10), '<br>')}</div>"


def environment(data: str | os.PathLike[str] = "data") -> Readiness:
    """Say in words whether this machine is ready for the workshop, and what to do if not.

    Looks at the version of Python, the packages, every file of data that a lesson reads,
    and finds a ring in a small graph whose answer is known.

    Parameters
    ----------
    data
        The pack's folder of data.

    Returns
    -------
    list
        One ``(well, sentence)`` a thing looked at; its ``ready`` says whether all are well.

    Raises
    ------
    CallError
        ``data`` is no path.

    Examples
    --------
    >>> found = environment("nowhere")
    >>> [said for well, said in found if "nowhere" in said]
    ["The folder 'nowhere' holds no class of data: open this notebook in the pack's own folder."]
    """
    folder, looked = folder_of("data", data), Readiness()
    enough = sys.version_info >= (3, 11)
    cure = "" if enough else ": install Python 3.11 or later from python.org"
    looked.append((enough, f"Python {sys.version.split()[0]}{cure}"))
    looked += [_package(name) for name in PACKAGES]
    looked += _files(folder)
    looked.append(_tried("a ring is found in a small graph", _finds_a_ring))
    return looked


def folder_of(name: str, given: Any) -> Path:
    """Return a folder that was given as text or as a path, whether it is there or not.

    >>> folder_of("data", 5)
    Traceback (most recent call last):
    followback._errors.CallError: data is 5; give a folder as text or as a path
    """
    if not isinstance(given, str | os.PathLike):
        raise CallError(f"{name} is {given!r}; give a folder as text or as a path")
    return Path(given)


def timed(pack: Path) -> pd.DataFrame:
    """Run the solutions of a pack, and write the times beside them and into the schedule."""
    import pandas as pd

    from ..files import csv_text, whole
    from .lessons import lessons
    from .pack import schedule

    notebooks = sorted((pack / "solutions").glob("*.ipynb"))
    if not notebooks:
        raise CallError(f"{pack} is no pack; make one: followback workshop build -o {pack}")
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0  # Windows tells none
    rows = [(path.stem, round(_seconds(path), 1)) for path in notebooks]
    measured = pd.DataFrame(rows, columns=["lesson", "seconds"])
    measured.attrs["doubts"] = doubts(measured, load, os.cpu_count() or 1)  # both of the machine
    with whole(pack / "measured.csv") as draft:
        draft.write_text(csv_text(measured), encoding="utf-8")
    with whole(pack / "schedule.html") as draft:
        page = schedule(lessons(), measured, usable_cores())
        draft.write_text(page, encoding="utf-8")
    return measured


def doubts(measured: pd.DataFrame, load: float, cores: int) -> list[str]:
    """Say why times may not be those of the room.

    Parameters
    ----------
    measured
        One row a lesson: ``lesson``, ``seconds``.
    load
        Processes that ran or waited in the minute before measuring began.
    cores
        Of the machine.

    Examples
    --------
    >>> import pandas as pd
    >>> measured = pd.DataFrame({"lesson": ["20-x", "21-y"], "seconds": [9.0, 61.0]})
    >>> doubts(measured, 1.0, 2)
    ['21-y took 61.0 s, and a lesson should take a minute at most']
    """
    told = []
    if load > cores:
        told.append(
            f"the machine was busy when measuring began, with a load of {load:.1f} on {cores} cores; "
            "measure again when it rests"
        )
    for lesson, seconds in measured.itertuples(index=False, name=None):
        if seconds > _MINUTE:
            told.append(f"{lesson} took {seconds:.1f} s, and a lesson should take a minute at most")
    return told


def _seconds(path: Path) -> float:
    """Run a notebook as a report is run; return the seconds it took, the kernel's start included."""
    import papermill  # noqa: F401 its import is no part of a lesson

    from .._report.execute import execute, read_notebook
    from .._report.parameters import checked, declared, injected

    notebook = read_notebook(path)
    known = declared(notebook, path)
    code = injected(known, checked(known, {}, path))
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "run"
        for inner in ("tables", "figures"):
            (made / inner).mkdir(parents=True)
        begun = time.perf_counter()
        failure = execute(notebook, code, made, timeout=_LESSON_SECONDS, progress=False)
        taken = time.perf_counter() - begun
    if failure and failure.status == "timeout":
        long = f"cell {failure.cell} was still running after {_LESSON_SECONDS} s"
        raise FollowbackError(f"{path} does not run: {long}; a lesson should take a minute at most")
    if failure:
        raise FollowbackError(f"{path} does not run: {failure.reason}")
    return taken


def _package(name: str) -> tuple[bool, str]:
    try:
        return True, f"{name} {version(name)}"
    except PackageNotFoundError:
        return False, f"{name} is missing: {_INSTALL}"


def _files(data: Path) -> list[tuple[bool, str]]:
    from .classes import NAMES

    if not any(data.glob("class-?-*.csv")):
        said = f"The folder '{data}' holds no class of data: open this notebook in the pack's own folder."
        return [(False, said)]
    classes = [_tried(f"{name}.csv can be read", _reads, data / f"{name}.csv") for name in NAMES]
    return [*classes, _tried(f"{ROSTER} can be read", _reads_roster, data)]


def _tried(what: str, act: Callable[..., None], *arguments: Any) -> tuple[bool, str]:
    try:
        act(*arguments)
    except Exception as error:
        told = " ".join(str(error).split()) or type(error).__name__
        return False, f"It did not work that {what}: {told}. Unpack the pack anew, or {_INSTALL}."
    return True, what


def _reads(file: Path) -> None:
    from ..sources import read

    if read(file).n_follows == 0:
        raise FollowbackError("no follow is in it")


def _reads_roster(data: Path) -> None:
    import pandas as pd

    if pd.read_csv(data / ROSTER)["account"].empty:
        raise FollowbackError("nobody is in it")


def _finds_a_ring() -> None:
    from ..rings import find_rings
    from ..synth import follow_network, plant_rings

    quiet = follow_network(300, 2_400, reciprocity=0.15, seed=1)
    graph, truth = plant_rings(quiet, [(14, 0.9)], seed=1)
    if set(find_rings(graph)[0].accounts) != set(truth["account"]):
        raise FollowbackError("another set was found; install the versions that the pack names")
