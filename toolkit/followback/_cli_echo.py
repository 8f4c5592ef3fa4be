"""What the commands print: paths on standard output, what was read on standard error."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from .graph import FollowGraph


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


def put(path: Path) -> None:
    """Print a path on standard output; should that fail, the message names it."""
    try:
        typer.echo(path)
    except OSError as error:
        error.filename = "standard output"
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 nothing to flush at exit
        raise
