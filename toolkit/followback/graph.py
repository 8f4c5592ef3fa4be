"""GRAPH: `FollowGraph`, a follower graph in compressed rows.

Labels at the edge, integers inside: an account is its position in `accounts`,
which are sorted (integers by value, text by code point). So the same follows
give the same graph, whatever the order of the rows.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa

from ._errors import CallError
from ._rows import Rows as Rows  # noqa: PLC0414 offered here too
from ._rows import induced, repeated
from .collection import Collection
from .dispatch.face import NetworkXFace

if TYPE_CHECKING:
    import networkx as nx
    from numpy.typing import NDArray

    from .dispatch.arrays import ArrayGraph
    from .sources import Follows

UNKNOWN_TIME = np.iinfo(np.int64).min  # the time of a follow whose time is not known


@dataclass(frozen=True, eq=False)
class FollowGraph(NetworkXFace):
    """A directed graph of follows; ``source -> target`` is "source follows target".

    It holds no self-follow and no follow twice. Make one with `followback.read`,
    `from_pairs`, `from_networkx` or `load`; it is never changed afterwards.

    Attributes
    ----------
    labels
        The ids as an array, integers or Arrow text; ``accounts`` holds the same.
    following
        For every account the accounts it follows.
    created_at
        For every follow, in the order of ``following.indices``, its time in
        milliseconds since 1970 UTC (`UNKNOWN_TIME` where not known); None where
        no time is known at all.
    dropped
        What reading left out: rows read, self-follows and duplicates among them;
        ``comments`` where comment lines stood between the rows.
    read_as
        Which columns were taken for source, target and time; empty where not read.
    collection
        How the follows were collected: platform, which lists are complete, second
        clocks, follows taken back; see `followback.collection.Collection`.

    Examples
    --------
    >>> g = FollowGraph.from_pairs([("bob", "ann"), ("ann", "bob"), ("cem", "ann")])
    >>> g.n_accounts, g.n_follows, list(g.accounts)
    (3, 3, ['ann', 'bob', 'cem'])
    """

    labels: pa.Array | NDArray[np.int64] = field(repr=False)
    following: Rows = field(repr=False)
    created_at: NDArray[np.int64] | None = field(default=None, repr=False)
    dropped: dict[str, int] = field(default_factory=dict)
    read_as: str = ""
    collection: Collection = field(default_factory=Collection, repr=False)

    @property
    def n_accounts(self) -> int:
        """The number of accounts."""
        return len(self.labels)

    @property
    def n_follows(self) -> int:
        """The number of follows."""
        return len(self.following.indices)

    @cached_property
    def accounts(self) -> pd.Index:
        """The ids in canonical order; integers stay integers, all else is text."""
        if isinstance(self.labels, np.ndarray):
            return pd.Index(self.labels, name="account")
        return pd.Index(pd.array(self.labels, dtype="str"), name="account")

    @cached_property
    def followers(self) -> Rows:
        """For every account the accounts that follow it."""
        return self.arrays.back

    @cached_property
    def arrays(self) -> ArrayGraph:
        """The graph as NetworkX's functions take it; nothing is copied."""
        from .dispatch.arrays import from_rows

        a = from_rows(self.accounts, self.following, directed=True)
        vars(a).update(self.beside)
        return a

    @cached_property
    def beside(self) -> dict[str, Rows]:
        """The followers' and the mutual rows, where they were saved beside the follows."""
        return {}

    def sources(self) -> NDArray[np.int32]:
        """Return the follower's position for every follow, in the order of ``following``.

        Examples
        --------
        >>> FollowGraph.from_pairs([("ann", "bob"), ("ann", "cem"), ("cem", "ann")]).sources()
        array([0, 0, 2], dtype=int32)
        """
        return repeated(np.arange(self.n_accounts, dtype=np.int32), self.following.degrees)

    def positions(self, accounts: Any) -> NDArray[np.int64]:
        """Return the positions of the named accounts, in the order of their names.

        Parameters
        ----------
        accounts
            A list of ids, written as in the file.

        Raises
        ------
        CallError
            One id stands for a list, or an account is not in the graph.

        Examples
        --------
        >>> FollowGraph.from_pairs([("ann", "bob")]).positions(["bob", "ann"])
        array([1, 0])
        """
        if isinstance(accounts, str | int):
            raise CallError(f"positions of {accounts!r}: give a list of accounts, [{accounts!r}]")
        found = self.accounts.get_indexer(pd.Index(accounts))
        if (found < 0).any():
            from ._html import visible

            missing = pd.Index(accounts)[found < 0]
            first, more = visible(str(missing[0]), 80), len(missing) - 1
            who = f"account {first} is" if not more else f"account {first} and {more:,} more are"
            raise CallError(f"{who} not in the graph; ids must be written as in the file")
        return np.asarray(found, dtype=np.int64)

    def among(self, positions: NDArray[np.int64]) -> FollowGraph:
        """Return the follows among some accounts, as a graph of these alone.

        What is known of how they were collected stays known.

        Parameters
        ----------
        positions
            The accounts' positions, ascending.

        Examples
        --------
        >>> g = FollowGraph.from_pairs([("ann", "bob"), ("bob", "cem"), ("cem", "bob")])
        >>> g.among(g.positions(["bob", "cem"]))
        FollowGraph with 2 accounts and 2 follows
        """
        following, kept = induced(self.following, positions)
        names = self.labels
        return replace(
            self,
            labels=names[positions] if isinstance(names, np.ndarray) else names.take(positions),
            following=following,
            created_at=None if self.created_at is None else self.created_at[kept],
        )

    @classmethod
    def from_pairs(cls, pairs: Any) -> FollowGraph:
        """Build a graph from pairs of ids; self-follows and duplicates are dropped and counted.

        Parameters
        ----------
        pairs
            ``(source, target)`` each: the first follows the second.

        Returns
        -------
        FollowGraph

        Raises
        ------
        CallError
            Something among them is no pair.
        FollowbackError
            An id is no valid text.

        Examples
        --------
        >>> FollowGraph.from_pairs([(1, 2), (1, 2), (1, 1)]).dropped
        {'rows': 3, 'self_follows': 1, 'duplicates': 1}
        """
        from .sources.tables import read_pairs

        return cls.from_follows(read_pairs(pairs))

    @classmethod
    def from_follows(cls, follows: Follows) -> FollowGraph:
        """Build a graph from a stream of follows; `followback.read` opens one and calls this.

        Parameters
        ----------
        follows
            What a reader of `followback.sources` returns; it is used up.

        Returns
        -------
        FollowGraph

        Examples
        --------
        >>> import pandas as pd
        >>> from followback.sources.tables import read_table
        >>> FollowGraph.from_follows(read_table(pd.DataFrame({"source": [1], "target": [2]})))
        FollowGraph with 2 accounts and 1 follows
        """
        from ._build import build

        return build(follows)

    @classmethod
    def from_networkx(cls, graph: nx.DiGraph) -> FollowGraph:
        """Build a graph from a directed NetworkX graph; isolated nodes are kept.

        Nodes that are all integers stay integers; any other set of nodes becomes
        text. Edge attribute ``created_at`` is read as a column of times is.

        Parameters
        ----------
        graph
            An edge ``(u, v)`` says that u follows v; parallel edges count as duplicates.

        Returns
        -------
        FollowGraph

        Raises
        ------
        CallError
            The graph is undirected, two nodes have the same text, or one has none.
        FollowbackError
            A ``created_at`` is no time between 1995 and 2100.

        Examples
        --------
        >>> import networkx as nx
        >>> FollowGraph.from_networkx(nx.DiGraph([("ann", "bob"), ("bob", "bob")])).dropped
        {'rows': 2, 'self_follows': 1, 'duplicates': 0}
        """
        from ._build import from_networkx

        return from_networkx(graph)

    def to_networkx(self) -> nx.DiGraph:
        """Return the graph as `networkx.DiGraph`, nodes in canonical order.

        Known times are the edge attribute ``created_at``, milliseconds since 1970 UTC.

        Examples
        --------
        >>> FollowGraph.from_pairs([("bob", "ann")]).to_networkx().edges
        OutEdgeView([('bob', 'ann')])
        """
        if self.created_at is None:
            return self.arrays.to_networkx()
        times = self.created_at.tolist()
        data = [{} if at == UNKNOWN_TIME else {"created_at": at} for at in times]
        return replace(self.arrays, edge_data=data).to_networkx()

    def to_table(self) -> pa.Table:
        """Return the follows as an Arrow table: source, target and, if known, created_at.

        Examples
        --------
        >>> FollowGraph.from_pairs([("bob", "ann")]).to_table().to_pylist()
        [{'source': 'bob', 'target': 'ann'}]
        """
        labels = pa.array(self.labels) if isinstance(self.labels, np.ndarray) else self.labels
        columns = {
            "source": labels.take(pa.array(self.sources())),
            "target": labels.take(pa.array(self.following.indices)),
        }
        if self.created_at is not None:
            unknown = self.created_at == UNKNOWN_TIME
            columns["created_at"] = pa.array(self.created_at, mask=unknown)
        return pa.table(columns)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Save the graph to a folder that `load` maps without copying.

        The folder appears whole or not at all; a graph saved there before is replaced.

        Parameters
        ----------
        path
            The folder to make.

        Raises
        ------
        CallError
            Something that is no saved graph stands there.

        Examples
        --------
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     FollowGraph.from_pairs([("ann", "bob")]).save(f"{folder}/graph")
        """
        from .saved import graph_folder, write_graph

        with graph_folder(path) as folder:
            write_graph(self, folder)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> FollowGraph:
        """Map a saved graph; nothing is copied until it is touched.

        Parameters
        ----------
        path
            The folder that `save` made.

        Returns
        -------
        FollowGraph

        Raises
        ------
        CallError
            There is no saved graph at ``path``.
        FollowbackError
            Its files are damaged or of a layout that this version does not know.

        Examples
        --------
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     FollowGraph.from_pairs([(1, 2)]).save(f"{folder}/graph")
        ...     list(FollowGraph.load(f"{folder}/graph").accounts)
        [1, 2]
        """
        from .saved import load_graph

        return load_graph(Path(path))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FollowGraph):
            return NotImplemented
        mine, theirs = self.created_at, other.created_at
        if mine is None or theirs is None:
            return mine is theirs and self._same_follows(other)
        return np.array_equal(mine, theirs) and self._same_follows(other)

    def _same_follows(self, other: FollowGraph) -> bool:
        return bool(
            self.accounts.equals(other.accounts)
            and np.array_equal(self.following.indptr, other.following.indptr)
            and np.array_equal(self.following.indices, other.following.indices)
        )

    __hash__ = object.__hash__

    def __repr__(self) -> str:
        return f"FollowGraph with {self.n_accounts:,} accounts and {self.n_follows:,} follows"

    def _repr_html_(self) -> str:
        from ._html import graph_card

        return graph_card(self)
