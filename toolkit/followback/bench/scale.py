"""Time and memory from a Parquet file to core numbers, side by side and as graphs grow."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .._errors import FollowbackError
from .._giant import giant
from .contenders import CONTENDERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

OURS, LIMIT = "followback", "copy"
_FOLLOWS_EACH = 35  # follows an account, as on Twitter in 2009
_LONGEST = 3_600.0  # seconds that a contender may take
_STEPS = ["build", "mutual", "cores"]
_BYTES_EACH, _BYTES_MORE = 16, 400_000_000  # memory asked: bytes a follow, and for Python itself
_CALLS = """
import sys, time
import followback as fb
start = time.perf_counter()
graph = fb.read(sys.argv[1])
fb.core_numbers(fb.mutual(graph))
fb.find_rings(graph)
print(time.perf_counter() - start)
"""


def write_follows(folder: Path, n_follows: int, *, seed: int = 1) -> Path:
    """Write a synthetic graph of Twitter's shape to Parquet, unless it is there already."""
    path = folder / f"follows-{n_follows}-{seed}.parquet"
    if not path.exists():
        giant(path, n_follows // _FOLLOWS_EACH, n_follows, seed=seed)
    return path


def available(names: Iterable[str] = tuple(CONTENDERS)) -> list[str]:
    """Return those of the contenders whose library is installed."""
    return [name for name in names if name == LIMIT or find_spec(name) is not None]


def measured(
    names: Sequence[str], path: Path, n_follows: int, *, runs: int = 3, timeout: float = _LONGEST
) -> pd.DataFrame:
    """Run every contender on the file, each time in a new process, in turns.

    Returns
    -------
    pandas.DataFrame
        One row a run: contender, follows, run, the seconds of ``build`` (reading,
        deduplication), ``mutual`` and ``cores`` (NaN where a library lacks the step),
        ``total``, ``processor`` (seconds of all cores), ``peak`` memory of the process
        in bytes, and ``found_follows``, ``found_mutual``, ``found_cores``.

    Raises
    ------
    FollowbackError
        A contender failed, or took longer than ``timeout`` seconds.
    """
    rows = [
        {"contender": name, "follows": n_follows, "run": run, **_run(name, path, timeout)}
        for run in range(runs)
        for name in names
    ]
    return pd.DataFrame(rows)


def _run(name: str, path: Path, timeout: float) -> dict[str, Any]:
    call = ["-m", "followback.bench.contenders", name, str(path)]
    told = json.loads(_output(name, path, call, timeout))
    seconds = {step: told["seconds"].get(step, np.nan) for step in _STEPS}
    found = {f"found_{what}": told["found"].get(what) for what in ("follows", "mutual", "cores")}
    total = float(np.nansum(list(seconds.values())))
    return {
        **seconds, "total": total, "processor": told["processor"], "peak": told["peak"], **found,
    }  # fmt: skip


def first_calls(path: Path, *, runs: int = 3) -> pd.DataFrame:
    """Time reading, core numbers and the ring search after an installation, and once more.

    Each run begins with an empty folder of compiled kernels. To import followback is not
    timed; the libraries it loads when they are needed are.

    Returns
    -------
    pandas.DataFrame
        One row a run: ``first``, with compiling, and ``second``, in seconds.
    """
    rows = []
    for _ in range(runs):
        with TemporaryDirectory() as kept:
            rows.append([_called(path, kept) for _ in range(2)])
    return pd.DataFrame(rows, columns=["first", "second"])


def _called(path: Path, kept: str) -> float:
    return float(_output(OURS, path, ["-c", _CALLS, str(path)], NUMBA_CACHE_DIR=kept))


def _output(
    name: str, path: Path, call: list[str], timeout: float = _LONGEST, **variables: str
) -> str:
    """Return what a new process of Python prints, or say in one line which tool failed, and how."""
    try:
        done = subprocess.run(  # noqa: S603
            [sys.executable, *call],
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            check=True,
            timeout=timeout,
        )
    except subprocess.TimeoutExpired as error:
        what = f"took longer than {timeout:,} seconds"
        raise _failure(name, path, what) from error
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or [f"exit {error.returncode}"])[-1]
        raise _failure(name, path, f"failed: {last[:200]}") from error
    return done.stdout


def _failure(name: str, path: Path, what: str) -> FollowbackError:
    return FollowbackError(f"{name} on {path} {what}; leave it out, or take fewer follows")


def agreed(table: pd.DataFrame) -> pd.DataFrame:
    """Say for every contender whether it found what the others did.

    Returns
    -------
    pandas.DataFrame
        contender, found_follows, found_mutual, found_cores (their sum), and ``agrees``.
    """
    found = ["found_follows", "found_mutual", "found_cores"]
    first = (
        table.drop_duplicates("contender")
        .set_index("contender")[found]
        .drop(LIMIT, errors="ignore")
    )
    ours = first.loc[OURS]
    return first.assign(agrees=((first == ours) | first.isna()).all(axis=1)).reset_index()


def side_by_side(table: pd.DataFrame) -> pd.DataFrame:
    """Summarise the runs on one file: medians of the steps, the total's minimum, memory.

    Returns
    -------
    pandas.DataFrame
        contender, the median seconds of each step and in ``total``, ``least`` total,
        ``processor``, ``peak_gb``, ``bytes_a_follow`` and ``times_ours`` (medians of totals).
    """
    groups = table.groupby("contender", sort=False)
    out = groups[[*_STEPS, "total", "processor"]].median()
    out.insert(4, "least", groups["total"].min())
    out["peak_gb"] = groups["peak"].max() / 1e9
    out["bytes_a_follow"] = groups["peak"].max() / groups["follows"].first()
    out["times_ours"] = out["total"] / out.loc[OURS, "total"]
    return out.sort_values("total").reset_index()


def giant_tables(path: str | Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the stages and the planted rings of a run of `followback.bench.giant`.

    Returns
    -------
    tuple of pandas.DataFrame
        stage, accounts, follows, seconds, processor (seconds, summed over cores), peak_gb,
        disk_gb; and size, jaccard, verdict of each planted ring.
    """
    run = json.loads(Path(path).read_text(encoding="utf-8"))
    stages = pd.DataFrame(run["stages"])
    shown = stages[["stage", "accounts", "follows", "seconds"]].copy()
    shown["processor"] = stages["cpu_seconds"]
    shown["peak_gb"] = stages["peak_bytes"] / 1e9
    shown["disk_gb"] = stages["disk_bytes"] / 1e9
    return shown, pd.DataFrame(stages["planted"].dropna().iloc[-1])


def exponent(growth: pd.DataFrame, of: str = "median") -> tuple[float, float]:
    """Fit seconds = c * follows ** b to the median totals; return b, and b of the last step.

    The last step is from the second largest graph to the largest: fixed costs of small
    graphs flatten the fit over all of them. ``of`` may name the minima, "min".
    """
    totals = growth.groupby("follows")["total"].agg(of)
    x, y = np.log(totals.index.to_numpy(float)), np.log(totals.to_numpy())
    if len(x) < 2:
        return float("nan"), float("nan")
    return float(np.polyfit(x, y, 1)[0]), float((y[-1] - y[-2]) / (x[-1] - x[-2]))


def asked(
    table: pd.DataFrame, small: pd.DataFrame, growth: pd.DataFrame, calls: pd.DataFrame
) -> pd.DataFrame:
    """Set what was asked beside what was measured.

    Parameters
    ----------
    table
        Runs of all contenders on one file.
    small
        Runs on a smaller file, for NetworkX.
    growth
        Runs of followback on files of several sizes.
    calls
        The first and second calls of a fresh installation.

    Returns
    -------
    pandas.DataFrame
        what, asked, by medians, by minima, met (by medians). Times are ratios.
    """
    rows = []
    for rival, step, least, runs in (
        ("networkit", "total", 10, table),
        ("igraph", "total", 30, table),
        ("networkx", "total", 150, small),
        ("duckdb", "mutual", 5, table),
        ("polars", "mutual", 5, table),
    ):
        times = runs.groupby("contender")[step].agg(["median", "min"])
        if rival in times.index:
            ratio = times.loc[rival] / times.loc[OURS]
            what = f"times faster than {rival}, {step}, {runs['follows'].iloc[0]:,} follows"
            rows.append((what, f"≥ {least}", *ratio, ratio["median"] >= least))
    times = table.groupby("contender")["mutual"].agg(["median", "min"])
    if LIMIT in times.index:
        ratio = times.loc[OURS] / times.loc[LIMIT]
        rows.append(("mutual, in times of three copies", "≤ 5", *ratio, ratio["median"] <= 5))
    ours = table[table["contender"] == OURS]
    room = _BYTES_EACH * ours["follows"].iloc[0] + _BYTES_MORE
    peaks = ours["peak"].agg(["median", "min"]) / room
    rows.append(("peak memory, of 16 bytes a follow + 0.4 GB", "≤ 1", *peaks, peaks["median"] <= 1))
    for what, usual, best in zip(
        ("fitted exponent", "exponent of the last step"),
        exponent(growth),
        exponent(growth, "min"),
        strict=True,
    ):
        rows.append((f"growth, {what}", "≤ 1.1", usual, best, usual <= 1.1))
    first = calls["first"].agg(["median", "min"])
    rows.append(("first call with compiling, seconds", "< 15", *first, first["median"] < 15))
    return pd.DataFrame(rows, columns=["what", "asked", "by medians", "by minima", "met"])
