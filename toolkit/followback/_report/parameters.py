"""The parameters of a notebook: read from its ``parameters`` cell, checked before it runs."""

from __future__ import annotations

import ast
import difflib
import io
import json
import os
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from .._errors import CallError
from .kinds import Kind, converted, kind_of, shown

_SAMPLE = "default: the sample's"  # ends the help of parameters that belong to one file


@dataclass(frozen=True)
class Parameter:
    """One line of the ``parameters`` cell: ``name: type = default  # help``."""

    name: str
    kind: Kind
    default: Any
    help: str

    @property
    def type(self) -> str:
        """The type as it is written, without quotes."""
        return str(self.kind)


def declared(notebook: Any, path: Path) -> dict[str, Parameter]:
    """Read the parameters that a notebook declares, from its syntax, not by guessing.

    One parameter a line, ``min_size: int = 5  # smallest ring``; the type is int,
    float, bool, str, Path (a file that is read; relative to the notebook), date,
    ``list[...]`` or ``Literal[...]`` of these, each also ``| None``. Path and date in
    quotes give the notebook text, without quotes (and with their import in the cell)
    the objects. Imports may stand in the cell; nothing else may.

    Raises
    ------
    CallError
        Not exactly one cell is tagged ``parameters``, a line is not of that form, or
        a default is not of its type.
    """
    cells = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    if len(cells) != 1:
        raise CallError(f"{path} has {len(cells)} cells tagged 'parameters'; it needs exactly one")
    source = cells[0].source
    try:
        statements = ast.parse(source).body
    except SyntaxError as error:
        raise CallError(f"{path}, parameters cell, line {error.lineno}: {error.msg}") from error

    comments = _comments(source)
    imports = (ast.Import, ast.ImportFrom)
    known: dict[str, Parameter] = {}
    for node in statements:
        if isinstance(node, imports):
            continue
        parameter = _parameter(node, comments, path)
        if parameter.name in known:
            raise CallError(
                f"{path}, parameters cell, line {node.lineno}: {parameter.name} stands there twice"
            )
        known[parameter.name] = parameter
    return known


def checked(
    known: Mapping[str, Parameter], given: Mapping[str, Any], notebook: Path
) -> dict[str, Any]:
    """Return every parameter's value: given, else default; all faults in one message.

    Text is turned into the declared type; a given Path is relative to the working
    folder, a default one to the notebook, and the file must exist. Dates and paths
    come back as text, so every value can be written as JSON. Where a file is given, what
    by its help has the sample's for a default must be given too.

    Raises
    ------
    CallError
        No mapping, an unknown name (with the nearest right one), a wrong type, a missing
        file, an account of the sample beside another file.
    """
    if not isinstance(given, Mapping) or not all(isinstance(name, str) for name in given):
        raise CallError("parameters are a mapping of names to values, as {'min_size': 8} is")
    faults = [_unknown(name, known) for name in given if name not in known]
    values = {}
    for name, parameter in known.items():
        value, base = (
            (given[name], Path.cwd())
            if name in given
            else (parameter.default, notebook.resolve().parent)
        )
        try:
            values[name] = converted(value, parameter.kind, base)
        except ValueError as error:
            faults.append(f"parameter {name}: {error}")
    if not faults:
        faults = [*_of_the_sample(known, given, values, notebook)]
    if faults:
        raise CallError("; ".join(faults))
    return values


def _of_the_sample(
    known: Mapping[str, Parameter],
    given: Mapping[str, Any],
    values: Mapping[str, Any],
    notebook: Path,
) -> Iterator[str]:
    """Name what was left to the sample's default although a file of one's own was given."""
    theirs = {name: p for name, p in known.items() if p.help.endswith(_SAMPLE)}
    files = [name for name in theirs if known[name].kind.holds_paths and name in given]
    own = [
        name
        for name in files
        if Path(values[name]) != (notebook.resolve().parent / known[name].default).resolve()
    ]
    for name in theirs:
        if own and name not in given:
            yield f"parameter {name}: the default is the sample's; name yours beside {own[0]}"


def injected(known: Mapping[str, Parameter], values: Mapping[str, Any]) -> str:
    """Return the code that sets the parameters in the notebook: literals, never an expression.

    >>> text = Parameter("note", Kind("str"), "", "")
    >>> print(injected({"note": text}, {"note": "__import__('os')"}))
    # Parameters
    note = "__import__('os')"
    """
    lines = [f"{name} = {_literal(values[name], known[name].kind)}" for name in known]
    return "\n".join(["# Parameters", *lines])


def from_file(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read parameters from a YAML or JSON file: a mapping of names to values.

    Raises
    ------
    CallError
        There is no such file, it is not a mapping, or a name stands there twice.
    """
    import yaml

    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8")
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        found = json.loads(text) if file.suffix == ".json" else yaml.safe_load(text)
    except FileNotFoundError as error:
        raise CallError(f"there is no file {file}; name a YAML or JSON file") from error
    except (yaml.YAMLError, ValueError) as error:
        raise CallError(f"{file} is no YAML or JSON: {' '.join(str(error).split())}") from error
    if found is None:
        return {}
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
        raise CallError(f"{file} is not a mapping; write each parameter as 'name: value'")
    names = [key.value for key, _ in tree.value]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise CallError(f"{file} gives {twice[0]} twice; leave one")
    return found


def as_options(known: Mapping[str, Parameter], notebook: str) -> str:
    """Return the parameters as the command line's help prints options."""
    lines = [f"Parameters of {notebook} (after its name, or as -p name=value):"]
    heads = [f"--{name.replace('_', '-')} {p.type.upper()}" for name, p in known.items()]
    width = min(max(map(len, heads), default=0), 34)
    for head, parameter in zip(heads, known.values(), strict=True):
        default = parameter.default
        shown = "" if default in ("", None) else f"[default: {default}]"
        text = "  ".join(part for part in (parameter.help, shown) if part)
        lines.append(f"  {head.ljust(width)}  {text}".rstrip())
    return "\n".join(lines)


def from_options(
    arguments: list[str], known: Mapping[str, Parameter] | None = None
) -> dict[str, str]:
    """Read ``--min-size 8`` or ``--min-size=8`` as the parameter ``min_size``.

    A parameter that is true or false may stand alone: ``--mutual`` is ``--mutual true``.

    >>> from_options(["--min-size", "8", "--note=a=b"])
    {'min_size': '8', 'note': 'a=b'}

    Parameters
    ----------
    arguments
        What was typed.
    known
        The notebook's parameters; left out, any name will do.

    Raises
    ------
    CallError
        An argument without its option, a name that is not known, an option without its
        value or given twice.
    """
    found: dict[str, str] = {}
    left = list(arguments)
    while left:
        argument = left.pop(0)
        if not argument.startswith("--") or argument == "--":
            raise CallError(f"{shown(argument)} belongs to no option; write --name value")
        option, equals, value = argument.partition("=")
        name = option.removeprefix("--").replace("-", "_")
        if known is not None and name not in known:
            raise CallError(_unknown(name, known))
        if not equals:
            switch = known is not None and known[name].kind.name == "bool"
            if switch and (not left or left[0].startswith("--")):
                value = "true"
            elif left:
                value = left.pop(0)
            else:
                raise CallError(f"{option} needs a value")
        if name in found:
            raise CallError(f"{option} is given twice; leave one")
        found[name] = value
    return found


def _comments(source: str) -> dict[int, str]:
    """Return the comment of each line."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {t.start[0]: t.string.lstrip("# ") for t in tokens if t.type == tokenize.COMMENT}


def _parameter(node: ast.stmt, comments: dict[int, str], path: Path) -> Parameter:
    where = f"{path}, parameters cell, line {node.lineno}"
    if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
        raise CallError(f"{where}: write each parameter as 'name: type = default  # help'")
    try:
        kind = kind_of(node.annotation)
        default = _default(node.value)
        if not kind.holds_paths:  # a file is looked for when the notebook is run
            converted(default, kind, path)
    except ValueError as error:
        raise CallError(f"{where}: {error}") from error
    lines = range(node.end_lineno or 0, node.lineno - 1, -1)
    told = next((comments[line] for line in lines if line in comments), "")
    return Parameter(node.target.id, kind, default, told)


def _default(node: ast.expr | None) -> Any:
    """Return a default: a literal, or ``Path("...")`` or ``date(2024, 1, 31)`` of literals."""
    if node is None:
        raise ValueError("write a default; for a parameter that may be left out, None")
    name = ast.unparse(node.func).split(".")[-1] if isinstance(node, ast.Call) else ""
    try:
        if isinstance(node, ast.Call) and name in ("Path", "date"):
            arguments = [ast.literal_eval(argument) for argument in node.args]
            return date(*arguments).isoformat() if name == "date" else str(Path(*arguments))
        return ast.literal_eval(node)
    except (ValueError, TypeError) as error:
        raise ValueError("the default must be a plain value, not a call") from error


def _literal(value: Any, kind: Kind) -> str:
    """Write a value as Python reads it back; for objects the call that makes them from text."""
    if isinstance(value, list):
        return f"[{', '.join(_literal(item, kind.inner or kind) for item in value)}]"
    if value is None or kind.quoted or kind.name not in ("Path", "date"):
        return repr(value)
    return f"Path({value!r})" if kind.name == "Path" else f"date.fromisoformat({value!r})"


def _unknown(name: str, known: Mapping[str, Parameter]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(known)}"
    return f"the notebook has no parameter {shown(name)}; {hint}"
