"""The blocks of code in a page of the documentation, run one after another as a reader would.

``python`` blocks share one namespace; in ``console`` blocks a line that begins with ``$``
is a command. A ``text`` block right below, or the lines below a command, is what it prints.
"""

import io
import re
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```\n(?:\n+```text\n(.*?)^```\n)?", re.MULTILINE | re.DOTALL)


def outputs(page):
    """Yield of each block that runs: its code, what it should print (None: not said), what it did."""
    namespace = {"__name__": "page"}
    for block in BLOCK.finditer(page):
        language, code, said = block.groups()
        if language == "python":
            printed = io.StringIO()
            with redirect_stdout(printed):
                exec(compile(code, "<page>", "exec"), namespace)
            yield code, said, printed.getvalue()
        elif language == "console":
            for command, shown in re.findall(r"^\$ (.*)\n((?:[^$].*\n)*)", code, re.MULTILINE):
                yield command, shown or None, _run(command)


def _run(command):
    """Run a command in this process: what takes a second less each time."""
    from followback.cli import main

    name, *words = command.split()
    assert name == "followback", command
    if "*" in words[-1]:
        words[-1:] = sorted(map(str, Path().glob(words[-1])))
    printed, told = io.StringIO(), io.StringIO()
    with redirect_stdout(printed), redirect_stderr(told), pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 0, told.getvalue()
    return printed.getvalue()
