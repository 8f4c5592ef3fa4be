"""Commands about data: convert, diff, fetch."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from .._errors import CallError
from .echo import number, put, say_read

KEY = Path("~/.config/followback/pseudonyms.key")
Key = Annotated[Path, typer.Option(help="File of the pseudonyms' key; made where there is none.")]
Seed = Annotated[int, typer.Option(help="Seed of random numbers, where any are drawn; 0 or more.")]
Format = Annotated[
    str, typer.Option("--format", help="auto, or a format's name; see the codebook.")
]
Mutual = Annotated[bool, typer.Option("--mutual", help="The file stores each mutual pair once.")]
Owner = Annotated[
    str, typer.Option("--owner", help="Whose export it is, if the file does not tell.")
]
Engine = Annotated[
    str, typer.Option("--engine", help="auto, memory, duckdb or spark; the result is the same.")
]
Master = Annotated[
    str, typer.Option("--master", help="The Spark cluster, spark://host:7077; else this machine.")
]
Budget = Annotated[
    float | None,
    typer.Option(
        "--budget",
        metavar="GB",
        help="Build the graph over disk, in so many GB of memory (and 0.3 of Python's own); "
        "else over disk only what would not fit, in half of what is free.",
    ),
]
Follows = Annotated[Path, typer.Argument(help="A file of follows, or an export.")]


def in_bytes(budget: float | None) -> int | None:
    """Return a budget of GB in bytes, None where none is named.

    >>> in_bytes(0.5)
    500000000
    """
    if budget is not None and not 0 < budget * 1e9 < math.inf:
        raise CallError(f"--budget {budget}: give a number of GB above 0, 2.5 for example")
    return None if budget is None else int(budget * 1e9)


def convert(
    source: Annotated[Path, typer.Argument(metavar="IN", help="A file of follows, or an export.")],
    target: Annotated[
        Path,
        typer.Argument(
            metavar="OUT",
            help="A .csv, .csv.gz, .tsv, .parquet, .arrow, .gexf or .graphml; without ending a folder.",
        ),
    ],
    pseudonymise: Annotated[
        bool, typer.Option("--pseudonymise", help="Replace account ids by keyed hashes.")
    ] = False,
    key: Key = KEY,
    format_: Format = "auto",
    mutual: Mutual = False,
    owner: Owner = "",
    engine: Engine = "auto",
    master: Master = "",
    budget: Budget = None,
) -> None:
    """Write follows in another format, sorted, without duplicates."""
    import followback as fb

    from ..engines import build
    from ..files import write_follows

    folder = None if target.suffix or pseudonymise else target  # a saved graph is built in place
    said = graph = build(
        source,
        folder,
        format=format_,
        mutual=mutual,
        owner=owner,
        engine=engine,
        master=master,
        budget=in_bytes(budget),
    )
    if pseudonymise:
        from ..pseudonyms import read_key

        graph = fb.pseudonymise(graph, read_key(key, target))
    if folder is None:
        write_follows(graph, target)
    put(target)
    say_read(said)
    typer.echo(f"{graph!r}", err=True)


def diff(
    old: Annotated[Path, typer.Argument(help="The earlier snapshot.")],
    new: Annotated[Path, typer.Argument(help="The later snapshot.")],
    out: Annotated[Path | None, typer.Option("-o", "--out", help="A .csv for the changes.")] = None,
    format_: Format = "auto",
    mutual: Mutual = False,
    owner: Owner = "",
) -> None:
    """Say which follows were made and taken back."""
    import followback as fb

    from ..files import csv_text, whole

    graphs = (fb.read(path, format_, mutual=mutual, owner=owner) for path in (old, new))
    table = fb.diff(*graphs)
    if out is not None:
        with whole(out) as draft:
            draft.write_text(csv_text(table), encoding="utf-8")
    for change in ("made", "taken back"):
        mine = table[table["change"] == change]
        typer.echo(
            f"{number(len(mine), 'follow')} {change}, {mine['mutual'].sum():,} of them mutual",
            err=True,
        )
    if out is None:
        typer.echo(csv_text(table), nl=False)
    else:
        put(out)


def fetch(
    name: Annotated[str, typer.Argument(help="A public graph's name, or an https address.")] = "",
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Folder to keep it in.")] = None,
    sha256: Annotated[str, typer.Option(help="What the file's SHA-256 must be.")] = "",
) -> None:
    """Download a well-known public graph.

    Its path is printed; without a name, those known are listed.
    """
    from .. import downloads

    if not name:
        for known, graph in downloads.KNOWN.items():
            typer.echo(f"{known}\t{graph.about}\t{graph.url}")
        return
    put(downloads.fetch(name, out, sha256=sha256))


def register(app: typer.Typer) -> None:
    """Add these commands to the command line."""
    example = "Example: followback"
    app.command(epilog=f"{example} convert follows.csv.gz follows.parquet")(convert)
    app.command(epilog=f"{example} diff january.csv june.csv -o changes.csv")(diff)
    app.command(epilog=f"{example} fetch epinions")(fetch)
