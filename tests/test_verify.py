"""VERIFY: a run is made again; whatever changed is named."""

import json
import shutil

import nbformat
import numpy as np
import pytest
from matplotlib.image import imread, imsave
from nbformat.v4 import new_code_cell, new_notebook

import followback as fb
from followback import report
from followback._report import crate as _crate
from followback._report import record as _record
from followback._report.verify import _compared

CELL = """\
import followback as fb, pandas as pd
from matplotlib.figure import Figure
values = pd.read_csv(follows)["x"]
drawn = Figure(figsize=(1, 1))
drawn.subplots().plot(values)
drawn.axes[0].set_ylim(0, 4)
fb.show.figure(drawn, "line", alt="a line")
fb.show.table(pd.DataFrame({"account": ["=a", "b"], "x": values * factor}), "values", "Two rows.")
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("verify")
    (folder / "x.csv").write_text("x\n1.5\n2.5\n")
    parameters = 'follows: "Path" = "x.csv"\nfactor: float = 2.0'
    cells = [new_code_cell(parameters, metadata={"tags": ["parameters"]}), new_code_cell(CELL)]
    nbformat.write(new_notebook(cells=cells), folder / "n.ipynb")
    return report.run(folder / "n.ipynb", out=folder / "out")


@pytest.fixture
def copy(made, tmp_path):
    return shutil.copytree(made, tmp_path / made.name)


def rewrite(folder, **changes):
    """Change a record and everything that is made of it, as somebody who knows how would."""
    record = _record.read(folder)
    record |= changes
    record["outputs"] = _record.outputs(folder)
    _record.write(folder, record)
    _crate.write_crate(folder, record)


def test_a_run_verifies(made):
    found = report.verify(made)
    assert (found.differences, found.same, found.versions) == ((), 2, ())


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("tables/values.csv", "b,5", "b,6"),
        ("report.html", "Two rows", "Ten rows"),
        ("executed.ipynb", "factor = 2.0", "factor = 3.0"),
        ("run.json", '"value": 2.0', '"value": 3.0'),
        ("run.json", '"shown": "2.0"', '"shown": "3.0"'),
        ("ro-crate-metadata.json", "CreateAction", "Action"),
    ],
)
def test_a_changed_byte_is_found(copy, name, old, new):
    text = (copy / name).read_text()
    assert old in text
    (copy / name).write_text(text.replace(old, new, 1))
    differences = report.verify(copy).differences
    assert any(name in difference for difference in differences)


def test_files_that_came_or_went_are_found(copy):
    (copy / "tables" / "values.csv").unlink()
    (copy / "tables" / "more.csv").write_text("")
    assert report.verify(copy).differences == (
        "tables/more.csv does not belong to the run",
        "tables/values.csv is missing",
    )
    (copy / "ro-crate-metadata.json").unlink()
    assert "ro-crate-metadata.json is missing" in report.verify(copy).differences


def test_a_table_that_was_changed_with_its_records_is_made_again_and_found(copy):
    path = copy / "tables" / "values.csv"
    path.write_text(path.read_text().replace("b,5", "b,5.5"))
    rewrite(copy)
    assert report.verify(copy).differences == (
        "tables/values.csv: column x moved in 1 of 2 rows, by up to 0.5",
    )


def test_a_parameter_that_was_changed_with_its_records_is_found(copy):
    record = _record.read(copy)
    record["parameters"][1] |= {"value": 3.0, "shown": "3.0"}
    record["key"] = _record.key_of(record)
    rewrite(copy, **record)
    here = copy.rename(copy.with_name(f"n-{record['key']}"))
    assert any("column x moved in 2 of 2 rows" in d for d in report.verify(here).differences)


def test_a_changed_input_is_found_and_a_lost_one_asked_for(made, copy, tmp_path):
    other = tmp_path / "x.csv"
    other.write_text("x\n1.5\n2.6\n")
    found = report.verify(copy, inputs={"follows": other}).differences
    assert found[0] == "input x.csv is not the file that the run read (sha256 differs)"
    assert "tables/values.csv: column x moved in 1 of 2 rows, by up to 0.2" in found
    assert any("figures/line.png: the picture differs in" in line for line in found)
    with pytest.raises(fb.CallError, match=r"no file .*--input name=path"):
        report.verify(copy, inputs={"follows": tmp_path / "none.csv"})


def test_other_versions_are_told(copy):
    record = _record.read(copy)
    record["packages"]["numpy"] = "1.0"
    record["code"] = "0"
    record["key"] = _record.key_of(record)
    rewrite(copy, **record)
    here = copy.rename(copy.with_name(f"n-{record['key']}"))
    found = report.verify(here)
    assert found.differences == ()
    assert found.versions == (
        f"numpy was 1.0, is {np.__version__}",
        "followback's own code has changed",
    )


def test_what_is_no_finished_run_is_refused(copy, tmp_path):
    with pytest.raises(fb.CallError, match="no finished run"):
        report.verify(tmp_path)
    text = (copy / "run.json").read_text()
    (copy / "run.json").write_text(text.replace('"status": "ok"', '"status": "timeout"'))
    with pytest.raises(fb.CallError, match="no finished run"):
        report.verify(copy)
    (copy / "run.json").write_text(json.dumps([]))
    with pytest.raises(fb.CallError, match="no finished run"):
        report.verify(copy)


def test_tables_and_pictures_are_compared_by_what_they_say(tmp_path):
    """The last of six digits may differ, a column, a row, a word or a pixel may not."""
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        (folder / "tables").mkdir(parents=True)
        (folder / "figures").mkdir()
        imsave(folder / "figures" / "same.png", np.zeros((4, 4, 3)))
        imsave(folder / "figures" / "size.png", np.zeros((4, 4 + (folder == two), 3)))
        imsave(folder / "figures" / "pixel.png", np.eye(4) * (folder == two), cmap="gray")
    pairs = {
        "close": ("x\n0.123456\n", "x\n0.1234561\n"),
        "far": ("x\n0.123456\n", "x\n0.123459\n"),
        "word": ("a,x\nu,1\n", "a,x\nv,1\n"),
        "rows": ("x\n1\n", "x\n1\n2\n"),
        "columns": ("x\n1\n", "y\n1\n"),
        "gap": ('x\n1\n""\n', "x\n1\n2\n"),
    }
    for name, texts in pairs.items():
        for folder, text in zip((one, two), texts, strict=True):
            (folder / "tables" / f"{name}.csv").write_text(text)
    (one / "tables" / "gone.csv").write_text("x\n")
    (two / "tables" / "new.csv").write_text("x\n")
    png = two / "figures" / "same.png"
    imsave(png, imread(png), pil_kwargs={"compress_level": 0})
    assert png.read_bytes() != (one / "figures" / "same.png").read_bytes()
    same, found = _compared(one, two)
    assert same == 2  # close.csv, same.png
    assert found == [
        "figures/pixel.png: the picture differs in 25.00% of its pixels",
        "figures/size.png: the picture has another size, (4, 4) then, (5, 4) now",
        "tables/columns.csv: the columns differ: x, y",
        "tables/far.csv: column x moved in 1 of 1 rows, by up to 3e-06",
        "tables/gap.csv: column x moved in 1 of 2 rows",
        "tables/gone.csv is no longer made",
        "tables/new.csv was not made then",
        "tables/rows.csv: it had 1 rows, now it has 2",
        "tables/word.csv: column a differs in 1 of 1 rows",
    ]
