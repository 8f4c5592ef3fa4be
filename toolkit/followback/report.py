"""REPORT: run a parameterised notebook and keep what it made, whole or not at all.

`run` makes one report, `sweep` one for every point of a grid, `verify` makes one
again and compares, `runs` and `clean` keep the folder of reports, `form` is for
people who do not type commands.
"""

from __future__ import annotations

import glob
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ._errors import CallError, FollowbackError
from ._report import record as _record
from ._report.crate import write_crate
from ._report.execute import Failure, execute, read_notebook
from ._report.form import form
from ._report.hidden import Pseudonyms
from ._report.index import clean, runs, write_index
from ._report.pages import write_page
from ._report.parameters import Parameter, checked, declared, injected
from ._report.sweep import sweep
from ._report.verify import verify

__all__ = ["RunError", "clean", "form", "run", "runs", "sweep", "verify"]

_HERE = Path(__file__).parent


class RunError(FollowbackError):
    """A run did not finish; ``status`` says how, in run.json's words.

    ``exit_code`` is 2 where a cell refused its call, a parameter out of range for one.
    """

    def __init__(
        self, message: str, status: str, exit_code: int = FollowbackError.exit_code
    ) -> None:
        super().__init__(message)
        self.status, self.exit_code = status, exit_code


def run(
    notebook: str | os.PathLike[str],
    parameters: Mapping[str, Any] | None = None,
    *,
    out: str | os.PathLike[str] = "reports",
    force: bool = False,
    progress: bool = False,
    timeout: float | None = None,
    pseudonym_key: str | os.PathLike[str] | None = None,
) -> Path:
    """Run a notebook with parameters and return the run's folder.

    The folder holds ``report.html`` (one page, no code, opens offline),
    ``executed.ipynb``, ``tables/``, ``figures/``, ``run.json`` and its RO-Crate,
    ``ro-crate-metadata.json``. Its name tells notebook, parameters, inputs and version
    by a hash, so a run that was finished before is found, not repeated; of several
    processes that ask for the same run one makes it and the others wait for it. It
    appears whole or not at all. A run that fails leaves a folder whose name ends in
    ``.failed``, with ``run.json`` and ``partial.ipynb``.

    Parameters
    ----------
    notebook
        A notebook with one cell tagged ``parameters``; of those that come with
        followback the name is enough.
    parameters
        Values by name; text is turned into the declared type. They are data: none is
        ever run as code.
    out
        The folder that runs are kept in.
    force
        Run again even where the same run is finished.
    progress
        Show a bar while the cells run.
    timeout
        Of the whole run, in seconds.
    pseudonym_key
        A file with the key that account ids are replaced by keyed hashes with; it is
        made where there is none. The notebook never sees the real ids.

    Returns
    -------
    pathlib.Path
        The run's folder.

    Raises
    ------
    CallError
        No such notebook, an unknown or mistyped parameter, a missing file: before
        anything runs.
    RunError
        A cell failed, the kernel died, or memory or time ran out.

    Examples
    --------
    >>> import tempfile, nbformat
    >>> from nbformat.v4 import new_code_cell, new_notebook
    >>> cell = new_code_cell("n: int = 1  # a number", metadata={"tags": ["parameters"]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     nbformat.write(new_notebook(cells=[cell]), f"{folder}/tiny.ipynb")
    ...     made = run(f"{folder}/tiny.ipynb", {"n": 2}, out=folder)
    ...     sorted(file.name for file in made.iterdir())[:3]
    ['executed.ipynb', 'figures', 'report.html']
    """
    path = find_notebook(notebook)
    template = read_notebook(path)
    known = declared(template, path)
    given = dict(parameters or {})
    values = checked(known, given, path)
    place = Path(out).resolve()
    with Pseudonyms.maybe(pseudonym_key, place) as pseudonyms:
        record = _record.begun(path, template, known, given, values)
        if pseudonyms is not None:
            record, values = pseudonyms.applied(record, known, values)
        target = place / f"{path.stem}-{record['key']}"
        place.mkdir(parents=True, exist_ok=True)
        with _alone(target):
            recover(target)
            if force or not finished(target):
                code = injected(known, values)
                with _draft(target) as draft:
                    made = _made(
                        draft, template, code, record,
                        timeout=timeout, progress=progress, pseudonyms=pseudonyms,
                    )  # fmt: skip
                    _publish(made, target, draft)
                write_index(place)
    return target


def find_notebook(notebook: str | os.PathLike[str]) -> Path:
    """Return the path of a notebook: as named, or among those that come with followback.

    Parameters
    ----------
    notebook
        A path, or the name of one of followback's, with ``.ipynb`` or without.

    Raises
    ------
    CallError
        There is neither; the message lists followback's own.

    Examples
    --------
    >>> find_notebook("10-ring-report").name
    '10-ring-report.ipynb'
    """
    path = Path(notebook)
    if path.is_file():
        return path
    own = notebooks_folder() / f"{path.name.removesuffix('.ipynb')}.ipynb"
    if own.is_file() and not path.exists():
        return own
    names = ", ".join(sorted(file.stem for file in notebooks_folder().glob("*.ipynb")))
    raise CallError(f"there is no notebook {path}; those that come with followback are {names}")


def notebooks_folder() -> Path:
    """Return the folder of the notebooks: the checkout's, or the one in the installed package.

    Examples
    --------
    >>> (notebooks_folder() / "10-ring-report.ipynb").is_file()
    True
    """
    return (_HERE.parents[1] if in_checkout() else _HERE) / "notebooks"


def in_checkout() -> bool:
    """Return whether this followback is a checkout, not an installed package.

    An installed one has the notebooks inside, wherever it was installed to.

    Examples
    --------
    >>> in_checkout() == (notebooks_folder().parent / "pyproject.toml").is_file()
    True
    """
    return not (_HERE / "notebooks").is_dir()


def parameters(notebook: str | os.PathLike[str]) -> dict[str, Parameter]:
    """Return the parameters that a notebook declares, by name, in its order.

    Parameters
    ----------
    notebook
        A path, or the name of one of followback's.

    Raises
    ------
    CallError
        No such notebook, or its parameters cannot be read.

    Examples
    --------
    >>> parameters("10-ring-report")["min_size"].help
    'the smallest ring, in accounts'
    """
    path = find_notebook(notebook)
    return declared(read_notebook(path), path)


def finished(folder: Path) -> bool:
    """Return whether a folder holds a run that came to its end.

    Parameters
    ----------
    folder
        A run's folder.

    Examples
    --------
    >>> finished(Path("nowhere"))
    False
    """
    record = _record.read(folder)
    return record is not None and record["status"] == "ok"


def _made(
    draft: Path,
    template: Any,
    code: str,
    record: dict[str, Any],
    *,
    timeout: float | None,
    progress: bool,
    pseudonyms: Pseudonyms | None,
) -> Path:
    """Make the whole run in a draft folder; a failure is published as such, then raised."""
    made = draft / "run"
    (made / "tables").mkdir(parents=True)
    (made / "figures").mkdir()
    record["started"] = _record.now()
    failure = execute(template, code, made, timeout=timeout, progress=progress)
    executed = made / "executed.ipynb"
    notebook = _read_executed(executed)
    record |= {"ended": _record.now(), "status": "ok", "warnings": _record.warnings_of(notebook)}
    record |= _record.facts(draft)
    if pseudonyms is not None:
        pseudonyms.hide_places(executed)
    if failure:
        told = _failed(draft, made, record, failure)
        raise RunError(told, failure.status, failure.exit_code)

    write_page(made, record)
    record["outputs"] = _record.outputs(made)
    _record.write(made, record)
    write_crate(made, record)
    return made


def _failed(draft: Path, made: Path, record: dict[str, Any], failure: Failure) -> str:
    """Publish the partial notebook with its record; return what to say."""
    target = draft.parent / f"{_name_of(draft)}.failed"
    part = draft / "failed"
    part.mkdir()
    (made / "executed.ipynb").rename(part / "partial.ipynb")
    record |= {"status": failure.status, "reason": failure.reason, "cell": failure.cell}
    record["outputs"] = _record.outputs(part)
    _record.write(part, record)
    _publish(part, target, draft)
    write_index(target.parent)
    return f"{failure.reason.rstrip('.')}; as far as it got: {target / 'partial.ipynb'}"


def _read_executed(path: Path) -> Any:
    """Read a notebook with its outputs."""
    import nbformat

    return nbformat.read(path, as_version=4)


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """Hold a lock on one run; it goes with the process that holds it."""
    from filelock import FileLock

    locks = target.parent / ".locks"
    locks.mkdir(exist_ok=True)
    with FileLock(locks / target.name):
        yield


def recover(target: Path) -> None:
    """Clear what killed runs left; the lock is held, so nobody works in it.

    One that was killed between the two renames of `_publish` had taken the run before
    it away: that one comes back.

    Parameters
    ----------
    target
        The run's folder, whether it is there or not.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     (Path(folder) / ".test-1a2b-draft").mkdir()
    ...     recover(Path(folder) / "test-1a2b")
    ...     list(Path(folder).iterdir())
    []
    """
    for stale in target.parent.glob(f".{glob.escape(target.name)}-*"):
        before = stale / "replaced"
        if not target.exists() and finished(before):
            before.rename(target)
        shutil.rmtree(stale, ignore_errors=True)


@contextmanager
def _draft(target: Path) -> Iterator[Path]:
    """Give a hidden folder to work in, gone afterwards."""
    draft = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        yield draft
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _publish(made: Path, target: Path, draft: Path) -> None:
    """Give a finished folder its name: what is on disk first, then one rename."""
    for file in sorted(made.rglob("*")):
        if file.is_file():
            with file.open("rb") as stream:
                os.fsync(stream.fileno())
    if target.exists():
        target.rename(draft / "replaced")
    made.rename(target)
    if not target.name.endswith(".failed"):
        shutil.rmtree(target.with_name(f"{target.name}.failed"), ignore_errors=True)


def _name_of(draft: Path) -> str:
    """Return the run's name from its draft's, ``.name-random``."""
    return draft.name.removeprefix(".").rpartition("-")[0]
