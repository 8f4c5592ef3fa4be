"""REPORT: the notebook through papermill, and the page that comes out."""

import json
import re
import shutil
from html.parser import HTMLParser

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import followback as fb
from followback import CallError, FollowbackError, _explorer, report, synth
from followback._report import execute as _execute
from followback._report import pages as _page
from followback.cli import main
from followback.files import write_follows


@pytest.fixture
def write_notebook(tmp_path):
    def write(*sources, parameters="n: int = 1  # a number"):
        cells = [new_markdown_cell("# A test"), new_code_cell(parameters)]
        cells[1].metadata["tags"] = ["parameters"]
        cells += [new_code_cell(source) for source in sources]
        path = tmp_path / "test.ipynb"
        kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
        nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
        return path

    return write


def test_the_folder_holds_page_notebook_tables_figures_and_record(hostile_run, hostile_follows):
    assert {file.name for file in hostile_run.iterdir()} == {
        "executed.ipynb", "report.html", "tables", "figures", "run.json",
        "ro-crate-metadata.json",
    }  # fmt: skip
    rings = fb.find_rings(fb.read(hostile_follows), min_size=6)
    assert (hostile_run / "tables" / "rings.csv").read_text() == fb.files.csv_text(rings.table)
    names = {file.stem for file in (hostile_run / "figures").iterdir()}
    assert names >= {"reciprocity", "followers", "ring-1"}
    members = fb.files.read_table(hostile_run / "tables" / "members.csv")
    assert set(members["account"]) == {str(name) for name in rings.members["account"]}


def test_the_record_tells_what_the_result_depends_on(hostile_run, hostile_follows):
    record = json.loads((hostile_run / "run.json").read_text())
    values = {p["name"]: p["value"] for p in record["parameters"]}
    assert values["min_size"] == 6
    assert record["status"] == "ok"
    assert record["inputs"][0]["bytes"] == hostile_follows.stat().st_size
    assert record["packages"]["followback"] == fb.__version__
    assert record["installed"]["numpy"] == record["packages"]["numpy"]
    assert record["networkx"] == {
        "backend_priority": [],
        "backends": record["networkx"]["backends"],
    }
    assert record["peak_memory_bytes"] > 50e6
    assert record["headline"]["rings"] == len(pd.read_csv(hostile_run / "tables" / "rings.csv"))
    assert record["environment"]["PYTHONHASHSEED"] == "0"
    assert record["started"] <= record["ended"]
    for output in record["outputs"]:
        assert (hostile_run / output["name"]).stat().st_size == output["bytes"]


def test_the_page_is_one_offline_page_without_code(hostile_run):
    page = (hostile_run / "report.html").read_text()
    assert "fb.find_rings" not in page
    assert "arc reciprocity" in page
    assert "What this report does not show" in page
    links = [value for _, name, value in attributes(page) if name in ("src", "href", "action")]
    assert [link for link in links if not link.startswith(("data:", "#"))] == []
    images = [value for tag, name, value in attributes(page) if (tag, name) == ("img", "alt")]
    assert len(images) == len(list((hostile_run / "figures").iterdir()))
    assert all(images)


def test_hostile_names_stand_in_the_page_as_text_alone(hostile_run):
    page = (hostile_run / "report.html").read_text()
    assert "\\u003cscript\\u003e" in page
    bodies = re.findall(r"<script[^>]*>(.*?)</script>", page, re.DOTALL)
    assert len(bodies) == page.count("<script") == 3
    assert {bodies[0][:1], *bodies[1:]} == {"{", _page.text_of("page.js"), _explorer.script()}
    assert [name for _, name, _ in attributes(page) if name.startswith("on")] == []


def attributes(page):
    """List every tag's attributes as (tag, name, value), as a browser would see them."""
    found = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            found.extend((tag, name, value) for name, value in attrs)

    Reader(convert_charrefs=True).feed(page)
    return found


def test_no_long_or_turning_name_reaches_the_page(hostile_run):
    page = (hostile_run / "report.html").read_text()
    assert "x" * 100 not in page
    assert "\u202e" not in page


def test_a_finished_run_is_found_not_repeated(hostile_run, hostile_follows, monkeypatch):
    monkeypatch.setattr(report, "execute", lambda *_args, **_options: pytest.fail("ran again"))
    again = report.run(
        "10-ring-report", {"follows": hostile_follows, "min_size": 6}, out=hostile_run.parent
    )
    assert again == hostile_run


def test_other_parameters_are_another_run(write_notebook, tmp_path):
    path = write_notebook("n + 1")
    one, two = (report.run(path, {"n": n}, out=tmp_path / "runs") for n in (1, 2))
    assert one != two
    forced = report.run(path, {"n": 1}, out=tmp_path / "runs", force=True)
    assert forced == one
    assert seen(tmp_path / "runs") == sorted([one, two])


def failed(path, out, match, **options):
    """Run a notebook that fails; return its record, and the sources of the partial notebook."""
    with pytest.raises(report.RunError, match=match) as ended:
        report.run(path, out=out, **options)
    assert "\n" not in str(ended.value)
    (folder,) = seen(out)
    assert folder.name.endswith(".failed")
    assert {file.name for file in folder.iterdir()} == {"partial.ipynb", "run.json"}
    record = json.loads((folder / "run.json").read_text())
    assert record["status"] == ended.value.status
    part = nbformat.read(folder / "partial.ipynb", as_version=4)
    nbformat.validate(part)
    assert part.metadata["followback"]["status"] == record["status"]
    assert f"did not finish: {record['status']}" in part.cells[0].source
    return record, part


def seen(out):
    """List the runs in a folder: what a user sees."""
    return sorted(f for f in out.iterdir() if f.is_dir() and not f.name.startswith("."))


@pytest.mark.parametrize("error", [CallError, FollowbackError])
def test_a_call_that_a_cell_refuses_ends_as_a_wrong_call(error, write_notebook, tmp_path, capsys):
    name = error.__name__
    path = write_notebook(f"from followback import {name}", f"raise {name}('min_size is 2')")
    with pytest.raises(SystemExit) as ended:
        main(["report", str(path), "--quiet", "-o", str(tmp_path / "runs")])
    assert ended.value.code == error.exit_code
    assert capsys.readouterr().err.startswith("followback: min_size is 2; as far as it got: ")
    (folder,) = seen(tmp_path / "runs")
    record = json.loads((folder / "run.json").read_text())
    assert (record["status"], record["cell"]) == ("cell-error", 4)
    assert record["reason"] == "min_size is 2"


def test_a_failing_cell_leaves_its_record_and_the_partial_notebook(write_notebook, tmp_path):
    path = write_notebook("print('first')", "1 / 0", "print('never')")
    out = tmp_path / "runs"
    record, part = failed(path, out, "cell 4 of the notebook failed: ZeroDivisionError")
    assert (record["status"], record["cell"]) == ("cell-error", 4)
    assert [c.source for c in part.cells if c.cell_type == "code" and c.outputs] == [
        "print('first')", "1 / 0",
    ]  # fmt: skip
    assert "partial.ipynb" not in (out / "index.html").read_text().split("cell-error")[1]


def test_a_run_that_succeeds_takes_the_failed_one_away(write_notebook, tmp_path):
    path = write_notebook(
        "from pathlib import Path\nmark = Path('../../../mark')\n"
        "if not mark.exists():\n    mark.touch()\n    raise OSError"
    )
    failed(path, tmp_path / "runs", "OSError")
    assert [report.run(path, out=tmp_path / "runs")] == seen(tmp_path / "runs")


def test_our_own_errors_speak_for_themselves(write_notebook, tmp_path):
    bad = tmp_path / "bad.csv"
    bad.write_text("source,target\n1\n")
    path = write_notebook(
        "import followback as fb", "fb.read(follows)", parameters='follows: "Path" = "bad.csv"'
    )
    with pytest.raises(fb.FollowbackError, match=r"bad.csv.* 1 column"):
        report.run(path, out=tmp_path / "runs")


def test_a_dead_kernel_is_told(write_notebook, tmp_path):
    path = write_notebook("1", "import os; os._exit(3)", "2")
    record, part = failed(path, tmp_path / "runs", "kernel died in cell 4 with exit code 3")
    assert record["status"] == "kernel-died"
    assert part.cells[-1].execution_count is None


def test_a_kernel_that_does_not_start_is_told(write_notebook, tmp_path, monkeypatch):
    monkeypatch.setattr(_execute.sys, "executable", shutil.which("false"))
    record, _ = failed(write_notebook("1"), tmp_path / "runs", "kernel did not start")
    assert record["status"] == "kernel-died"


def test_a_killed_kernel_is_told_from_one_that_the_system_killed(
    write_notebook, tmp_path, monkeypatch
):
    path = write_notebook("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    record, _ = failed(path, tmp_path / "one", "it was killed, most likely for want of memory")
    assert record["status"] == "kernel-died"
    counts = iter((4, 5))  # Linux counts one process more that it killed for memory
    monkeypatch.setattr(_execute, "_oom_kills", lambda: next(counts))
    record, _ = failed(path, tmp_path / "two", "the system killed it, for memory had run out")
    assert record["status"] == "out-of-memory"


def test_memory_that_runs_out_in_a_cell_is_told(write_notebook, tmp_path):
    path = write_notebook("import numpy as np; np.empty(10**17)")
    record, _ = failed(path, tmp_path / "runs", "cell 3 of the notebook ran out of memory")
    assert record["status"] == "out-of-memory"


def test_a_run_that_takes_too_long_is_told(write_notebook, tmp_path):
    path = write_notebook("import time; time.sleep(60)")
    record, _ = failed(path, tmp_path / "runs", "cell 3 .* still running after 2 s", timeout=2)
    assert (record["status"], record["cell"]) == ("timeout", 3)


def test_a_rerun_starts_from_the_pristine_notebook(write_notebook, tmp_path):
    """Stale parameters and outputs of an executed notebook do not come back."""
    path = write_notebook("print(n)")
    first = report.run(path, {"n": 7}, out=tmp_path / "one")
    executed = tmp_path / "test.ipynb"
    shutil.copy(first / "executed.ipynb", executed)
    second = report.run(executed, out=tmp_path / "two")
    part = nbformat.read(second / "executed.ipynb", as_version=4)
    assert [c.source for c in part.cells if "injected-parameters" in c.metadata.get("tags", [])] == [
        "# Parameters\nn = 1"
    ]  # fmt: skip
    assert part.cells[-1].outputs[0].text == "1\n"


def test_equal_runs_are_equal_to_the_byte(write_notebook, tmp_path):
    path = write_notebook("import followback as fb; fb.show.headline({'n': n}); print(n)")
    one, two = (report.run(path, out=tmp_path / name) for name in ("one", "two"))
    for name in ("executed.ipynb", "report.html"):
        assert (one / name).read_bytes() == (two / name).read_bytes()
    records = [json.loads((folder / "run.json").read_text()) for folder in (one, two)]
    assert records[0]["headline"] == {"n": 1}
    assert [r["outputs"] for r in records] == [records[0]["outputs"]] * 2


def test_values_reach_the_kernel_as_they_are(write_notebook, tmp_path):
    bomb = "__import__('os').mkdir('gone')"
    path = write_notebook(
        "from datetime import date\nassert since == date(2024, 1, 31), since",
        "assert text == chr(34) + note and text.startswith(chr(34)), text",
        "assert sizes == [3, 4] and limit is None",
        parameters="from datetime import date\nsince: date = date(2020, 1, 1)\ntext: str = ''\n"
        f"note: str = {bomb!r}\nsizes: list[int] = []\nlimit: int | None = 3",
    )
    given = {"since": "2024-01-31", "text": '"' + bomb, "sizes": "3,4", "limit": "none"}
    folder = report.run(path, given, out=tmp_path / "runs")
    record = json.loads((folder / "run.json").read_text())
    assert {p["name"]: p["value"] for p in record["parameters"]}["since"] == "2024-01-31"
    assert {p["name"]: p.get("given") for p in record["parameters"]}["sizes"] == "3,4"
    assert not (folder / "gone").exists()


def test_what_is_no_notebook_is_refused(tmp_path):
    (tmp_path / "x.ipynb").write_text("{}")
    (tmp_path / "y.ipynb").write_text("nothing")
    for path in ("x.ipynb", "y.ipynb", "z.ipynb"):
        with pytest.raises(fb.CallError, match="no notebook"):
            report.run(tmp_path / path)


def test_a_graph_without_rings_still_gives_a_report(tmp_path):
    g = synth.follow_network(300, 900, reciprocity=0.1, cliques=0, seed=1)
    write_follows(g, tmp_path / "quiet.csv")
    folder = report.run(
        "10-ring-report", {"follows": tmp_path / "quiet.csv"}, out=tmp_path / "runs"
    )
    assert (
        "No set of accounts follows each other back beyond chance"
        in (folder / "report.html").read_text()
    )


def test_formulas_are_marked_and_come_back_as_they_were(tmp_path):
    names = [
        "=1",
        "+x",
        "-x",
        "@x(1)",
        "'=1",
        "''=1",
        "'x",
        "@ann",
        "@ann@host.org",
        "\tx",
        "\r=x",
        "NA",
        "007",
    ]
    frame = pd.DataFrame({"account": names, "x": [-1.5] * len(names), "b": [True] * len(names)})
    text = fb.files.spreadsheet_text(frame)
    (tmp_path / "t.csv").write_bytes(text.encode())
    raw = pd.read_csv(tmp_path / "t.csv", dtype=str, keep_default_na=False)["account"]
    assert not [c for c in raw if c[0] in "=+-\t\r" or (c[0] == "@" and "(" in c)]
    back = fb.files.read_table(tmp_path / "t.csv")
    assert back["account"].tolist() == names
    assert back["x"].tolist() == frame["x"].tolist()
    whole = pd.DataFrame({"account": [3, -4]})
    (tmp_path / "t.csv").write_text(fb.files.spreadsheet_text(whole))
    assert fb.files.read_table(tmp_path / "t.csv")["account"].tolist() == [3, -4]


def test_a_table_or_figure_cannot_leave_the_folder():
    for name in ("../up", "a/b", "", "x" * 101, ".hidden"):
        with pytest.raises(fb.CallError, match="a file cannot be called"):
            fb.show.table(pd.DataFrame({"a": [1]}), name, "A row.")
