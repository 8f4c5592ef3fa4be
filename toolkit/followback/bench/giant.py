"""The largest run: follows in Parquet to the rings table, stage by stage, planted rings looked for.

    python -m followback.bench.giant FOLDER [--accounts N] [--follows M] [--min-size 20]
        [--budget GB] [--engine duckdb]

Without more it is Twitter of 2009: 41.7 million accounts and 1.47 billion follows, which
take about 6 GB of Parquet and 15 GB more of disk. The file is made once and kept; the
saved graph is removed at the end. Each stage runs in a process of its own, so that its
peak memory is its own. What was measured is printed and written to FOLDER/giant.json.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

# (size, density) of the planted rings; those of more than a thousandth of all accounts are left out
RINGS = (
    (40, 0.6), (60, 0.5), (80, 0.5), (120, 0.4), (200, 0.3),
    (300, 0.25), (500, 0.2), (800, 0.12), (1_200, 0.1), (2_000, 0.08),
)  # fmt: skip
_TWITTER = 41_700_000, 1_470_000_000


def make(folder: Path, n_accounts: int, n_follows: int) -> None:
    """Write the follows and the truth, unless they are there."""
    from .._giant import giant

    target = folder / "follows.parquet"
    if target.exists():
        return
    rings = [ring for ring in RINGS if ring[0] <= max(n_accounts // 1_000, 40)]
    answers = folder / "rings.csv"
    giant(target, n_accounts, n_follows, rings, camouflage=30, seed=4, answers=answers)


def build(folder: Path, budget: int | None, engine: str = "disk") -> dict[str, Any]:
    """Build the saved graph, part by part on disk or with another engine."""
    from .. import engines
    from ..engines import disk

    source, target = folder / "follows.parquet", folder / "graph"
    if engine == "disk":
        g = disk.build(source, target, budget=budget)
    else:
        g = engines.build(source, target, engine=engine)
    files = sum(file.stat().st_size for file in (folder / "graph").iterdir())
    return {"accounts": g.n_accounts, "follows": g.n_follows, "disk_bytes": files}


def search(folder: Path, min_size: int) -> dict[str, Any]:
    """Find the rings and look for the planted ones among them."""
    from ..files import write_tables
    from ..graph import FollowGraph
    from ..rings import find_rings

    found = find_rings(FollowGraph.load(folder / "graph"), min_size=min_size)
    write_tables(folder, {"members-found": found.members, "rings-found": found.table})
    truth = pd.read_csv(folder / "rings.csv")
    return {
        "found": repr(found),
        "notes": list(found.notes),
        "planted": [_match(found, set(ring["account"])) for _, ring in truth.groupby("ring")],
    }


def _match(found: Any, planted: set[int]) -> dict[str, Any]:
    """Return the found ring that is most like a planted one, and how much (Jaccard)."""
    members = found.members[found.members["account"].isin(planted)]
    best, verdict = 0.0, "missed"
    for ring, shared in members.groupby("ring"):
        row = found.table.set_index("ring").loc[ring]
        like = len(shared) / (row["size"] + len(planted) - len(shared))
        if like > best:
            best, verdict = like, row["verdict"]
    return {"size": len(planted), "jaccard": round(best, 4), "verdict": verdict}


def _apart(stage: str, arguments: list[str]) -> dict[str, Any]:
    """Run a stage in a process of its own; return what it says and what it took."""
    before, began = os.times(), time.perf_counter()
    call = [sys.executable, "-m", __spec__.name, *arguments, "--stage", stage]
    done = subprocess.run(call, check=False, stdout=subprocess.PIPE, text=True)  # noqa: S603
    if done.returncode:
        sys.exit(f"the stage {stage} failed (exit {done.returncode}); what it said stands above")
    after = os.times()
    return {
        "stage": stage,
        "seconds": round(time.perf_counter() - began, 1),
        "cpu_seconds": round(sum(after[2:4]) - sum(before[2:4]), 1),
        **json.loads(done.stdout.splitlines()[-1]),
    }


def _memory() -> dict[str, int]:
    """Return this process's peak of memory, and what of it now is mapped from files."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    told = dict(line.split(":\t") for line in status.splitlines() if ":\t" in line)
    names = {"peak_bytes": "VmHWM", "anonymous_bytes": "RssAnon", "mapped_bytes": "RssFile"}
    return {name: int(told[there].split()[0]) * 1024 for name, there in names.items()}


def main() -> None:
    """Run all stages, or the one that is named."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("folder", type=Path)
    options.add_argument("--accounts", type=int, default=_TWITTER[0])
    options.add_argument("--follows", type=int, default=_TWITTER[1])
    options.add_argument("--min-size", type=int, default=20)
    options.add_argument("--budget", type=float, help="of the builder on disk, in GB")
    options.add_argument("--engine", choices=("disk", "memory", "duckdb", "spark"), default="disk")
    options.add_argument("--stage", choices=("make", "build", "search"))
    asked = options.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    if asked.stage is None:
        stages = [_apart(stage, sys.argv[1:]) for stage in ("make", "build", "search")]
        shutil.rmtree(asked.folder / "graph")
        about = {
            "cores": len(os.sched_getaffinity(0)),
            "load": np.round(os.getloadavg(), 1).tolist(),
        }
        text = json.dumps({**about, "stages": stages}, indent=1)
        (asked.folder / "giant.json").write_text(text + "\n", encoding="utf-8")
        print(text)  # noqa: T201
        return
    told: dict[str, Any] = {}
    if asked.stage == "make":
        make(asked.folder, asked.accounts, asked.follows)
    elif asked.stage == "build":
        budget = None if asked.budget is None else int(asked.budget * 1e9)
        told = build(asked.folder, budget, asked.engine)
    else:
        told = search(asked.folder, asked.min_size)
    print(json.dumps({**told, **_memory()}))  # noqa: T201


if __name__ == "__main__":
    main()
