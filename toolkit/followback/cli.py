"""The command line, thin: arguments in, one call, paths out; every error in one line."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from ._cli import audits as _cli_audits
from ._cli import data as _cli_data
from ._cli import lab as _cli_lab
from ._cli import reports as _cli_reports
from ._cli import workshop as _cli_workshop
from ._cli.data import Budget, Engine, Format, Master, Mutual, Owner, Seed, in_bytes
from ._cli.echo import put, say_read
from ._errors import CallError, FollowbackError, install
from ._progress import lines_held

# Where that package is there, nbformat's checker compiles a grammar of web addresses at its
# import: 3.3 s of 3.7 s, on every report. Nothing here checks such addresses.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

app = typer.Typer(
    name="followback",
    help="Find reciprocal-follow rings in follower graphs, and weigh the evidence.",
    epilog="Example: followback rings follows.csv -o found",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_STREAMED = 20_000_000  # follows; a larger synthetic graph goes to Parquet as it is drawn
_INTERRUPTED = 130  # what typer returns after Ctrl-C
# Options that take several values in a row; each value of such a run gets its own flag.
_PAIR = r"[A-Za-z_]\w*=.*"
_SEVERAL = {"-p": _PAIR, "-g": _PAIR, "--rings": r"-?[\d.]+:-?[\d.]+"}


@app.callback(invoke_without_command=True)
def _main(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        from . import __version__

        typer.echo(f"followback {__version__}")
        raise typer.Exit


@app.command(epilog="Example: followback rings follows.csv -o found --min-size 8")
def rings(
    follows: Annotated[Path, typer.Argument(help="A file of follows.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder for rings.csv, members.csv.")],
    min_size: Annotated[int, typer.Option(help="Smallest ring, in accounts.")] = 5,
    alpha: Annotated[float, typer.Option(help="Share of false discoveries put up with.")] = 0.05,
    seed: Seed = 0,
    format_: Format = "auto",
    mutual: Mutual = False,
    owner: Owner = "",
    engine: Engine = "auto",
    master: Master = "",
    budget: Budget = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="ISO", help="Rings as of a date; needs times.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Even where lists are cut short.")] = False,
) -> None:
    """Find the rings of a follower graph and write two tables."""
    import followback as fb

    from .collection import cautions
    from .files import write_tables

    graph = fb.read(
        follows,
        format_,
        mutual=mutual,
        owner=owner,
        engine=engine,
        master=master,
        budget=in_bytes(budget),
    )
    graph = graph if as_of is None else fb.as_of(graph, as_of)
    found = fb.find_rings(graph, min_size=min_size, alpha=alpha, seed=seed, force=force)
    write_tables(out, {"members": found.members, "rings": found.table})
    put(out / "rings.csv")
    put(out / "members.csv")
    say_read(graph)
    for note in (*cautions(graph), *found.notes):
        typer.echo(f"followback: note: {note}", err=True)
    typer.echo(f"{found!r}", err=True)


app.command(epilog=_cli_reports.REPORT, add_help_option=False, context_settings=_cli_reports.OPEN)(
    _cli_reports.report
)
app.command(epilog=_cli_reports.SWEEP)(_cli_reports.sweep)
app.command(epilog=_cli_reports.VERIFY)(_cli_reports.verify)
app.add_typer(_cli_reports.reports, name="reports", epilog="Example: followback reports list")


_cli_data.register(app)
_cli_audits.register(app)
app.add_typer(
    _cli_workshop.workshop, name="workshop", epilog="Example: followback workshop build -o pack"
)


@app.command(
    epilog="Example: followback synth sample.csv.gz --accounts 5000 --follows 60000 --rings 40:0.6 20:0.8"
)
def synth(
    target: Annotated[Path, typer.Argument(metavar="OUT", help="As with convert.")],
    accounts: Annotated[int, typer.Option(help="Accounts, before rings are planted.")] = 5_000,
    follows: Annotated[int, typer.Option(help="Follows, before rings are planted.")] = 60_000,
    rings: Annotated[
        list[str] | None, typer.Option(metavar="SIZE:DENSITY ...", help="Rings to plant.")
    ] = None,
    reciprocity: Annotated[float, typer.Option(help="Share of follows returned.")] = 0.35,
    mutual_share: Annotated[
        float, typer.Option(help="Share of a ring's connected pairs that are mutual.")
    ] = 0.95,
    camouflage: Annotated[int, typer.Option(help="Follows to outsiders, each member.")] = 0,
    days: Annotated[
        int, typer.Option(help="Days from 2024 on that follows spread over; 0: no times.")
    ] = 0,
    taken_back: Annotated[
        float, typer.Option(help="Follows made and taken back, as a share of those that stay.")
    ] = 0.0,
    as_of: Annotated[str, typer.Option(help="Write the graph as it was on this ISO date.")] = "",
    seed: Seed = 0,
) -> None:
    """Make a follower graph with planted rings.

    The truth goes to a file beside OUT: x-rings.csv for x.csv.gz. More than 20 million
    follows are streamed to a .parquet, in bounded memory: another graph, of Twitter's shape.
    """
    from . import synth as maker
    from . import timelines
    from .files import whole, write_follows

    if (as_of or taken_back) and not days:
        raise CallError("--as-of and --taken-back need times; give --days as well, 366 for example")
    wanted = [_ring(text) for text in rings or []]
    answers = target.with_name(f"{target.name.split('.')[0]}-rings.csv")
    if not wanted and answers.exists():
        raise CallError(f"{answers} tells of the rings of another graph; remove it first")
    if target.suffix == ".parquet" and follows > _STREAMED:
        from ._giant import giant

        if days:
            raise CallError(
                f"more than {_STREAMED:,} follows are streamed without times; leave --days out"
            )

        giant(
            target, accounts, follows, wanted,
            reciprocity=reciprocity, mutual_share=mutual_share, camouflage=camouflage, seed=seed,
            answers=answers if wanted else None,
        )  # fmt: skip
        put(target)
        if wanted:
            put(answers)
        return
    graph = maker.follow_network(accounts, follows, reciprocity=reciprocity, seed=seed)
    graph, truth = maker.plant_rings(
        graph, wanted, mutual_share=mutual_share, camouflage=camouflage, seed=seed
    )
    if days:
        graph = maker.with_times(graph, truth, days=days, taken_back=taken_back, seed=seed)
    if as_of:
        graph = timelines.as_of(graph, as_of)
    if wanted:
        with whole(answers) as draft:  # neither stands there without the other
            truth.to_csv(draft, index=False, lineterminator="\n")
            write_follows(graph, target)
    else:
        write_follows(graph, target)
    put(target)
    if wanted:
        put(answers)


app.command(
    epilog=_cli_lab.EXAMPLE,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)(_cli_lab.lab)


def _ring(text: str) -> tuple[int, float]:
    size, _, density = text.partition(":")
    try:
        return int(size), float(density)
    except ValueError as error:
        raise CallError(f"--rings {text}: write SIZE:DENSITY, 40:0.6 for example") from error


def _spread(arguments: list[str]) -> list[str]:
    """Give each of several values in a row its own flag.

    >>> _spread(["synth", "x.csv", "--rings", "40:0.6", "20:0.8"])
    ['synth', 'x.csv', '--rings', '40:0.6', '--rings', '20:0.8']
    """
    out: list[str] = []
    flag = None
    for argument in arguments:
        follows_its_flag = bool(out) and out[-1] == flag
        if flag and not follows_its_flag and re.fullmatch(_SEVERAL[flag], argument, re.DOTALL):
            out += [flag, argument]
            continue
        if not follows_its_flag:
            flag = argument if argument in _SEVERAL else None
        out.append(argument)
    return out


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line; exit code 0 done, 1 the data are at fault, 2 the call is."""
    given = (sys.argv[1:] if arguments is None else arguments) or ["--help"]
    try:
        if any(re.fullmatch(r"|--[\w-]+=", argument) for argument in given):
            raise CallError("an argument is empty; give it a value or leave it out")
        _check_text(given)
        with lines_held():
            code = app(_spread(given), standalone_mode=False, prog_name="followback") or 0
            if code == _INTERRUPTED:
                raise KeyboardInterrupt
    except FollowbackError as error:
        code = _say(str(error), error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        code = _say("interrupted; no file is half-written", 1)
    except ModuleNotFoundError as error:
        code = _say(f"this needs the package {error.name}; {install('report')}", 2)
    except MemoryError:
        code = _say("memory does not do for this graph; use fewer follows or a larger machine", 1)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        code = _say(f"{place}{error.strerror or error}; check the path, the rights, the space", 2)
    except Exception as error:
        code = _usage(error)
    sys.exit(code)


def _check_text(arguments: list[str]) -> None:
    """Refuse the name of a file whose bytes are no text: not every library can open it."""
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError as error:
            raise CallError(f"{argument!a} is not in UTF-8; rename the file") from error


def _usage(error: Exception) -> int:
    """Say what is wrong with the call; anything else is a fault of ours and is shown whole."""
    if not hasattr(error, "format_message"):
        raise error
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "followback"
    return _say(f"{error.format_message()} See '{command} --help'.", 2)


def _say(message: str, code: int) -> int:
    line = "".join(c if c.isprintable() else "�" for c in " ".join(message.split()))
    print(f"followback: {line}", file=sys.stderr)  # noqa: T201
    return code
