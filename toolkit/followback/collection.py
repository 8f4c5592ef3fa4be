"""How a graph was collected: what its file leaves out, carried from reader to report.

A list of follows alone does not say whether an account that follows nobody back
does so, or was never asked. A `Collection` says what the source knew about it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from ._errors import FollowbackError

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd
    from numpy.typing import NDArray

    from .graph import FollowGraph

SIDES = ("followers", "following")

# One row a list that was looked at; declared: the number that the platform states.
LISTS = pa.schema(
    [("account", pa.large_string()), ("side", pa.string()), ("state", pa.string()),
     ("declared", pa.int64())]
)  # fmt: skip
# One row a follow of which more is known than when the follower says it was made.
CLOCKS = pa.schema(
    [("source", pa.large_string()), ("target", pa.large_string()), ("claimed_at", pa.int64()),
     ("recorded_at", pa.int64()), ("via", pa.large_string())]
)  # fmt: skip
# One row a follow that is no more.
REMOVED = pa.schema(
    [("source", pa.large_string()), ("target", pa.large_string()), ("created_at", pa.int64()),
     ("removed_at", pa.int64())]
)  # fmt: skip
_TABLES = {"lists": LISTS, "clocks": CLOCKS, "removed": REMOVED}

MUTUAL_TOLD = (
    "the file stores each mutual pair once, so every follow is returned by construction: "
    "reciprocity is not told, and no verdict goes beyond weak"
)

OWN_LISTS = "the data are one account's own lists: whom its followers follow is not in them, so "

_DISAGREE = 86_400_000  # two clocks of one follow that are a day apart disagree
_CAPPED_AT_LEAST = 20  # accounts that share the longest list before a cap is suspected
_CAP_SPIKE = 5  # so many times more accounts at the longest length than just below it
_ONCE_AT_LEAST = 1_000  # follows, none returned, before "each pair once" is suspected


@dataclass(frozen=True, eq=False)
class Collection:
    """What is known about how the follows of a graph were collected.

    Attributes
    ----------
    platform
        bluesky, mastodon, x, instagram, tiktok, github, linkedin; empty if not known.
    owner
        The account whose export this is; empty if it is no export of one account.
    mutual_by_construction
        The file stores each mutual pair once, so every follow is returned by
        construction and reciprocity says nothing.
    lists
        Arrow table, one row a list that was looked at: ``account``, ``side``
        (followers or following), ``state`` (complete or capped) and ``declared``, the
        length that the platform states. A list that has no row is unseen.
    clocks
        Arrow table, one row a follow with more than one clock or a provenance:
        ``claimed_at`` (what the client says), ``recorded_at`` (from the record's key),
        in milliseconds since 1970 UTC, and ``via``, the starter pack it came from.
    removed
        Arrow table of follows that were taken back: ``created_at`` and ``removed_at``
        in milliseconds since 1970 UTC, null where unknown.
    notes
        What the reader should know, one sentence each.

    Examples
    --------
    >>> import followback as fb
    >>> fb.FollowGraph.from_pairs([(1, 2)]).collection.platform
    ''
    """

    platform: str = ""
    owner: str = ""
    mutual_by_construction: bool = False
    lists: pa.Table = field(default_factory=LISTS.empty_table, repr=False)
    clocks: pa.Table = field(default_factory=CLOCKS.empty_table, repr=False)
    removed: pa.Table = field(default_factory=REMOVED.empty_table, repr=False)
    notes: tuple[str, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether nothing is known beyond the follows themselves."""
        known = self.platform or self.owner or self.mutual_by_construction or self.notes
        return not known and not any(getattr(self, name).num_rows for name in _TABLES)

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the tables that hold anything into ``folder``; return the rest as JSON values."""
        kept = []
        for name in _TABLES:
            table = getattr(self, name)
            if table.num_rows:
                with pa.ipc.new_file(folder / f"{name}.arrow", table.schema) as writer:
                    writer.write_table(table)
                kept.append(name)
        return {
            "platform": self.platform,
            "owner": self.owner,
            "mutual_by_construction": self.mutual_by_construction,
            "notes": list(self.notes),
            "tables": kept,
        }

    @classmethod
    def load(cls, folder: Path, about: dict[str, Any]) -> Collection:
        """Read back what `save` wrote."""
        tables = {}
        for name in about["tables"]:
            found = pa.ipc.open_file(pa.memory_map(str(folder / f"{name}.arrow"))).read_all()
            tables[name] = found.cast(_TABLES[name])
        return cls(
            platform=str(about["platform"]),
            owner=str(about["owner"]),
            mutual_by_construction=bool(about["mutual_by_construction"]),
            notes=tuple(map(str, about["notes"])),
            **tables,
        )


def completeness(graph: FollowGraph | nx.DiGraph) -> pd.DataFrame:
    """Say which lists of which accounts are complete, capped or unseen.

    Parameters
    ----------
    graph
        The follower graph.

    Returns
    -------
    pandas.DataFrame
        One row an account in canonical order: ``account``; for the two sides
        ``followers_state`` and ``following_state`` (complete, capped, unseen),
        ``followers_declared`` and ``following_declared`` (the platform's own count,
        missing where not stated) and ``followers``, ``following`` as observed.

    Examples
    --------
    >>> import followback as fb
    >>> g = fb.FollowGraph.from_pairs([("ann", "bob")])
    >>> fb.completeness(g)["followers_state"].tolist()
    ['unseen', 'unseen']
    """
    from .mutuals import as_follow_graph

    graph = as_follow_graph(graph)
    import pandas as pd

    rows = graph.collection.lists.to_pandas()
    text = graph.accounts.astype("str")
    columns: dict[str, Any] = {"account": graph.accounts}
    for side, degrees in zip(
        SIDES, (graph.followers.degrees, graph.following.degrees), strict=True
    ):
        mine = rows[rows["side"] == side].drop_duplicates("account", keep="last")
        mine = mine.set_index("account").reindex(text)
        columns[f"{side}_state"] = mine["state"].fillna("unseen").to_numpy()
        columns[f"{side}_declared"] = pd.array(mine["declared"].to_numpy(), dtype="Int64")
        columns[side] = degrees
    return pd.DataFrame(columns)


def state_of(graph: FollowGraph, account: Any) -> dict[str, tuple[str, int | None]]:
    """Return, for one account, each side's state and declared length."""
    found: dict[str, tuple[str, int | None]] = dict.fromkeys(SIDES, ("unseen", None))
    for row in graph.collection.lists.to_pylist():
        if row["account"] == str(account):
            found[row["side"]] = (row["state"], row["declared"])
    return found


def disagreeing(clocks: pa.Table) -> NDArray[np.bool_]:
    """Say for every row of ``clocks`` whether its two clocks are a day or more apart.

    A claimed time that is missing (year 1, say, which no reader takes) disagrees as well.
    """
    claimed = clocks["claimed_at"].to_numpy(zero_copy_only=False).astype(np.float64)
    recorded = clocks["recorded_at"].to_numpy(zero_copy_only=False).astype(np.float64)
    with np.errstate(invalid="ignore"):
        near = np.abs(claimed - recorded) < _DISAGREE
    return np.asarray(~near & ~np.isnan(recorded))


def cap_of(degrees: NDArray[np.int64]) -> int | None:
    """Return the length at which lists seem to be cut, or None.

    Where lists are not cut, the longest is nearly alone. Where 20 accounts or more
    share the longest length, five times as many as come within a tenth of it, a
    cap explains it.

    >>> import numpy as np
    >>> cap_of(np.array([10] * 40 + [3, 4, 7]))
    10
    >>> cap_of(np.array([5, 9, 10, 40]))
    """
    longest = int(degrees.max()) if len(degrees) else 0
    at_cap = int((degrees == longest).sum())
    near = int(((degrees >= 0.9 * longest) & (degrees < longest)).sum())
    if longest >= 5 and at_cap >= _CAPPED_AT_LEAST and at_cap >= _CAP_SPIKE * near:
        return longest
    return None


def reason_against(graph: FollowGraph) -> str | None:
    """Say why mutual follows of this graph cannot be trusted, or return None.

    Two reasons: most lists that were looked at are cut short; or so many accounts
    share the longest list that a cap explains it (see `cap_of`). Where half of the
    follows are returned, equal lengths are taken for a real group, not for a cap.
    """
    lists = graph.collection.lists
    if lists.num_rows:
        n_capped = lists["state"].to_pylist().count("capped")
        if n_capped > lists.num_rows / 2:
            return (
                f"{n_capped:,} of {lists.num_rows:,} lists are cut short, so most follows "
                "back are missing"
            )
    if graph.collection.mutual_by_construction:
        return None
    caps = {
        side: cap_of(rows.degrees)
        for side, rows in (("followers", graph.followers), ("following", graph.following))
    }
    found = {side: cap for side, cap in caps.items() if cap}
    if found and _arc_reciprocity(graph) < 0.5:
        sides = " and ".join(f"{side} at {cap:,}" for side, cap in found.items())
        return f"lists look cut ({sides} an account), so follows back are missing"
    return None


def cautions(graph: FollowGraph) -> list[str]:
    """Say what a reader of any result from this graph should know first.

    >>> import followback as fb
    >>> cautions(fb.FollowGraph.from_pairs([(1, 2), (2, 1)]))
    []
    """
    found = list(graph.collection.notes)
    both_ways = (graph.followers.degrees > 0) & (graph.following.degrees > 0)
    if (
        graph.n_follows >= _ONCE_AT_LEAST
        and both_ways.mean() > 0.1
        and _arc_reciprocity(graph) == 0.0
    ):
        found.append(
            f"none of the {graph.n_follows:,} follows is returned; if the file stores each mutual "
            "pair once, read it with mutual=True (--mutual)"
        )
    return found


def is_own_export(graph: FollowGraph) -> bool:
    """Return whether the follows are the lists of one account, and nothing else.

    >>> import followback as fb
    >>> is_own_export(fb.FollowGraph.from_pairs([(1, 2), (2, 1)]))
    False
    """
    listed = graph.collection.lists["account"].unique()
    if len(listed) != 1:
        return False
    touching = graph.followers.degrees + graph.following.degrees
    return bool(touching.max(initial=0) == graph.n_follows)


def refuse_capped(graph: FollowGraph, *, force: bool = False) -> None:
    """Refuse to look for rings where lists are cut short; see `reason_against`.

    Parameters
    ----------
    graph
        The follower graph.
    force
        Go on in spite of it.

    Raises
    ------
    FollowbackError
        The mutual follows of the graph cannot be trusted.
    """
    reason = None if force else reason_against(graph)
    if reason:
        raise FollowbackError(
            f"rings are not looked for: {reason}; collect whole lists, or insist with force=True "
            "(--force)"
        )


def refuse_mutual(collection: Collection) -> None:
    """Refuse to measure reciprocity where every follow is returned by construction."""
    if collection.mutual_by_construction:
        raise FollowbackError(
            "reciprocity is 1 by construction: the file stores each mutual pair once and holds no "
            "follow that is not returned; measure it on a file of single follows"
        )


def _arc_reciprocity(graph: FollowGraph) -> float:
    from .mutuals import mutual

    return 2 * mutual(graph).n_mutual / max(graph.n_follows, 1)
