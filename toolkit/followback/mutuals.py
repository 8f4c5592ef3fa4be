"""MUTUAL: the graph of mutual follows, reciprocity and core numbers."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ._errors import CallError
from .collection import cautions, refuse_mutual
from .dispatch.arrays import ArrayGraph, from_rows
from .dispatch.face import NetworkXFace
from .graph import FollowGraph, Rows
from .kernels import cores

if TYPE_CHECKING:
    import networkx as nx
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class MutualGraph(NetworkXFace):
    """An undirected graph; an edge is a pair of accounts that follow each other.

    It keeps every account of the follower graph, those without a mutual follow
    too, in the same order. Make one with `followback.mutual`.

    Attributes
    ----------
    accounts
        The ids in canonical order.
    ties
        For every account the accounts it is in a mutual follow with.
    """

    accounts: pd.Index = field(repr=False)
    ties: Rows = field(repr=False)

    @property
    def n_accounts(self) -> int:
        """The number of accounts, those without a mutual follow included."""
        return len(self.accounts)

    @property
    def n_mutual(self) -> int:
        """The number of mutual follows: pairs, not arcs."""
        return len(self.ties.indices) // 2

    @cached_property
    def core_numbers(self) -> NDArray[np.int64]:
        """The core number of every account; see `followback.core_numbers`."""
        return cores.core_numbers(self.ties.indptr, self.ties.indices)

    def among(self, positions: NDArray[np.int64]) -> MutualGraph:
        """Return the mutual follows among some accounts, as a graph of these alone.

        Parameters
        ----------
        positions
            The accounts' positions in ``accounts``, ascending.

        Examples
        --------
        >>> m = mutual(FollowGraph.from_pairs([(1, 2), (2, 1), (2, 3), (3, 2)]))
        >>> m.among(np.array([1, 2]))
        MutualGraph with 2 accounts and 1 mutual follows
        """
        return MutualGraph(self.accounts[positions], self.arrays.subgraph(positions).rows)

    @cached_property
    def arrays(self) -> ArrayGraph:
        """The graph as NetworkX's functions take it; nothing is copied."""
        return from_rows(self.accounts, self.ties, directed=False)

    def to_networkx(self) -> nx.Graph:
        """Return the graph as `networkx.Graph`, nodes in canonical order.

        Examples
        --------
        >>> pairs = [("ann", "bob"), ("bob", "ann"), ("ann", "cem")]
        >>> list(mutual(FollowGraph.from_pairs(pairs)).to_networkx().edges)
        [('ann', 'bob')]
        """
        return self.arrays.to_networkx()

    def __repr__(self) -> str:
        return f"MutualGraph with {self.n_accounts:,} accounts and {self.n_mutual:,} mutual follows"

    def _repr_html_(self) -> str:
        from ._html import mutual_card

        return mutual_card(self)


def as_follow_graph(graph: Any) -> FollowGraph:
    """Take a `FollowGraph` as it is and turn a `networkx.DiGraph` into one.

    Parameters
    ----------
    graph
        A graph of either kind.

    Returns
    -------
    FollowGraph

    Raises
    ------
    CallError
        It is neither, or a graph that `FollowGraph.from_networkx` refuses.

    Examples
    --------
    >>> import networkx as nx
    >>> as_follow_graph(nx.DiGraph([("ann", "bob")]))
    FollowGraph with 2 accounts and 1 follows
    """
    if isinstance(graph, FollowGraph):
        return graph
    if hasattr(graph, "is_directed") and hasattr(graph, "edges"):
        return FollowGraph.from_networkx(graph)
    raise CallError(
        f"a {type(graph).__name__} is no follower graph; give a FollowGraph or a networkx.DiGraph "
        "(followback.read makes one of a file or a table)"
    )


def mutual(graph: FollowGraph | nx.DiGraph) -> MutualGraph:
    """Return the mutual graph: an edge where two accounts follow each other.

    Every account stays, those without a mutual follow too, in the same order.

    Parameters
    ----------
    graph
        The follower graph.

    Raises
    ------
    CallError
        It is no follower graph, nor a `networkx.DiGraph`.

    Examples
    --------
    >>> g = FollowGraph.from_pairs([("ann", "bob"), ("bob", "ann"), ("ann", "cem")])
    >>> mutual(g).n_mutual
    1
    """
    g = as_follow_graph(graph)
    return MutualGraph(g.accounts, g.arrays.mutual)


def reciprocity(graph: FollowGraph | nx.DiGraph) -> pd.DataFrame:
    """Measure how many follows are returned, in both usual ways.

    With L follows among n accounts, of which R are reciprocated (both arcs of
    a mutual follow count): arc reciprocity r = R / L; dyad reciprocity
    r / (2 - r) = mutual pairs / connected pairs; expected = L / (n (n - 1)), the
    share that a random graph with as many follows would have; and
    rho = (r - expected) / (1 - expected), which is 0 for such a graph, 1 where every
    follow is returned, below 0 where follows avoid being returned.

    Twitter in 2009 has arc reciprocity 0.3621 and dyad reciprocity 0.2211.

    Parameters
    ----------
    graph
        The follower graph; self-follows never count.

    Returns
    -------
    pandas.DataFrame
        One row: arc, dyad, expected, rho; NaN where not defined (no follow).

    Raises
    ------
    FollowbackError
        The graph is mutual by construction: its file stores each mutual pair once.

    Warns
    -----
    UserWarning
        Not one follow is returned, as in such a file that was not read as one.

    Examples
    --------
    >>> g = FollowGraph.from_pairs([(1, 2), (2, 1), (1, 3)])
    >>> reciprocity(g).round(4).to_dict("records")
    [{'arc': 0.6667, 'dyad': 0.5, 'expected': 0.5, 'rho': 0.3333}]

    References
    ----------
    Garlaschelli and Loffredo (2004), Patterns of link reciprocity in directed
    networks, https://arxiv.org/abs/cond-mat/0404521
    """
    g = as_follow_graph(graph)
    refuse_mutual(g.collection)
    for caution in cautions(g)[len(g.collection.notes) :]:
        warnings.warn(caution, stacklevel=2)
    return reciprocity_of(g, mutual(g))


def reciprocity_of(g: FollowGraph, m: MutualGraph) -> pd.DataFrame:
    """Compute `reciprocity` where the mutual graph is at hand."""
    n, follows = g.n_accounts, g.n_follows
    arc = 2 * m.n_mutual / follows if follows else np.nan
    expected = follows / (n * (n - 1)) if n > 1 else np.nan
    rho = (arc - expected) / (1 - expected) if expected < 1 else np.nan
    return pd.DataFrame({"arc": [arc], "dyad": arc / (2 - arc), "expected": expected, "rho": rho})


def core_numbers(graph: MutualGraph | FollowGraph | nx.DiGraph) -> NDArray[np.int64]:
    """Return every account's core number in the mutual graph.

    The k-core is the largest set of accounts of which each has at least k mutual
    follows within the set; the core number is the largest such k.

    Parameters
    ----------
    graph
        The mutual graph, or a follower graph whose mutual graph is meant.

    Returns
    -------
    numpy.ndarray
        One integer an account, in the order of ``accounts``; 0 without mutual follows.

    Examples
    --------
    >>> pairs = [("ann", "bob"), ("bob", "cem"), ("cem", "ann"), ("cem", "dot")]
    >>> core_numbers(mutual(FollowGraph.from_pairs(pairs + [(v, u) for u, v in pairs])))
    array([2, 2, 2, 1])

    References
    ----------
    Batagelj and Zaversnik (2003), https://arxiv.org/abs/cs/0310049
    """
    m = graph if isinstance(graph, MutualGraph) else mutual(graph)
    return m.core_numbers


def subgraph(m: MutualGraph, positions: NDArray[np.int64]) -> nx.Graph:
    """Return the mutual follows among the accounts at ``positions`` as `networkx.Graph`."""
    return m.arrays.subgraph(positions).to_networkx()
