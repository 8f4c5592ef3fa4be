"""The page in a real browser, and the same outputs in JupyterLab: nothing runs that should not."""

import json
import shutil

import nbformat
import numpy as np
import pytest
from nbformat.v4 import new_code_cell, new_notebook

import followback as fb
from followback import report, show
from followback._html import visible
from followback._report import pages as _page

from .conftest import HOSTILE, browser_only

SHOWN = [visible(name) for name in HOSTILE]


@pytest.fixture
def tab(chromium):
    """Give a tab that notes what it asks for, what pops up and what goes wrong."""
    context = chromium.new_context()
    page = context.new_page()
    page.asked, page.loaded, page.trouble = [], [], []
    page.on("requestfinished", lambda request: page.loaded.append(request.url))
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("dialog", lambda dialog: (page.trouble.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: page.trouble.append(str(error)))
    yield page
    context.close()


@browser_only
def test_no_request_leaves_the_page_and_no_name_runs(tab, hostile_run):
    tab.goto((hostile_run / "report.html").as_uri())
    tab.wait_for_selector(".ring-explorer[data-drawn]")
    assert [url for url in tab.asked if not url.startswith("data:")] == [
        (hostile_run / "report.html").as_uri()
    ]
    assert tab.trouble == []
    assert tab.title().startswith("Ring report")
    assert tab.locator("script[src], img[onerror], iframe, link, object").count() == 0
    assert tab.locator("main img").count() == len(list((hostile_run / "figures").iterdir()))
    # ten thousand letters in a name do not make the page wider than the window
    assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    anchors = tab.eval_on_selector_all("nav a", "all => all.map(a => a.getAttribute('href'))")
    assert len(anchors) == len(set(anchors)) > 8
    assert all(tab.locator(f"[id='{anchor[1:]}']").count() == 1 for anchor in anchors)


@browser_only
def test_hostile_names_in_every_output_of_a_page(tab, hostile_follows, tmp_path):
    cells = [new_code_cell(c) for c in LAB.split("--\n")]
    parameters = f'follows: "Path" = {str(hostile_follows)!r}\nsaid: str = ""'
    cells.insert(0, new_code_cell(parameters, metadata={"tags": ["parameters"]}))
    cells.append(new_code_cell("fb.show.obtained(said, graph, said)"))
    nbformat.write(new_notebook(cells=cells), tmp_path / "all.ipynb")
    run = report.run(tmp_path / "all.ipynb", {"said": HOSTILE[1]}, out=tmp_path / "out")
    tab.goto((run / "report.html").as_uri())
    tab.wait_for_selector(".ring-explorer[data-drawn]")
    assert tab.title() == "all"
    assert tab.trouble == []
    assert tab.locator("[onerror], main a[href^='javascript']").count() == 0
    text = tab.locator("main").inner_text()
    for name in SHOWN:
        assert name in text
    assert "49" not in tab.locator("td", has_text="7 *").first.inner_text()


@browser_only
def test_tables_sort_by_a_click(tab, hostile_run):
    tab.goto((hostile_run / "report.html").as_uri())
    table = tab.locator(".wide table").last
    column = table.locator("thead th").all_inner_texts().index("followers")
    head = table.locator("thead button").nth(column)

    def values():
        cells = table.locator(f"tbody tr td:nth-child({column + 1})").all_inner_texts()
        return [float(cell.replace(",", "")) for cell in cells]

    before = values()
    head.click()
    assert values() == sorted(before) != sorted(before, reverse=True)
    head.click()
    assert values() == sorted(before, reverse=True)
    assert table.locator("th[aria-sort=descending]").count() == 1


@browser_only
def test_the_explorer_finds_filters_and_tells_the_evidence(tab, hostile_run):
    tab.goto((hostile_run / "report.html").as_uri())
    explorer = tab.locator(".ring-explorer")
    told, find = explorer.locator("[aria-live]"), explorer.get_by_placeholder("an account")
    canvas = explorer.locator("canvas")
    members = fb.files.read_table(hostile_run / "tables" / "members.csv").set_index("account")
    for name, shown in zip(HOSTILE, SHOWN, strict=True):
        find.fill(shown)
        assert shown in told.locator("strong").inner_text()
        followers = told.get_by_text("followers", exact=True)
        assert followers.locator("+ dd").inner_text() == f"{members.loc[name, 'followers']:,}"
    find.fill("nobody is called this")
    assert "No account" in told.inner_text()

    find.fill("")
    strength = explorer.locator("input[type=range]")
    most, shown = int(strength.get_attribute("max")), []
    for least in (0, most - 1, most):
        strength.fill(str(least))
        shown.append(int(canvas.get_attribute("aria-label").split(", ")[1].split()[0]))
    assert shown[0] > shown[1] >= shown[2] > 0

    explorer.locator("select").nth(1).select_option("matrix")
    assert "as matrix" in canvas.get_attribute("aria-label")
    canvas.hover(position={"x": 5, "y": 5})
    first = told.locator("strong").first.inner_text()
    canvas.press("ArrowDown")
    assert told.locator("strong").first.inner_text() != first
    tab.emulate_media(media="print")
    assert not explorer.locator(".live").is_visible()
    assert explorer.locator("figure img").is_visible()
    assert tab.trouble == []


@browser_only
def test_the_policy_stops_a_script_that_a_notebook_lets_through(tab, tmp_path):
    evil = "<script>document.title='ran'</script><img src=x onerror=\"document.title='ran'\">"
    cells = [
        new_code_cell("n: int = 1", metadata={"tags": ["parameters"]}),
        new_code_cell(f"from IPython.display import HTML\nHTML({evil!r})"),
    ]
    nbformat.write(new_notebook(cells=cells), tmp_path / "evil.ipynb")
    run = report.run(tmp_path / "evil.ipynb", out=tmp_path / "out")
    assert "document.title" in (run / "report.html").read_text()
    tab.goto((run / "report.html").as_uri())
    tab.wait_for_timeout(300)
    assert tab.title() == "evil"
    assert tab.loaded == [(run / "report.html").as_uri()]


@browser_only
def test_the_gallery_filters(tab, tmp_path, hostile_run):
    shutil.copytree(hostile_run.parent, tmp_path / "out")
    tab.goto((tmp_path / "out" / "index.html").as_uri())
    cards = tab.locator("article:visible")
    total = cards.count()
    assert total >= 1
    assert tab.evaluate("document.querySelector('article img').naturalWidth") != 0
    tab.locator("#filter").fill("min_size = 6")
    assert tab.locator("#count").inner_text() == f"{cards.count()} of {total}"
    tab.locator("#filter").fill("no run has this")
    assert cards.count() == 0
    assert [url for url in tab.asked if not url.startswith("file:")] == []
    assert tab.trouble == []


@browser_only
def test_the_page_prints_to_pdf(hostile_run, tmp_path):
    made = _page.write_pdf(hostile_run / "report.html", tmp_path / "page.pdf")
    content = made.read_bytes()
    assert content.startswith(b"%PDF")
    assert b"/StructTreeRoot" in content  # tagged: headings and alt texts for who cannot see it
    assert content.count(b"/Type /Page\n") > 1


def test_without_a_browser_the_pdf_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(_page, "_BROWSERS", ())
    monkeypatch.setattr(_page, "_MAC", str(tmp_path / "none"))
    with pytest.raises(fb.CallError, match="none is installed; install one"):
        _page.write_pdf(tmp_path / "page.html", tmp_path / "page.pdf")
    broken = tmp_path / "browser"
    for code in ("exit 1", "exit 0"):
        broken.write_text(f"#!/bin/sh\n{code}\n")
        broken.chmod(0o755)
        monkeypatch.setattr(_page, "_BROWSERS", (str(broken),))
        with pytest.raises(fb.FollowbackError, match="print it"):
            _page.write_pdf(tmp_path / "page.html", tmp_path / "page.pdf")


def test_the_explorer_describes_a_ring_as_it_is():
    """Strength and order against NetworkX, by the definition."""
    import networkx as nx

    g = fb.synth.plant_rings(fb.synth.follow_network(600, 4_000, seed=1), [(12, 0.8)], seed=1)[0]
    rings = fb.find_rings(g)
    html = show.explorer(rings, g, 1).data
    data = json.loads(html.split("application/json'>")[1].split("</script>")[0])
    (ring,) = data["rings"]
    inner = rings[0].subgraph()
    names = [int(name) for name in ring["names"]]
    core = nx.core_number(inner)
    assert [core[name] for name in names] == sorted(core.values(), reverse=True)
    ties = np.array(ring["ties"]).reshape(-1, 3)
    mutual = ties[ties[:, 2] >= 0]
    assert {frozenset((names[i], names[j])) for i, j, _ in mutual} == set(
        map(frozenset, inner.edges)
    )
    for i, j, strength in mutual:
        assert len([*nx.common_neighbors(inner, names[i], names[j])]) == strength
    for i, j, _ in ties[ties[:, 2] < 0]:
        arc = g.to_networkx().has_edge
        assert arc(names[i], names[j])
        assert not arc(names[j], names[i])
    assert 0 <= min(ring["x"]) <= max(ring["x"]) <= 1
    nothing = fb.find_rings(fb.FollowGraph.from_pairs([(1, 2)]))
    assert "no ring to show" in show.explorer(nothing, g).data


LAB = """\
import followback as fb
graph = fb.read(follows)
mutual = fb.mutual(graph)
rings = fb.find_rings(graph, min_size=6)
fb.show.summary(graph, mutual, rings, 0.05)
--
fb.show.table(rings.members, "members", "One row an account.", limit=40)
--
fb.show.ring_sections(rings, graph, 2)
--
fb.show.explorer(rings, graph)
--
rings
--
rings[0]
--
graph
--
mutual
--
fb.audit(graph, rings[0].accounts[0], rings=rings)
--
fb.audit_thread(graph, rings[0].accounts, permutations=49)
--
changed = fb.snapshots.ring_changes(rings, rings)
changes = fb.snapshots.changes(graph, graph)
fb.show_network.snapshot_summary(changes, changed)
--
fb.show_network.measures_table(fb.networks.health(graph, rings), "health", "One row a measure.")
"""


@browser_only
@pytest.mark.slow
def test_hostile_names_in_jupyterlab(chromium, jupyterlab, hostile_follows):
    """Run All in JupyterLab: no name runs or is set as a formula, and the explorer moves."""
    cells = [new_code_cell(c) for c in LAB.split("--\n")]
    cells.insert(0, new_code_cell(f"follows = {str(hostile_follows)!r}"))
    page = jupyterlab.open(chromium, jupyterlab.write("hostile", cells))
    jupyterlab.run_all(page)
    page.wait_for_selector(".ring-explorer[data-drawn]")
    page.wait_for_timeout(1_000)
    assert page.locator("mjx-container, .MathJax").count() == 0
    assert page.locator(".jp-OutputArea img[onerror]").count() == 0
    explorer = page.locator(".ring-explorer")
    explorer.get_by_placeholder("an account").fill("</script>")
    assert SHOWN[2] in explorer.locator("[aria-live] strong").inner_text()
    assert page.title() != "ran"
    assert (page.trouble, page.outside) == ([], [])
    page.close()
