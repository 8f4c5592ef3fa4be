"""Figures of the ring benchmark."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np

from ..plot import BLUE, INK, ORANGE, STYLE, axes_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


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
