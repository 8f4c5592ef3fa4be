"""The package: light to import, whole in its wheel, true in its README."""

import ast
import inspect
import re
import subprocess
import sys
import zipfile
from fnmatch import fnmatch
from pathlib import Path

import pandas as pd
import pytest

import followback as fb
from followback import report
from followback._report import record as _record
from followback.report import notebooks_folder

from .codebook import explained

ROOT = Path(__file__).parents[1]
CODE = ROOT / "toolkit" / "followback"
HEAVY = ("numpy", "pandas", "networkx", "numba", "pyarrow", "scipy", "matplotlib", "papermill")


def python(code, **options):
    return subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, **options
    ).stdout


@pytest.mark.parametrize("module", ["followback", "followback.cli"])
def test_importing_loads_nothing_heavy(module):
    code = f"import {module}, sys; print([m for m in {HEAVY} if m in sys.modules])"
    assert python(code) == "[]\n"


def test_a_report_does_not_wait_for_a_grammar_of_web_addresses():
    code = "import followback.cli, nbformat, sys; print('lark' in sys.modules)"
    assert python(code) == "False\n"


def test_every_public_name_is_there_and_documented():
    for name in fb.__all__:
        assert getattr(fb, name).__doc__ or name == "__version__", name
    assert set(fb.__all__) <= set(dir(fb))


def test_type_checkers_see_every_public_name():
    home = Path(fb.__file__)
    (block,) = [node for node in ast.parse(home.read_text()).body if isinstance(node, ast.If)]
    seen = {name.asname for node in block.body for name in node.names}
    assert seen == {*fb.__all__} - {"__version__"}
    assert (home.parent / "py.typed").is_file()
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        fb.nothing  # noqa: B018


def test_every_module_has_one_room():
    rooms = fb.__doc__.partition("::\n")[2].partition(">>>")[0].strip("\n").splitlines()
    told = re.sub(r"\([^)]*\)", "", ",".join(line[len("    READ      ") :] for line in rooms))
    listed = re.findall(r"[^,\s]+", told)  # names alone: what is said of them stands in brackets
    here = [
        path for path in CODE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    ]
    names = {f"{path.name}/" if path.is_dir() else path.stem for path in here} - {"__init__"}
    found = {name: sum(fnmatch(name, one) for one in listed) for name in names}
    assert {name: times for name, times in found.items() if times != 1} == {}
    assert [one for one in listed if not any(fnmatch(name, one) for name in names)] == []


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


def core_results(g):
    """Return what the core says of a graph, as text."""
    import networkx as nx

    from followback.files import csv_text

    rings, null = fb.find_rings(g), fb.nulls.null_graph(g, seed=1)
    audit, thread = fb.audit(g, g.accounts[0], rings=rings), fb.audit_thread(g, rings[0].accounts)
    tables = (
        fb.reciprocity(g), rings.table, rings.members, fb.accounts(g), audit.table, thread.table,
        thread.participants, fb.networks.health(g, rings), fb.networks.follower_mix(g, rings),
        fb.diff(g, null), fb.diff(null, fb.synth.follow_network(100, 500)),  # these graphs too
    )  # fmt: skip
    cores = nx.core_number(null.to_networkx(), backend="followback")
    ring = list(rings[0].subgraph().edges)
    names = fb.FollowGraph.from_pairs([("ann", "bob"), ("cem", "ann")]).accounts.tolist()
    lists = f"{names} {ring} {cores} {fb.core_numbers(g).tolist()}"
    return "\n".join([lists, *map(csv_text, tables)])


BROWSER = """
import sys; sys.modules["numba"] = None
import _thread, importlib, os, pkgutil, subprocess, threading, types
import numpy

def refuse(*_arguments, **_options):
    raise RuntimeError("a thread or a process was started")

for place, names in (
    (_thread, ("start_new_thread", "start_joinable_thread")), (threading.Thread, ("start",)),
    (subprocess, ("Popen",)), (os, ("fork", "posix_spawn", "posix_spawnp", "system")),
):
    for name in names:
        setattr(place, name, refuse)

def narrow(places):  # a list is taken as it is
    if isinstance(places, numpy.ndarray) and not numpy.can_cast(places.dtype, numpy.int32):
        raise TypeError("Cannot cast array data from 64 bits to 32")
    return places

class Narrow:
    def __init__(self, ufunc): self.ufunc = ufunc
    def __call__(self, *values, **options): return self.ufunc(*values, **options)
    def __getattr__(self, name): return getattr(self.ufunc, name)
    def reduceat(self, values, places, **options):
        return self.ufunc.reduceat(values, narrow(places), **options)

np = types.ModuleType("numpy")
vars(np).update(vars(numpy), intp=numpy.int32, add=Narrow(numpy.add))
np.maximum = Narrow(numpy.maximum)
np.repeat = lambda values, times: numpy.repeat(values, narrow(times))

import followback as fb

for found in pkgutil.walk_packages(fb.__path__, "followback."):
    module = importlib.import_module(found.name)
    if hasattr(module, "np"):
        module.np = np

from followback.kernels.cores import core_numbers
"""


def test_the_core_runs_as_in_a_browser(tmp_path):
    """No numba, no thread, no process, numpy on 32 bits: the same to the last digit."""
    from followback import synth
    from followback.files import write_follows

    g, truth = synth.plant_rings(synth.follow_network(400, 3_000, seed=3), [(15, 0.9)], seed=3)
    write_follows(synth.with_times(g, truth), tmp_path / "follows.csv")
    g = fb.read(tmp_path / "follows.csv")  # without the accounts that have no follow
    assert fb.find_rings(g).table["verdict"].iloc[0] == "strong"
    call = 'print(type(core_numbers).__name__, core_results(fb.read("follows.csv")))'
    code = f"{BROWSER}\n{inspect.getsource(core_results)}\n{call}"
    assert python(code, cwd=tmp_path) == f"function {core_results(g)}\n"


def test_a_report_without_its_extra_says_what_to_install(tmp_path):
    code = (
        "import sys; sys.modules['nbformat'] = None\n"
        "from followback.cli import main; main(['report', '10-ring-report'])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, cwd=tmp_path
    )
    assert run.returncode == 2
    told = "followback: this needs the package nbformat; pip install filelock ipykernel ipywidgets "
    assert run.stderr.startswith(told)  # here nothing lacks, so all of the extra is named
    assert run.stderr.count("\n") == 1


@pytest.mark.slow
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
    assert "followback/_report/page/style.css" in names
    assert "followback/_cli/jupyter/labconfig/default_setting_overrides.json" in names
    assert not [name for name in names if not name.startswith("followback")]
    assert sum(info.file_size for info in zipfile.ZipFile(wheel).infolist()) < 4_000_000
    code = (
        "import followback as fb; from followback.report import find_notebook\n"
        "print(fb.__file__, find_notebook('10-ring-report'))"
    )
    env = {"PYTHONPATH": str(tmp_path / "site"), "PATH": "", "NUMBA_DISABLE_JIT": "1"}
    assert python(code, env=env, cwd=tmp_path).count(str(tmp_path / "site")) == 2
    code = (
        "from pathlib import Path; from followback._cli.lab import copied\n"
        "from followback.report import _record, checked, parameters, run\n"
        "for file in copied(Path('mine')).glob('*.ipynb'):\n"
        "    checked(parameters(file), {}, file)  # a missing file is refused\n"
        "print(_record.size_and_digest(_record._HERE))\n"
        "run('21-follower-graph')"
    )
    (tmp_path / "empty").mkdir()
    assert python(code, env=env, cwd=tmp_path / "empty") == f"{_record.size_and_digest(CODE)}\n"
    (run,) = (tmp_path / "empty" / "reports").glob("21-follower-graph-*")
    assert "300 accounts and 2,400 follows" in (run / "report.html").read_text()
    assert sorted(file.name for file in (tmp_path / "empty").iterdir()) == ["mine", "reports"]


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


def test_a_project_that_it_is_installed_into_is_not_its_checkout(tmp_path, monkeypatch):
    """As `pip install --target lib` does in a project with notebooks of its own."""
    assert report.in_checkout()
    (tmp_path / "pyproject.toml").touch()
    for folder in ("notebooks", "lib/followback/notebooks"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.setattr(report, "_HERE", tmp_path / "lib" / "followback")
    assert not report.in_checkout()
    assert notebooks_folder() == tmp_path / "lib" / "followback" / "notebooks"


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
    """Each table's own section names all of its columns; of audits all measures as well."""
    from followback import synth, timelines
    from followback.bench import rings as bench
    from followback.bench import scale

    g, truth = synth.plant_rings(synth.follow_network(500, 4_000, seed=1), [(20, 0.9)], seed=1)
    table = g.to_table().append_column("time", [[1_700_000_000] * g.n_follows])
    g = fb.read(table)
    rings, member = fb.find_rings(g), truth["account"][0]
    audit, thread = (
        fb.audit(g, member, rings=rings),
        fb.audit_thread(g, truth["account"], "2023-11-14"),
    )
    assert "delay_inside" in rings.table
    tables = {
        "`rings.table`": rings.table, "`rings.members`": rings.members,
        "`fb.reciprocity`": fb.reciprocity(g), "`fb.accounts`": fb.accounts(g),
        "`fb.audit(...).table`": audit.table, "`fb.audit(...).rings`": audit.rings,
        "`fb.audit(...).growth`": audit.growth, "`fb.audit_thread(...).table`": thread.table,
        "`fb.audit_thread(...).participants`": thread.participants, "`fb.delays`": fb.delays(g),
        "`fb.timelines.tempo`": timelines.tempo(g), "`fb.timelines.churn`": timelines.churn(g),
        "`fb.diff`": fb.diff(g, g), "`fb.completeness`": fb.completeness(g),
        "`fb.report.runs`": fb.report.runs("no folder"),
        "`fb.networks.health`": fb.networks.health(g, rings),
    }  # fmt: skip

    # of the benchmarks, from runs made up; what a real one keeps: tests/test_notebooks.py
    keys = {"background": ["null"], "plant": ["small"], "method": ["followback"]}
    plantings = dict.fromkeys(("recovery", "f1", "believed", "listed", "seconds"), 0.5)
    steps = dict.fromkeys(("build", "mutual", "cores", "total", "processor", "peak"), 1.0)
    found = dict.fromkeys(("found_follows", "found_mutual", "found_cores"), 1)
    runs = pd.DataFrame({"contender": [scale.OURS], "follows": 9} | steps | found)
    calls = pd.DataFrame({"first": [2.0], "second": 1.0})
    densities = pd.DataFrame({"size": [20], "p50": 0.4, "floor": 0.3})
    stages, planted = scale.giant_tables(ROOT / "data" / "giant-run.json")
    tables |= {
        "recovery.csv": bench.summarised(pd.DataFrame(keys | plantings)),
        "critical-density.csv": bench.floors(densities),
        "false-alarms.csv": bench.false_alarms(pd.DataFrame({"rings": [0]})),
        "side-by-side.csv": scale.side_by_side(runs),
        "agreement.csv": scale.agreed(runs),
        "asked.csv": scale.asked(runs, runs, runs, calls),
        "giant-stages.csv": stages, "giant-rings.csv": planted,
    }  # fmt: skip
    for name, frame in tables.items():
        assert {*frame.columns, *frame.get("measure", [])} <= explained(name), name


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("[19]*")), ids=lambda p: p.stem)
def test_the_codebook_has_every_table_that_a_report_keeps(path):
    """By name; by its columns, in a run: tests/test_notebooks.py."""
    import nbformat

    code = [cell.source for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
    for node in ast.walk(ast.parse("\n".join(code))):
        if isinstance(node, ast.Call) and re.fullmatch(
            r"fb\.show\w*\.(measures_)?table", ast.unparse(node.func)
        ):
            assert explained(f"{node.args[1].value}.csv")
