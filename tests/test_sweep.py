"""SWEEP: a run for every point of a grid; what failed does not stop the rest."""

import json
import os
import subprocess
import sys

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_notebook

import followback as fb
from followback import report
from followback._report import sweep as _sweep

from .codebook import explained

CELL = """\
import followback as fb
if n == 2 and mode == "b":
    raise ValueError("no such luck")
fb.show.headline({"square": n * n, "n": n / 2})
"""
PARAMETERS = (
    "from typing import Literal\nn: int = 1\nmode: Literal['a', 'b'] = 'a'\nnames: list[str] = []"
)


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cells = [new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}), new_code_cell(CELL)]
    nbformat.write(new_notebook(cells=cells), tmp_path / "n.ipynb")
    return tmp_path / "n.ipynb"


def test_a_sweep_runs_all_points_and_again_only_what_is_missing(path, tmp_path, capsys):
    out = tmp_path / "out"
    grid = {"n": [1, 2], "mode": ["a", "b"]}
    folder = report.sweep(path, grid, out=out, jobs=2, progress=True)
    assert "4 of 4 runs, 1 failed, about 0 s left" in capsys.readouterr().err
    table = pd.read_csv(folder / "sweep.csv")
    assert table[["n", "mode"]].to_numpy().tolist() == [[1, "a"], [1, "b"], [2, "a"], [2, "b"]]
    assert table["status"].tolist() == ["ok", "ok", "ok", "cell-error"]
    assert table["square"].tolist()[:3] == [1, 1, 4]
    assert table["n found"].tolist()[:3] == [0.5, 0.5, 1.0]
    assert "no such luck" in table["reason"][3]
    assert {*table} - {"n", "mode", "square", "n found"} == explained("sweep.csv")
    assert (folder / "sweep.png").read_bytes()[:4] == b"\x89PNG"

    times = {run: (out / run / "run.json").stat().st_mtime_ns for run in table["run"].dropna()}
    again = report.sweep(path, grid, out=out)
    assert again == folder
    assert pd.read_csv(again / "sweep.csv")["run"].dropna().tolist() == list(times)
    assert times == {run: (out / run / "run.json").stat().st_mtime_ns for run in times}


def test_no_more_runs_at_a_time_than_the_process_may_use_cores(path, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 9)
    monkeypatch.setattr(_sweep, "_answers", lambda *given: asked.append(given[3]) or ())
    monkeypatch.setattr(_sweep, "_summarise", lambda *_: tmp_path)
    report.sweep(path, {"n": [1, 2, 3]}, out=tmp_path / "out", jobs=3)
    assert asked == [2]


def test_a_wrong_point_is_refused_before_anything_runs(path, tmp_path):
    for grid, fixed, message in (
        ({"n": ["1", "x"]}, {}, "'x' is not a whole number"),
        ({"n": []}, {}, "nothing is varied"),
        ({}, {}, "nothing is varied"),
        ({"n": [1]}, {"n": 2}, "both given and varied"),
        ({"m": [1]}, {}, "did you mean 'n'|no parameter 'm'"),
    ):
        with pytest.raises(fb.CallError, match=message):
            report.sweep(path, grid, fixed, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_grid_from_text(path):
    texts = {"n": "5,8", "mode": "a", "names": '["x,y"],[]'}
    assert _sweep.grid_of(path, texts) == {"n": ["5", "8"], "mode": ["a"], "names": [["x,y"], []]}
    with pytest.raises(fb.CallError, match="write lists as"):
        _sweep.grid_of(path, {"names": "x"})


def test_only_what_another_try_may_cure_is_tried_again(monkeypatch, tmp_path):
    tried = []

    def run(_notebook, point, **_options):
        tried.append(point["n"])
        raise report.RunError("it ended", point["n"])

    monkeypatch.setattr(report, "run", run)
    for status, tries in (("kernel-died", 3), ("timeout", 3), ("cell-error", 1)):
        tried.clear()
        _, row = _sweep.one_point(0, "n", {"n": status}, tmp_path, None, 2)
        assert (len(tried), row["status"], row["reason"]) == (tries, status, "it ended")


@pytest.mark.slow
def test_the_slurm_script_does_each_task_and_the_sweep_then_finds_them(path, tmp_path):
    """The script as Slurm runs it: once a task, told its number by the environment."""
    call = [sys.executable, "-m", "followback", "sweep", "n.ipynb", "-g", "n=1,3", "-p", "mode=a"]
    done = subprocess.run([*call, "--slurm", "job.sh"], check=True, capture_output=True, text=True)
    assert done.stdout == "job.sh\n"
    assert "#SBATCH --array=1-2\n" in (tmp_path / "job.sh").read_text()
    for task in ("1", "2"):
        env = {**os.environ, "SLURM_ARRAY_TASK_ID": task}
        subprocess.run(
            ["bash", tmp_path / "job.sh"], check=True, capture_output=True, env=env, cwd="/"
        )
    made = set(os.listdir(tmp_path / "reports"))
    subprocess.run(call, check=True, capture_output=True)
    (summary,) = set(os.listdir(tmp_path / "reports")) - made
    table = pd.read_csv(tmp_path / "reports" / summary / "sweep.csv")
    assert table["square"].tolist() == [1, 9]
    assert set(table["run"]) <= made


def test_a_dry_run_lists_the_points(path, tmp_path, capsys):
    from followback.cli import main

    with pytest.raises(SystemExit) as ended:
        main(["sweep", str(path), "-g", "n=1,2", "mode=a,b", "--dry-run"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == "n=1 mode=a\nn=1 mode=b\nn=2 mode=a\nn=2 mode=b\n"
    for wrong in (["-g", "n"], ["-g", "n=1", "n=2"], ["-g", "n=1", "--only", "2"]):
        with pytest.raises(SystemExit) as ended:
            main(["sweep", str(path), *wrong])
        assert ended.value.code == 2
    assert not (tmp_path / "reports").exists()


def test_the_figure_has_a_panel_a_headline_and_a_line_a_value():
    table = pd.DataFrame({"n": [1, 2, 1, 2], "mode": list("aabb"), "x": [1, 2, 3, None], "y": 0})
    figure = _sweep.grid_figure(table, ["n", "mode"], ["x", "y"])
    shown = [axes for axes in figure.axes if axes.get_visible()]
    assert [axes.get_title() for axes in shown] == ["x", "y"]
    assert [len(axes.lines) for axes in shown] == [2, 2]
    assert [text.get_text() for text in figure.legends[0].texts] == ["mode = a", "mode = b"]
    assert json.dumps(shown[0].lines[0].get_ydata().tolist()) == "[1.0, 2.0]"
