"""FIGURES of the audits: growth with ring-driven days, what followers are made of, who conducted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from .plot import BLUE, INK, ORANGE, PALE, STYLE

if TYPE_CHECKING:
    from .account_audits import Audit
    from .thread_audits import ThreadAudit


def growth_curve(found: Audit) -> Figure:
    """Draw an account's followers over time; days driven by its rings stand out.

    Parameters
    ----------
    found
        The audit; its ``growth`` must hold at least one day.
    """
    days = found.growth
    at = np.arange(len(days))
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(6.4, 3.2))
        axes = figure.subplots()
        axes.plot(at, days["total"], color=INK, lw=1.5, drawstyle="steps-post")
        driven = days["ring_driven"].to_numpy()
        axes.plot(
            at[driven], days["total"][driven], "o", color=ORANGE, label="days driven by its rings"
        )
        places = np.unique(np.linspace(0, len(days) - 1, 4).astype(int))
        axes.set_xticks(places, days["day"].iloc[places].tolist())
        top = 1.06 * int(days["total"].iloc[-1])
        axes.set(ylim=(0, top), ylabel="followers whose time is known")
        axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
        if driven.any():
            axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), frameon=False)
    return figure


def earned_bar(found: Audit) -> Figure:
    """Draw a bar of all followers: earned in any case, open, explained in any case.

    Parameters
    ----------
    found
        The audit.
    """
    row = found["earned_share"]
    parts = [row["low"], row["high"] - row["low"], 1 - row["high"]]
    names = ["earned in any case", "cannot be told", "explained by habit or rings"]
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(6.4, 1.3))
        axes = figure.subplots()
        left = 0.0
        for width, colour, name in zip(parts, (BLUE, PALE, ORANGE), names, strict=True):
            axes.barh([0], [width], left=left, color=colour, label=name)
            left += width
        axes.set(xlim=(0, 1), yticks=[])
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, frameon=False, fontsize=9)
    return figure


def coverage(found: ThreadAudit) -> Figure:
    """Draw to what share of the other participants each is tied, conductors marked.

    Parameters
    ----------
    found
        The audit of the thread.
    """
    people = found.participants
    at = np.arange(len(people))
    colours = np.where(people["conductor"], ORANGE, BLUE)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(6.4, 2.8))
        axes = figure.subplots()
        axes.bar(at, people["coverage"], color=colours, width=1.0)
        axes.set(
            ylim=(0, 1),
            xlabel="participants, most tied first",
            ylabel="tied to so many of the others",
        )
        axes.yaxis.set_major_formatter(PercentFormatter(1))
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes.grid(visible=False, axis="x")
    return figure
