"""KERNELS of the NetworkX backend, each beside its slow twin."""

from collections import Counter
from itertools import combinations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from followback._build.turn import transposed
from followback.kernels.dyads import dyad_rows
from followback.kernels.peeling import peel_by_load
from followback.kernels.triangles import (
    closed_triads,
    triangle_sums,
    triangle_sums_of,
    upward_rows,
)
from followback.kernels.trusses import place_in_row, ties_in_triangles

from .test_kernels import csr, rows


def neighbours(graph):
    return [graph.of(i).tolist() for i in range(len(graph.indptr) - 1)]


def code(pairs, u, v):
    return ((u, v) in pairs) + 2 * ((v, u) in pairs)


@given(csr())
def test_twin_dyad_rows(drawn):
    graph, pairs = drawn
    n = len(graph.indptr) - 1
    indptr, indices, codes = dyad_rows(*graph, *transposed(graph))
    expected = rows(n, pairs | {(v, u) for u, v in pairs})
    assert indptr.tolist() == expected.indptr.tolist()
    assert indices.tolist() == expected.indices.tolist()
    ends = zip(np.repeat(np.arange(n), expected.degrees).tolist(), indices.tolist(), strict=True)
    assert codes.tolist() == [code(pairs, u, v) for u, v in ends]


@given(csr(symmetric=True))
def test_twin_upward_rows(drawn):
    graph, pairs = drawn
    n = len(graph.indptr) - 1
    given_values = np.arange(len(graph.indices), dtype=np.int8)  # at most 70 pairs, both ways
    indptr, indices, values = upward_rows(*graph, given_values)
    rank = {i: (int(graph.degrees[i]), i) for i in range(n)}
    expected = rows(n, {(u, v) for u, v in pairs if rank[u] < rank[v]})
    assert indptr.tolist() == expected.indptr.tolist()
    assert indices.tolist() == expected.indices.tolist()
    assert graph.indices[values.view(np.uint8)].tolist() == indices.tolist()


def triangles_of(pairs, n):
    return [t for t in combinations(range(n), 3) if {*combinations(t, 2)} <= pairs]


@given(csr(), st.data())
def test_twins_triangle_sums(drawn, data):
    graph, pairs = drawn
    n = len(graph.indptr) - 1
    indptr, indices, codes = dyad_rows(*graph, *transposed(graph))
    weight = {(u, v): 1 + (code(pairs, u, v) == 3) for u, v in combinations(range(n), 2)}
    slow = Counter()
    for t in triangles_of(pairs | {(v, u) for u, v in pairs}, n):
        slow.update(dict.fromkeys(t, int(np.prod([weight[tie] for tie in combinations(t, 2)]))))
    weights = (1 + (codes == 3)).astype(np.int8)
    upward = upward_rows(indptr, indices, weights)
    parts = [triangle_sums(*upward, first, 3) for first in range(3)]
    assert sum(parts).tolist() == [slow[i] for i in range(n)]
    chosen = np.array(data.draw(st.lists(st.integers(0, n - 1))), np.int32)
    few = triangle_sums_of(indptr, indices, weights, chosen)
    assert few.tolist() == [slow[i] for i in chosen.tolist()]


@given(csr())
def test_twin_closed_triads(drawn):
    graph, pairs = drawn
    n = len(graph.indptr) - 1
    indptr, indices, codes = dyad_rows(*graph, *transposed(graph))
    both = pairs | {(v, u) for u, v in pairs}
    degree = np.diff(indptr)
    slow = Counter()
    for corners in triangles_of(both, n):
        r, s, t = sorted(corners, key=lambda i: (degree[i], i))
        slow[code(pairs, r, s) + 4 * code(pairs, r, t) + 16 * code(pairs, s, t)] += 1
    upward = upward_rows(indptr, indices, codes)
    found = closed_triads(*upward, 0, 2) + closed_triads(*upward, 1, 2)
    assert {kind: count for kind, count in enumerate(found.tolist()) if count} == slow


@given(csr(symmetric=True), st.integers(0, 14))
def test_twin_place_in_row(drawn, account):
    graph, _ = drawn
    for i, row in enumerate(neighbours(graph)):
        found = place_in_row(graph.indices, graph.indptr[i], graph.indptr[i + 1], account)
        expected = graph.indptr[i] + row.index(account) if account in row else -1
        assert found == expected


@given(csr(symmetric=True), st.integers(0, 5))
def test_twin_ties_in_triangles(drawn, need):
    graph, pairs = drawn
    n = len(graph.indptr) - 1
    kept = nx.Graph(list(pairs))
    while weak := [(u, v) for u, v in kept.edges if len({*nx.common_neighbors(kept, u, v)}) < need]:
        kept.remove_edges_from(weak)
    sources = np.repeat(np.arange(n), graph.degrees)
    found = ties_in_triangles(*graph, need)
    expected = [
        kept.has_edge(u, v) for u, v in zip(sources.tolist(), graph.indices.tolist(), strict=True)
    ]
    assert found.tolist() == expected


@pytest.mark.parametrize("precision", [np.float32, np.float64])
@given(csr(symmetric=True), st.randoms(use_true_random=False))
def test_twin_peel_by_load(precision, drawn, rng):
    """Of equal loads the one set first goes first; a plain list does it by search."""
    graph, pairs = drawn
    n = len(graph.indptr) - 1
    shares = np.array([rng.randint(0, 3) for _ in range(len(pairs))], precision)
    loads = np.array([rng.randint(0, 9) for _ in range(n)], precision)

    load, left, clock = loads.tolist(), list(range(n)), n
    when, order, densities = list(range(n)), [], []
    share = dict(zip([(u, v) for u in range(n) for v in graph.of(u).tolist()], shares.tolist(),
                     strict=True))  # fmt: skip
    while left:
        ties = sum((u, v) in pairs for u, v in combinations(left, 2))
        densities.append(ties / len(left))
        i = min(left, key=lambda j: (load[j], when[j]))
        left.remove(i)
        order.append(i)
        for j in graph.of(i).tolist():
            if j in left and share[i, j] > 0:
                load[j] -= share[i, j]
                when[j] = clock
                clock += 1

    found, size, density = peel_by_load(*graph, shares, loads)
    assert found.tolist() == order
    assert density == max(densities)
    assert size == (n - densities.index(density) if density else 0)
    assert loads.tolist() == load
