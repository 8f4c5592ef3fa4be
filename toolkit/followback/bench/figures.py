"""Figures of the benchmarks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from ..plot import BLUE, INK, ORANGE, STYLE, axes_of

if TYPE_CHECKING:
    import pandas as pd


def critical_densities(table: pd.DataFrame) -> Figure:
    """Draw p50 and the floor against ring size, one point a planting and a line of means."""
    with mpl.rc_context(STYLE):
        figure, axes = axes_of(5.6, 4.0)
        for column, colour, label in (
            ("p50", BLUE, "half recovered (p50)"),
            ("floor", ORANGE, "floor"),
        ):
            axes.plot(table["size"], table[column], "o", color=colour, alpha=0.4)
            means = table.groupby("size")[column].mean()
            axes.plot(means.index, means, color=colour, label=label)
        axes.set(xscale="log", yscale="log", xlabel="accounts in the ring", ylabel="density")
        axes.legend(frameon=False)
    return figure


def quantiles(p_values: pd.Series) -> Figure:
    """Draw sorted p-values against uniform quantiles; valid ones lie on or above the diagonal."""
    ordered = np.sort(p_values)
    uniform = (np.arange(len(ordered)) + 0.5) / len(ordered)
    with mpl.rc_context(STYLE):
        figure, axes = axes_of(4.2, 4.2)
        axes.plot([0, 1], [0, 1], color=INK, lw=1, label="uniform")
        axes.plot(uniform, ordered, "o", color=BLUE, ms=4, label="null graphs")
        axes.set(xlabel="uniform quantile", ylabel="least p-value of a graph", ylim=(-0.02, 1.05))
        axes.legend(frameon=False, loc="lower right")
    return figure


def growth_of_cost(table: pd.DataFrame) -> Figure:
    """Draw seconds and memory against the number of follows, one point a run, on log-log axes.

    Lines join medians; the dotted line grows as the follows do.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(8.6, 4.0), layout="constrained")
        for axes, column, unit, label in zip(
            figure.subplots(1, 2), ("total", "peak"), (1, 1e9), ("seconds", "peak memory, GB"),
            strict=True,
        ):  # fmt: skip
            axes.plot(table["follows"], table[column] / unit, "o", color=BLUE, alpha=0.4, ms=4)
            medians = table.groupby("follows")[column].median() / unit
            axes.plot(medians.index, medians, color=BLUE, label="followback, median")
            straight = medians.iloc[-1] * medians.index / medians.index[-1]
            axes.plot(medians.index, straight, ":", color=INK, label="in proportion to follows")
            axes.set(xscale="log", yscale="log", xlabel="follows", ylabel=label)
        axes.legend(frameon=False, loc="upper left")
    return figure


def time_and_memory(summary: pd.DataFrame) -> Figure:
    """Draw peak memory against seconds, a point a library, on log-log axes."""
    with mpl.rc_context(STYLE):
        figure, axes = axes_of(5.6, 4.4)
        for row in summary.itertuples():
            ours = row.contender == "followback"
            axes.plot(row.total, row.peak_gb, "o", color=BLUE if ours else ORANGE, ms=8)
            axes.annotate(
                row.contender, (row.total, row.peak_gb), xytext=(0, 8),
                textcoords="offset points", ha="center", fontsize="small",
            )  # fmt: skip
        axes.set(xscale="log", yscale="log", xlabel="seconds", ylabel="peak memory, GB")
        axes.margins(0.15)
    return figure
