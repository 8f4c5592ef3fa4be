"""The record of a run, run.json: what its result depends on, and what came of it."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from .parameters import Parameter

FORMAT = 1  # of run.json; counts up when a name in it changes its meaning
RECORD, CRATE = "run.json", "ro-crate-metadata.json"
# What a result depends on besides the code: part of a run's key.
_PACKAGES = (
    "followback",
    "networkx",
    "numpy",
    "pandas",
    "scipy",
    "numba",
    "matplotlib",
    "papermill",
)
_HERE = Path(__file__).parent.parent  # the whole package


def begun(
    path: Path,
    template: Any,
    known: Mapping[str, Parameter],
    given: Mapping[str, Any],
    values: Mapping[str, Any],
) -> dict[str, Any]:
    """Collect what is known before the run: all that its result depends on."""
    record = {
        "format": FORMAT,
        "status": "running",
        "title": title_of(template, path),
        "notebook": {"name": path.name, "sha256": template_digest(template)},
        "parameters": [_parameter(p, given, values[p.name]) for p in known.values()],
        "inputs": [
            {"parameter": name, "name": file.name, "path": str(file), **size_and_digest(file)}
            for name in known
            for file in paths_of(known[name], values[name])
        ],
        "seed": values.get("seed"),
        "engine": values.get("engine", "memory"),
        "packages": {name: _version(name) for name in _PACKAGES},
        "code": size_and_digest(_HERE)["sha256"],
        "python": platform.python_version(),
        "system": platform.platform(),
        "git": _git(path.resolve().parent),
    }
    return {"key": key_of(record), **record}


def key_of(record: Mapping[str, Any]) -> str:
    """Hash what the result depends on; a file counts by its content, not by its place."""
    asked = [(p["name"], p["shown"]) for p in record["parameters"]]
    inputs = [(i["name"], i["sha256"]) for i in record["inputs"]]
    parts = [record["notebook"], asked, inputs, record["packages"], record["code"]]
    if "pseudonyms" in record:
        parts.append(record["pseudonyms"])
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:10]


def facts(folder: Path) -> dict[str, Any]:
    """Read what the kernel told of itself and of the results, as far as it got."""
    file = folder / "facts.json"
    return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}


def warnings_of(notebook: Any) -> list[str]:
    """List the warnings that cells printed, without the place in the code."""
    found: dict[str, None] = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and output.name == "stderr":
                for match in re.finditer(r"\b(\w*Warning: .+)", output.text):
                    found[match.group(1)] = None
    return list(found)


def outputs(made: Path) -> list[dict[str, Any]]:
    """List a run's files with size and sha256, all but the two records themselves."""
    files = sorted(file for file in made.rglob("*") if file.is_file())
    return [
        {"name": name, **size_and_digest(file)}
        for file in files
        if (name := file.relative_to(made).as_posix()) not in (RECORD, CRATE)
    ]


def write(made: Path, record: Mapping[str, Any]) -> None:
    """Write ``run.json``."""
    text = json.dumps(record, indent=1, allow_nan=False) + "\n"
    (made / RECORD).write_text(text, encoding="utf-8")


def read(folder: Path) -> dict[str, Any] | None:
    """Return a run's record, or None where the folder holds none that can be read."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) and "status" in record else None


def template_digest(template: Any) -> str:
    """Return the sha256 of a notebook's sources."""
    source = "\n\n".join(f"{cell.cell_type}\n{cell.source}" for cell in template.cells)
    return hashlib.sha256(source.encode()).hexdigest()


def title_of(template: Any, path: Path) -> str:
    """Return a notebook's first heading, or its name."""
    for cell in template.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("# "):
            return str(cell.source.splitlines()[0].removeprefix("# "))
    return path.stem


def paths_of(parameter: Parameter, value: Any) -> list[Path]:
    """Return the files that a parameter's value names."""
    if not parameter.kind.holds_paths or value is None:
        return []
    return [Path(item) for item in (value if isinstance(value, list) else [value])]


def size_and_digest(path: Path) -> dict[str, Any]:
    """Return bytes and sha256 of a file, or of all files of a folder with their names.

    Of followback itself without the notebooks and data that an installed one holds, so
    that it counts as the same code as the checkout that it was made from.
    """
    total, size = hashlib.sha256(), 0
    for file in _files(path):
        size += file.stat().st_size
        if path.is_file():
            with file.open("rb") as stream:
                return {"bytes": size, "sha256": hashlib.file_digest(stream, "sha256").hexdigest()}
        total.update(file.relative_to(path).as_posix().encode() + b"\0")
        with file.open("rb") as stream:
            total.update(hashlib.file_digest(stream, "sha256").digest())
    return {"bytes": size, "sha256": total.hexdigest()}


def now() -> str:
    """Return the time as ISO 8601, UTC, in seconds."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _parameter(parameter: Parameter, given: Mapping[str, Any], value: Any) -> dict[str, Any]:
    names = [file.name for file in paths_of(parameter, value)]
    plain = value if isinstance(value, list) else [value]
    entry = {
        "name": parameter.name,
        "type": parameter.type,
        "value": value,
        "shown": ", ".join(names or map(str, plain)) if value is not None else "",
        "help": parameter.help,
    }
    if parameter.name in given:
        as_given = given[parameter.name]
        entry["given"] = as_given if isinstance(as_given, int | float | str) else str(as_given)
    return entry


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    skipped = {"__pycache__", *(("notebooks", "data") if path == _HERE else ())}
    files = (file for file in path.rglob("*") if file.is_file())
    return sorted(f for f in files if not skipped & {*f.relative_to(path).parts[:-1]})


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def _git(folder: Path) -> dict[str, Any] | None:
    """Return the commit that the notebook stands at, and whether files were changed since."""

    def ask(*arguments: str) -> str:
        command = ["git", "-C", os.fspath(folder), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20)  # noqa: S603
        return done.stdout.strip()

    try:
        return {"commit": ask("rev-parse", "HEAD"), "dirty": bool(ask("status", "--porcelain"))}
    except (OSError, subprocess.SubprocessError):
        return None
