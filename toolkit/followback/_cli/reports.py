"""The commands that make, check and keep reports: report, sweep, verify, reports."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from .._errors import CallError, FollowbackError
from .data import KEY, Key

REPORT = "Example: followback report 10-ring-report --follows follows.csv --min-size 8"
SWEEP = (
    "Example: followback sweep 10-ring-report -p follows=follows.csv "
    "-g min_size=5,8,13 -g alpha=.01,.05 --jobs 2"
)
VERIFY = "Example: followback verify reports/10-ring-report-0123456789"
# What a notebook's own parameters need: options that only the notebook knows.
OPEN = {"allow_extra_args": True, "ignore_unknown_options": True}

_NOTEBOOK = "A notebook, or the name of one of followback's."
_RUNS = Path("reports")
Notebook = Annotated[Path | None, typer.Argument(help=_NOTEBOOK)]
Pairs = Annotated[
    list[str] | None, typer.Option("-p", "--parameter", help="name=value, as often as needed.")
]
ParameterFile = Annotated[
    Path | None, typer.Option("--parameters", help="A YAML or JSON file of parameters.")
]
Runs = Annotated[Path, typer.Option("-o", "--out", help="Folder that runs are kept in.")]
Timeout = Annotated[float | None, typer.Option(min=0.1, help="Of one run, in seconds.")]


def report(
    context: typer.Context,
    notebook: Notebook = None,
    parameter: Pairs = None,
    parameters: ParameterFile = None,
    out: Runs = _RUNS,
    force: Annotated[bool, typer.Option("--force", help="Run again.")] = False,
    timeout: Timeout = None,
    pdf: Annotated[
        bool, typer.Option("--pdf", help="Also print the page to PDF, beside the folder.")
    ] = False,
    pseudonymise: Annotated[
        bool, typer.Option("--pseudonymise", help="Replace account ids by keyed hashes.")
    ] = False,
    key: Key = KEY,
    quiet: Annotated[bool, typer.Option("--quiet", help="Show no progress.")] = False,
    help_: Annotated[
        bool, typer.Option("--help", "-h", help="Show this, and a named notebook's parameters.")
    ] = False,
) -> None:
    """Run a parameterised notebook."""
    if help_ or notebook is None:
        typer.echo(context.get_help())
        if notebook is None and not help_:
            raise CallError("name a notebook; see 'followback report --help'")
        _echo_parameters(notebook)
        return
    from .._report.parameters import from_options
    from ..report import parameters as declared
    from ..report import run

    options = from_options(context.args, declared(notebook)) if context.args else {}
    given = _given(parameter, parameters, options)
    folder = run(
        notebook, given, out=out, force=force, progress=not quiet, timeout=timeout,
        pseudonym_key=key if pseudonymise else None,
    )  # fmt: skip
    if pdf:
        from .._report.pages import write_pdf

        typer.echo(
            write_pdf(folder / "report.html", folder.with_name(f"{folder.name}.pdf")), err=True
        )
    if sys.stdout.isatty():  # a reader; a script takes the folder
        typer.echo(folder / "report.html", err=True)
    typer.echo(folder)


def sweep(
    notebook: Annotated[Path, typer.Argument(help=_NOTEBOOK)],
    grid: Annotated[
        list[str] | None,
        typer.Option("-g", "--grid", help="name=value,value,... as often as needed."),
    ] = None,
    parameter: Pairs = None,
    parameters: ParameterFile = None,
    out: Runs = _RUNS,
    jobs: Annotated[int, typer.Option(min=1, help="Runs at a time, no more than cores.")] = 1,
    timeout: Timeout = None,
    retries: Annotated[int, typer.Option(min=0, help="Further tries of a run that died.")] = 1,
    only: Annotated[int | None, typer.Option(min=1, help="Run this point alone, from 1.")] = None,
    slurm: Annotated[
        Path | None, typer.Option(help="Write a Slurm array script to this file, run nothing.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="List the points, run nothing.")
    ] = False,
) -> None:
    """Run a notebook at every point of a grid."""
    from .._report import sweep as _sweep

    texts, fixed = _pairs(grid, "-g"), _given(parameter, parameters, {})
    values = _sweep.grid_of(notebook, texts)
    points = _sweep.points_of(notebook, values, fixed)
    if only is not None and only > len(points):
        raise CallError(f"--only {only}: the grid has {len(points)} points")
    if dry_run:
        for point in points:
            typer.echo(" ".join(f"{name}={point[name]}" for name in values))
        typer.echo(f"{len(points)} runs", err=True)
    elif slurm is not None:
        from ..files import whole

        if parameters is not None:
            raise CallError("--slurm takes parameters as -p name=value, not from a file")
        text = _sweep.slurm_script(notebook, texts, fixed, points=len(points), out=out)
        with whole(slurm) as draft:
            draft.write_text(text, encoding="utf-8")
        typer.echo(slurm)
    elif only is not None:
        from ..report import run

        typer.echo(run(notebook, points[only - 1], out=out, timeout=timeout))
    else:
        folder = _sweep.sweep(
            notebook,
            values,
            fixed,
            out=out,
            jobs=jobs,
            timeout=timeout,
            retries=retries,
            progress=True,
        )
        typer.echo(folder)


def verify(
    folder: Annotated[Path, typer.Argument(metavar="RUN_FOLDER", help="A run's folder.")],
    inputs: Annotated[
        list[str] | None,
        typer.Option("-i", "--input", help="name=path, where an input is now; as often as needed."),
    ] = None,
    key: Annotated[Path | None, typer.Option(help="The key of a run with pseudonyms.")] = None,
    timeout: Timeout = None,
) -> None:
    """Execute a run again and compare what it made."""
    from ..report import verify as verify_run

    found = verify_run(folder, inputs=_pairs(inputs, "-i"), pseudonym_key=key, timeout=timeout)
    for version in found.versions:
        typer.echo(f"followback: note: {version}", err=True)
    for difference in found.differences:
        typer.echo(difference)
    if found.differences:
        raise FollowbackError(f"{folder} does not verify: {len(found.differences)} differences")
    typer.echo(f"{folder} verifies: {found.same} tables and figures are the same")


reports = typer.Typer(help="List, open and clean the folder of runs.", rich_markup_mode=None)


@reports.command("list", epilog="Example: followback reports list -o reports")
def reports_list(out: Runs = _RUNS) -> None:
    """List the runs, newest first."""
    from ..report import runs

    for row in runs(out).itertuples():
        typer.echo(f"{row.ended[:16]}  {row.status:<9} {row.run}  {row.headline}")


@reports.command("open", epilog="Example: followback reports open")
def reports_open(out: Runs = _RUNS) -> None:
    """Open the gallery of runs in the browser."""
    import webbrowser

    from .._report.index import write_index

    if not out.is_dir():
        raise CallError(f"there is no folder {out}; name the one that runs are kept in")
    write_index(out)
    typer.echo(out / "index.html")
    webbrowser.open((out / "index.html").resolve().as_uri())


@reports.command("clean", epilog="Example: followback reports clean --keep 20 --dry-run")
def reports_clean(
    out: Runs = _RUNS,
    keep: Annotated[int | None, typer.Option(help="Keep only the newest so many runs.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell.")] = False,
) -> None:
    """Remove failed runs and what killed ones left."""
    from ..report import clean

    for name in clean(out, keep=keep, dry_run=dry_run):
        typer.echo(name)


def _pairs(texts: list[str] | None, flag: str) -> dict[str, str]:
    """Read name=value pairs, each name once."""
    found: dict[str, str] = {}
    for pair in texts or []:
        name, equals, value = pair.partition("=")
        if not equals:
            raise CallError(f"{flag} {pair}: write name=value")
        if name.strip() in found:
            raise CallError(f"{flag} {name.strip()} is given twice; leave one")
        found[name.strip()] = value
    return found


def _given(pairs: list[str] | None, file: Path | None, options: dict[str, str]) -> dict[str, Any]:
    """Put parameters together; what is typed stands above what is in the file."""
    from .._report.parameters import from_file

    typed = _pairs(pairs, "-p")
    twice = sorted({*typed} & {*options})
    if twice:
        raise CallError(f"parameter {twice[0]} is given twice; leave one")
    return {**(from_file(file) if file else {}), **typed, **options}


def _echo_parameters(notebook: Path | None) -> None:
    if notebook is not None:
        from .._report.parameters import as_options
        from ..report import parameters

        typer.echo()
        typer.echo(as_options(parameters(notebook), notebook.name))
