"""What the commands print: paths on standard output, what was read on standard error."""

from __future__ import annotations

import math
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    import pandas as pd

    from ..graph import FollowGraph


# Measures of the audits that are shares of something
_SHARES = {
    "follow_back", "overlap", "peer_follow_back", "peer_place", "ring_share", "earned_share",
    "reach_share", "density", "reciprocity", "expected_reciprocity", "within_day",
}  # fmt: skip


def say_read(graph: FollowGraph) -> None:
    """Say on standard error which columns were read and what was left out."""
    if graph.read_as:
        typer.echo(f"followback: {graph.read_as}", err=True)
    n = graph.dropped
    if n:
        typer.echo(
            f"followback: {number(n['rows'], 'row')} read, "
            f"{number(n['self_follows'], 'self-follow')} and "
            f"{number(n['duplicates'], 'duplicate')} left out"
            + (f", {number(n['comments'], 'comment line')} skipped" if n.get("comments") else ""),
            err=True,
        )


def number(count: int, word: str) -> str:
    """Count things in words.

    >>> number(1, "row"), number(68_328, "row")
    ('1 row', '68,328 rows')
    """
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def put_measures(table: pd.DataFrame) -> None:
    """Print a table of measures: aligned on a terminal, as CSV for a pipe or a file."""
    from ..files import csv_text

    typer.echo(aligned(table) if sys.stdout.isatty() else csv_text(table), nl=False)


def aligned(table: pd.DataFrame) -> str:
    """Return a table of measures for reading: shares in per cent, an interval in one column.

    >>> import pandas as pd
    >>> rows = [("mutual", 1200.0, None, None, "both"), ("ring_share", 0.5, 0.25, 0.75, "of all")]
    >>> columns = ["measure", "value", "low", "high", "meaning"]
    >>> print(aligned(pd.DataFrame(rows, columns=columns)), end="")
    measure     value  low to high  meaning
    mutual      1,200               both
    ring_share    50%   25% to 75%  of all
    """
    rows = [("measure", "value", "low to high", "meaning")]
    for measure, value, low, high, meaning in table.itertuples(index=False):
        ends = f"{_cell(measure, low)} to {_cell(measure, high)}"
        ends = "" if math.isnan(low) or low == high else ends
        rows.append((measure, _cell(measure, value), ends, meaning))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "".join(
        f"{a.ljust(widths[0])}  {b.rjust(widths[1])}  {c.rjust(widths[2])}  {d}\n"
        for a, b, c, d in rows
    )


def _cell(measure: str, value: float) -> str:
    if math.isnan(value):
        return ""
    if measure in _SHARES:
        return f"{value:.0%}"
    return f"{value:,.0f}" if float(value).is_integer() or abs(value) >= 100 else f"{value:.3g}"


def put(path: Path) -> None:
    """Print a path on standard output; should that fail, the message names it."""
    try:
        typer.echo(path)
    except OSError as error:
        error.filename = "standard output"
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 nothing to flush at exit
        raise
