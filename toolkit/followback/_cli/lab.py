"""The command that opens JupyterLab on the notebooks."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from .._errors import CallError, install

EXAMPLE = "Example: followback lab -- --no-browser"
_FOLDER = Path("followback-lab")
# Defaults that somebody's own settings go before: no question about news, nothing asked of a network
_DEFAULTS = Path(__file__).parent / "jupyter"


def lab(
    context: typer.Context,
    out: Annotated[
        Path | None,
        typer.Option(
            "-o", "--out", help=f"Copy notebooks and data to this folder; installed, {_FOLDER}."
        ),
    ] = None,
) -> None:
    """Open JupyterLab on the notebooks.

    An installed followback copies them and their data to a folder first, for Lab saves
    what it runs; what is there already stays as it is. JupyterLab asks no network for
    news or updates, unless your own settings say so. What follows -- is passed on to it.
    """
    from ..report import in_checkout, notebooks_folder

    if importlib.util.find_spec("jupyterlab") is None:
        raise CallError(f"JupyterLab is not installed; {install('workshop')}")
    if out is None and in_checkout():
        folder = notebooks_folder()
    else:
        folder = copied(out or _FOLDER)
        typer.echo(f"followback: what you change is kept in {folder.parent}", err=True)
    more = list(context.args)
    if getattr(os, "geteuid", lambda: 1)() == 0 and "--allow-root" not in more:
        more.append("--allow-root")  # JupyterLab would refuse; in a container root is usual
    call = [sys.executable, "-m", "jupyterlab", str(folder), *more]
    paths = [str(_DEFAULTS), *filter(None, [os.environ.get("JUPYTER_CONFIG_PATH")])]
    environment = {**os.environ, "JUPYTER_CONFIG_PATH": os.pathsep.join(paths)}
    os.execve(sys.executable, call, environment)  # noqa: S606


def copied(folder: Path) -> Path:
    """Copy notebooks and data into a folder, each file whole; return that of the notebooks.

    Parameters
    ----------
    folder
        The folder; files that are there are somebody's work and stay.
    """
    import shutil

    from ..files import whole
    from ..report import notebooks_folder

    home = notebooks_folder().parent
    for kind, pattern in (("notebooks", "*.ipynb"), ("data", "*.*")):
        for file in sorted((home / kind).glob(pattern)):
            target = folder / kind / file.name
            if file.is_file() and not target.exists():
                with whole(target) as draft:
                    shutil.copyfile(file, draft)
    return folder / "notebooks"
