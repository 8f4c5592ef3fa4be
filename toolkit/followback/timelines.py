"""TIME: who followed first, how soon the other followed back, bursts, churn, snapshots.

All times are milliseconds since 1970 UTC. A follow without a time takes no part,
and every result says over how many it speaks.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from ._build import from_positions
from ._errors import FollowbackError
from .graph import UNKNOWN_TIME, FollowGraph
from .kernels.returns import returned_by
from .mutuals import as_follow_graph
from .times import DAY, delay_arrays, moment

if TYPE_CHECKING:
    import networkx as nx
    from numpy.typing import NDArray

_HOUR = 3_600_000
_BURST_ALPHA = 0.05  # of all days together
_BURST_LEAST = 5  # followers gained in a day, before it is worth the word


def delays(graph: FollowGraph | nx.DiGraph) -> pd.DataFrame:
    """List the mutual follows whose times are known: who followed first, how soon back.

    Parameters
    ----------
    graph
        The follower graph.

    Returns
    -------
    pandas.DataFrame
        One row a pair: ``first``, ``second`` (the accounts), ``first_at`` and
        ``delay_ms``, from the first follow to the one back. No row without times.

    Examples
    --------
    >>> import pandas as pd, followback as fb
    >>> rows = {"source": ["ann", "bob"], "target": ["bob", "ann"], "time": [1.7e9, 1.7e9 + 60]}
    >>> delays(fb.read(pd.DataFrame(rows)))[["first", "delay_ms"]].to_dict("list")
    {'first': ['ann'], 'delay_ms': [60000]}
    """
    graph = as_follow_graph(graph)
    first, second, at, delay = delay_arrays(graph)
    return pd.DataFrame(
        {
            "first": graph.accounts[first],
            "second": graph.accounts[second],
            "first_at": at,
            "delay_ms": delay,
        }
    )


def tempo(graph: FollowGraph | nx.DiGraph) -> pd.DataFrame:
    """Sum up how fast follows are returned.

    Parameters
    ----------
    graph
        The follower graph.

    Returns
    -------
    pandas.DataFrame
        One row: ``pairs`` (mutual follows with both times), ``median_delay_hours``,
        ``within_hour`` and ``within_day`` (shares of the pairs); NaN without times.

    Examples
    --------
    >>> import followback as fb
    >>> tempo(fb.FollowGraph.from_pairs([(1, 2), (2, 1)]))["pairs"].item()
    0
    """
    graph = as_follow_graph(graph)
    *_, delay = delay_arrays(graph)
    some = len(delay) > 0
    return pd.DataFrame(
        {
            "pairs": [len(delay)],
            "median_delay_hours": np.median(delay) / _HOUR if some else np.nan,
            "within_hour": (delay <= _HOUR).mean() if some else np.nan,
            "within_day": (delay <= DAY).mean() if some else np.nan,
        }
    )


def growth(graph: FollowGraph | nx.DiGraph, account: Any) -> pd.DataFrame:
    """Follow an account's gain of followers from day to day, bursts marked.

    A day is a burst when at least 5 followers came and so many are less likely than
    0.05 over all days under a Poisson law with the mean of all other days.

    Parameters
    ----------
    graph
        The follower graph, with times.
    account
        The account's id.

    Returns
    -------
    pandas.DataFrame
        One row a day, from the first to the last gain: ``day`` (ISO date, UTC),
        ``gained``, ``total`` so far, ``burst``. Empty where no time is known.

    Examples
    --------
    >>> import pandas as pd, followback as fb
    >>> rows = {"source": [1, 2], "target": [3, 3], "time": ["2024-01-01", "2024-01-03"]}
    >>> growth(fb.read(pd.DataFrame(rows)), 3)["total"].tolist()
    [1, 1, 2]
    """
    graph = as_follow_graph(graph)
    at = graph.positions([account])[0]
    if graph.created_at is None:
        return _days(np.zeros(0, np.int64))
    came = graph.created_at[graph.following.indices == at]
    return _days(came[came != UNKNOWN_TIME])


def group_growth(graph: FollowGraph | nx.DiGraph, accounts: Any) -> pd.DataFrame:
    """Follow from day to day how the mutual follows among some accounts grew.

    A mutual follow exists from the second of its two follows on.

    Parameters
    ----------
    graph
        The follower graph, with times.
    accounts
        Their ids; a ring's, for one.

    Returns
    -------
    pandas.DataFrame
        One row a day, as `growth`; ``gained`` counts mutual follows.

    Examples
    --------
    >>> import pandas as pd, followback as fb
    >>> rows = {"source": [1, 2], "target": [2, 1], "time": ["2024-01-01", "2024-01-03"]}
    >>> group_growth(fb.read(pd.DataFrame(rows)), [1, 2])[["day", "gained"]].to_dict("list")
    {'day': ['2024-01-03'], 'gained': [1]}
    """
    graph = as_follow_graph(graph)
    inside = np.zeros(graph.n_accounts, dtype=bool)
    inside[graph.positions(accounts)] = True
    first, second, at, delay = delay_arrays(graph)
    kept = inside[first] & inside[second]
    return _days((at + delay)[kept])


def churn(graph: FollowGraph | nx.DiGraph) -> pd.DataFrame:
    """Count follows taken back, as far as the source tells of them.

    Parameters
    ----------
    graph
        The follower graph.

    Returns
    -------
    pandas.DataFrame
        One row an account that took back a follow or lost one, in the order of ids:
        ``took_back``, ``lost``, ``after_return`` (taken back although the other
        follows back still: "follow, then unfollow"), ``median_days`` that those it
        took back had lasted. Empty where the source tells of none.

    Examples
    --------
    >>> import followback as fb
    >>> timed = fb.synth.with_times(fb.synth.follow_network(200, 1_000), taken_back=0.1)
    >>> churn(timed)[["took_back", "lost"]].sum().tolist()
    [95, 95]
    """
    graph = as_follow_graph(graph)
    gone = graph.collection.removed.to_pandas()
    text = graph.accounts.astype("str")
    source, target = text.get_indexer(gone["source"]), text.get_indexer(gone["target"])
    known = (source >= 0) & (target >= 0)
    back = np.zeros(len(gone), dtype=bool)
    if known.any():
        keys = graph.sources().astype(np.int64) * graph.n_accounts + graph.following.indices
        asked = target[known].astype(np.int64) * graph.n_accounts + source[known]
        back[known] = np.isin(asked, keys)
    gone = gone.assign(back=back, days=(gone["removed_at"] - gone["created_at"]) / DAY)
    mine = gone.groupby("source").agg(
        took_back=("back", "size"), after_return=("back", "sum"), median_days=("days", "median")
    )
    lost = gone.groupby("target").size().rename("lost")
    table = mine.join(lost, how="outer").rename_axis("account").reset_index()
    counts = ["took_back", "lost", "after_return"]
    table[counts] = table[counts].fillna(0).astype(np.int64)
    return table[["account", *counts, "median_days"]].sort_values("account", ignore_index=True)


def as_of(graph: FollowGraph | nx.DiGraph, when: Any) -> FollowGraph:
    """Return the graph as it was at a moment, as far as times are known.

    Follows made by then and not yet taken back; all accounts stay. A follow without a
    time is left out, and the collection's notes say how many were.

    Parameters
    ----------
    graph
        The follower graph, with times.
    when
        ISO date or time (UTC where no zone is given), or milliseconds since 1970. A
        bare date means its end.

    Raises
    ------
    FollowbackError
        The graph has no times.
    CallError
        ``when`` is no time.

    Examples
    --------
    >>> import pandas as pd, followback as fb
    >>> rows = {"source": [1, 2], "target": [2, 1], "time": ["2024-01-01", "2024-03-01"]}
    >>> as_of(fb.read(pd.DataFrame(rows)), "2024-02-01").n_follows
    1
    """
    graph = as_follow_graph(graph)
    limit = moment(when, end=True)
    if graph.created_at is None:
        raise FollowbackError(
            "no time of any follow is known, so the graph as of a date cannot be made; "
            "read a file with a column of times"
        )
    source, target, at = graph.sources(), graph.following.indices, graph.created_at
    kept = (at != UNKNOWN_TIME) & (at <= limit)
    gone = _alive_then(graph, limit)
    out = from_positions(
        graph.labels,
        np.concatenate([source[kept], gone[0]]),
        np.concatenate([target[kept], gone[1]]),
        np.concatenate([at[kept], gone[2]]),
        "the graph",
    )
    notes = list(graph.collection.notes)
    unknown = int((at == UNKNOWN_TIME).sum())
    if unknown:
        notes.append(f"{unknown:,} follows without a time are left out of the graph as of {when}")
    collection = replace(graph.collection, notes=tuple(notes))
    return replace(out, dropped=graph.dropped, read_as=graph.read_as, collection=collection)


def diff(old: FollowGraph | nx.DiGraph, new: FollowGraph | nx.DiGraph) -> pd.DataFrame:
    """Say what changed between two snapshots of a graph.

    Parameters
    ----------
    old
        The earlier graph.
    new
        The later one.

    Returns
    -------
    pandas.DataFrame
        One row a follow that is in one of them alone, in the order of ids: ``source``,
        ``target``, ``change`` (made, taken back) and ``mutual``, whether the other
        follow of the pair is there in the same snapshot. An account that is in one
        snapshot alone may not have been collected in the other.

    Examples
    --------
    >>> import followback as fb
    >>> a = fb.FollowGraph.from_pairs([("ann", "bob"), ("bob", "ann")])
    >>> b = fb.FollowGraph.from_pairs([("ann", "bob"), ("ann", "cem")])
    >>> diff(a, b)[["source", "change"]].to_dict("list")
    {'source': ['ann', 'bob'], 'change': ['made', 'taken back']}
    """
    old, new = as_follow_graph(old), as_follow_graph(new)
    alike = old.accounts.dtype == new.accounts.dtype
    names = [g.accounts if alike else g.accounts.astype("str") for g in (old, new)]
    ids = names[0].union(names[1])
    n = len(ids)
    keys, mutual = [], []
    for g, mine in zip((old, new), names, strict=True):
        place = ids.get_indexer(mine).astype(np.int64)
        key = place[g.sources()] * n + place[g.following.indices]
        returned = returned_by(*g.following) >= 0
        if not alike:  # as text, numbers stand in another order
            order = np.argsort(key, kind="stable")
            key, returned = key[order], returned[order]
        keys.append(key)
        mutual.append(returned)
    made, gone = ~_among(keys[1], keys[0]), ~_among(keys[0], keys[1])
    changed = np.concatenate([keys[1][made], keys[0][gone]])
    table = pd.DataFrame(
        {
            "source": ids[changed // max(n, 1)],
            "target": ids[changed % max(n, 1)],
            "change": np.repeat(["made", "taken back"], [made.sum(), gone.sum()]),
            "mutual": np.concatenate([mutual[1][made], mutual[0][gone]]),
        }
    )
    return table.iloc[np.argsort(changed, kind="stable")].reset_index(drop=True)


def _among(keys: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Say for each of the keys whether it is among the others; both ascending."""
    if len(others) == 0:
        return np.zeros(len(keys), dtype=bool)
    place = np.minimum(np.searchsorted(others, keys), len(others) - 1)
    return np.asarray(others[place] == keys)


def _alive_then(
    graph: FollowGraph, limit: int
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]:
    """Return the follows that were taken back later, as positions and times."""
    gone: pa.Table = graph.collection.removed
    made = gone["created_at"].to_numpy(zero_copy_only=False).astype(float)
    ended = gone["removed_at"].to_numpy(zero_copy_only=False).astype(float)
    text = graph.accounts.astype("str")
    source = text.get_indexer(gone["source"].to_pylist())
    target = text.get_indexer(gone["target"].to_pylist())
    kept = (made <= limit) & (ended > limit) & (source >= 0) & (target >= 0)
    return (
        source[kept].astype(np.int32),
        target[kept].astype(np.int32),
        made[kept].astype(np.int64),
    )


def _days(stamps: NDArray[np.int64]) -> pd.DataFrame:
    """Count stamps a day, days without any included, and mark bursts."""
    from scipy.stats import poisson

    if len(stamps) == 0:
        stamps, gained = np.zeros(0, np.int64), np.zeros(0, np.int64)
        first = 0
    else:
        days = stamps // DAY
        first = int(days.min())
        gained = np.bincount(days - first)
    n = len(gained)
    usual = (gained.sum() - gained) / max(n - 1, 1)
    chance = poisson.sf(gained - 1, np.maximum(usual, 1e-9))
    start = pd.Timestamp(first * DAY, unit="ms")
    return pd.DataFrame(
        {
            "day": pd.date_range(start, periods=n).strftime("%Y-%m-%d").astype("str"),
            "gained": gained,
            "total": np.cumsum(gained),
            "burst": (gained >= _BURST_LEAST) & (chance * n <= _BURST_ALPHA),
        }
    )
