"""The package: light to import, whole in its wheel, true in its README."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import followback as fb
from followback.report import notebooks_folder

ROOT = Path(__file__).parents[1]
HEAVY = ("numpy", "pandas", "networkx", "numba", "pyarrow", "scipy", "matplotlib", "papermill")


def python(code, **options):
    return subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, **options
    ).stdout


@pytest.mark.parametrize("module", ["followback", "followback.cli"])
def test_importing_loads_nothing_heavy(module):
    code = f"import {module}, sys; print([m for m in {HEAVY} if m in sys.modules])"
    assert python(code) == "[]\n"


def test_every_public_name_is_there_and_documented():
    for name in fb.__all__:
        assert getattr(fb, name).__doc__ or name == "__version__", name
    assert set(fb.__all__) <= set(dir(fb))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        fb.nothing  # noqa: B018


def test_the_rings_need_no_extra():
    """Without the report extra: no matplotlib, papermill, IPython, nbformat."""
    code = (
        "import sys\n"
        "for name in ('matplotlib', 'seaborn', 'papermill', 'nbformat', 'IPython'):\n"
        "    sys.modules[name] = None\n"
        "import followback as fb\n"
        "g = fb.FollowGraph.from_pairs([(1, 2), (2, 1)])\n"
        "print(len(fb.find_rings(g)), g._repr_html_()[:4], fb.accounts(g).shape)"
    )
    assert python(code) == "0 <div (2, 12)\n"


def test_a_report_without_its_extra_says_what_to_install(tmp_path):
    code = (
        "import sys; sys.modules['nbformat'] = None\n"
        "from followback.cli import main; main(['report', '10-ring-report'])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, cwd=tmp_path
    )
    assert run.returncode == 2
    assert (
        run.stderr
        == "followback: this needs the package nbformat; pip install 'followback[report]'\n"
    )


def test_the_wheel_works_outside_the_checkout(tmp_path):
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, ROOT],
        check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
        names = archive.namelist()
    assert "followback/notebooks/10-ring-report.ipynb" in names
    assert "followback/page/style.css" in names
    assert not [name for name in names if not name.startswith("followback")]
    code = (
        "import followback as fb; from followback.report import find_notebook\n"
        "print(fb.__file__, find_notebook('10-ring-report'))"
    )
    env = {"PYTHONPATH": str(tmp_path / "site"), "PATH": ""}
    assert python(code, env=env, cwd=tmp_path).count(str(tmp_path / "site")) == 2
    (tmp_path / "x.csv").write_text("a,b\nb,a\n")
    subprocess.run(
        [sys.executable, "-m", "followback", "rings", "x.csv", "-o", "found"],
        check=True, capture_output=True, env=env, cwd=tmp_path,
    )  # fmt: skip
    assert (tmp_path / "found" / "rings.csv").is_file()


def test_readme_example_prints_what_it_says(tmp_path):
    """The first python block of the README runs, and prints the block below it."""
    readme = (ROOT / "README.md").read_text()
    code, output = re.search(r"```python\n(.*?)```\n+```text\n(.*?)```", readme, re.DOTALL).groups()
    assert python(code, cwd=ROOT) == output


def test_data_names_the_commands_that_make_it(tmp_path, monkeypatch):
    from followback.cli import main

    monkeypatch.chdir(tmp_path)
    text = (ROOT / "data" / "README.md").read_text()
    commands = re.findall(r"^    followback (synth .*)", text, re.MULTILINE)
    for command in commands:
        with pytest.raises(SystemExit, match="0"):
            main(command.split())
    for kept in (ROOT / "data").glob("sample*.*sv*"):
        assert fb.read(tmp_path / kept.name) == fb.read(kept)
    assert len(commands) == len([*(ROOT / "data").glob("sample*.csv.gz")])


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda p: p.stem)
def test_notebooks_are_stored_clean(path):
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    assert sum("parameters" in cell.metadata.get("tags", []) for cell in code) == 1
    prose = sum(len(cell.source.split()) for cell in notebook.cells if cell.cell_type == "markdown")
    lines = sum(len(cell.source.splitlines()) for cell in code)
    assert prose >= 4 * lines
    assert path.parent == notebooks_folder()


def test_the_codebook_explains_every_column():
    from followback import synth

    text = (ROOT / "data" / "README.md").read_text()
    g, _ = synth.plant_rings(synth.follow_network(500, 4_000, seed=1), [(20, 0.9)], seed=1)
    table = g.to_table().append_column("time", [[1_700_000_000] * g.n_follows])
    rings = fb.find_rings(fb.read(table))
    assert "delay_inside" in rings.table
    explained = set(
        re.findall(r"\w+", " ".join(re.findall(r"^\| ([\w, ]+) \|", text, re.MULTILINE)))
    )
    assert {*rings.table.columns, *rings.members.columns} <= explained
