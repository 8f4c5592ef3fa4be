"""The form: fields that fit the parameters, and the run that the command makes."""

import datetime as dt
import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from followback import CallError, report
from followback._report import form as _form

CELL = """\
from datetime import date
from typing import Literal
data: "Path" = "x.csv"  # a file
n: int = 2
share: float = 0.5
deep: bool = False
mode: "Literal['a', 'b'] | None" = None
since: date = date(2024, 1, 31)
sizes: list[int] = [1]
limit: int | None = None
note: str = "<b>"
"""


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.csv").write_text("1\n")
    cells = [new_code_cell(CELL, metadata={"tags": ["parameters"]}), new_code_cell("1 / (n - 9)")]
    nbformat.write(new_notebook(cells=cells), tmp_path / "n.ipynb")
    return tmp_path / "n.ipynb"


def test_the_form_runs_what_the_command_runs(path, tmp_path):
    form = report.form(path, out="out")
    kinds = {name: type(field).__name__ for name, field in form.fields.items()}
    assert kinds == {
        "data": "Text", "n": "IntText", "share": "FloatText", "deep": "Checkbox",
        "mode": "Dropdown", "since": "DatePicker", "sizes": "Text", "limit": "Text", "note": "Text",
    }  # fmt: skip
    assert form.fields["since"].value == dt.date(2024, 1, 31)
    form.fields["n"].value = 7
    form.fields["mode"].value = "b"
    form.fields["sizes"].value = "3,4"
    form.button.click()
    given = {"n": 7, "mode": "b", "sizes": [3, 4]}
    folder = report.run(path, given, out=tmp_path / "out")
    assert form.told.value.endswith(folder.name)
    link = form.children[-1].value
    assert f"Open the page: <a href='out/{folder.name}/report.html'" in link
    assert "text-decoration:underline" in link
    (name,) = [f.name for f in (tmp_path / "out").iterdir() if f.is_dir() and f.name[0] != "."]
    assert name == folder.name
    record = json.loads((folder / "run.json").read_text())
    assert {p["name"]: p["value"] for p in record["parameters"]}["note"] == "<b>"
    assert not form.button.disabled


def test_a_form_can_be_filled_in_before_it_is_shown(path, tmp_path, monkeypatch):
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "mine.csv").write_text("1\n")
    monkeypatch.chdir(tmp_path / "room")
    values = {"data": "mine.csv", "n": 4, "since": dt.date(2025, 2, 3), "sizes": [5], "limit": 6}
    form = report.form(path, values=values, out="out")
    shown = {name: form.fields[name].value for name in (*values, "share")}
    assert shown == {**values, "sizes": "[5]", "limit": "6", "share": 0.5}
    assert "<code>mine.csv</code>" in form.still
    form.button.click()
    (run,) = (tmp_path / "room" / "out").glob("n-*/run.json")
    record = json.loads(run.read_text())
    assert {p["name"]: p["value"] for p in record["parameters"]}["sizes"] == [5]
    for wrong, said in (({"m": 1}, "m"), ({"n": "many"}, "parameter n: 'many'")):
        with pytest.raises(CallError, match=said):
            report.form(path, values=wrong)


def test_a_form_can_be_read_where_no_button_lives(path, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda *a, **_: shown.extend(a))
    report.form(path)._ipython_display_()
    html, live = shown
    assert "<li><code>data</code>: a file (<code>x.csv</code>)" in html.data
    assert html.data.count("<li>") == 9
    assert "followback report n -p NAME=VALUE" in html.data
    assert "application/vnd.jupyter.widget-view+json" in live


def test_a_run_that_fails_is_told_in_the_form(path):
    form = report.form(path, out="out")
    form.fields["sizes"].value = "many"
    form.button.click()
    assert form.told.value == "followback: parameter sizes: 'many' is not a whole number"
    assert form.children[-1].value == ""


def test_an_empty_field_of_an_optional_parameter_is_none(path):
    known = report.parameters(path)
    assert _form.value_of(known["limit"], "") is None
    assert _form.value_of(known["note"], "") == ""
    assert _form.value_of(known["since"], dt.date(2024, 2, 1)) == "2024-02-01"
