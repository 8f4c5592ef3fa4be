"""Named graphs small enough for a pencil, shared by all tests.

Follows are written as arrows; people have names, so that a failure reads as a story.
"""

import shutil
from itertools import permutations

import pandas as pd
import pytest
from hypothesis import settings
from hypothesis import strategies as st

from followback import FollowGraph

# Deterministic, and no deadline: the first call of a kernel compiles it.
settings.register_profile("followback", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("followback")


def follows(text):
    """Read "ann>bob bob>ann" as a list of pairs."""
    return [tuple(arrow.split(">")) for arrow in text.split()]


def everyone(names):
    """Return the follows of a clique: each follows each."""
    return list(permutations(names, 2))


PAIR = follows("ann>bob bob>ann")
# ann and bob are mutual, cem follows ann in vain, ann follows dot in vain
STORY = follows("ann>bob bob>ann cem>ann ann>dot")
TRIANGLE = everyone(["ann", "bob", "cem"])
STAR = follows("hub>a a>hub hub>b b>hub hub>c c>hub")
# two rings of four that share dot
TWO_RINGS = sorted({*everyone("abcd"), *everyone("defg")})

# names that try to run, to break the layout, to leave the folder or to look like another
HOSTILE = [
    "<script>document.title = 'ran'</script>", '"><img src=x onerror="document.title = \'ran\'">',
    "</script><script>document.title = 'ran'</script>", "=cmd|'/C calc'!A0", "+1+1", "-2+3", "@SUM(1)",
    "# head", "**bold** [x](javascript:alert(1))", "a\u202eb", "$\\frac{1}{0}$", "\x1b[31mred",
    "x" * 10_000, "😀", "line\nbreak", "../../up", "{{ 7 * 7 }}", "'=quoted",
]  # fmt: skip


@pytest.fixture(scope="session")
def hostile_follows(tmp_path_factory):
    """Write a graph with one ring, whose members have hostile names."""
    from followback import read, synth
    from followback.files import write_follows

    g, truth = synth.plant_rings(synth.follow_network(1_500, 12_000, seed=2), [(25, 0.9)], seed=2)
    others = map(str, range(9_000, 9_025 - len(HOSTILE)))
    names = dict(zip(truth["account"], [*HOSTILE, *others], strict=True))
    table = g.to_table().to_pandas().map(lambda i: names.get(i, f"user{i}"))
    path = tmp_path_factory.mktemp("data") / "follows.csv"
    write_follows(read(table), path)
    return path


@pytest.fixture(scope="session")
def hostile_run(hostile_follows, tmp_path_factory):
    """Run the ring report on the hostile names."""
    from followback import report

    out = tmp_path_factory.mktemp("reports")
    return report.run("10-ring-report", {"follows": hostile_follows, "min_size": "6"}, out=out)


CHROMIUM = shutil.which("chromium")
browser_only = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")


@pytest.fixture(scope="module")
def chromium():
    """Start a browser, a module its own: it keeps an event loop running."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def jupyterlab(tmp_path_factory):
    """Start JupyterLab once for all tests, as `followback lab` does."""
    from .lab import Lab

    with Lab(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture
def story():
    return FollowGraph.from_pairs(STORY)


@pytest.fixture
def two_rings():
    return FollowGraph.from_pairs(TWO_RINGS)


@pytest.fixture
def frame():
    return pd.DataFrame(STORY, columns=["source", "target"])


def arcs(max_accounts=12):
    """Lists of follows among a few integer accounts, self-follows and repeats included."""
    account = st.integers(0, max_accounts - 1)
    return st.lists(st.tuples(account, account), max_size=80)


def networkx_of(pairs):
    """Return the twin: what NetworkX makes of the same follows."""
    import networkx as nx

    graph = nx.DiGraph()
    graph.add_nodes_from(sorted({end for pair in pairs for end in pair}))
    graph.add_edges_from((u, v) for u, v in pairs if u != v)
    return graph
