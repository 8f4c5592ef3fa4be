"""The commands of the workshop: build the pack for a room, time its lessons."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .._workshop import SEED
from .echo import put

workshop = typer.Typer(
    help="Make the workshop 'What is a follower worth?' for a room.", rich_markup_mode=None
)


@workshop.command("build", epilog="Example: followback workshop build -o pack")
def build(
    out: Annotated[Path, typer.Option("-o", "--out", help="A new folder.")] = Path("workshop"),
    seed: Annotated[int, typer.Option(min=0, help="Of the classes of data.")] = SEED,
) -> None:
    """Make the pack: notebooks for students and teachers, data, handouts, pages."""
    from .. import workshop as maker

    put(maker.build(out, seed=seed) / "START-HERE.html")


@workshop.command("time", epilog="Example: followback workshop time pack")
def time(
    pack: Annotated[Path, typer.Argument(metavar="PACK", help="A folder made by build.")],
) -> None:
    """Run every lesson's solution, and write how long each took into the schedule."""
    from .. import workshop as maker

    measured = maker.measure(pack)
    for row in measured.itertuples():
        typer.echo(f"{row.lesson}  {row.seconds:.1f} s", err=True)
    for doubt in measured.attrs["doubts"]:
        typer.echo(f"followback: {doubt}", err=True)
    put(pack / "schedule.html")
