"""Sweeps: one run for every point of a grid, in processes of their own or as a Slurm array."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import shlex
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._errors import CallError, FollowbackError
from .._threads import usable_cores

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_AGAIN = ("kernel-died", "timeout", "out-of-memory")  # what another try may cure


def sweep(
    notebook: str | os.PathLike[str],
    grid: Mapping[str, Sequence[Any]],
    parameters: Mapping[str, Any] | None = None,
    *,
    out: str | os.PathLike[str] = "reports",
    jobs: int = 1,
    timeout: float | None = None,
    retries: int = 1,
    progress: bool = False,
) -> Path:
    """Run a notebook at every point of a grid and return the folder of the summary.

    Each point is a run as `run` makes it, so a sweep that is asked for again runs only
    what is missing. One that fails does not stop the rest. The summary's folder holds
    ``sweep.csv`` (one row a point: its parameters, status, seconds, headline figures,
    and the run's folder) and ``sweep.png``, one panel a headline figure.

    Parameters
    ----------
    notebook
        A notebook, or the name of one of followback's.
    grid
        The values of each parameter that is varied.
    parameters
        The values of those that are not.
    out
        The folder that runs are kept in.
    jobs
        Runs at a time; no more than there are cores.
    timeout
        Of one run, in seconds.
    retries
        Further tries of a run whose kernel died or that ran out of memory or time.
    progress
        Show a bar with an estimate of the time left.

    Returns
    -------
    pathlib.Path
        The folder of the summary.

    Raises
    ------
    CallError
        A value is wrong at any point of the grid: before anything runs.

    Examples
    --------
    >>> sweep("10-ring-report", {"min_size": [5, "few"]})
    Traceback (most recent call last):
    followback._errors.CallError: parameter min_size: 'few' is not a whole number
    """
    points = points_of(notebook, grid, parameters or {})
    place = Path(out)
    workers = max(1, min(jobs, usable_cores(), len(points)))
    rows: dict[int, dict[str, Any]] = {}
    begun = time.monotonic()
    for k, row in _answers(notebook, points, place, workers, timeout, retries):
        rows[k] = row
        if progress:
            _tell(len(rows), len(points), begun, rows.values())
    return _summarise(notebook, list(grid), [{**points[k], **rows[k]} for k in sorted(rows)], place)


def points_of(
    notebook: str | os.PathLike[str], grid: Mapping[str, Sequence[Any]], fixed: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return the parameters at every point of a grid, all of them checked.

    Raises
    ------
    CallError
        The grid is empty, a parameter is both varied and given, or a value is wrong.
    """
    from ..report import find_notebook, parameters
    from .parameters import checked

    if not grid or not all(len(values) for values in grid.values()):
        raise CallError("nothing is varied; write -g name=value,value,...")
    both = sorted({*grid} & {*fixed})
    if both:
        raise CallError(f"parameter {both[0]} is both given and varied; leave one")
    known, path = parameters(notebook), find_notebook(notebook)
    points = [
        {**fixed, **dict(zip(grid, values, strict=True))}
        for values in itertools.product(*grid.values())
    ]
    for point in points:
        checked(known, point, path)
    return points


def grid_of(notebook: str | os.PathLike[str], texts: Mapping[str, str]) -> dict[str, list[Any]]:
    """Read the values of a grid from text: ``5,8,13``; for lists ``[1,2],[3]``.

    Raises
    ------
    CallError
        A list of lists is not written as JSON.
    """
    from ..report import parameters
    from .kinds import split_values

    known = parameters(notebook)
    grid: dict[str, list[Any]] = {}
    for name, text in texts.items():
        try:
            lists = name in known and known[name].kind.name == "list"
            grid[name] = json.loads(f"[{text}]") if lists else split_values(text)
        except ValueError as error:
            raise CallError(f"-g {name}={text}: write lists as [1,2],[3]") from error
    return grid


def slurm_script(
    notebook: str | os.PathLike[str],
    grid: Mapping[str, str],
    parameters: Mapping[str, str],
    *,
    points: int,
    out: Path,
    minutes: int = 60,
) -> str:
    """Return a Slurm array script: one task a point; the same sweep afterwards sums up.

    Parameters
    ----------
    notebook
        As in `sweep`.
    grid
        The values of each varied parameter, as text.
    parameters
        The values of the others, as text.
    points
        Of the grid.
    out
        The folder that runs are kept in, on storage that all machines share.
    minutes
        For each task.
    """
    from ..report import find_notebook

    path = find_notebook(notebook).resolve()
    command = [sys.executable, "-m", "followback", "sweep", str(path), "-o", str(out.resolve())]
    command += [part for name, text in grid.items() for part in ("-g", f"{name}={text}")]
    command += [part for name, text in parameters.items() for part in ("-p", f"{name}={text}")]
    return (
        "#!/bin/bash\n"
        f"#SBATCH --job-name=followback\n"
        f"#SBATCH --array=1-{points}\n"
        f"#SBATCH --time={minutes}\n"
        "#SBATCH --cpus-per-task=1\n"
        "# Hand in with sbatch from a folder that all machines share; when all tasks are done, the\n"
        "# same command without --only finds their runs and writes the summary.\n"
        "set -euo pipefail\n"
        f"cd {shlex.quote(str(Path.cwd()))}\n"
        f'{shlex.join(command)} --only "$SLURM_ARRAY_TASK_ID"\n'
    )


def _answers(
    notebook: str | os.PathLike[str],
    points: list[dict[str, Any]],
    out: Path,
    workers: int,
    timeout: float | None,
    retries: int,
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Give each point's row as it comes; points whose worker was lost are tried again alone."""
    from joblib import Parallel, delayed
    from joblib.externals.loky.process_executor import TerminatedWorkerError

    waiting = dict(enumerate(points))
    for tries_left in range(retries, -1, -1):
        at_a_time = workers if tries_left == retries else 1
        pool = Parallel(n_jobs=at_a_time, backend="loky", return_as="generator_unordered")
        tasks = [
            delayed(one_point)(k, notebook, point, out, timeout, retries)
            for k, point in waiting.items()
        ]
        try:
            for k, row in pool(tasks):
                del waiting[k]
                yield k, row
        except TerminatedWorkerError:
            continue
        return
    for k in waiting:
        yield k, {"status": "worker-died", "seconds": None, "run": "", "headline": {}}


def one_point(
    k: int,
    notebook: str | os.PathLike[str],
    point: dict[str, Any],
    out: Path,
    timeout: float | None,
    retries: int,
) -> tuple[int, dict[str, Any]]:
    """Make one run; a failure is an answer too."""
    from ..report import run
    from . import record as _record

    status, reason, tries = "ok", "", 0
    begun = time.monotonic()
    while True:
        try:
            folder = run(notebook, point, out=out, timeout=timeout)
        except FollowbackError as error:
            reason, status = str(error), getattr(error, "status", "failed")
            if status in _AGAIN and tries < retries:
                tries += 1
                continue
            row = {"run": "", "headline": {}}
        else:
            record = _record.read(folder) or {}
            status, reason = "ok", ""
            row = {"run": folder.name, "headline": record.get("headline", {})}
        seconds = round(time.monotonic() - begun, 1)
        return k, {"status": status, "reason": reason, "seconds": seconds, **row}


def _tell(done: int, total: int, begun: float, rows: Any) -> None:
    """Say how far the sweep is and how long it may take yet, by the mean so far."""
    left = (time.monotonic() - begun) / done * (total - done)
    failed = sum(row["status"] != "ok" for row in rows)
    trouble = f", {failed} failed" if failed else ""
    print(f"{done} of {total} runs{trouble}, about {left:.0f} s left", file=sys.stderr)  # noqa: T201


def _summarise(
    notebook: str | os.PathLike[str], varied: list[str], rows: list[dict[str, Any]], out: Path
) -> Path:
    """Write the summary's folder: table and figure."""
    import pandas as pd

    from ..files import spreadsheet_text, whole
    from ..plot import png

    asked_names = {name for row in rows for name in row if name != "headline"}
    flat = []
    for row in rows:
        plain = {name: value for name, value in row.items() if name != "headline"}
        found = {_apart(name, asked_names): value for name, value in row["headline"].items()}
        flat.append(plain | found)
    table = pd.DataFrame(flat)
    asked = json.dumps([{n: str(v) for n, v in row.items() if n in varied} for row in rows])
    key = hashlib.sha256(asked.encode()).hexdigest()[:10]
    folder = out.resolve() / f"sweep-{Path(notebook).name.removesuffix('.ipynb')}-{key}"
    headlines = list(
        dict.fromkeys(_apart(name, asked_names) for row in rows for name in row["headline"])
    )
    with whole(folder / "sweep.csv") as draft:
        draft.write_text(spreadsheet_text(table), encoding="utf-8")
    if headlines:
        with whole(folder / "sweep.png") as draft:
            draft.write_bytes(png(grid_figure(table, varied, headlines)))
    return folder


def _apart(headline: str, taken: set[str]) -> str:
    """Name a headline's column; a parameter may be called the same."""
    return f"{headline} found" if headline in taken else headline


def grid_figure(table: pd.DataFrame, varied: list[str], headlines: list[str]) -> Figure:
    """Draw small multiples: a panel each headline figure, along the first varied parameter.

    A second varied parameter is told by colour, any further by dashes. Points whose
    run failed are gaps.

    Parameters
    ----------
    table
        The sweep's table.
    varied
        The parameters of the grid.
    headlines
        The columns to draw.
    """
    import pandas as pd
    from matplotlib.figure import Figure

    along, *others = varied
    ticks = list(dict.fromkeys(map(str, table[along])))
    columns = min(3, len(headlines))
    rows = -(-len(headlines) // columns)
    figure = Figure(figsize=(3.1 * columns, 2.4 * rows), layout="constrained")
    panels = figure.subplots(rows, columns, squeeze=False, sharex=True).ravel()
    groups = (
        [((), table)]
        if not others
        else list(table.astype(dict.fromkeys(others, str)).groupby(others, sort=False))
    )
    for panel, headline in zip(panels, headlines, strict=False):
        for values, group in groups:
            label = ", ".join(f"{n} = {v}" for n, v in zip(others, values, strict=True))
            at = [ticks.index(str(value)) for value in group[along]]
            panel.plot(at, pd.to_numeric(group[headline]), "o-", ms=4, lw=1, label=label or None)
        panel.set_title(headline, fontsize=10)
        panel.set_xticks(range(len(ticks)), ticks)
        panel.set_ylim(bottom=0)
        panel.set_xlabel(along)
    for panel in panels[len(headlines) :]:
        panel.set_visible(False)
    if others:
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=4, frameon=False)
    return figure
