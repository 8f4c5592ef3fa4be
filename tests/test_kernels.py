"""KERNELS: the written contract, and a slow twin for each."""

import ast
import gc
from collections import Counter, deque
from pathlib import Path
from types import SimpleNamespace

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import followback
from followback import _communities, _threads, kernels
from followback._build import turn as _turn
from followback._build.turn import returned, transposed
from followback._communities import cpm_groups
from followback.graph import Rows
from followback.kernels.communities import merged_groups, moved_groups, renumbered
from followback.kernels.refine import expected_inside, fitted_fitness, fitted_set, sort_ascending
from followback.kernels.rows import (
    mutual_rows,
    reverse_entries,
    row_times,
    ties_inside,
)

KERNELS = sorted((Path(followback.__file__).parent / "kernels").glob("[a-z]*.py"))
ALLOWED = {"numpy", "numpy.typing", ""}  # "" is `from . import kernel`
FORBIDDEN = (
    ast.Dict, ast.Set, ast.DictComp, ast.SetComp, ast.ListComp, ast.GeneratorExp, ast.JoinedStr,
    ast.ClassDef, ast.Global, ast.Nonlocal, ast.Try, ast.With, ast.Lambda, ast.Yield, ast.Await,
)  # fmt: skip


@pytest.mark.parametrize("path", KERNELS, ids=lambda path: path.stem)
def test_contract_arrays_in_arrays_out(path):
    """A failure here is meant to make you think: does this belong in a kernel?"""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            assert {alias.name for alias in node.names} <= ALLOWED
        if isinstance(node, ast.ImportFrom):
            assert (node.module or "") in ALLOWED
        assert not isinstance(node, FORBIDDEN), f"line {node.lineno}: {ast.unparse(node)}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("print", "open", "dict", "list", "set", "str"), node.lineno
    for function in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
        assert [ast.unparse(d) for d in function.decorator_list] == ["kernel"], function.name
        assert ast.get_docstring(function), function.name
        for argument in function.args.args:
            assert argument.annotation is not None, (function.name, argument.arg)
        assert stores_to_arguments(function) == [], function.name


def test_garbage_waits_while_kernels_compile():
    watch = kernels._Compiling()  # noqa: SLF001
    event = SimpleNamespace(data={"dispatcher": fitted_set})
    watch.said = True
    watch.on_start(event)
    watch.on_start(event)  # a kernel that calls a kernel
    watch.on_end(event)
    assert not gc.isenabled()
    watch.on_end(event)
    assert gc.isenabled()


def stores_to_arguments(function):
    """List the arguments that a kernel writes into, but for those that its name allows."""
    scratch = ("out_", "scratch_")
    names = {a.arg for a in function.args.args if not a.arg.startswith(scratch)}
    rebound = {
        target.id
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        for t in node.targets
        for target in ast.walk(t)
        if isinstance(target, ast.Name) and isinstance(target.ctx, ast.Store)
    }
    return [
        ast.unparse(node)
        for node in ast.walk(function)
        if isinstance(node, ast.Subscript)
        and isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id in names - rebound
    ]


@st.composite
def csr(draw, symmetric=False):
    """Draw compressed rows and the same graph as a networkx twin."""
    n = draw(st.integers(1, 14))
    account = st.integers(0, n - 1)
    pairs = {(u, v) for u, v in draw(st.lists(st.tuples(account, account), max_size=70)) if u != v}
    if symmetric:
        pairs |= {(v, u) for u, v in pairs}
    return rows(n, pairs), pairs


def rows(n, pairs):
    ordered = sorted(pairs)
    counts = np.bincount([u for u, _ in ordered], minlength=n)
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Rows(indptr, np.array([v for _, v in ordered], np.int32))


@pytest.mark.parametrize("bits", [27, 31])  # keys of 32 bits, of 64 where a bucket has rows
@pytest.mark.parametrize("shift", [0, 1, 4])
@given(csr())
def test_twins_of_rows_turned_and_returned(shift, bits, drawn):
    """Of every bucket size: ``shift`` 0 is one row a bucket, 4 all rows in one."""
    graph, pairs = drawn
    n = len(graph.indptr) - 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_turn, "rows_in_bucket", lambda *_: shift)
        patch.setattr(_turn, "bits_of", lambda _: bits)
        patch.setattr(_turn, "_PART", 5)
        turned, both = transposed(graph), returned(graph)
    for found, expected in (
        (turned, rows(n, {(u, v) for v, u in pairs})),
        (both, rows(n, {(u, v) for u, v in pairs if (v, u) in pairs})),
    ):
        assert found.indptr.tolist() == expected.indptr.tolist()
        assert found.indices.tolist() == expected.indices.tolist()
        assert found.indices.dtype == np.int32


@given(csr())
def test_twin_mutual_rows(drawn):
    graph, _ = drawn
    merged, both = Rows(*mutual_rows(*graph, *transposed(graph))), returned(graph)
    assert merged.indptr.tolist() == both.indptr.tolist()
    assert merged.indices.tolist() == both.indices.tolist()


@pytest.mark.parametrize("cores", [1, 3])
def test_mutual_rows_of_a_large_graph_on_any_number_of_cores(cores, monkeypatch):
    monkeypatch.setattr(_threads, "cores", lambda: cores)
    twin = nx.gnm_random_graph(2_000, 150_000, seed=1, directed=True)
    both = returned(rows(2_000, twin.edges))
    expected = rows(2_000, [(u, v) for u, v in twin.edges if twin.has_edge(v, u)])
    assert (both.indptr == expected.indptr).all()
    assert (both.indices == expected.indices).all()


@given(csr(), st.data())
def test_twin_ties_inside(drawn, data):
    graph, pairs = drawn
    n = len(graph.indptr) - 1
    sets = data.draw(st.lists(st.sets(st.integers(0, n - 1)), max_size=4))
    members = np.array([i for group in sets for i in sorted(group)], np.int32)
    indptr = np.concatenate([[0], np.cumsum([len(group) for group in sets])]).astype(np.int64)
    slow = [sum((i, j) in pairs for j in group) for group in sets for i in sorted(group)]
    assert ties_inside(*graph, indptr, members).tolist() == slow


@given(csr())
def test_twin_times_of_a_part_and_its_reverse(drawn):
    graph, pairs = drawn
    stamp = {pair: 10 + k for k, pair in enumerate(sorted(pairs))}
    times = np.array([stamp[pair] for pair in sorted(pairs)], np.int64)
    both = returned(graph)
    entries = [(i, int(j)) for i in range(len(both.indptr) - 1) for j in both.of(i)]
    sent = row_times(*graph, times, *both)
    assert sent.tolist() == [stamp[entry] for entry in entries]
    assert sent[reverse_entries(*both)].tolist() == [stamp[j, i] for i, j in entries]


@given(st.lists(st.sampled_from([0.0, 0.1, 0.5, 2.0, 9.0]), max_size=12))
def test_twin_expected_inside(fitness):
    slow = sum(a * b / (1 + a * b) for i, a in enumerate(fitness) for b in fitness[:i])
    values, counts = np.unique(np.array(fitness, float), return_counts=True)
    assert expected_inside(values, counts.astype(float)) == pytest.approx(slow)


@given(st.lists(st.integers(1, 3), min_size=10, max_size=30))
def test_twin_fitness_gives_every_class_its_degree(degrees):
    values, counts = np.unique(np.array(degrees, float), return_counts=True)
    z = fitted_fitness(values, counts.astype(float), 2000, 1e-10)
    p = np.outer(z, z) / (1 + np.outer(z, z))
    assert p @ counts - np.diag(p) == pytest.approx(values, rel=1e-3)


def moved_slowly(neighbours, sizes, resolution):
    """Move nodes as `moved_groups` does, on dicts: first come first looked at, ties stay."""
    label = list(range(len(sizes)))
    queue, visits = deque(label), 0
    while queue:
        i = queue.popleft()
        visits += len(neighbours[i]) + 1
        ties = Counter({label[i]: 0})
        for j, weight in neighbours[i].items():
            ties[label[j]] += weight
        best, best_gain = label[i], None
        for c in [label[i], *(label[j] for j in neighbours[i])]:
            others = sum(sizes[j] for j in range(len(sizes)) if label[j] == c and j != i)
            gain = ties[c] - resolution * sizes[i] * others
            if best_gain is None or gain > best_gain + 1e-9:
                best, best_gain = c, gain
        if best != label[i]:
            label[i] = best
            queue += [j for j in neighbours[i] if label[j] != best and j not in queue]
    return label, visits


@given(csr(symmetric=True), st.data())
def test_twins_of_the_steps_of_louvain(drawn, data):
    graph, pairs = drawn
    n = len(graph.indptr) - 1
    weight = {}
    for u, v in sorted(pairs):
        weight[u, v] = weight.get((v, u)) or data.draw(st.integers(1, 3))
    weights = np.array([weight[pair] for pair in sorted(pairs)], np.int64)
    sizes = np.array(data.draw(st.lists(st.integers(1, 4), min_size=n, max_size=n)), np.int64)
    resolution = data.draw(st.sampled_from([0.1, 0.3, 0.7]))

    label, visits = moved_groups(*graph, weights, sizes, resolution, 10**6)
    neighbours = [{v: weight[u, v] for u, v in sorted(pairs) if u == i} for i in range(n)]
    assert (label.tolist(), visits) == moved_slowly(neighbours, sizes.tolist(), resolution)

    order = [*dict.fromkeys(label.tolist())]
    numbered, n_groups = renumbered(label)
    assert numbered.tolist() == [order.index(c) for c in label]
    assert n_groups == len(order)

    between = Counter()
    for (u, v), ties in weight.items():
        between[numbered[u], numbered[v]] += ties * (numbered[u] != numbered[v])
    indptr, indices, merged = merged_groups(*graph, weights, numbered, n_groups)
    ends = np.repeat(np.arange(n_groups), np.diff(indptr)), indices
    found = list(zip(*ends, strict=True))
    assert len(set(found)) == len(found)
    assert dict(zip(found, merged.tolist(), strict=True)) == dict(+between)


def potts_quality(pairs, labels, resolution):
    """Compute what `cpm_groups` maximises, from its definition."""
    groups = [np.flatnonzero(labels == c) for c in set(labels.tolist())]
    ties = sum(labels[u] == labels[v] for u, v in pairs) / 2
    return ties - resolution * sum(len(g) * (len(g) - 1) / 2 for g in groups)


@given(csr(symmetric=True), st.sampled_from([0.1, 0.3, 0.5, 0.9]))
def test_groups_cannot_be_improved_by_moving_one_account(drawn, resolution):
    graph, pairs = drawn
    n = len(graph.indptr) - 1
    labels, _ = cpm_groups(*graph, resolution, 10**6)
    best = potts_quality(pairs, labels, resolution)
    assert best >= potts_quality(pairs, np.arange(n), resolution) - 1e-9
    alone = max(labels) + 1
    if len(set(labels.tolist())) == n:  # merging moves whole groups, so test only the first step
        for i in range(n):
            for c in [*set(labels.tolist()), alone]:
                moved = labels.copy()
                moved[i] = c
                assert potts_quality(pairs, moved, resolution) <= best + 1e-9


def test_groups_of_two_cliques_joined_by_a_tie():
    twin = nx.barbell_graph(6, 0)
    graph = rows(12, {*twin.edges, *((v, u) for u, v in twin.edges)})
    labels, used = cpm_groups(*graph, 0.4, 10**6)
    assert labels.tolist() == [0] * 6 + [1] * 6
    assert used > 0


def test_the_work_budget_is_kept():
    twin = nx.gnm_random_graph(200, 2000, seed=1)
    graph = rows(200, {*twin.edges, *((v, u) for u, v in twin.edges)})
    _, used = cpm_groups(*graph, 0.1, 500)
    assert 500 <= used <= 500 + 400


def test_the_work_budget_is_one_for_all_rounds(monkeypatch):
    """A round gets what those before it left, and counts what it used."""
    twin = nx.connected_caveman_graph(40, 5)
    graph = rows(200, {*twin.edges, *((v, u) for u, v in twin.edges)})
    visits = []

    def moved(*arguments):
        found = moved_groups(*arguments)
        visits.append(found[1])
        return found

    monkeypatch.setattr(_communities, "moved_groups", moved)
    _, used = cpm_groups(*graph, 0.02, 10**6)
    whole = visits.copy()
    assert len(whole) > 2
    assert used == sum(whole)
    visits.clear()
    _, used = cpm_groups(*graph, 0.02, whole[0] + 1)
    assert visits[0] == whole[0]
    assert 1 <= visits[1] < whole[1]
    assert used == sum(visits)


@given(st.lists(st.integers(-3, 40), max_size=60))
def test_twin_sort_ascending(values):
    found = np.array(values, np.int32)
    sort_ascending(found)
    assert found.tolist() == sorted(values)


@pytest.mark.parametrize("with_hubs", [False, True])
def test_a_fitted_set_finds_the_clique_from_a_part_and_leaves_its_scratch_clean(with_hubs):
    twin = nx.gnm_random_graph(300, 600, seed=1)
    twin.add_edges_from(nx.complete_graph(10).edges)
    graph = rows(300, {*twin.edges, *((v, u) for u, v in twin.edges)})
    pull = graph.degrees / np.sqrt(len(graph.indices))
    scratch = np.zeros(300, np.int32), np.zeros((300, 2))
    for start in ([0, 1, 2, 3, 4, 5], [*range(10), 50, 60, 70]):
        found = fitted_set(*graph, pull, np.array(start, np.int32), with_hubs, 8, *scratch)
        assert found.tolist() == list(range(10))
    assert not any(array.any() for array in scratch)


def test_twin_who_belongs_to_an_even_set_is_who_gains():
    """One round of the kernel against its definition, pair by pair."""
    twin = nx.gnm_random_graph(80, 300, seed=3)
    twin.add_edges_from(nx.gnp_random_graph(12, 0.7, seed=3).edges)
    graph = rows(80, {*twin.edges, *((v, u) for u, v in twin.edges)})
    z = np.floor(graph.degrees / 4 + 1) / 8  # few values, so that bands are exact
    start = np.arange(14, dtype=np.int32)
    scratch = np.zeros(80, np.int32), np.zeros((80, 2))
    found = fitted_set(*graph, z, start, False, 1, *scratch)
    seen = twin.subgraph(range(14)).number_of_edges()
    p = (seen + 0.5) / (14 * 13 / 2 + 1)
    belong = []
    for i in range(80):
        others = [j for j in range(14) if j != i]
        q = {j: z[i] * z[j] / (1 + z[i] * z[j]) for j in others}
        tied = [j for j in others if twin.has_edge(i, j)]
        gain = sum(np.log(p / q[j]) for j in tied)
        gain += sum(np.log((1 - p) / (1 - q[j])) for j in others if j not in tied)
        if len(tied) >= 2 and gain > np.log(80 / 14) + 1:
            belong.append(i)
    assert found.tolist() == belong
