"""Times for a graph made by rule: follows spread over a period, rings made in bursts.

Apart from `followback.synth`, so that who follows whom is drawn as it always was.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from ._errors import CallError
from .collection import REMOVED
from .kernels.returns import returned_by
from .mutuals import as_follow_graph
from .times import DAY, moment

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd
    from numpy.typing import NDArray

    from .graph import FollowGraph

# Delays of a follow-back are log-normal: median in days, and the spread of the logarithm.
_ORGANIC, _RING = (3.0, 1.5), (0.1, 1.2)
_BURST = 2.0  # days; the first follows of a ring come at exponential times after its start
_STARTS = (0.3, 0.8)  # rings start in this part of the period
_KEPT = 30.0  # days that a follow lasts before it is taken back, on average
_LONGEST = 1_000_000  # days: a calendar's worth


def with_times(
    graph: FollowGraph | nx.DiGraph,
    truth: pd.DataFrame | None = None,
    *,
    start: str = "2024-01-01",
    days: int = 366,
    taken_back: float = 0.0,
    seed: int = 0,
) -> FollowGraph:
    """Give every follow of a graph a time, the follows inside planted rings in a burst.

    The first follow of a pair is made at any time of the period, by either of the two
    with equal chance; the follow-back comes after a log-normal delay with median 3
    days. Inside a ring the first follows come within days of the ring's start
    (exponential, mean 2 days) and the median follow-back takes 0.1 days. A follow-back
    that would come after the end is drawn evenly between the first follow and
    the end. Times are whole seconds. The law is for teaching and tests; no platform was
    measured for it.

    Parameters
    ----------
    graph
        The follower graph; it is not changed.
    truth
        Who is in which ring, as `followback.synth.plant_rings` returns it.
    start
        First day of the period, ISO date, UTC.
    days
        Length of the period.
    taken_back
        Follows that were made and taken back within the period, as a share of those
        that are in the graph. Half of them are follow-backs, after which
        the other's follow stands unreturned; they last 30 days on average. They
        are kept in ``collection.removed``, so `followback.as_of` knows them.
    seed
        Of all random numbers.

    Returns
    -------
    FollowGraph
        The same follows, with ``created_at``.

    Raises
    ------
    CallError
        A parameter is out of range.

    Examples
    --------
    >>> import followback as fb
    >>> g, truth = fb.synth.plant_rings(fb.synth.follow_network(500, 4_000), [(12, 0.9)])
    >>> timed = with_times(g, truth, start="2024-01-01", days=100)
    >>> timed.n_follows == g.n_follows, fb.as_of(timed, "2024-02-20").n_follows < g.n_follows
    (True, True)
    """
    graph = as_follow_graph(graph)
    if not 1 <= days <= _LONGEST:
        raise CallError(f"days is {days}; give 1 to {_LONGEST:,}")
    if not 0 <= taken_back <= 1:
        raise CallError(f"taken_back is {taken_back}; it must lie between 0 and 1")
    if seed < 0:
        raise CallError(f"seed is {seed}; give 0 or more")
    rng = np.random.default_rng(seed)
    first_day = moment(start)
    ring = _ring_of(graph, truth)
    at = _drawn(graph, ring, float(days), rng)
    stamps = first_day + _whole_seconds(at)
    gone = _taken_back(graph, at, round(taken_back * graph.n_follows), float(days), rng)
    collection = replace(graph.collection, removed=_removed(graph, first_day, *gone))
    return replace(graph, created_at=stamps, collection=collection)


def _ring_of(graph: FollowGraph, truth: pd.DataFrame | None) -> NDArray[np.int64]:
    """Return every account's ring, 0 for none."""
    ring = np.zeros(graph.n_accounts, np.int64)
    if truth is not None:
        ring[graph.positions(truth["account"])] = truth["ring"]
    return ring


def _drawn(
    graph: FollowGraph, ring: NDArray[np.int64], days: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return the time of every follow, in days since the start."""
    source, target = graph.sources(), graph.following.indices
    back = returned_by(*graph.following)
    inside = (ring[source] == ring[target]) & (ring[source] > 0)

    # the first follow of a pair: at any time, or soon after its ring's start
    begun = days * rng.uniform(*_STARTS, size=int(ring.max(initial=0)) + 1)
    burst = begun[ring[source]] + rng.exponential(_BURST, len(source))
    at = np.where(inside, np.minimum(burst, days), days * rng.random(len(source)))

    # the follow-back: which of the two came first is a coin thrown once a pair
    pair = np.flatnonzero((back >= 0) & (source < target))
    swapped = rng.random(len(pair)) < 0.5
    first = np.where(swapped, back[pair], pair)
    second = np.where(swapped, pair, back[pair])
    median, spread = np.where(inside[pair][:, None], _RING, _ORGANIC).T
    returned = at[first] + median * np.exp(spread * rng.normal(size=len(pair)))
    late = at[first] + (days - at[first]) * rng.random(len(pair))
    at[second] = np.where(returned < days, returned, late)
    return at


def _taken_back(
    graph: FollowGraph, at: NDArray[np.float64], wanted: int, days: float, rng: np.random.Generator
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.float64], NDArray[np.float64]]:
    """Draw follows that are no more: source, target, and when they were made and ended."""
    source, target = graph.sources(), graph.following.indices
    single = np.flatnonzero(returned_by(*graph.following) < 0)
    answers = rng.permutation(single)[: wanted // 2]
    others = wanted - len(answers) if len(source) else 0
    a = np.concatenate([target[answers], source[rng.integers(len(source) or 1, size=others)]])
    b = np.concatenate([source[answers], target[rng.integers(len(source) or 1, size=others)]])
    since = np.concatenate([at[answers], np.zeros(others)])

    # each once, none to itself, none that is in the graph
    keys = a.astype(np.int64) * graph.n_accounts + b
    taken = source.astype(np.int64) * graph.n_accounts + target
    first = np.zeros(len(keys), dtype=bool)
    first[np.unique(keys, return_index=True)[1]] = True
    kept = first & (a != b) & ~np.isin(keys, taken)
    a, b, since = a[kept], b[kept], since[kept]
    made = since + (days - since) * rng.random(len(a))
    ended = made + rng.exponential(_KEPT, len(a))
    return a, b, made, np.where(ended < days, ended, made + (days - made) * rng.random(len(a)))


def _removed(
    graph: FollowGraph,
    first_day: int,
    source: NDArray[np.int32],
    target: NDArray[np.int32],
    made: NDArray[np.float64],
    ended: NDArray[np.float64],
) -> pa.Table:
    text = graph.accounts.astype("str")
    columns = [text[source].to_numpy(), text[target].to_numpy()]
    stamps = [first_day + _whole_seconds(days) for days in (made, ended)]
    return pa.table([*columns, *stamps], schema=REMOVED)


def _whole_seconds(days: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return days as milliseconds, the broken second left out."""
    return (days * (DAY // 1000)).astype(np.int64) * 1000
