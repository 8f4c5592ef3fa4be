"""Every notebook keeps its form, and runs through papermill on the sample to its end."""

import ast
import os
import re
from itertools import pairwise
from math import log2
from pathlib import Path
from statistics import median

import nbformat
import pandas as pd
import pytest

import followback as fb
from followback import report
from followback._workshop import lessons

from .codebook import explained

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "data" / "sample.csv.gz"
NOTEBOOKS = sorted(ROOT.glob("notebooks/*.ipynb"))
LESSONS = [path for path in NOTEBOOKS if re.match(r"0[0-6]", path.stem)]
TAUGHT = [*LESSONS, *(path for path in NOTEBOOKS if path.stem.startswith("2"))]
REPORTS = [path for path in NOTEBOOKS if path not in TAUGHT]

# Small parameters for each notebook; one without an entry runs with its own.
SMALL = {
    "04-evidence": {"n_nulls": 6, "n_searched": 2},
    "06-reports": {"follows": str(ROOT / "data" / "sample-times.csv.gz"), "jobs": 1},
    "07-twins": {"accounts": 300, "follows": 3_000},
    "10-ring-report": {"follows": SAMPLE, "shown": 3},
    "13-network-health": {"min_size": 8},
    "14-snapshots": {"old_as_of": "2024-08-31", "min_size": 8},
    "90-ring-benchmark": {
        "follows": SAMPLE, "n_seeds": 2, "n_rival_seeds": 1, "n_density_seeds": 1, "n_nulls": 3,
        "plants": "small", "sizes": "20,40",
    },
    "91-scale-benchmark": {
        "n_follows": 100_000, "n_networkx": 20_000, "largest": 100_000, "runs": 1,
        "contenders": "scipy",
    },
}  # fmt: skip

MIND = "What would change my mind"
CELLS, LINES, MEDIAN, LONGEST, WORDS, FUNCTION = 25, 90, 4, 15, 4, 5


def cells_of(path, kind):
    """Return the sources of a notebook's code or markdown cells."""
    notebook = nbformat.read(path, as_version=4)
    return [cell.source for cell in notebook.cells if cell.cell_type == kind]


def heads_of(notebook):
    """Return the headings of a notebook's sections, in order."""
    told = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    return re.findall(r"^## (.+)", "\n".join(told), re.MULTILINE)


def lines_of(source):
    return [line for line in source.splitlines() if line.strip()]


def named(paths):
    return pytest.mark.parametrize("path", paths, ids=lambda path: path.stem)


@named(NOTEBOOKS)
def test_a_notebook_is_short_and_prose_first(path):
    code, prose = cells_of(path, "code"), cells_of(path, "markdown")
    sizes = [len(lines_of(source)) for source in code]
    words = sum(len(source.split()) for source in prose)
    assert len(code) + len(prose) <= CELLS
    assert sum(sizes) <= LINES
    assert median(sizes) <= (8 if path.stem[0] == "9" else MEDIAN)  # each figure with its caption
    assert max(sizes) <= LONGEST
    assert words >= WORDS * sum(sizes)


@named(NOTEBOOKS)
def test_a_notebook_asks_a_question_and_says_what_it_takes(path):
    notebook = nbformat.read(path, as_version=4)
    title, _, answer = notebook.cells[0].source.partition("\n")
    assert re.fullmatch(r"# .+\?", title)
    assert len(answer.split()) >= 20
    assert notebook.cells[1].metadata.tags == ["parameters"]
    for parameter in report.parameters(path).values():
        assert len(parameter.help.split()) >= 2, parameter
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)


@named(NOTEBOOKS)
def test_code_imports_the_library_and_defines_little(path):
    code = cells_of(path, "code")
    assert any("import followback as fb" in source.splitlines() for source in code)
    assert not re.search(r"sys\.path|%run|!pip", "\n".join(code))
    for node in ast.walk(ast.parse("\n".join(code))):
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            assert node.end_lineno - node.lineno < FUNCTION, ast.unparse(node)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "fb.show.figure":
            (alt,) = [word.value.value for word in node.keywords if word.arg == "alt"]
            assert len(alt.split()) >= 6


@named([path for path in NOTEBOOKS if path.stem[0] != "9"])
def test_no_result_is_typed_into_prose(path):
    """A benchmark's prose states its settings, with decimals; nothing else may."""
    for source in cells_of(path, "markdown"):
        shown = re.sub(r"`[^`]*`|https?:\S+|^ {4}.*$", "", source, flags=re.MULTILINE)
        assert not re.search(r"\d[.,]\d|\d ?%|\d{5}", shown), source


def test_a_ring_is_one_thing_everywhere():
    """Listed because of chance; what habit explains is the verdict's question."""
    told = "\n".join(source for path in NOTEBOOKS for source in cells_of(path, "markdown"))
    lines = re.findall(r"^- (?:A )?\*\*rings?\*\*.*", told, re.MULTILINE)
    assert len(lines) >= 3
    for line in lines:
        first = line.split(".")[0]
        assert ("chance" in first, "habit" in first) == (True, False), line


def test_strong_is_told_whole():
    """Beyond habit by more than the search, beyond groups like it, no interests shared besides."""
    told = [source for path in NOTEBOOKS for source in cells_of(path, "markdown")]
    pages = ("data/README.md", "docs/tutorial.md", "docs/explanation/method.md")
    told += [(ROOT / page).read_text() for page in pages]
    verdicts = [
        part
        for part in re.split(r"\n\n|\n- ", "\n\n".join(told))
        if re.search(r"\*strong\*.*(beyond|more|needs|exceeds)", part, re.DOTALL | re.IGNORECASE)
        and "moderate" in part.lower()
    ]
    assert len(verdicts) >= 7
    assert [part for part in verdicts if not re.search("same others|shared.interests", part)] == []
    paid = re.findall(r"(\S+),?\s+by\s+more\s+than\s+(?:the|a)\s+search", "\n".join(told))
    assert len(paid) >= 5
    assert {word for word in paid if word not in ("habit", "habits")} == set()


@named([path for path in NOTEBOOKS if path.stem[0] in "019"])
def test_a_lesson_says_what_would_change_our_mind(path):
    heads = heads_of(nbformat.read(path, as_version=4))
    order = ["Words", "A toy", MIND] if path.stem[0] in "01" else []
    found = [next(k for k, head in enumerate(heads) if head.startswith(name)) for name in order]
    assert all(a < b for a, b in pairwise(found))
    assert heads[-1] == MIND


@pytest.mark.parametrize("audience", [*lessons.AUDIENCES, "paper"])
@named([path for path in NOTEBOOKS if path.stem[0] == "2"])
def test_every_audience_of_the_workshop_reads_it_last(path, audience):
    made = lessons.notebook_for(audience, nbformat.read(path, as_version=4))
    heads = heads_of(made)
    assert heads[-1] == ("For the instructor" if audience == "instructor" else MIND)
    assert heads[-2:].count(MIND) == heads.count(MIND) == 1
    (told,) = [cell.source for cell in made.cells if f"## {MIND}\n" in cell.source]
    assert 2 <= len(re.findall(r"^- .+: .+\.$", told.split(MIND)[1], re.MULTILINE)) <= 4


def words_of(path):
    """Return what a notebook's words mean, by word; what is so in this one alone (`; here`) left off."""
    told = "\n".join(cells_of(path, "markdown"))
    (words,) = re.findall(r"^## Words\n(.*?)^## ", told, re.MULTILINE | re.DOTALL)
    meanings = re.findall(r"^- \*\*(.+?)\*\*[^:]*: (.+?)(?:; here.*)?$", words, re.MULTILINE)
    return {word: meaning.rstrip(".") for word, meaning in meanings}


def test_a_word_means_in_reports_what_it_means_in_lessons():
    meant = [words_of(path) for path in NOTEBOOKS if path.stem[0] == "0"]
    seen = {}
    for path in (path for path in NOTEBOOKS if path.stem[0] == "1"):
        words = words_of(path)
        assert len(words) >= 6
        for word, meaning in words.items():
            taught = [lesson[word] for lesson in meant if word in lesson]
            assert not taught or any(meaning in one for one in taught), word
            assert seen.setdefault(word, meaning) == meaning


# What the prose of each report's toy works out: numbers by measure and column.
TOYS = {
    "10-ring-report": {
        ("reciprocity", "three"): 1, ("expected_reciprocity", "three"): 1 / 4,
        ("habit_score", "three"): pytest.approx(3 * log2(7), abs=0.005), ("verdict", "three"): "weak",
    },
    "11-account-audit": {
        ("followers", "value"): 6, ("mutual", "value"): 3, ("peer_follow_back", "high"): 0,
        ("ring_share", "value"): 0, ("earned_followers", "low"): 3, ("earned_followers", "high"): 6,
    },
    "12-thread-audit": {  # of 999 drawn groups: five standard deviations
        ("mutual_follows", "value"): 3,
        ("expected_mutual_follows", "value"): pytest.approx(24 / 20, abs=0.095),
        ("p_value", "value"): pytest.approx(2 / 20, abs=0.048),
    },
    "13-network-health": {
        ("arc_reciprocity", "value"): 1 / 2,
        ("dyad_reciprocity", "value"): pytest.approx(1 / 3, abs=0.005),
        ("expected_reciprocity", "value"): pytest.approx(4 / 12, abs=0.005),
        ("never_followed", "value"): 1 / 4, ("never_following", "value"): 1 / 4,
    },
    "14-snapshots": {
        ("follows", "kept"): 2, ("follows", "made"): 1, ("follows", "taken_back"): 1,
        ("mutual_follows", "kept"): 0, ("mutual_follows", "made"): 1,
        ("mutual_follows", "taken_back"): 1,
        ("arc_reciprocity", "then"): pytest.approx(2 / 3, abs=0.005),
        ("arc_reciprocity", "now"): pytest.approx(2 / 3, abs=0.005),
    },
}  # fmt: skip


@named([path for path in NOTEBOOKS if path.stem[0] == "1"])
def test_a_toy_gives_what_its_prose_says_and_is_not_taken_for_the_data(path):
    """Its own cell shows a table that leaves no file in the run's folder."""
    cells = nbformat.read(path, as_version=4).cells
    (at,) = [k for k, cell in enumerate(cells) if "\n## A toy: how the numbers " in cell.source]
    prose = cells[at].source.partition("\n## A toy")[2].partition("\n\n")[2]
    assert prose.startswith("Invented, not the data of this report.")
    assert "fb.show" not in cells[at + 1].source
    body = ast.parse(cells[at + 1].source).body
    names = {"fb": fb, "alpha": 0.05, "seed": 0}
    exec(compile(ast.Module(body[:-1], []), path.name, "exec"), names)
    table = eval(ast.unparse(body[-1]), names)
    assert {place: table.loc[place] for place in TOYS[path.stem]} == TOYS[path.stem]


@pytest.fixture(scope="module")
def temporary(tmp_path_factory):
    return tmp_path_factory.mktemp("temporary")


@pytest.fixture(scope="module")
def kernel(temporary):
    """Give one kernel to all lessons, one after the other: the imports cost more than the work."""
    from jupyter_client.manager import KernelManager

    class Manager(KernelManager):
        def client(self, **options):
            self.last = super().client(**options)
            return self.last

    manager = Manager(kernel_name="python3")
    manager.start_kernel(cwd=ROOT / "notebooks", env={**os.environ, "TMPDIR": str(temporary)})
    yield manager
    manager.shutdown_kernel(now=True)


@named(TAUGHT)
def test_every_lesson_runs(path, kernel, temporary, tmp_path):
    import papermill

    notebook = nbformat.read(path, as_version=4)
    notebook.cells.insert(0, nbformat.v4.new_code_cell("%reset -f"))  # no name of the one before
    nbformat.write(notebook, tmp_path / "in.ipynb")
    done = papermill.execute_notebook(
        tmp_path / "in.ipynb", tmp_path / "out.ipynb", SMALL.get(path.stem, {}),
        kernel_name="python3", km=kernel, progress_bar=False,
    )  # fmt: skip
    kernel.last.stop_channels()
    code = [cell for cell in done.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    drawn = sum(cell.source.count("fb.show.figure(") for cell in code)
    shown = str([output for cell in code for output in cell.outputs])
    assert shown.count("<img alt=") >= drawn  # a loop draws several
    assert "Traceback" not in shown
    assert [*temporary.glob("followback-*")] == []


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=path.stem, marks=[pytest.mark.slow] * path.stem.startswith("9"))
        for path in REPORTS
    ],
)
def test_every_report_runs(path, tmp_path, monkeypatch):
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    run = report.run(path, SMALL.get(path.stem, {}), out=tmp_path / "runs")
    assert [*(tmp_path / "temporary").iterdir()] == []
    page = (run / "report.html").read_text()
    shown = re.findall(
        r'fb\.show\.(?:table|figure)\([^"]*"([\w-]+)"', path.read_text().replace('\\"', '"')
    )
    kept = {file.stem for file in [*(run / "tables").iterdir(), *(run / "figures").iterdir()]}
    assert {name for name in shown if not name.startswith("ring-")} <= kept
    for file in (run / "tables").glob("*.csv"):
        assert {*pd.read_csv(file, nrows=0).columns} <= explained(file.name), file.name
    assert "Traceback" not in page
