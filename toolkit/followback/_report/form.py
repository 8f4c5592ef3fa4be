"""A form for a notebook's parameters, in JupyterLab: the same run, without typing a command."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .parameters import Parameter


def form(
    notebook: str | os.PathLike[str] = "10-ring-report",
    *,
    values: Mapping[str, Any] | None = None,
    out: str | os.PathLike[str] = "reports",
) -> Any:
    """Show a notebook's parameters as a form with a button that runs it.

    It calls ``followback report`` in a process of its own with the values as a file,
    so what it makes is the same folder that the command makes. In an exported page,
    where no button lives, the fields and the command are listed.

    Parameters
    ----------
    notebook
        A notebook, or the name of one of followback's.
    values
        What stands in the fields at first, by parameter, in place of the defaults; a path
        is relative to the working folder.
    out
        The folder that runs are kept in.

    Returns
    -------
    ipywidgets.VBox
        Its ``fields`` are the widgets by parameter.

    Raises
    ------
    CallError
        No such notebook, its parameters cannot be read, or a value is none of theirs.

    Examples
    --------
    >>> form("10-ring-report", values={"min_size": 8}).fields["min_size"].value
    8
    """
    import ipywidgets as widgets

    from .._widgets import Readable
    from ..report import find_notebook, parameters

    path = find_notebook(notebook)
    given, home = values or {}, path.resolve().parent
    known = _filled(parameters(notebook), given, path)
    fields = {name: _field(p, Path.cwd() if name in given else home) for name, p in known.items()}
    told = widgets.Textarea(disabled=True, layout={"width": "95%", "height": "6em"})
    link = widgets.HTML()
    button = widgets.Button(description="Run", button_style="primary", icon="play")

    def start(_: Any) -> None:
        button.disabled, link.value = True, ""
        told.value = "Running …"
        try:
            told_of = {name: value_of(known[name], field.value) for name, field in fields.items()}
            done = _report(path, told_of, Path(out))
            told.value = (done.stderr + done.stdout).strip()
            if done.returncode == 0:
                link.value = _link(Path(done.stdout.strip().splitlines()[-1]) / "report.html")
        finally:
            button.disabled = False

    button.on_click(start)
    rows = [
        widgets.VBox([field, widgets.Label(known[name].help)]) for name, field in fields.items()
    ]
    box = Readable([*rows, button, told, link], _still(path, known))
    box.fields, box.button, box.told = fields, button, told
    return box


def _filled(
    known: Mapping[str, Parameter], given: Mapping[str, Any], notebook: Path
) -> dict[str, Parameter]:
    """Return the parameters with the given values, checked, in place of their defaults."""
    from .parameters import checked

    taken = checked(known, given, notebook) if given else {}
    filled = dict(known)
    for name in given:
        is_path = known[name].kind.name == "Path" and taken[name]
        default = os.path.relpath(taken[name]) if is_path else taken[name]
        filled[name] = replace(known[name], default=default)
    return filled


def _still(notebook: Path, known: Mapping[str, Parameter]) -> str:
    """Say what the form asks for, and which command does the same."""
    items = "".join(
        f"<li><code>{name}</code>: {escape(one.help)}"
        + (f" (<code>{escape(str(one.default))}</code>)" if one.default not in ("", None) else "")
        for name, one in known.items()
    )
    command = f"followback report {shlex.quote(notebook.stem)} -p NAME=VALUE"
    return (
        f"<p>A form with a field for each parameter of {escape(notebook.stem)}; it lives where a "
        f"kernel runs. The same in a terminal: <code>{escape(command)}</code></p><ul>{items}</ul>"
    )


def _field(parameter: Parameter, base: Path) -> Any:
    """Return the widget that fits a parameter."""
    import ipywidgets as widgets

    kind, default = parameter.kind, parameter.default
    common = {
        "description": parameter.name,
        "style": {"description_width": "10em"},
        "layout": {"width": "95%"},
    }
    if kind.name == "Literal":
        none = [("none", None)] if kind.optional else []
        options = [*none, *((str(choice), choice) for choice in kind.choices)]
        return widgets.Dropdown(options=options, value=default, **common)
    if kind.name == "date":
        day = None if default is None else date.fromisoformat(default)
        return widgets.DatePicker(value=day, **common)
    if not kind.optional:
        if kind.name == "bool":
            return widgets.Checkbox(value=default, **common)
        if kind.name == "int":
            return widgets.IntText(value=default, **common)
        if kind.name == "float":
            return widgets.FloatText(value=default, **common)
    if kind.name == "Path" and default:
        default = os.path.relpath((base / default).resolve())
    if kind.name == "list":
        import json

        default = None if default is None else json.dumps(default)
    return widgets.Text(value="" if default is None else str(default), **common)


def value_of(parameter: Parameter, value: Any) -> Any:
    """Return what a widget holds as a parameter file says it."""
    if isinstance(value, date):
        return value.isoformat()
    return None if value == "" and parameter.kind.optional else value


def _report(notebook: Path, values: dict[str, Any], out: Path) -> subprocess.CompletedProcess[str]:
    import json

    with tempfile.TemporaryDirectory(prefix="followback-") as folder:
        file = Path(folder) / "parameters.json"
        file.write_text(json.dumps(values), encoding="utf-8")
        command = [sys.executable, "-m", "followback", "report", str(notebook)]
        command += ["--parameters", str(file), "-o", str(out), "--quiet"]
        return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603


def _link(page: Path) -> str:
    shown = os.path.relpath(page)
    style = "color:#0072B2;text-decoration:underline"
    name = escape(shlex.quote(shown))
    return f"Open the page: <a href='{escape(shown)}' target='_blank' style='{style}'>{name}</a>"
