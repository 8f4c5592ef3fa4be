"""JupyterLab as people use it: open a notebook, Run All, see, fill in the form."""

import json

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from followback._workshop import lessons

from .conftest import browser_only

pytestmark = [browser_only, pytest.mark.slow]


def test_the_ring_report_runs_in_jupyterlab(chromium, jupyterlab, tmp_path):
    page = jupyterlab.open(chromium, "10-ring-report")
    jupyterlab.run_all(page)
    page.wait_for_selector(".ring-explorer[data-drawn]", timeout=60_000)
    shown = page.locator(".jp-Notebook .jp-OutputArea")
    assert shown.locator("table", has_text="expected reciprocity").count() >= 1
    figure = shown.get_by_alt_text("share of follows returned inside").first
    assert figure.evaluate("image => image.naturalWidth") > 300
    explorer = shown.locator(".ring-explorer")
    explorer.locator("select").nth(1).select_option("matrix")
    assert "as matrix" in explorer.locator("canvas").get_attribute("aria-label")
    explorer.scroll_into_view_if_needed()
    assert page.screenshot(path=tmp_path / "lab.png").startswith(b"\x89PNG")
    assert page.get_by_text("Jupyter news").count() == 0  # nobody is asked to have it fetched
    assert (page.trouble, page.outside) == ([], [])
    page.close()


def test_the_form_runs_a_report_in_jupyterlab(chromium, jupyterlab):
    (jupyterlab.notebooks / "mine.csv").write_text("ann,bob\nbob,ann\ncem,ann\n")
    code = "import followback as fb\nfb.report.form('10-ring-report')"
    page = jupyterlab.open(chromium, jupyterlab.write("form", [new_code_cell(code)]))
    jupyterlab.run_all(page)
    assert not page.locator(".followback-still").is_visible()  # the fields live
    page.get_by_label("follows").fill("mine.csv")
    page.get_by_label("min_size").fill("8")
    page.locator(".jupyter-button", has_text="Run").click()
    link = page.get_by_role("link", name="report.html")
    link.wait_for(timeout=90_000)
    (run,) = (jupyterlab.notebooks / "reports").glob("10-ring-report-*")
    told = json.loads((run / "run.json").read_text())["parameters"]
    given = {parameter["name"]: parameter["given"] for parameter in told}
    assert (given["follows"], given["min_size"]) == ("mine.csv", 8)
    assert (page.trouble, page.outside) == ([], [])
    page.close()


def test_a_lesson_opened_unsolved_helps_in_jupyterlab(chromium, jupyterlab):
    lesson = next(one for one in lessons.lessons() if one.name == "22-reciprocity")
    opened = lessons.notebook_for("students", lesson.master)
    nbformat.write(opened, jupyterlab.notebooks / "student.ipynb")
    page = jupyterlab.open(chromium, "student")
    jupyterlab.run_all(page)
    told = page.locator("[role=status]", has_text="Nothing is answered here.")
    told.nth(4).wait_for(timeout=60_000)
    assert told.count() == 5
    assert "Replace the dots by your answer" in told.nth(3).inner_text()
    question = page.locator(".jp-OutputArea", has_text="(arc reciprocity)?").first
    assert not question.locator(".followback-still").is_visible()  # the buttons live
    question.get_by_text("0.25", exact=True).click()
    page.get_by_text("This is dyad reciprocity: pairs.").wait_for()
    assert (page.trouble, page.outside) == ([], [])
    page.close()
