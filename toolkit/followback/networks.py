"""AUDIT of a whole graph: a few measures of its health, and what followers are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ._html import counted
from ._rows import repeated
from .audits import MASS
from .dispatch.components import labels
from .evidence import PROMISCUOUS, VERDICTS
from .mutuals import as_follow_graph, mutual, reciprocity
from .sets import wilson

if TYPE_CHECKING:
    import networkx as nx
    from numpy.typing import NDArray

    from .graph import FollowGraph
    from .mutuals import MutualGraph
    from .rings import Rings

_EDGE = 0.2  # share of accounts without any following, or followers, that points to a crawl's edge
_BELIEVED = VERDICTS[:2]  # rings whose verdict is strong or moderate
_NAN = float("nan")


def health(graph: FollowGraph | nx.DiGraph, rings: Rings) -> pd.DataFrame:
    """Measure a whole follower graph: size, connection, reciprocity, concentration, rings.

    Parameters
    ----------
    graph
        The follower graph.
    rings
        Its rings, as `followback.find_rings` returns them.

    Returns
    -------
    pandas.DataFrame
        One row a measure: ``measure``, ``value``, ``unit`` (count, share or index, the
        latter two between 0 and 1) and ``meaning``. A share of nothing is NaN.

    Raises
    ------
    FollowbackError
        The graph is mutual by construction: its file stores each mutual pair once.

    Examples
    --------
    >>> import followback as fb
    >>> g = fb.FollowGraph.from_pairs([("ann", "bob"), ("bob", "ann"), ("cem", "ann")])
    >>> health(g, fb.find_rings(g)).set_index("measure")["value"]["arc_reciprocity"].round(3)
    np.float64(0.667)

    References
    ----------
    Newman (2018), Networks, second edition, chapters 7 and 10 (components,
    transitivity, reciprocity, Lorenz curves of degrees).
    """
    g = as_follow_graph(graph)
    m = mutual(g)
    shares = reciprocity(g).iloc[0]
    followers, following = g.followers.degrees, g.following.degrees
    believed = rings.members[rings.members["ring"].isin(_believed(rings))]
    rows = [
        ("accounts", g.n_accounts, "count", "accounts that follow or are followed"),
        ("follows", g.n_follows, "count", "follows of one account by another"),
        ("mutual_follows", m.n_mutual, "count", "pairs that follow each other"),
        ("largest_component", _largest_component(g), "share", "accounts in the largest connected part"),
        ("never_followed", _mean(followers == 0), "share", "accounts that nobody follows"),
        ("never_following", _mean(following == 0), "share", "accounts that follow nobody"),
        ("arc_reciprocity", shares["arc"], "share", "follows that are returned"),
        ("dyad_reciprocity", shares["dyad"], "share", "connected pairs that follow each other"),
        ("expected_reciprocity", shares["expected"], "share", "follows returned in a random graph"),
        ("top_percent", _top_percent(followers), "share",
         "follows that go to the most followed hundredth of the accounts"),
        ("follower_gini", _gini(followers), "index",
         "0: all have as many followers; 1: one has all"),
        ("mutual_transitivity", _transitivity(m), "share",
         "pairs with a mutual partner in common that are mutual themselves"),
        ("highest_core", int(m.core_numbers.max(initial=0)), "count",
         "mutual follows that each member of the innermost core has inside it, at least"),
        ("promiscuous", _promiscuous(g, m), "share",
         "followed accounts that surely follow back more than four in five"),
        ("mass_followers", _mean(following > MASS), "share", f"accounts that follow more than {MASS:,}"),
        *[(f"{verdict}_rings", int((rings.table["verdict"] == verdict).sum()), "count",
           f"rings with {verdict} evidence") for verdict in VERDICTS],
        ("ring_accounts", believed["account"].nunique() / max(g.n_accounts, 1), "share",
         "accounts in a strong or moderate ring"),
        ("ring_mutual_follows", _mean(_ring_ties(m, rings)), "share",
         "mutual follows inside a strong or moderate ring"),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=["measure", "value", "unit", "meaning"])[
        ["measure", "unit", "meaning", "value"]
    ]


def crawl_edge(graph: FollowGraph | nx.DiGraph) -> list[str]:
    """Warn where the file looks like a crawl with an edge, so that reciprocity is understated.

    A crawl reads the lists of some accounts and meets others in them whose lists it never
    reads. These look as if they followed nobody (or were followed by nobody, where lists
    of followers were read), and no follow to them (from them) can be seen returned.
    Where a fifth of the accounts are like that, the share of returned follows is also
    given without the follows that cannot be seen returned. The export of one account
    holds both of its lists, so nothing is hidden there.

    Parameters
    ----------
    graph
        The follower graph.

    Returns
    -------
    list
        A sentence or two for each of the two sides that looks unread; none for most files.

    Examples
    --------
    >>> import followback as fb
    >>> follows = [("ann", "bob"), ("bob", "ann"), ("ann", "cem"), ("bob", "dot")]
    >>> crawl_edge(fb.FollowGraph.from_pairs(follows))[0][:34]
    '50% of the accounts follow nobody.'
    """
    g = as_follow_graph(graph)
    if g.collection.mutual_by_construction or g.collection.owner or g.n_follows == 0:
        return []
    returned = 2 * mutual(g).n_mutual
    sides = (
        ("follow nobody", "lists of whom they follow", "to", g.following, g.followers),
        ("are followed by nobody", "lists of their followers", "from", g.followers, g.following),
    )
    told = []
    for what, lists, way, own, other in sides:
        silent = own.degrees == 0
        unseen = int(other.degrees[silent].sum())
        if silent.mean() >= _EDGE:
            told.append(
                f"{silent.mean():.0%} of the accounts {what}. If these follows were crawled, the "
                f"{lists} were most likely never read, and of the {counted(unseen, 'follow')} {way} "
                f"them none can be seen returned: reciprocity is understated. "
                f"{returned / g.n_follows:.0%} of all follows are returned, "
                f"{returned / max(g.n_follows - unseen, 1):.0%} of those whose return could be seen."
            )
    return told


def follower_mix(graph: FollowGraph | nx.DiGraph, rings: Rings) -> pd.DataFrame:
    """Say what followers are made of, by how many an account has.

    Parameters
    ----------
    graph
        The follower graph.
    rings
        Its rings, as `followback.find_rings` returns them.

    Returns
    -------
    pandas.DataFrame
        One row a class of accounts by powers of ten: ``followers_from``,
        ``followers_to``, ``accounts``, ``followers`` (of all together), and of these
        the shares ``from_rings`` (mutual follows inside a strong or moderate ring),
        ``returned`` (other mutual follows) and ``one_way`` (not followed back).

    Examples
    --------
    >>> import followback as fb
    >>> g = fb.FollowGraph.from_pairs([("ann", "bob"), ("bob", "ann"), ("cem", "ann")])
    >>> follower_mix(g, fb.find_rings(g))[["followers", "one_way"]].round(3).to_dict("list")
    {'followers': [3], 'one_way': [0.333]}
    """
    g = as_follow_graph(graph)
    m = mutual(g)
    degrees = g.followers.degrees
    source = repeated(np.arange(m.n_accounts), m.ties.degrees)
    in_rings = np.bincount(source[_ring_ties(m, rings)], minlength=m.n_accounts)
    band = np.where(degrees > 0, np.log10(np.maximum(degrees, 1) + 0.5).astype(np.int64), -1)
    rows = []
    for k in range(int(band.max(initial=-1)) + 1):
        who = band == k
        total = int(degrees[who].sum())
        if total:
            ring, both = in_rings[who].sum() / total, m.ties.degrees[who].sum() / total
            rows.append(
                (10**k, 10 ** (k + 1) - 1, int(who.sum()), total, ring, both - ring, 1 - both)
            )
    return pd.DataFrame(
        rows,
        columns=["followers_from", "followers_to", "accounts", "followers", "from_rings",
                 "returned", "one_way"],
    )  # fmt: skip


def _ring_ties(m: MutualGraph, rings: Rings) -> NDArray[np.bool_]:
    """Say for every entry of the mutual graph's rows whether it is inside a believed ring."""
    inside = np.zeros(len(m.ties.indices), dtype=bool)
    mark = np.zeros(m.n_accounts, dtype=bool)
    for number in _believed(rings):
        who = rings[number - 1].positions
        mark[who] = True
        for i in who:
            row = slice(m.ties.indptr[i], m.ties.indptr[i + 1])
            inside[row] |= mark[m.ties.indices[row]]
        mark[who] = False
    return inside


def _believed(rings: Rings) -> list[int]:
    """Return the numbers of the rings whose verdict is strong or moderate."""
    table = rings.table
    return [int(number) for number in table.loc[table["verdict"].isin(_BELIEVED), "ring"]]


def _mean(flags: NDArray[np.bool_]) -> float:
    return float(flags.mean()) if len(flags) else _NAN


def _largest_component(g: FollowGraph) -> float:
    """Return the share of accounts in the largest component, directions left aside."""
    if g.n_accounts == 0:
        return _NAN
    return float(np.bincount(labels(g.arrays, "weak")[1]).max() / g.n_accounts)


def _top_percent(followers: NDArray[np.int64]) -> float:
    """Return the share of all follows that go to the most followed hundredth of the accounts."""
    total = followers.sum()
    top = np.sort(followers)[::-1][: max(round(len(followers) / 100), 1)]
    return float(top.sum() / total) if total else _NAN


def _gini(followers: NDArray[np.int64]) -> float:
    """Return the Gini coefficient of the numbers of followers."""
    n, total = len(followers), followers.sum()
    if total == 0:
        return _NAN
    rank = np.arange(1, n + 1)
    return float(2 * (rank * np.sort(followers)).sum() / (n * total) - (n + 1) / n)


def _transitivity(m: MutualGraph) -> float:
    from .dispatch.clustering import transitivity

    return float(transitivity(m))


def _promiscuous(g: FollowGraph, m: MutualGraph) -> float:
    """Return the share that surely follow back more than four in five of all their followers.

    (The members of a ring are labelled by their followers outside it alone.)
    """
    followed = g.followers.degrees > 0
    low, _ = wilson(m.ties.degrees, g.followers.degrees)
    return _mean(low[followed] > PROMISCUOUS)
