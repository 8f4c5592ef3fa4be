"""AUDIT of one account: how much of its following is earned, and what cannot be known."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from ._errors import CallError
from ._measures import nearest, share_interval, table_of
from .collection import OWN_LISTS, cautions, reason_against, state_of
from .mutuals import as_follow_graph, mutual
from .timelines import growth
from .times import DAY

if TYPE_CHECKING:
    import networkx as nx
    from numpy.typing import NDArray

    from .graph import FollowGraph
    from .mutuals import MutualGraph
    from .rings import Rings

_PEERS, _PEERS_LEAST = 200, 20
_NAN = float("nan")


@dataclass(frozen=True, eq=False)
class Audit:
    """The audit of one account.

    Attributes
    ----------
    account
        Its id.
    table
        One row a measure: ``measure``, ``value``, ``low``, ``high``, ``meaning``.
    rings
        The rings it is in: ``ring``, ``size``, ``verdict``, ``followers_supplied``.
    growth
        One row a day, where times are known; ``from_rings`` counts the new followers
        that are in a ring with it, ``ring_driven`` marks days that they make up half of.
    notes
        What cannot be known from these data.
    """

    account: Any
    table: pd.DataFrame
    rings: pd.DataFrame = field(repr=False)
    growth: pd.DataFrame = field(repr=False)
    notes: tuple[str, ...] = field(repr=False)

    def __getitem__(self, measure: str) -> pd.Series:
        """Return one measure's row."""
        found = self.table.set_index("measure")
        return found.loc[measure]

    def _repr_html_(self) -> str:
        from ._html import audit_card

        return audit_card(self)


class _Known(NamedTuple):
    """What of one account can be known, as positions and flags."""

    at: int
    fans: NDArray[np.int32]
    returned: NDArray[np.int32]
    total: int
    following_seen: bool
    ego: bool
    habit: bool  # whether follow-back can be told from these data


def audit(
    graph: FollowGraph | nx.DiGraph,
    account: Any,
    *,
    rings: Rings | None = None,
    followers_total: int | None = None,
) -> Audit:
    """Audit one account: follow-back, rings, earned followers, reach.

    *Earned followers* are those that remain when what rings, or a follow-back habit,
    explain is taken off: always an interval. Two ways explain followers: R, the followers who are in a
    strong or moderate ring with the account and follow it back mutually; and the
    excess X = mutual - q followers over accounts of the same size, with q their
    follow-back share, at its upper and lower quartile. At least min(R, X), at most
    max(R, X) are explained. Without accounts to compare with, anything from none to
    all mutual follows; where the account's own list is not known, anything at all.

    A sample of followers is scaled to ``followers_total``, with 95 % Wilson intervals
    and the finite-population correction; it must be drawn at random from the whole list.

    Parameters
    ----------
    graph
        The follower graph.
    account
        The account's id; text will do where ids are numbers.
    rings
        The graph's rings, where they are at hand; left out, they are looked for.
    followers_total
        How many followers the account has in all, where the graph holds a sample of
        them; left out, the platform's count if the reader found one.

    Returns
    -------
    Audit

    Raises
    ------
    CallError
        The account is not in the graph; ``followers_total`` is less than it shows.

    Examples
    --------
    >>> import followback as fb
    >>> g = fb.synth.follow_network(1_000, 10_000, seed=1)
    >>> found = fb.audit(g, g.accounts[g.followers.degrees.argmax()])
    >>> bool(0 <= found["earned_followers"]["low"] <= found["followers"]["value"])
    True
    """
    g = as_follow_graph(graph)
    m = mutual(g)
    if isinstance(account, str) and isinstance(g.labels, np.ndarray) and account.isdecimal():
        account = int(account)  # ids that are numbers are numbers in the graph
    known = _known(g, m, g.positions([account])[0], followers_total)
    notes = _limits(g, known)

    # what rings supply
    if rings is None and not known.ego and not reason_against(g):
        from .rings import find_rings

        rings = find_rings(g)
    mine, supplied = _memberships(g, m, known, rings)

    # against accounts of the same size
    peers = _peer_shares(g, m, known)
    if known.habit and not known.ego and len(peers) < _PEERS_LEAST:
        notes.append(
            f"fewer than {_PEERS_LEAST} accounts are there to compare with, so no habit is known"
        )
    table = table_of(_rows(g, known, len(supplied), peers))
    return Audit(account, table, mine, _marked(g, known, account, supplied), tuple(notes))


def _known(g: FollowGraph, m: MutualGraph, at: int, total: int | None) -> _Known:
    fans = g.followers.of(at)
    states = state_of(g, g.accounts[at])
    if total is None:
        state, declared = states["followers"]
        total = max(declared or 0, len(fans)) if state != "complete" else len(fans)
    if total < len(fans):
        raise CallError(
            f"followers_total is {total:,}, but {len(fans):,} followers are in the graph; "
            "give the whole number"
        )
    listed = g.collection.lists.num_rows > 0
    seen = states["following"][0] != "unseen" if listed else bool(g.following.degrees[at])
    touching = g.followers.degrees[at] + g.following.degrees[at]
    ego = bool(touching == g.n_follows)
    habit = seen and not g.collection.mutual_by_construction
    return _Known(at, fans, m.ties.of(at), total, seen, ego, habit)


def _limits(g: FollowGraph, known: _Known) -> list[str]:
    """Say what cannot be known from these data."""
    notes = cautions(g)
    reason = reason_against(g)
    if known.ego:
        notes.append(f"{OWN_LISTS}rings, the habit of like accounts and reach cannot be known")
    elif reason:
        notes.append(f"rings were not looked for: {reason}")
    if g.collection.mutual_by_construction:
        notes.append(
            "the file holds mutual follows alone, so every follower is followed back by construction "
            "and any number of them may be earned"
        )
    if not known.following_seen:
        notes.append(
            "whom the account follows is not in the data, so nothing is known of follow-back"
        )
    if known.total > len(known.fans):
        notes.append(
            f"{len(known.fans):,} of {known.total:,} followers are in the data; the intervals hold "
            "if they were drawn at random from the whole list, not if they are the newest"
        )
    return notes


def _memberships(
    g: FollowGraph, m: MutualGraph, known: _Known, rings: Rings | None
) -> tuple[pd.DataFrame, NDArray[np.int32]]:
    """Return the account's rings, and its mutual followers in them, weak ones left out."""
    rows, supplied = [], np.zeros(0, np.int32)
    if rings is not None and len(rings):
        mine = rings.members.loc[rings.members["account"] == g.accounts[known.at], "ring"]
        for number in mine:
            row = rings.table[rings.table["ring"] == number].iloc[0]
            inside = rings.members.loc[rings.members["ring"] == number, "account"]
            ties = np.intersect1d(m.ties.of(known.at), g.positions(inside)).astype(np.int32)
            rows.append((int(number), int(row["size"]), str(row["verdict"]), len(ties)))
            if row["verdict"] != "weak":
                supplied = np.union1d(supplied, ties)
    names = ["ring", "size", "verdict", "followers_supplied"]
    return pd.DataFrame(rows, columns=names), supplied


def _peer_shares(g: FollowGraph, m: MutualGraph, known: _Known) -> NDArray[np.float64]:
    """Return the follow-back shares of the accounts nearest in followers, lists known."""
    if known.ego or not known.habit:
        return np.zeros(0)
    usable = g.following.degrees > 0
    if g.collection.lists.num_rows:
        rows = g.collection.lists.to_pandas()
        whole = rows[(rows["side"] == "following") & (rows["state"] == "complete")]["account"]
        usable &= g.accounts.astype("str").isin(whole)
    followers = g.followers.degrees
    peers = nearest(followers, known.at, usable, _PEERS)
    return np.asarray(m.ties.degrees[peers] / followers[peers])


def _rows(
    g: FollowGraph, known: _Known, supplied: int, peers: NDArray[np.float64]
) -> list[tuple[str, float, float, float, str]]:
    fans, n_mutual, total = len(known.fans), len(known.returned), known.total
    following = len(g.following.of(known.at))
    seen = known.following_seen
    share = n_mutual / fans if fans and known.habit else _NAN
    ends = share_interval(n_mutual, fans, total) if fans and known.habit else (_NAN, _NAN)
    ring_share = supplied / fans if fans else _NAN
    ring_ends = share_interval(supplied, fans, total) if fans else (_NAN, _NAN)
    habit = np.quantile(peers, [0.25, 0.5, 0.75]) if len(peers) >= _PEERS_LEAST else [_NAN] * 3
    place = float((peers < share).mean()) if len(peers) >= _PEERS_LEAST else _NAN
    least, most = _explained(known, supplied, peers)
    low, high = (1 - most) * total, (1 - least) * total
    seen_share = _reach_share(g, known)
    count = float(fans)
    return [
        ("followers", count, count, count, "followers in the data"),
        ("followers_total", total, total, total,
         "followers in all; those in the data where no other number is told"),
        ("following", following if seen else _NAN, _NAN, _NAN, "accounts it follows"),
        ("mutual", n_mutual if seen else _NAN, _NAN, _NAN, "accounts that follow each other with it"),
        ("follow_back", share, *ends, "share of its followers that it follows back"),
        ("overlap", n_mutual / min(fans, following) if known.habit and fans and following else _NAN,
         _NAN, _NAN, "mutual / min(followers, following)"),
        ("peer_follow_back", habit[1], habit[0], habit[2],
         "follow-back share of accounts of the same size: median and quartiles"),
        ("peer_place", place, _NAN, _NAN, "share of those accounts that follow back less than it"),
        ("ring_share", ring_share, *ring_ends, "share of its followers supplied by rings"),
        ("earned_followers", _NAN, np.floor(low), np.ceil(high),
         "followers that remain when the larger, or the smaller, explanation is taken off"),
        ("earned_share", _NAN, 1 - most, 1 - least, "the same, as a share"),
        ("reach", seen_share * total, _NAN, _NAN, "followers discounted for how many they follow"),
        ("reach_share", seen_share, _NAN, _NAN, "reach / followers"),
    ]  # fmt: skip


def _explained(known: _Known, supplied: int, peers: NDArray[np.float64]) -> tuple[float, float]:
    """Bound the share of followers that habit or rings explain; see `audit`."""
    fans, n_mutual = len(known.fans), len(known.returned)
    if not known.following_seen or fans == 0:
        return 0.0, 1.0
    least, most = 0, n_mutual
    if len(peers) >= _PEERS_LEAST:
        low, high = np.quantile(peers, [0.25, 0.75])
        least = max(0, min(supplied, round(n_mutual - high * fans)))
        most = max(supplied, round(n_mutual - low * fans), 0)
    return (
        share_interval(least, fans, known.total)[0],
        share_interval(most, fans, known.total)[1],
    )


def _reach_share(g: FollowGraph, known: _Known) -> float:
    """Return the mean attention that followers can give; NaN where their lists are not known."""
    following = g.following.degrees
    if known.ego or len(known.fans) == 0:
        return _NAN
    usual = max(float(np.median(following[following > 0])), 1.0)
    return float((1 / np.maximum(1, following[known.fans] / usual)).mean())


def _marked(
    g: FollowGraph, known: _Known, account: Any, supplied: NDArray[np.int32]
) -> pd.DataFrame:
    """Return the growth curve with the days marked that ring members make up half of."""
    days = growth(g, account)
    if g.created_at is None or days.empty:
        return days.assign(from_rings=0, ring_driven=False)
    mine = (g.following.indices == known.at) & np.isin(g.sources(), supplied)
    at = g.created_at[mine]
    first = np.datetime64(days["day"].iloc[0], "D").astype(np.int64)
    place = at[at > 0] // DAY - first
    counts = np.bincount(place, minlength=len(days))
    return days.assign(
        from_rings=counts, ring_driven=(counts >= 3) & (counts * 2 >= days["gained"])
    )
