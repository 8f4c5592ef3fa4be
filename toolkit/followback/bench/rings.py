"""Planted rings in backgrounds: recovery, precision, critical densities, calibration."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from .. import synth
from ..chance import chance, fitness
from ..graph import FollowGraph
from ..mutuals import mutual
from ..nulls import null_graph
from ..rings import find_rings
from ..sets import as_sets
from .rivals import RIVALS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

# What is planted: (size, density) of each ring, and follows to outsiders a member.
PLANTS: dict[str, tuple[list[tuple[int, float]], int]] = {
    "mixed": ([(150, 0.3), (60, 0.4), (40, 0.5), (25, 0.7), (15, 0.9), (12, 1.0)], 0),
    "camouflage": ([(150, 0.3), (60, 0.4), (40, 0.5), (25, 0.7)], 60),
    "loose": ([(120, 0.15), (80, 0.2), (50, 0.3)], 0),
    "small": ([(20, 0.8)] * 8, 0),
    "large": ([(200, 0.4), (120, 0.5), (80, 0.6)], 0),
}
_MATCH = 0.5  # a listed ring that is this like a planted one (Jaccard) counts as it


def numbered(g: FollowGraph) -> FollowGraph:
    """Return the graph with its accounts renamed 0 … n - 1, as rings are planted into."""
    return FollowGraph(np.arange(g.n_accounts), g.following, None, dict(g.dropped))


def background(name: str, seed: int, graph: FollowGraph | None = None) -> FollowGraph:
    """Return a background: ``organic`` is ``graph`` or a synthetic one, ``null`` its rewiring."""
    organic = numbered(graph) if graph is not None else None
    if organic is None:
        organic = synth.follow_network(10_000, 120_000, seed=1_000 + seed)
    return null_graph(organic, seed=seed) if name == "null" else organic


def score(truth: pd.DataFrame, found: Sequence[NDArray[np.int64]]) -> dict[str, float]:
    """Score found sets of accounts against planted ones.

    ``recovery``: the mean over planted rings of the best Jaccard index. ``f1``: of
    rings found (Jaccard of a half or more) and of listed sets that are one.
    """
    planted = [set(group) for _, group in truth.groupby("ring")["account"]]
    sets = [set(accounts.tolist()) for accounts in found]
    like = np.array([[len(a & b) / len(a | b) for b in sets] for a in planted])
    like = like.reshape(len(planted), len(sets))
    if not sets:
        return {"recovery": 0.0, "f1": 0.0, "listed": 0.0}
    recall = (like.max(axis=1) >= _MATCH).mean()
    precision = (like.max(axis=0) >= _MATCH).mean()
    f1 = 2 * precision * recall / (precision + recall) if recall else 0.0
    return {"recovery": like.max(axis=1).mean(), "f1": f1, "listed": float(len(sets))}


def compare(
    plants: Sequence[str],
    seeds: Sequence[int],
    *,
    backgrounds: Sequence[str] = ("organic", "null"),
    graph: FollowGraph | None = None,
    rivals: Sequence[str] = (),
) -> pd.DataFrame:
    """Plant and find: one row a background, plant, method and seed.

    Returns
    -------
    pandas.DataFrame
        background, plant, seed, method, recovery, f1, listed, believed (share of the
        planted rings of 40 accounts or more that are ``strong`` or ``moderate``), seconds.
    """
    rows = []
    for name in backgrounds:
        for seed in seeds:
            base = background(name, seed, graph)
            for plant in plants:
                rings, camouflage = PLANTS[plant]
                g, truth = synth.plant_rings(
                    base, rings, mutual_share=0.9, camouflage=camouflage, seed=seed
                )
                about = {"background": name, "plant": plant, "seed": seed}
                rows.append(about | _ours(g, truth))
                rows += [about | _rival(which, g, truth, len(rings)) for which in rivals]
    return pd.DataFrame(rows)


def _ours(g: FollowGraph, truth: pd.DataFrame) -> dict[str, object]:
    start = time.perf_counter()
    rings = find_rings(g)
    seconds = time.perf_counter() - start
    large = []
    for _, group in truth.groupby("ring")["account"]:
        mine = set(group)
        hits = [r for r in rings if len(mine & set(r.accounts)) > 0.5 * len(mine | set(r.accounts))]
        if len(mine) >= 40:
            large.append(bool(hits) and hits[0].row["verdict"] != "weak")
    believed = np.mean(large) if large else np.nan
    found = score(truth, [ring.positions.astype(np.int64) for ring in rings])
    return {"method": "followback", **found, "believed": believed, "seconds": seconds}


def _rival(which: str, g: FollowGraph, truth: pd.DataFrame, k: int) -> dict[str, object]:
    start = time.perf_counter()
    found = RIVALS[which](g, k)
    seconds = time.perf_counter() - start
    return {"method": which, **score(truth, found), "believed": np.nan, "seconds": seconds}


def critical_density(
    sizes: Sequence[int],
    seeds: Sequence[int],
    *,
    densities: Sequence[float] = tuple(np.round(np.geomspace(0.02, 0.9, 16), 3)),
    graph: FollowGraph | None = None,
    name: str = "organic",
) -> pd.DataFrame:
    """Find for each size the density at which half of a planted ring is recovered, p50.

    ``floor`` is the density at which the planted set itself, handed over, would just be
    listed at alpha 0.05 if it were the only candidate. Both are interpolated between the
    densities tried.
    """
    rows = []
    for size in sizes:
        for seed in seeds:
            base = background(name, seed, graph)
            reached, listed = [], []
            for density in densities:
                g, truth = synth.plant_rings(base, [(size, density)], mutual_share=0.9, seed=seed)
                rings = [ring.positions.astype(np.int64) for ring in find_rings(g)]
                reached.append(score(truth, rings)["recovery"])
                listed.append(_bits(g, truth))
            limit = np.log2(1 / 0.05)
            rows.append(
                {
                    "size": size,
                    "seed": seed,
                    "p50": crossing(densities, reached, 0.5),
                    "floor": crossing(densities, listed, limit),
                }
            )
    return pd.DataFrame(rows)


def _bits(g: FollowGraph, truth: pd.DataFrame) -> float:
    m = mutual(g)
    planted = as_sets([np.sort(truth["account"].to_numpy()).astype(np.int32)])
    return float(chance(m, planted, fitness(m))["score"][0])


def crossing(x: Sequence[float], y: Sequence[float], level: float) -> float:
    """Return where y first reaches a level, between the points; NaN if it never does."""
    above = np.flatnonzero(np.asarray(y) >= level)
    if len(above) == 0:
        return float("nan")
    k = int(above[0])
    if k == 0:
        return float(x[0])
    share = (level - y[k - 1]) / (y[k] - y[k - 1])
    return float(np.exp(np.log(x[k - 1]) + share * (np.log(x[k]) - np.log(x[k - 1]))))


def calibration(
    n_nulls: int,
    *,
    graph: FollowGraph | None = None,
    n_accounts: int = 2_000,
    n_follows: int = 24_000,
) -> pd.DataFrame:
    """Find rings in null graphs: one row a graph, its number of rings and least p-value.

    The nulls keep the degrees of ``graph``, or of synthetic graphs, one each.
    """
    rows = []
    for seed in range(n_nulls):
        base = (
            graph
            if graph is not None
            else synth.follow_network(n_accounts, n_follows, seed=2_000 + seed)
        )
        null = null_graph(base, seed=seed)
        every = find_rings(null, alpha=0.999)
        least = every.table["p_value"].min() if len(every) else 1.0
        listed = len(find_rings(null))
        rows.append({"seed": seed, "rings": listed, "least_p": least})
    return pd.DataFrame(rows)


def summarised(table: pd.DataFrame) -> pd.DataFrame:
    """Average plantings: one row a background, plant and method, recovery with its interval."""
    keys = ["background", "plant", "method"]
    grouped = table.groupby(keys, sort=False)
    out = grouped[["recovery", "f1", "believed", "listed", "seconds"]].mean()
    spread = 1.96 * grouped["recovery"].std() / np.sqrt(grouped["recovery"].count())
    out.insert(1, "recovery_low", out["recovery"] - spread)
    out.insert(2, "recovery_high", np.minimum(out["recovery"] + spread, 1.0))
    out["plantings"] = grouped["recovery"].count()
    return out.reset_index()


def floors(densities: pd.DataFrame) -> pd.DataFrame:
    """Average critical densities over the plantings, with their ratio to the floor."""
    means = densities.groupby("size")[["p50", "floor"]].mean()
    return means.assign(ratio=means["p50"] / means["floor"]).reset_index()


def false_alarms(nulls: pd.DataFrame) -> pd.DataFrame:
    """Count null graphs with a listed ring, beside the 95% upper quantile of the binomial law."""
    from scipy.stats import binom

    n = len(nulls)
    allowed = int(binom.ppf(0.95, n, 0.05))
    return pd.DataFrame(
        {"null_graphs": [n], "with_a_ring": int((nulls["rings"] > 0).sum()), "allowed": allowed}
    )
