"""Commands that audit: one account, one exchange thread."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .data import Follows, Format, Mutual, Owner, Seed
from .echo import put, put_measures

Out = Annotated[Path | None, typer.Option("-o", "--out", help="Folder for the tables as CSV.")]


def audit(
    follows: Follows,
    account: Annotated[str, typer.Argument(help="The account's id.")],
    out: Out = None,
    followers_total: Annotated[
        int | None, typer.Option(help="All its followers, where the file holds a sample.")
    ] = None,
    format_: Format = "auto",
    mutual: Mutual = False,
    owner: Owner = "",
) -> None:
    """Audit one account.

    Its follow-back, its rings, and its earned followers as an interval.
    """
    import followback as fb

    from ..files import write_tables

    graph = fb.read(follows, format_, mutual=mutual, owner=owner)
    found = fb.audit(graph, account, followers_total=followers_total)
    _notes(found.notes)
    if out is None:
        put_measures(found.table)
        return
    tables = {"audit": found.table, "growth": found.growth, "rings": found.rings}
    write_tables(out, tables)
    for name in tables:
        put(out / f"{name}.csv")


def thread(
    follows: Follows,
    accounts: Annotated[Path, typer.Argument(help="A text file, one participant a line.")],
    posted_at: Annotated[
        str | None, typer.Option("--posted-at", metavar="ISO", help="When the thread was posted.")
    ] = None,
    out: Out = None,
    days: Annotated[
        int, typer.Option(help="How long after it a follow counts as made by it.")
    ] = 30,
    seed: Seed = 0,
    format_: Format = "auto",
    mutual: Mutual = False,
) -> None:
    """Audit an exchange thread.

    Its mutual follows against chance, habit and the time before.
    """
    import followback as fb

    from ..files import write_tables
    from ..thread_audits import read_participants

    graph = fb.read(follows, format_, mutual=mutual)
    found = fb.audit_thread(graph, read_participants(accounts), posted_at, days=days, seed=seed)
    _notes(found.notes)
    if out is None:
        put_measures(found.table)
        return
    write_tables(out, {"participants": found.participants, "thread": found.table})
    put(out / "thread.csv")
    put(out / "participants.csv")


def _notes(notes: tuple[str, ...]) -> None:
    for note in notes:
        typer.echo(f"followback: note: {note}", err=True)


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    example = "Example: followback"
    app.command(epilog=f"{example} audit follows.csv 4711 -o audited")(audit)
    app.command(epilog=f"{example} thread follows.csv people.txt --posted-at 2026-07-04")(thread)
