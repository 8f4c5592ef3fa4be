"""One execution: a pristine notebook through papermill, every way to fail told apart."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._errors import CallError, FollowbackError
from .facts import RUN_FOLDER

INJECTED, FACTS = "injected-parameters", "followback-facts"  # ids and tags of our two cells
_ROOM = "close other programs or use fewer follows"
_KILLED = -9
_START = 180  # seconds that a kernel may take to start: on a cluster many start at once


@dataclass(frozen=True)
class Failure:
    """Why a run did not finish.

    ``status`` is cell-error, kernel-died, out-of-memory or timeout; ``cell`` counts
    the notebook's cells from 1; ``exit_code`` is 2 where the call was at fault.
    """

    status: str
    reason: str
    cell: int | None
    exit_code: int = FollowbackError.exit_code


def read_notebook(path: Path) -> Any:
    """Read a notebook as its author left it: no outputs, no injected cell, no old metadata."""
    import nbformat

    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except (nbformat.ValidationError, ValueError, OSError, KeyError, AttributeError) as error:
        raise CallError(f"{path} is no notebook: {' '.join(str(error).split())[:100]}") from error
    return pristine(notebook)


def pristine(notebook: Any) -> Any:
    """Take from a notebook what an execution put in."""
    notebook.cells = [c for c in notebook.cells if INJECTED not in c.metadata.get("tags", [])]
    for name in ("papermill", "followback"):
        notebook.metadata.pop(name, None)
    for cell in notebook.cells:
        _without_timings(cell)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def execute(
    template: Any, code: str, made: Path, *, timeout: float | None, progress: bool
) -> Failure | None:
    """Run the notebook in the run's folder; ``executed.ipynb`` stands there afterwards.

    Parameters
    ----------
    template
        The pristine notebook.
    code
        The source of the cell that sets the parameters.
    made
        The run's folder, where the kernel works.
    timeout
        Of the whole run, in seconds.
    progress
        Show a bar while the cells run.
    """
    import nbformat
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    source, executed = made.parent / "pristine.ipynb", made / "executed.ipynb"
    nbformat.write(_with_our_cells(template, code), source)
    exits: list[int] = []
    killed_before = _oom_kills()
    ends = None if timeout is None else time.monotonic() + timeout
    failure = None
    try:
        with private() as config:
            papermill.execute_notebook(
                source,
                executed,
                kernel_name="python3",
                progress_bar=progress,
                start_timeout=_START,
                config=config,
                kernel_manager_class=_manager(made, exits),
                timeout_func=None if ends is None else lambda _: max(ends - time.monotonic(), 0.1),
            )
    except PapermillExecutionError as error:
        if error.ename == "KeyboardInterrupt":
            raise KeyboardInterrupt from error
        failure = _cell_failure(error, template)
    except DeadKernelError:
        failure = _death(exits, _oom_kills() > killed_before, _last_cell(executed, template))
    except CellTimeoutError:
        cell = _last_cell(executed, template)
        reason = f"cell {cell} of the notebook was still running after {timeout:g} s"
        failure = Failure("timeout", f"{reason}; give more time with --timeout", cell)
    except RuntimeError as error:  # what Jupyter raises while it waits for the kernel to start
        if "kernel" not in str(error).lower():
            raise
        reason = (
            f"the notebook's kernel did not start ({error}); run it again on a machine less busy"
        )
        failure = Failure("kernel-died", reason, None)
    _tidy(executed, failure)
    return failure


def _manager(made: Path, exits: list[int]) -> Any:
    """Return a kernel manager: this Python, in the run's folder, its end noted.

    The folder and the environment go to the kernel alone, so that runs in one process
    do not disturb each other.
    """
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    class Manager(AsyncKernelManager):  # type: ignore[misc]
        kernel_spec = KernelSpec(
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            language="python",
            display_name="Python 3",
        )

        async def start_kernel(self, **options: Any) -> Any:
            told = {RUN_FOLDER: str(made), "PYTHONHASHSEED": "0"}
            options |= {"cwd": str(made), "env": {**os.environ, **told}}
            return await super().start_kernel(**options)

        async def _async_is_alive(self) -> bool:
            alive = await super()._async_is_alive()
            process = getattr(self.provisioner, "process", None)
            if not alive and process is not None:
                exits.append(process.returncode)
            return bool(alive)

    return Manager


@contextmanager
def private() -> Iterator[Any]:
    """Let the kernel be spoken to through files of this user, not an open port, where that works.

    The files lie in a folder with a short name: a socket's path may not be long.
    """
    from traitlets.config import Config

    if os.name == "nt":
        yield Config()
        return
    with tempfile.TemporaryDirectory(prefix="fb-") as folder:
        yield Config(KernelManager={"transport": "ipc", "ip": f"{folder}/kernel"})


def _with_our_cells(template: Any, code: str) -> Any:
    """Put the parameters below the cell that declares them, and the kernel's account last."""
    from copy import deepcopy

    from nbformat.v4 import new_code_cell

    notebook = deepcopy(template)
    at = _parameters_at(template) + 1
    tell = "from followback._report import facts\nfacts.tell()"
    for place, source, name in ((at, code, INJECTED), (len(notebook.cells) + 1, tell, FACTS)):
        notebook.cells.insert(place, new_code_cell(source, id=name, metadata={"tags": [name]}))
    return notebook


def _parameters_at(template: Any) -> int:
    return next(
        k for k, c in enumerate(template.cells) if "parameters" in c.metadata.get("tags", [])
    )


def _tidy(executed: Path, failure: Failure | None) -> None:
    """Leave in the executed notebook what the run made, and no clock, so equal runs are equal."""
    import nbformat
    from nbformat.v4 import new_markdown_cell

    notebook = nbformat.read(executed, as_version=4)
    ours = (FACTS, "papermill-error-cell-tag")
    notebook.cells = [c for c in notebook.cells if not {*ours} & {*c.metadata.get("tags", [])}]
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        _without_timings(cell)
    notebook.metadata["followback"] = {"status": failure.status if failure else "ok"}
    if failure:
        where = f" in cell {failure.cell}" if failure.cell else ""
        told = f"**This run did not finish: {failure.status}{where}.** What follows is a part."
        notebook.cells.insert(0, new_markdown_cell(told, id="not-finished"))
    nbformat.write(notebook, executed)


def _without_timings(cell: Any) -> None:
    for name in ("papermill", "execution"):
        cell.metadata.pop(name, None)


def _cell_failure(error: Any, template: Any) -> Failure:
    """Say in one line which cell failed and why; our own errors speak for themselves."""
    cell = _counted(error.cell_index, template)
    reason = " ".join(str(error.evalue).split())
    if error.ename.endswith("MemoryError"):
        return Failure(
            "out-of-memory", f"cell {cell} of the notebook ran out of memory; {_ROOM}", cell
        )
    for ours in (CallError, FollowbackError):
        if error.ename == ours.__name__:
            return Failure("cell-error", reason, cell, ours.exit_code)
    return Failure(
        "cell-error", f"cell {cell} of the notebook failed: {error.ename}: {reason}", cell
    )


def _death(exits: list[int], for_memory: bool, cell: int | None) -> Failure:  # noqa: FBT001
    """Tell a kernel that the system killed for want of memory from one that ended otherwise."""
    code = exits[-1] if exits else 0
    where = f"the notebook's kernel died in cell {cell}"
    if code == _KILLED and for_memory:
        reason = f"{where}: the system killed it, for memory had run out; {_ROOM}"
        return Failure("out-of-memory", reason, cell)
    if code == _KILLED:
        reason = f"{where}: it was killed, most likely for want of memory; {_ROOM}"
    elif code < 0:
        reason = f"{where} of signal {-code}; run the notebook by hand up to that cell"
    else:
        reason = f"{where} with exit code {code}; run the notebook by hand up to that cell"
    return Failure("kernel-died", reason, cell)


def _oom_kills() -> int:
    """Count the processes that Linux has killed for want of memory since it started."""
    try:
        text = Path("/proc/vmstat").read_text(encoding="ascii")
    except OSError:
        return 0
    counts = dict(line.split() for line in text.splitlines())
    return int(counts.get("oom_kill", 0))


def _last_cell(executed: Path, template: Any) -> int | None:
    """Return the last cell that was started; papermill notes a time for each of them."""
    import nbformat

    if not executed.is_file():
        return None
    cells = nbformat.read(executed, as_version=4).cells
    started = [k for k, c in enumerate(cells) if c.metadata.get("papermill", {}).get("start_time")]
    return _counted(started[-1], template) if started else None


def _counted(index: int, template: Any) -> int:
    """Turn an index among the cells that ran into the notebook's own count from 1."""
    injected = _parameters_at(template) + 1
    return index + 1 if index < injected else max(index, injected)
