"""Writing GEXF and GraphML: NetworkX, which is stricter than Gephi, reads them unrepaired."""

import networkx as nx
import pandas as pd
import pytest

import followback as fb
from followback.files import write_follows

ODD = ["<b>", 'c"d', "a&b", "line\nbreak", "tab\tbed", "😀", "]]>", "x\u202ey"]


@pytest.fixture
def odd():
    rows = {"source": ODD, "target": ODD[1:] + ODD[:1], "time": [1.7e9, None] * 4}
    return fb.read(pd.DataFrame(rows))


@pytest.mark.parametrize("ending", [".gexf", ".graphml"])
def test_what_is_written_is_read_back(ending, odd, story, tmp_path):
    for name, g in (("odd", odd), ("story", story)):
        write_follows(g, tmp_path / f"{name}{ending}")
        assert fb.read(tmp_path / f"{name}{ending}") == g


@pytest.mark.parametrize("ending", [".gexf", ".graphml"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_networkx_reads_it(ending, odd, tmp_path):
    write_follows(odd, tmp_path / f"x{ending}")
    if ending == ".gexf":
        text = (tmp_path / "x.gexf").read_text()  # NetworkX knows no 1.3; what we use is in 1.2
        text = text.replace('gexf.net/1.3" version="1.3"', 'www.gexf.net/1.2draft" version="1.2"')
        (tmp_path / "y.gexf").write_text(text)
        graph = nx.read_gexf(tmp_path / "y.gexf")
    else:
        graph = nx.read_graphml(tmp_path / "x.graphml")
    labels = nx.get_node_attributes(graph, "label")
    assert set(labels.values()) == set(ODD)
    found = {(labels[u], labels[v]) for u, v in graph.edges}
    table = odd.to_table().to_pydict()
    assert found == set(zip(table["source"], table["target"], strict=True))
    assert sum("created_at" in data for *_, data in graph.edges(data=True)) == 4


def test_characters_that_xml_cannot_hold_are_replaced(tmp_path):
    g = fb.FollowGraph.from_pairs([("a\x01b", "c\x00d")])
    for ending in (".gexf", ".graphml"):
        write_follows(g, tmp_path / f"x{ending}")
        assert set(fb.read(tmp_path / f"x{ending}").accounts) == {"a\ufffdb", "c\ufffdd"}
