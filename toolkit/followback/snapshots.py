"""TIME: two snapshots of a graph side by side, its follows and its rings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ._errors import CallError
from .mutuals import as_follow_graph, mutual, reciprocity_of
from .timelines import diff

if TYPE_CHECKING:
    import networkx as nx

    from .graph import FollowGraph
    from .rings import Ring, Rings

_ALIKE = 1 / 3  # Jaccard index from which on two rings of two snapshots are the same ring


def in_both(
    old: FollowGraph | nx.DiGraph, new: FollowGraph | nx.DiGraph
) -> tuple[FollowGraph, FollowGraph]:
    """Return both snapshots on the accounts that are in both.

    An account that is in one snapshot alone may not have been collected in the other;
    its follows would count as made or taken back without anybody having done so.

    Parameters
    ----------
    old
        The earlier graph.
    new
        The later one.

    Raises
    ------
    CallError
        No account is in both.

    Examples
    --------
    >>> import followback as fb
    >>> then = fb.FollowGraph.from_pairs([("ann", "bob"), ("bob", "dot")])
    >>> now = fb.FollowGraph.from_pairs([("ann", "bob"), ("cem", "ann")])
    >>> [g.n_follows for g in in_both(then, now)]
    [1, 1]
    """
    then, now = as_follow_graph(old), as_follow_graph(new)
    names = [_names(g, then, now) for g in (then, now)]
    shared = [mine.isin(other) for mine, other in zip(names, names[::-1], strict=True)]
    if not shared[0].any():
        raise CallError("no account is in both snapshots; ids must be written alike in the files")
    return then.among(np.flatnonzero(shared[0])), now.among(np.flatnonzero(shared[1]))


def changes(old: FollowGraph | nx.DiGraph, new: FollowGraph | nx.DiGraph) -> pd.DataFrame:
    """Measure what changed between two snapshots.

    Parameters
    ----------
    old
        The earlier graph.
    new
        The later one.

    Returns
    -------
    pandas.DataFrame
        One row a measure: ``measure``, ``unit`` (count, share), ``then``, ``now``,
        ``kept``, ``made`` and ``taken_back``: accounts, follows and mutual follows, and
        arc and dyad reciprocity, of which nothing is kept or made. ``made`` accounts are
        those in the later graph alone.

    Examples
    --------
    >>> import followback as fb
    >>> then = fb.FollowGraph.from_pairs([("ann", "bob"), ("bob", "ann")])
    >>> now = fb.FollowGraph.from_pairs([("ann", "bob"), ("ann", "cem")])
    >>> changes(then, now)[["measure", "kept", "made", "taken_back"]].to_dict("records")[1]
    {'measure': 'follows', 'kept': 1.0, 'made': 1.0, 'taken_back': 1.0}
    """
    then, now = as_follow_graph(old), as_follow_graph(new)
    table = diff(then, now)
    rows: list[tuple[Any, ...]] = []
    kept = int(_names(then, then, now).isin(_names(now, then, now)).sum())
    rows.append(_counted("accounts", then.n_accounts, now.n_accounts, kept))
    kept = then.n_follows - int((table["change"] == "taken back").sum())
    rows.append(_counted("follows", then.n_follows, now.n_follows, kept))
    mutuals = mutual(then), mutual(now)
    kept = mutuals[0].n_mutual - _pairs_ended(table)
    rows.append(_counted("mutual_follows", mutuals[0].n_mutual, mutuals[1].n_mutual, kept))
    shares = [reciprocity_of(g, m).iloc[0] for g, m in zip((then, now), mutuals, strict=True)]
    rows += [
        (f"{name}_reciprocity", "share", *(share[name] for share in shares), *[np.nan] * 3)
        for name in ("arc", "dyad")
    ]
    return pd.DataFrame(
        rows, columns=["measure", "unit", "then", "now", "kept", "made", "taken_back"]
    )


def ring_changes(old: Rings, new: Rings) -> pd.DataFrame:
    """Match the rings of two snapshots and say which came, went and stayed.

    Two rings are the same if their Jaccard index, shared members over all members of
    both, is a third or more; the most alike are matched first, each ring once.

    Parameters
    ----------
    old
        Rings of the earlier graph.
    new
        Rings of the later one.

    Returns
    -------
    pandas.DataFrame
        One row a ring of either snapshot, those of the later first: ``ring_then``,
        ``ring_now`` (numbers, 0 where there is none), ``change`` (stayed, came, went),
        ``members_then``, ``members_now``, ``shared`` (members), ``jaccard``,
        ``mutual_then``, ``mutual_now`` (mutual follows in each snapshot among the same
        accounts: the members of the later ring, or of the earlier one where it went)
        and ``verdict_then``, ``verdict_now``.

    Examples
    --------
    >>> import followback as fb
    >>> g = fb.synth.plant_rings(fb.synth.follow_network(2_000, 20_000), [(30, 0.8)])[0]
    >>> rings = fb.find_rings(g)
    >>> ring_changes(rings, rings)["change"].unique().tolist()
    ['stayed']

    References
    ----------
    Greene, Doyle and Cunningham (2010), Tracking the evolution of communities in
    dynamic social networks, ASONAM (the matching by Jaccard index).
    """
    members = [[frozenset(map(str, ring.accounts)) for ring in rings] for rings in (old, new)]
    pairs = []
    for j, now in enumerate(members[1]):
        for i, then in enumerate(members[0]):
            alike = len(then & now) / len(then | now)
            if alike >= _ALIKE:
                pairs.append((-alike, j, i))

    partner: dict[int, int] = {}
    for _, j, i in sorted(pairs):
        if j not in partner and i not in partner.values():
            partner[j] = i
    gone = [i for i in range(len(old)) if i not in partner.values()]
    matched = [
        *((old[partner[j]] if j in partner else None, new[j]) for j in range(len(new))),
        *((old[i], None) for i in gone),
    ]
    texts = [rings.mutual.accounts.astype("str") for rings in (old, new)]
    rows = [(*_ring_row(*pair), *_ties_of(pair, (old, new), texts)) for pair in matched]
    return pd.DataFrame(
        rows,
        columns=["ring_then", "ring_now", "change", "members_then", "members_now", "shared",
                 "jaccard", "verdict_then", "verdict_now", "mutual_then", "mutual_now"],
    )  # fmt: skip


def _names(g: FollowGraph, then: FollowGraph, now: FollowGraph) -> pd.Index:
    """Return a graph's ids, as text where one snapshot has numbers and the other text."""
    alike = then.accounts.dtype == now.accounts.dtype
    return g.accounts if alike else g.accounts.astype("str")


def _counted(name: str, then: int, now: int, kept: int) -> tuple[Any, ...]:
    return name, "count", then, now, kept, now - kept, then - kept


def _pairs_ended(table: pd.DataFrame) -> int:
    """Count the mutual follows that are none any more: one of the two follows, or both, gone."""
    gone = table[(table["change"] == "taken back") & table["mutual"]]
    ends = zip(gone["source"], gone["target"], strict=True)
    return len({frozenset(pair) for pair in ends})


def _ring_row(then: Ring | None, now: Ring | None) -> tuple[Any, ...]:
    sides = [
        frozenset() if ring is None else frozenset(map(str, ring.accounts)) for ring in (then, now)
    ]
    shared, either = len(sides[0] & sides[1]), len(sides[0] | sides[1])
    change = "came" if then is None else "went" if now is None else "stayed"
    verdicts = ["" if ring is None else str(ring.row["verdict"]) for ring in (then, now)]
    numbers = [0 if ring is None else ring.number for ring in (then, now)]
    sizes = [len(side) for side in sides]
    return (*numbers, change, *sizes, shared, shared / either, *verdicts)


def _ties_of(
    pair: tuple[Ring | None, Ring | None], rings: tuple[Rings, Rings], texts: list[pd.Index]
) -> list[int]:
    """Count, in each snapshot, the mutual follows among the members of one ring."""
    ring = pair[1] or pair[0]
    names = [] if ring is None else [str(name) for name in ring.accounts]
    found = []
    for side, text in zip(rings, texts, strict=True):
        at = text.get_indexer(names)
        found.append(side.mutual.arrays.subgraph(np.sort(at[at >= 0])).n_edges)
    return found
