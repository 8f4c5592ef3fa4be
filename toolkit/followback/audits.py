"""AUDIT: what the graph says of each account; the audits of one account and of a thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ._rows import repeated
from .account_audits import Audit, audit
from .habits import PRIOR
from .mutuals import as_follow_graph, mutual
from .thread_audits import ThreadAudit, audit_thread
from .times import delay_arrays

if TYPE_CHECKING:
    import networkx as nx
    from numpy.typing import NDArray

    from .graph import FollowGraph
    from .mutuals import MutualGraph

__all__ = ["Audit", "ThreadAudit", "accounts", "audit", "audit_thread"]

MASS = 1_500  # accounts followed, from which on the trade speaks of a mass follower


def accounts(graph: FollowGraph | nx.DiGraph) -> pd.DataFrame:
    """Measure every account of a follower graph.

    Parameters
    ----------
    graph
        The follower graph.

    Returns
    -------
    pandas.DataFrame
        One row an account in canonical order: ``account``; ``followers`` and
        ``following``; ``mutual``, accounts that it follows and that follow it;
        ``follow_back``, the share of its followers that it follows back;
        ``followed_back``, the share of those it follows that follow it back;
        ``overlap``, mutual / min(followers, following); ``core_number`` in the mutual
        graph; ``ratio``, following / followers; ``propensity``, follow_back drawn
        towards the graph's arc reciprocity r by five followers' worth,
        (mutual + 5 r) / (followers + 5); ``mass_followers``, the share of its
        followers that follow more than 1,500 accounts; ``reach``, followers discounted
        for attention, the sum over followers j of 1 / max(1, following_j / median),
        with the median over accounts that follow anybody. Where times are known also
        ``follow_back_hours``, the median time until it followed back, and
        ``followed_first``, the share of its mutual follows that it began. A share of
        nothing is NaN.

    Examples
    --------
    >>> import followback as fb
    >>> g = fb.FollowGraph.from_pairs([("ann", "bob"), ("bob", "ann"), ("cem", "ann")])
    >>> fb.accounts(g)[["account", "followers", "mutual"]].to_dict("list")
    {'account': ['ann', 'bob', 'cem'], 'followers': [2, 1, 0], 'mutual': [1, 1, 0]}

    References
    ----------
    Dugué and Perez (2013), Detecting social capitalists on Twitter using
    similarity measures (the overlap index and the ratio).
    """
    g = as_follow_graph(graph)
    m = mutual(g)
    followers, following, both = g.followers.degrees, g.following.degrees, m.ties.degrees
    base = 2 * m.n_mutual / max(g.n_follows, 1)
    mass = np.bincount(
        g.following.indices, weights=repeated(following > MASS, following), minlength=g.n_accounts
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        table = {
            "account": g.accounts,
            "followers": followers,
            "following": following,
            "mutual": both,
            "follow_back": both / followers,
            "followed_back": both / following,
            "overlap": both / np.minimum(followers, following),
            "core_number": m.core_numbers,
            "ratio": following / followers,
            "propensity": (both + PRIOR * base) / (followers + PRIOR),
            "mass_followers": mass / followers,
            "reach": reach(g),
        }
    return pd.DataFrame(table | (_tempo(g, m) if g.created_at is not None else {}))


def reach(g: FollowGraph) -> NDArray[np.float64]:
    """Return every account's attention-discounted reach; see `accounts`."""
    following = g.following.degrees
    active = following[following > 0]
    usual = max(float(np.median(active)), 1.0) if len(active) else 1.0
    attention = 1 / np.maximum(1, following / usual)
    weights = repeated(attention, following)
    counts = np.bincount(g.following.indices, weights=weights, minlength=g.n_accounts)
    return counts.astype(np.float64)


def _tempo(g: FollowGraph, m: MutualGraph) -> dict[str, NDArray[np.float64]]:
    """Return, an account, the median time to follow back, and who began."""
    first, second, _, delay = delay_arrays(g)
    order = np.lexsort((delay, second))
    counts = np.bincount(second, minlength=m.n_accounts)
    start = np.cumsum(counts) - counts
    hours = np.full(m.n_accounts, np.nan)
    some = np.flatnonzero(counts)
    ordered = delay[order] / 3_600_000
    low, high = start[some] + (counts[some] - 1) // 2, start[some] + counts[some] // 2
    hours[some] = (ordered[low] + ordered[high]) / 2
    began = np.bincount(first, minlength=m.n_accounts)
    with np.errstate(invalid="ignore"):
        return {"follow_back_hours": hours, "followed_first": began / (began + counts)}
