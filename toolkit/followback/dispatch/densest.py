"""NetworkX's approximation of the densest subgraph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..kernels.peeling import peel_by_load

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .arrays import ArrayGraph
    from .face import NetworkXFace


def densest_subgraph(
    G: NetworkXFace, iterations: int = 1, *, method: str = "fista"
) -> tuple[float, set[Any]]:
    """Return the density (edges / nodes) and the nodes of a nearly densest subgraph.

    The same steps as NetworkX in the same order and precision, so the same set:
    ``"greedy++"`` (Boob et al. 2020, https://arxiv.org/abs/1910.07087) peels by degree plus
    the load of earlier rounds; ``"fista"`` (Harb, Quanrud and Chekuri 2022,
    https://arxiv.org/abs/2210.02592) first spreads every edge over its ends by
    accelerated gradient steps, then peels by what each node bears.
    """
    a = G.arrays
    if method not in _METHODS:
        raise ValueError(f"{method} is not a valid choice for an algorithm.")
    if a.n_edges == 0:
        return 0.0, set()
    if iterations < 1:
        raise ValueError(
            f"The number of iterations must be an integer >= 1. Provided: {iterations}"
        )
    if a.loops.any():
        raise NotImplementedError("the densest subgraph is not sought where there are self-loops")
    order, size, density = _METHODS[method](a, iterations)
    return density, {a.nodes[i] for i in order[a.n_nodes - size :].tolist()}


def _greedy(a: ArrayGraph, iterations: int) -> tuple[NDArray[np.int32], int, float]:
    load = np.zeros(a.n_nodes)
    shares = np.ones(len(a.listed.indices))
    best = (np.zeros(0, np.int32), 0, 0.0)
    for _ in range(iterations):
        load += a.listed.degrees
        found = peel_by_load(*a.listed, shares, load)
        best = found if found[2] > best[2] else best
    return best


def _fista(a: ArrayGraph, iterations: int) -> tuple[NDArray[np.int32], int, float]:
    # each edge from its first end, then all again from the other: NetworkX's order, on
    # which the rounding of single precision depends
    source, target = a.sources(), a.listed.indices
    forth = np.flatnonzero(source < target)
    back = _partners(source, target, forth)
    tail = np.concatenate([source[forth], target[forth]])
    m = len(forth)

    def other(values: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.concatenate([values[m:], values[:m]])

    def load(values: NDArray[np.float32]) -> NDArray[np.float32]:
        total = np.zeros(a.n_nodes, np.float32)
        np.add.at(total, tail, values)
        return total

    share = np.full(2 * m, 0.5, np.float32)
    ahead = share.copy()
    rate = 0.9 / int(a.listed.degrees.max())
    pace = 1.0
    for _ in range(iterations):
        moved = ahead - 2.0 * rate * load(ahead)[tail]
        new = np.clip((moved - other(moved) + 1.0) / 2.0, 0.0, 1.0)
        next_pace = (1.0 + (1 + 4.0 * pace**2) ** 0.5) / 2.0
        ahead = new + (pace - 1.0) / next_pace * (new - share) + pace / next_pace * (new - ahead)
        share, pace = new, next_pace

    # taking a node lowers its neighbour by the neighbour's share of the edge
    of_neighbour = np.empty(2 * m, np.float32)
    of_neighbour[forth], of_neighbour[back] = share[m:], share[:m]
    return peel_by_load(*a.listed, of_neighbour, load(share))


def _partners(
    source: NDArray[np.int32], target: NDArray[np.int32], forth: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return for every entry of ``forth`` where the same edge stands in its other end's row."""
    back = np.flatnonzero(source > target)
    by_edge = np.lexsort((source[back], target[back]))
    out = np.empty(len(forth), np.int64)
    out[np.lexsort((target[forth], source[forth]))] = back[by_edge]
    return out


_METHODS = {"fista": _fista, "greedy++": _greedy}
