"""Run NetworkX's own tests with the backend and without, and count the calls.

    python tests/networkx_suite.py                                  # the whole suite
    python tests/networkx_suite.py networkx.algorithms.tests.test_core ...

NetworkX's tests pass even if a backend is never called. So this fails unless every
test ends as it does without the backend (but for `KNOWN`), and, in a whole run, every function of
`followback.dispatch.info.FUNCTIONS` was called and answered.
"""

import json
import logging
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

BACKEND = "followback"

# Tests that may end otherwise with the backend: how without and with it, and why.
KNOWN = {
    "utils/tests/test_backends.py::test_not_implemented_by_nx": (
        ("passed", "xfailed"),
        "it calls a stub that NetworkX itself lacks; in a run with any backend but its own "
        "loopback, NetworkX's dispatcher marks that as an expected failure",
    ),
}


class Calls(logging.Handler):
    """Count NetworkX's log lines on calls to the backend, less those it handed back."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.answered = Counter()

    def emit(self, record):
        if not record.args or record.args[0] != BACKEND:
            return
        if record.msg.startswith("Using backend '%s' for call to '%s'"):
            self.answered[record.args[1]] += 1
        elif record.msg.startswith("Backend '%s' raised when calling '%s'"):
            self.answered[record.args[1]] -= 1


class Outcomes:
    """Keep how every test ended."""

    def __init__(self):
        self.of = {}

    def pytest_runtest_logreport(self, report):
        if report.when == "call" or report.outcome != "passed":
            test = report.nodeid.rpartition("networkx/")[2]
            self.of[test] = report.outcome
            if hasattr(report, "wasxfail"):
                self.of[test] = "xfailed" if report.outcome == "skipped" else "xpassed"


def run_here(out, modules):
    """Run the tests in this process, whose environment names the backend or not."""
    import pytest

    calls, outcomes = Calls(), Outcomes()
    logger = logging.getLogger("networkx")
    logger.setLevel(logging.DEBUG)
    logger.addHandler(calls)
    empty = Path(out).with_suffix(".ini")
    empty.write_text("[pytest]\n")
    options = ["-c", str(empty), "-p", "no:cacheprovider", "-p", "no:logging", "-q", "--tb=short"]
    pytest.main([*options, "--pyargs", *modules], plugins=[outcomes])
    Path(out).write_text(json.dumps({"outcomes": outcomes.of, "calls": calls.answered}))


def run(backend, modules):
    """Run the tests in a process of their own; return outcomes, calls and what it printed."""
    settings = {"NETWORKX_TEST_BACKEND": BACKEND, "NETWORKX_FALLBACK_TO_NX": "True"}
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("NETWORKX_", "COVERAGE_"))}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "found.json"
        child = subprocess.run(
            [sys.executable, Path(__file__).resolve(), "--here", out, *modules],
            check=False, cwd=folder, env=clean | (settings if backend else {}),
            capture_output=True, text=True,
        )  # fmt: skip
        if not out.is_file():
            raise SystemExit(child.stdout + child.stderr)
        found = json.loads(out.read_text())
    return found["outcomes"], found["calls"], child.stdout


def compare(modules):
    """Run with and without; return the calls, how the tests ended, and what differs.

    Tests in `KNOWN` differ only if they end otherwise than it says.
    """
    plain, none, _ = run(backend=False, modules=modules)
    assert not none, "the backend was called where it was not asked for"
    ours, calls, printed = run(backend=True, modules=modules)
    differ = {
        test: (plain.get(test), ours.get(test))
        for test in {**plain, **ours}
        if plain.get(test) != ours.get(test)
        and KNOWN.get(test, (None,))[0] != (plain.get(test), ours.get(test))
    }
    return calls, (Counter(plain.values()), Counter(ours.values())), differ, printed


def main(modules):
    from followback.dispatch.info import FUNCTIONS

    calls, ended, differ, printed = compare(modules or ["networkx"])
    for name, count in sorted(calls.items()):
        print(f"{count:7,} {name}")
    print(f"{sum(calls.values()):7,} calls answered by followback")
    for which, outcomes in zip(("without", "with"), ended, strict=True):
        counts = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(outcomes.items()))
        print(f"{which} followback: {counts}")
    for test, ((without, with_backend), reason) in KNOWN.items():
        print(f"known: {test}, {without} without and {with_backend} with followback: {reason}")
    for test, (without, with_backend) in differ.items():
        print(f"{test}: {without} without followback, {with_backend} with it")
    silent = [] if modules else [name for name in FUNCTIONS if not calls.get(name)]
    if silent:
        print(f"never called: {', '.join(silent)}")
    if differ:
        print(printed[-5_000:])
    return 1 if differ or silent else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--here"]:
        run_here(sys.argv[2], sys.argv[3:])
    else:
        sys.exit(main(sys.argv[1:]))
