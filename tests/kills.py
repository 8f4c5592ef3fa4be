"""Kill runs: start them by fork, where everything is imported already, and SIGKILL them.

`python kills.py moments OUT COUNT` kills at random moments of a run with a real kernel;
`python kills.py steps OUT` kills before each step on the file system, execution aside.
`python kills.py folder OUT`, `file OUT` kill before each step of replacing one.
Prints one JSON object: how many were killed before their end, and what was seen.
"""

import json
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from followback import report
from followback._drafts import clear_drafts
from followback._report import record as _record
from followback.files import whole, whole_folder

AT_A_TIME = 3
CHANGES = ("os.rename", "os.mkdir", "os.rmdir", "os.remove", "open", "shutil.rmtree")


def notebook(path):
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    cells = [
        new_code_cell("n: int = 0", metadata={"tags": ["parameters"]}),
        new_code_cell(
            "import os\nfor k in range(20):\n"
            "    open(f\"{os.environ['FOLLOWBACK_RUN_FOLDER']}/tables/{k}.csv\", 'w').write('x\\n' * n)"
        ),
    ]
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    return path


def looks_finished(out):
    """Name what is wrong with the folders that a reader would take for finished runs."""
    wrong = []
    for folder in out.iterdir():
        if folder.name.startswith(".") or not folder.is_dir():
            continue
        record = _record.read(folder)
        if record is None or record["status"] != "ok":
            wrong.append(f"{folder.name}: {record and record['status']}")
        elif record["outputs"] != _record.outputs(folder):
            wrong.append(f"{folder.name}: files are not those of the record")
        elif not (folder / "ro-crate-metadata.json").is_file():
            wrong.append(f"{folder.name}: no crate")
    return wrong


def forked(work):
    child = os.fork()
    if child:
        return child
    os.setsid()
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 2)
    try:
        work()
    finally:
        os._exit(0)


def moments(out, count):
    path = notebook(out.parent / "n.ipynb")
    report.run(path, {"n": 1}, out=out)
    begun = time.monotonic()
    report.run(path, {"n": 1}, out=out, force=True)
    usual = time.monotonic() - begun
    chance = random.Random(7)
    killed, alive, wrong, started = 0, {}, [], 0
    while killed < count or alive:
        while killed + len(alive) < count and len(alive) < AT_A_TIME:
            n, force = chance.choice([(1, True), (2, True), (started + 10, False)])
            child = forked(lambda: report.run(path, {"n": n}, out=out, force=force))  # noqa: B023
            alive[child] = time.monotonic() + chance.uniform(0, 1.5 * usual)
            started += 1
        for child, ends in list(alive.items()):
            if os.waitpid(child, os.WNOHANG)[0]:  # it was faster
                del alive[child]
            elif time.monotonic() >= ends:
                os.kill(child, signal.SIGKILL)
                killed += os.WIFSIGNALED(os.waitpid(child, 0)[1])
                del alive[child]
                wrong += looks_finished(out)
        time.sleep(0.005)
    found = report.run(path, {"n": 1}, out=out)
    return {"killed": killed, "started": started, "usual": usual, "wrong": wrong,
            "again": looks_finished(out), "found": found.name}  # fmt: skip


def killer(step):
    """Return an audit hook that kills before the step-th change of a file or folder."""
    left = [step]

    def count(event, arguments):
        writes = event != "open" or not isinstance(arguments[1], str) or arguments[1] != "r"
        if event in CHANGES and writes:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    return count


def replaced(out, fill):
    """Kill before each step of replacing a file or folder; the next one clears up."""
    target, killed, wrong, drafts = out / "g", 0, [], 0
    for step in range(1, 100):
        fill(target, "old")

        def work():
            sys.addaudithook(killer(step))  # noqa: B023
            fill(target, "new")

        if not os.WIFSIGNALED(os.waitpid(forked(work), 0)[1]):
            break
        killed += 1
        drafts += len(os.listdir(out)) > 1
        clear_drafts(target)
        text = (target / "a" if target.is_dir() else target).read_text()
        if os.listdir(out) != ["g"] or text not in ("old", "new"):
            wrong.append([step, os.listdir(out)])
    return {"killed": killed, "wrong": wrong, "drafts": drafts}


def in_folder(target, text):
    with whole_folder(target) as draft:
        (draft / "a").write_text(text)


def in_file(target, text):
    with whole(target) as draft:
        draft.write_text(text)


def steps(out):
    """Kill before the first, second, third … step that changes a file or folder."""
    path = notebook(out.parent / "n.ipynb")
    first = report.run(path, {"n": 1}, out=out)
    kept = out.parent / "kept"
    shutil.copytree(first, kept)

    def stood_in(_template, _code, made, **_options):
        shutil.copy(kept / "executed.ipynb", made)
        shutil.copytree(kept / "tables", made / "tables", dirs_exist_ok=True)

    report.execute = stood_in
    killed, wrong, lost = 0, [], 0
    for step in range(1, 2_000):

        def work():
            sys.addaudithook(killer(step))  # noqa: B023
            report.run(path, {"n": 1}, out=out, force=True)

        status = os.waitpid(forked(work), 0)[1]
        wrong += looks_finished(out)
        lost += not first.is_dir()
        if not os.WIFSIGNALED(status):
            break
        killed += 1
        # whatever was left, the next one finds or makes the run
        os.waitpid(forked(lambda: report.run(path, {"n": 1}, out=out)), 0)
        wrong += looks_finished(out)
        if not first.is_dir():
            wrong.append(f"killed before step {step}, the run did not come back")
        drafts = [f.name for f in out.iterdir() if f.name.startswith(f".{path.stem}-")]
        wrong += drafts
    return {"killed": killed, "wrong": wrong, "lost_for_a_moment": lost}


if __name__ == "__main__":
    place = Path(sys.argv[2])
    kinds = {"moments": lambda: moments(place, int(sys.argv[3])), "steps": lambda: steps(place)}
    kinds |= {
        "folder": lambda: replaced(place, in_folder),
        "file": lambda: replaced(place, in_file),
    }
    answer = kinds[sys.argv[1]]()
    sys.stdout.write(json.dumps(answer))
