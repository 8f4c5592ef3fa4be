"""DISPATCH: NetworkX's functions on arrays, each beside NetworkX's own."""

import logging
import pickle
import random
import subprocess
import sys

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from networkx.algorithms.approximation import densest_subgraph

import followback as fb
from followback import FollowGraph, MutualGraph, report
from followback.dispatch import interface
from followback.dispatch.arrays import ArrayGraph
from followback.dispatch.info import FUNCTIONS, get_info

from .conftest import STORY, arcs
from .networkx_suite import compare

PART = [
    f"networkx.{module}"
    for module in (
        "algorithms.approximation.tests.test_density",
        "algorithms.centrality.tests.test_degree_centrality",
        "algorithms.components.tests",
        "algorithms.tests.test_cluster",
        "algorithms.tests.test_core",
        "algorithms.tests.test_isolate",
        "algorithms.tests.test_reciprocity",
        "algorithms.tests.test_triads",
    )
]
SOME_NODES = [(), ([0, "b", 99],), (0,), (99,), ([[]],)]
CALLS = {
    "average_clustering": [(), ([0, "b"],), (0,), (None, None, False), (None, "weight")],
    "clustering": [*SOME_NODES, (None, "weight")],
    "densest_subgraph": [(), (3,), (0,)],
    "is_isolate": [(0,), (("c", 1),), (99,), ([0],)],
    "k_core": [(), (1,), (2,), (9,), (1, {0: 2, "b": 1, 99: 5})],
    "k_shell": [(), (1,), (2,), (9,), (2, {0: 2, "b": 1, 99: 5})],
    "k_truss": [(0,), (2,), (2.5,), (3,), (4,)],
    "reciprocity": SOME_NODES,
    "triadic_census": [(), ([0],), ([0, "b"],), ([0, 0],), ([0, 99],)],
    "triangles": SOME_NODES,
}
NODES = [0, "b", ("c", 1), 3, "4", (5,), 6.5, frozenset("7"), -8, None.__class__]


@pytest.fixture(autouse=True)
def configured():
    """Let NetworkX take conversions from its cache without a warning."""
    with nx.config(warnings_to_ignore={"cache"}):
        yield


def function(name):
    return getattr(nx, name, None) or getattr(nx.approximation, name)


def outcome(call, *args, **kwargs):
    """Return what a call gives, as something that can be compared, or what it raises."""
    try:
        found = call(*args, **kwargs)
        found = list(found) if hasattr(found, "__next__") else found
    except Exception as error:
        return type(error), str(error)
    if isinstance(found, nx.Graph):
        return found.graph, dict(found.nodes(data=True)), nx.to_dict_of_dicts(found)
    return found


@st.composite
def graphs(draw):
    """Draw a graph of either kind with mixed nodes in any order, self-loops, lone nodes."""
    graph = draw(st.sampled_from([nx.Graph, nx.DiGraph]))(name="drawn")
    nodes = draw(st.permutations(NODES))[: draw(st.integers(0, len(NODES)))]
    graph.add_nodes_from((node, {"place": place}) for place, node in enumerate(nodes))
    if nodes:
        node = st.sampled_from(nodes)
        drawn = draw(st.lists(st.tuples(node, node), max_size=30))
        graph.add_edges_from((u, v, {"since": at}) for at, (u, v) in enumerate(drawn))
        if draw(st.booleans()):
            graph.remove_edges_from(list(nx.selfloop_edges(graph)))
    return graph


def test_what_is_declared_is_what_is_there():
    algorithms = nx.utils.backends._registered_algorithms  # noqa: SLF001
    there = {name for name in algorithms if hasattr(interface, name)}
    assert there == set(FUNCTIONS) == set(get_info()["functions"])
    assert there == set(interface.__all__) - {"convert_from_nx", "convert_to_nx"}
    for name, about in get_info()["functions"].items():
        assert "followback" in algorithms[name].backends
        assert about["url"].endswith(f".{name}.html")
        place = about["url"].partition("/generated/")[2].removesuffix(f".{name}.html")
        assert algorithms[name].orig_func.__module__.startswith(place)
        assert about["url"] in algorithms[name].__doc__
        assert getattr(interface, name).__doc__


def test_networkx_alone_loads_nothing_heavy_of_ours():
    code = (
        "import networkx, sys; assert 'followback' in networkx.config.backends\n"
        "print([m for m in sys.modules if m in ('numpy', 'numba', 'pandas', 'pyarrow')])"
    )
    found = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert found.stdout == "[]\n"


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
@given(graph=graphs())
def test_twin(name, graph):
    """The same values, nodes, order and errors; what is refused is refused by name."""
    for args in CALLS.get(name, [()]):
        expected = outcome(function(name), graph, *args)
        found = outcome(function(name), graph, *args, backend="followback")
        if isinstance(found, tuple) and found[0] is NotImplementedError:
            assert is_refused(name, graph, args), (name, args, found)
            continue
        if name == "strongly_connected_components" and isinstance(expected, list):
            expected, found = ({frozenset(c) for c in x} for x in (expected, found))
        assert found == expected, (name, args)
        if isinstance(expected, dict):
            assert list(found) == list(expected)
        assert_plain(found)


def is_refused(name, graph, args):
    """List what this backend leaves to NetworkX."""
    loops = nx.number_of_selfloops(graph) > 0
    return (
        "weight" in args
        or ("reciprocity" in name and not graph.is_directed())
        or (name == "densest_subgraph" and loops)
        or (name == "triadic_census" and loops and args != ())
    )


def assert_plain(value):
    """No numpy scalars anywhere: their repr and their arithmetic would surprise."""
    assert not isinstance(value, np.generic)
    if isinstance(value, dict):
        assert_plain(list(value.items()))
    elif isinstance(value, (list, tuple, set, frozenset)):
        for part in value:
            assert_plain(part)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("method", ["fista", "greedy++"])
def test_the_densest_subgraph_is_networkx_own_to_the_node(seed, method):
    graph = nx.gnm_random_graph(150, 700, seed=seed)
    graph.add_edges_from(nx.complete_graph(12).edges)
    nodes = list(graph)
    random.Random(seed).shuffle(nodes)
    graph = nx.relabel_nodes(graph, dict(zip(graph, nodes, strict=True)))
    for iterations in (1, 7):
        expected = densest_subgraph(graph, iterations, method=method)
        assert densest_subgraph(graph, iterations, method=method, backend="followback") == expected
    with pytest.raises(ValueError, match="best is not a valid choice for an algorithm"):
        densest_subgraph(graph, method="best", backend="followback")


@pytest.mark.parametrize("seed", range(3))
def test_twins_on_larger_graphs(seed):
    graph = nx.gnp_random_graph(300, 0.03, seed=seed, directed=True)
    ties = nx.compose(graph.to_undirected(), nx.complete_graph(range(40, 60)))
    for name in ("triadic_census", "clustering", "core_number", "transitivity"):
        assert function(name)(graph, backend="followback") == function(name)(graph)
    assert nx.triadic_census(graph, [*range(30)], backend="followback") == nx.triadic_census(
        graph, [*range(30)]
    )
    for node in (3, 45):  # a few nodes are counted by looking around them
        assert nx.triangles(ties, node, backend="followback") == nx.triangles(ties, node)
    for k in (3, 4, 10, 20, 21):
        found = nx.k_truss(ties, k, backend="followback")
        assert nx.utils.graphs_equal(found, nx.k_truss(ties, k))


@given(graphs())
def test_strong_components_come_after_all_they_lead_to(graph):
    if graph.is_directed():
        place = {}
        for i, part in enumerate(nx.strongly_connected_components(graph, backend="followback")):
            place |= dict.fromkeys(part, i)
        assert all(place[u] >= place[v] for u, v in graph.edges)


@given(graphs())
def test_a_graph_comes_back_as_it_was(graph):
    whole = dict.fromkeys(("preserve_edge_attrs", "preserve_node_attrs"), True)
    a = interface.convert_from_nx(graph, **whole, preserve_graph_attrs=True)
    back = interface.convert_to_nx(a)
    assert nx.utils.graphs_equal(back, graph)
    assert type(back) is type(graph)
    assert list(back.nodes(data=True)) == list(graph.nodes(data=True))
    assert list(back.edges(data=True)) == list(graph.edges(data=True))
    assert (a.number_of_nodes(), a.number_of_edges()) == (len(graph), graph.number_of_edges())
    assert nx.density(a) == nx.density(graph)
    again = interface.convert_from_nx(graph, preserve_all_attrs=True).to_networkx()
    assert nx.utils.graphs_equal(again, graph)


def test_only_the_attributes_that_are_asked_for_come_along():
    graph = nx.Graph(name="g")
    graph.add_node("a", colour="red", size=1)
    graph.add_edge("a", "b", weight=2.5, since=3)
    graph.add_edge("b", "c")
    bare = interface.convert_from_nx(graph, name="f", graph_name="G").to_networkx()
    assert (bare.graph, next(iter(bare.nodes(data=True)))) == ({}, ("a", {}))
    asked = interface.convert_from_nx(
        graph, edge_attrs={"weight": 1, "since": None}, node_attrs={"colour": None}
    )
    assert interface.convert_from_nx(asked) is asked
    assert interface.convert_to_nx(7) == 7
    back = asked.to_networkx()
    assert list(back.nodes(data=True)) == [("a", {"colour": "red"}), ("b", {}), ("c", {})]
    assert [data for *_, data in back.edges(data=True)] == [
        {"weight": 2.5, "since": 3},
        {"weight": 1},
    ]
    graph.edges["a", "b"]["since"] = 4  # what was converted stays as it was
    assert asked.to_networkx().edges["a", "b"]["since"] == 3
    assert repr(asked) == "ArrayGraph, undirected, with 3 nodes and 2 edges"


@pytest.mark.parametrize("kind", [nx.MultiGraph, nx.MultiDiGraph, type("Own", (nx.Graph,), {})])
def test_other_kinds_of_graph_are_left_to_networkx(kind):
    graph = kind([(1, 2), (2, 3), (1, 3)])
    with pytest.raises(NotImplementedError, match=kind.__name__):
        interface.convert_from_nx(graph)
    with nx.config(fallback_to_nx=True, backend_priority={"algos": ["followback"]}):
        assert nx.number_of_isolates(graph) == 0


def test_views_are_refused_as_they_change_with_another_graph():
    graph = nx.path_graph(6, create_using=nx.DiGraph)
    with nx.config(backend_priority=["followback"], fallback_to_nx=True):
        view = graph.to_undirected(as_view=True)
        assert nx.triangles(view, 0) == 0
        graph.add_edge(0, 2)
        assert nx.triangles(view, 0) == 1
    for view in (graph.subgraph([1, 2, 3, 5]), graph.reverse(copy=False)):
        with pytest.raises(NotImplementedError, match="give a copy"):
            interface.convert_from_nx(view)
        assert list(nx.isolates(view.copy(), backend="followback")) == list(nx.isolates(view))


def test_a_follow_graph_goes_to_networkx_as_it_is(story, caplog):
    m = fb.mutual(story)
    with caplog.at_level(logging.DEBUG, logger="networkx"):
        assert nx.overall_reciprocity(story) == 1 / 2 == fb.reciprocity(story)["arc"][0]
        assert nx.reciprocity(story, "ann") == 1 / 2
        assert nx.core_number(m) == {"ann": 1, "bob": 1, "cem": 0, "dot": 0}
        assert list(nx.core_number(m).values()) == fb.core_numbers(m).tolist()
        assert list(nx.isolates(m)) == ["cem", "dot"]
        assert nx.density(story) == 4 / 12
        assert nx.density(m) == 1 / 6
    calls = [line for line in caplog.messages if line.startswith("Using backend 'followback' for")]
    assert len(calls) == 5
    assert not any("Converting" in line for line in caplog.messages)


@given(arcs())
def test_twins_of_follow_and_mutual_graphs(pairs):
    if not any(u != v for u, v in pairs):
        return
    g = FollowGraph.from_pairs(pairs)
    for graph in (g, fb.mutual(g)):
        twin = graph.to_networkx()
        for name in FUNCTIONS:
            if name in ("k_core", "k_shell", "k_truss", "is_isolate"):
                continue
            expected, found = (outcome(function(name), x) for x in (twin, graph))
            if isinstance(found, tuple) and found[0] in (NotImplementedError, fb.FollowbackError):
                assert "reciprocity" in name
                continue
            if name == "strongly_connected_components" and isinstance(expected, list):
                expected, found = sorted(map(sorted, expected)), sorted(map(sorted, found))
            assert found == expected, name
        for name, k in (("k_core", 2), ("k_shell", 1)):
            part = function(name)(graph, k)
            assert type(part) is type(graph)
            assert nx.utils.graphs_equal(part.to_networkx(), function(name)(twin, k))
    truss = nx.k_truss(fb.mutual(g), 3)
    assert isinstance(truss, MutualGraph)
    assert nx.utils.graphs_equal(truss.to_networkx(), nx.k_truss(twin, 3))


def test_the_core_of_a_follow_graph_keeps_names_and_times():
    pairs = [
        ("ann", "bob", 1_700_000_000_000),
        ("bob", "ann", None),
        ("ann", "cem", 1_700_000_000_007),
    ]
    twin = nx.DiGraph()
    twin.add_edges_from((u, v, {} if at is None else {"created_at": at}) for u, v, at in pairs)
    g = FollowGraph.from_networkx(twin)
    core = nx.k_core(g)
    assert list(core.accounts) == ["ann", "bob"]
    assert core == FollowGraph.from_networkx(twin.subgraph(["ann", "bob"]))
    assert nx.utils.graphs_equal(g.to_networkx(), twin)


def test_everything_else_works_by_conversion_once_that_is_allowed(story):
    with pytest.raises(NotImplementedError, match="followback"):
        nx.pagerank(story)
    twin = story.to_networkx()
    with nx.config(fallback_to_nx=True):
        assert nx.pagerank(story) == nx.pagerank(twin)
        assert "backends" in story.__networkx_cache__
        assert nx.clustering(fb.mutual(story), weight="w") == dict.fromkeys(twin, 0)
    assert pickle.loads(pickle.dumps(story)) == story


def test_the_switch_sends_networkx_own_graphs_to_us(caplog):
    graph = nx.DiGraph(STORY)
    with (
        nx.config(backend_priority={"algos": ["followback"]}),
        caplog.at_level(logging.DEBUG, logger="networkx"),
    ):
        assert nx.overall_reciprocity(graph) == 1 / 2
    assert any("Using backend 'followback' for call to 'overall" in m for m in caplog.messages)
    (converted,) = graph.__networkx_cache__["backends"]["followback"].values()
    assert isinstance(converted, ArrayGraph)


WITHOUT_NUMBA = """
import sys, warnings; sys.modules["numba"] = None; warnings.simplefilter("error")
import networkx as nx; nx.config.warnings_to_ignore.add("cache")
graph = nx.gnp_random_graph(70, 0.12, seed=4, directed=True)
ties = graph.to_undirected()
ask = {"backend": "followback"}
for function in (nx.triadic_census, nx.clustering, nx.core_number, nx.overall_reciprocity):
    assert function(graph, **ask) == function(graph), function
for arguments in ((), (5,)):
    assert nx.triangles(ties, *arguments, **ask) == nx.triangles(ties, *arguments)
for k in (3, 4, 5, 9):
    assert nx.utils.graphs_equal(nx.k_truss(ties, k, **ask), nx.k_truss(ties, k))
densest = nx.approximation.densest_subgraph
for method in ("fista", "greedy++"):
    assert densest(ties, 2, method=method, **ask) == densest(ties, 2, method=method)
from followback.kernels.dyads import dyad_rows
print(type(dyad_rows).__name__)
"""


def test_numba_is_not_needed():
    """The kernels run as plain Python where numba is missing, and give the same."""
    call = [sys.executable, "-c", WITHOUT_NUMBA]
    found = subprocess.run(call, check=True, capture_output=True, text=True)
    assert found.stdout == "function\n"


def test_the_notebook_of_twins_runs_and_they_agree(tmp_path):
    given = {"accounts": "600", "follows": "5000", "rounds": "2"}
    run = report.run("07-twins", given, out=tmp_path)
    page = (run / "report.html").read_text()
    for shown in ("times faster", "overall_reciprocity", "core_number", "triangles", "s a million"):
        assert shown in page


@pytest.mark.slow
def test_a_part_of_networkx_own_suite():
    """All of it: `make test-networkx`."""
    calls, ended, differ, printed = compare(PART)
    assert differ == {}, printed
    assert ended[0] == ended[1]
    assert ended[1]["passed"] > 150
    assert set(calls) >= set(FUNCTIONS)
    assert min(calls.values()) > 0


def test_a_few_nodes_of_a_large_graph():
    graph = nx.gnp_random_graph(150, 0.1, seed=1, directed=True)
    for kind in (graph, graph.to_undirected()):
        for nodes in (7, [7], [3, 99]):
            for call in (nx.clustering, nx.triangles, nx.reciprocity):
                if kind.is_directed() == (call is nx.triangles) and call is not nx.clustering:
                    continue
                assert call(kind, nodes, backend="followback") == call(kind, nodes)


def test_core_numbers_that_are_given_need_no_order(story):
    given = {"dot": 1, "cem": 2, "bob": 2, "ann": 2}
    assert list(nx.k_core(story, 2, given).accounts) == ["ann", "bob", "cem"]


def test_what_is_kept_of_attributes_is_a_copy():
    graph = nx.Graph()
    graph.add_edge("a", "b", since=3)
    a = interface.convert_from_nx(graph, preserve_edge_attrs=True)
    a.to_networkx().edges["a", "b"]["since"] = 4
    a.edge_data[0]["since"] = 5
    assert graph.edges["a", "b"]["since"] == 3


def test_a_census_around_nodes_is_left_to_networkx_where_there_are_loops():
    graph = nx.DiGraph([(0, 1), (1, 2), (2, 2)])
    with pytest.raises(NotImplementedError, match="loops"):
        interface.triadic_census(interface.convert_from_nx(graph), [1])


def test_a_mutual_graph_has_no_reciprocity_to_measure(story):
    with nx.config(fallback_to_nx=True), pytest.raises(fb.FollowbackError, match="ask the graph"):
        nx.overall_reciprocity(fb.mutual(story))
