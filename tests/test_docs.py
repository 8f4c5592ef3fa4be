"""The documentation: every block runs and prints what it says, every docstring has its parts,
and the site needs no network."""

import ast
import inspect
import re
import runpy
import sys
import textwrap
import warnings
from contextlib import contextmanager
from importlib import import_module
from operator import attrgetter
from pathlib import Path

import networkx as nx
import pytest

import followback as fb

from .blocks import outputs
from .conftest import browser_only

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
CODE = [
    page for page in PAGES if re.search(r"^```(python|console)", page.read_text(), re.MULTILINE)
]


@pytest.mark.parametrize("page", CODE, ids=lambda page: page.stem)
def test_every_block_prints_what_the_page_says(page, tmp_path, monkeypatch):
    (tmp_path / "data").symlink_to(ROOT / "data")
    monkeypatch.chdir(tmp_path)
    for config, name in ((nx.config, "fallback_to_nx"), (nx.config.backend_priority, "algos")):
        monkeypatch.setattr(config, name, getattr(config, name))  # set back if the page sets it
    for code, said, printed in outputs(page.read_text()):
        assert said is None or printed == said, code


def test_the_picture_of_the_readme_is_drawn_from_the_sample(tmp_path, monkeypatch):
    """Byte for byte, with the locked versions; how: the first line of docs/picture.py."""
    monkeypatch.setattr(sys, "argv", ["picture.py", str(tmp_path / "rings.png")])
    runpy.run_path(str(ROOT / "docs" / "picture.py"), run_name="__main__")
    drawn = (ROOT / "docs" / "rings.png").read_bytes()
    assert (tmp_path / "rings.png").read_bytes() == drawn
    assert len(drawn) <= 60_000
    (alt,) = re.findall(r"!\[([^]]+)\]\(docs/rings.png\)", (ROOT / "README.md").read_text())
    assert len(alt) > 80


def test_every_block_is_run_or_is_plainly_no_code():
    languages = {
        name
        for page in PAGES
        for name in re.findall(r"^```([^\s`]+)", page.read_text(), re.MULTILINE)
    }
    assert languages == {"python", "console", "text", "{include}", "{toctree}"}


def test_a_block_of_text_says_something():
    """Below code that prints nothing there is none, so an empty one is a slip."""
    pages = [ROOT / "README.md", *PAGES]
    empty = re.compile(r"^```text\n\s*```", re.MULTILINE)
    assert [page.name for page in pages if empty.search(page.read_text())] == []


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Build the site as `make docs` does, but here, where all is imported; a warning is an error."""
    from sphinx.cmd.build import build_main

    folder = tmp_path_factory.mktemp("site")
    with warnings.catch_warnings(action="ignore"):  # Python's own; Sphinx's are counted by -W
        call = ["-W", "-q", "-d", folder / "made", ROOT / "docs", folder / "html"]
        assert build_main([*map(str, call)]) == 0
    return folder / "html"


def public():
    """List what a reader can call: what stands at the top, and what the modules of the reference hold."""
    also = runpy.run_path(str(ROOT / "docs" / "conf.py"))["ALSO"]
    for name in sorted({*fb.__all__, *also}):
        thing = import_module(f"followback.{name}") if name in also else getattr(fb, name)
        if inspect.ismodule(thing):
            home = import_module(thing.__name__)
            names = getattr(home, "__all__", None) or [
                n for n, one in vars(home).items()
                if n[0] != "_" and getattr(one, "__module__", "") == home.__name__ and callable(one)
            ]  # fmt: skip
            yield from (
                f"{name}.{n}" for n in names if getattr(fb, n, None) is not getattr(home, n)
            )
        elif name != "__version__":
            yield name


def functions():
    """List the functions and methods among the public names."""
    for name in public():
        thing = attrgetter(name)(fb)
        if inspect.isclass(thing):
            own = ((n, getattr(one, "__func__", one)) for n, one in vars(thing).items())
            yield from (
                (f"{name}.{n}", one) for n, one in own if n[0] != "_" and inspect.isfunction(one)
            )
        else:
            yield name, thing


def raises(function):
    """Tell whether the function's own body raises an error of its own."""
    (node,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    rest = [*node.body]
    while rest:
        one = rest.pop()
        if isinstance(one, ast.Raise) and one.exc:
            return True
        if not isinstance(one, ast.FunctionDef):
            rest += ast.iter_child_nodes(one)
    return False


def lacking(function):
    """Name the parts that a docstring lacks by the standard of CONTRIBUTING.md."""
    first, *parts = re.split(r"^(\w+)\n-+$", inspect.getdoc(function) or "", flags=re.MULTILINE)
    told = dict(zip(parts[::2], parts[1::2], strict=True))
    heads = re.findall(r"^\S.*", told.get("Parameters", ""), re.MULTILINE)
    signature = inspect.signature(function)
    given = {*signature.parameters} - {"self", "cls"}
    yield from sorted(given ^ {*re.findall(r"\w+", " ".join(heads))})
    if inspect.isgeneratorfunction(inspect.unwrap(function)):  # what a with statement gives
        yield from {"Yields"} - {*told} if signature.return_annotation != "Iterator[None]" else ()
    elif signature.return_annotation != "None" and not first.startswith("Return "):
        yield from {"Returns"} - {*told}
    if raises(function):
        yield from {"Raises"} - {*told}
    if ">>> " not in told.get("Examples", ""):
        yield "Examples"


def test_every_public_docstring_has_its_parts():
    found = {name: [*lacking(function)] for name, function in functions()}
    assert {"FollowGraph.load", "report.run", "show.table", "workshop.measure"} <= {*found}
    assert {"files.whole", "interests.shared_interests", "rings.Ring.subgraph"} <= {*found}
    assert {name: parts for name, parts in found.items() if parts} == {}


def test_a_part_that_is_missing_is_noticed():
    def bare(a, b) -> int:
        """Do.

        Parameters
        ----------
        a
            It.
        """
        raise ValueError

    assert [*lacking(bare)] == ["b", "Returns", "Raises", "Examples"]

    @contextmanager
    def lending(a):
        """Lend."""
        yield a

    assert [*lacking(lending)] == ["a", "Yields", "Examples"]


def test_the_reference_lacks_no_public_name_command_or_notebook(site):
    from typer.main import get_command

    from followback.cli import app

    page = (site / "reference" / "python.html").read_text()
    names = [*public()]
    assert {"FollowGraph", "find_rings", "plot.ring_matrix", "report.run"} <= {*names}
    assert [name for name in names if f'id="followback.{name}"' not in page] == []
    assert 'id="followback.FollowGraph.to_networkx"' in page
    page = (site / "reference" / "commands.html").read_text()
    assert [
        name for name in get_command(app).commands if f'id="followback-{name}' not in page
    ] == []
    page = (site / "reference" / "notebooks.html").read_text()
    notebooks = [path.stem for path in (ROOT / "notebooks").glob("*.ipynb")]
    assert [name for name in notebooks if name not in page] == []


def test_the_foot_of_a_page_says_whose_it_is(site):
    page = " ".join((site / "index.html").read_text().split())
    assert re.search(r"Copyright &#169; 2026, the followback authors", page)


@browser_only
def test_no_line_of_code_is_cut_in_print(site, chromium):
    tab = chromium.new_page(viewport={"width": 660, "height": 900})  # A4 between its margins
    tab.emulate_media(media="print")
    for page in ("cluster", "large"):
        tab.goto((site / "howto" / f"{page}.html").as_uri())
        cut = "all => all.filter(pre => pre.scrollWidth > pre.clientWidth).length"
        assert tab.locator("pre").count() > 3
        assert tab.locator("pre").evaluate_all(cut) == 0
    tab.close()


@browser_only
def test_the_site_asks_nobody_and_its_search_works(site, chromium):
    tab, asked, trouble = chromium.new_page(), [], []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("pageerror", lambda error: trouble.append(str(error)))
    for page in sorted(site.rglob("*.html")):
        tab.goto(page.as_uri())
    tab.goto((site / "search.html").as_uri() + "?q=reciprocity")
    tab.locator("#search-results li a").first.wait_for()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert trouble == []
    tab.close()
