"""What Jupyter shows of every public object, and what Tab completes."""

import dataclasses
import inspect
import re

import pandas as pd
import pytest

import followback as fb
from followback._html import table_html


@pytest.fixture(scope="module")
def objects():
    g, truth = fb.synth.plant_rings(
        fb.synth.follow_network(1_000, 8_000, seed=4), [(25, 0.8)], seed=4
    )
    rings = fb.find_rings(g)
    return [
        g, fb.mutual(g), rings, rings[0], fb.audit(g, truth["account"][0], rings=rings),
        fb.audit_thread(g, truth["account"], permutations=19),
    ]  # fmt: skip


def test_every_card_is_closed_html_with_its_title(objects):
    titles = ["FollowGraph", "MutualGraph", "rings", "Ring 1", "Audit of ", "Audit of a thread"]
    for thing, title in zip(objects, titles, strict=True):
        html = thing._repr_html_()
        assert title in html
        assert html.startswith("<div class='tex2jax_ignore mathjax_ignore'><strong>")
        for tag in ("div", "table", "tr", "td", "th", "p"):
            assert len(re.findall(rf"<{tag}[ >]", html)) == html.count(f"</{tag}>")


def test_the_rings_table_has_bars_as_long_as_its_shares(objects):
    rings = objects[2]
    html = rings._repr_html_()
    bars = re.findall(r"rgba\(0,114,178,.3\) (\d+)%,transparent", html)
    shown = rings.table.head(10)
    columns = ["density", "reciprocity", "expected_reciprocity", "organic_reciprocity"]
    shares = pd.Series(shown[columns].to_numpy().ravel()).dropna()
    expected = [f"{100 * share:.0f}" for share in shares]
    assert bars == expected


def test_a_bar_of_nothing_is_none_and_no_bar_leaves_its_cell():
    html = table_html(pd.DataFrame({"density": [float("nan"), 1.5]}), bars={"density"})
    assert "<td>–</td>" in html
    assert "100%,transparent 100%" in html


def test_text_begins_at_the_left_and_is_escaped():
    html = table_html(pd.DataFrame({"account": ["<b>"], "size": [1_000]}))
    assert "<td style='text-align:left'>&lt;b&gt;</td><td>1,000</td>" in html
    assert "<th style='text-align:left'>account</th><th>size</th>" in html


def test_tab_completes_and_everything_it_offers_is_explained(objects):
    assert set(fb.__all__) == set(dir(fb))
    for name in set(fb.__all__) - {"__version__"}:
        assert inspect.getdoc(getattr(fb, name)), name
    for thing in objects:
        told = inspect.getdoc(type(thing))
        fields = {field.name for field in dataclasses.fields(thing)}
        for name in dir(thing):
            if not name.startswith("_"):
                member = getattr(type(thing), name, None)
                explained = name in told if name in fields else inspect.getdoc(member)
                assert explained, f"{type(thing).__name__}.{name}"
