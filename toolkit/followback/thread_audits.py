"""AUDIT of an exchange thread: did its participants follow each other back, and since when."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ._errors import CallError, FollowbackError
from ._measures import share_interval, table_of
from .collection import cautions
from .graph import UNKNOWN_TIME
from .habits import beyond_own, habits
from .kernels.rows import ties_inside
from .mutuals import as_follow_graph, mutual
from .sets import Z_95, as_sets, wilson
from .times import DAY, delay_arrays, moment

if TYPE_CHECKING:
    from collections.abc import Iterable

    import networkx as nx
    from numpy.typing import NDArray

    from .graph import FollowGraph
    from .habits import Habits
    from .mutuals import MutualGraph
    from .sets import Sets


@dataclass(frozen=True, eq=False)
class ThreadAudit:
    """The audit of an exchange thread.

    Attributes
    ----------
    table
        One row a measure: ``measure``, ``value``, ``low``, ``high``, ``meaning``.
    participants
        One row a participant, most mutual follows inside first; see `audit_thread`.
    notes
        What cannot be known from these data, and who was not found in them.
    """

    table: pd.DataFrame
    participants: pd.DataFrame = field(repr=False)
    notes: tuple[str, ...] = field(repr=False)

    def __getitem__(self, measure: str) -> pd.Series:
        """Return one measure's row."""
        found = self.table.set_index("measure")
        return found.loc[measure]

    def _repr_html_(self) -> str:
        from ._html import thread_card

        return thread_card(self)


def audit_thread(
    graph: FollowGraph | nx.DiGraph,
    accounts: Iterable[Any],
    posted_at: Any = None,
    *,
    days: int = 30,
    permutations: int = 999,
    seed: int = 0,
) -> ThreadAudit:
    """Audit an exchange thread: mutual follows among its participants against chance and habit.

    *Chance.* As many accounts are drawn ``permutations`` times, each like one
    participant: followers, following and mutual follows within the same doubling;
    participants may be drawn too, which makes the test cautious. p is
    the share of draws, the thread itself counted, with as many or more mutual follows inside.
    *Habit.* Every follow inside is expected to be returned with the share of its
    followers outside the thread that an account follows back (five followers' worth of
    the graph's own reciprocity added). *Ties made.* With times and ``posted_at``: mutual
    follows completed in the ``days`` after it, less those in as many days before;
    without, those seen less the mean of the draws. For likes between pages read "likes"
    for "follows".

    Parameters
    ----------
    graph
        The follower graph.
    accounts
        The participants' ids; those that are not in the graph are named in the notes.
    posted_at
        When the thread was posted: ISO date or time, or milliseconds since 1970 UTC.
    days
        How long after the thread a follow is counted as made by it.
    permutations
        How many groups are drawn.
    seed
        Of the draws.

    Returns
    -------
    ThreadAudit
        ``participants`` has ``account``, ``mutual_inside``, ``coverage`` (share of the
        other participants), ``followers_inside``, ``following_inside``, ``conductor``
        (tied to at least half, and twice the median), ``followed_first`` (share of its
        ties inside that it began), ``gained`` (followers among participants, since the
        thread where times are known), ``decayed`` (of these, taken back).

    Raises
    ------
    CallError
        Fewer than two participants are in the graph; a number is out of range.

    Examples
    --------
    >>> import followback as fb
    >>> quiet = fb.synth.follow_network(1_000, 10_000, seed=1)
    >>> graph, truth = fb.synth.plant_rings(quiet, [(20, 0.8)], seed=1)
    >>> float(fb.audit_thread(graph, truth["account"])["p_value"]["value"])
    0.001
    """
    if days < 1 or permutations < 19:
        raise CallError("days must be at least 1 and permutations at least 19")
    g = as_follow_graph(graph)
    m = mutual(g)
    where, notes = _found(g, accounts)
    posted = None if posted_at is None else moment(posted_at)
    notes += cautions(g)

    # among themselves, against draws of like accounts
    one = as_sets([where])
    own = habits(g, m, one)
    seen = int(own.mutual_in.sum()) // 2
    drawn = _drawn(g, m, where, permutations, seed)

    people = _participants(g, where, own, posted)
    rows = _chance_rows(len(where), seen, drawn)
    rows += _habit_rows(g, one, own)
    rows += _time_rows(g, where, posted, days, seen - drawn, notes)
    rows.append(("decayed", float(people["decayed"].sum()), np.nan, np.nan,
                 "follows among them that were taken back, as far as the source tells"))  # fmt: skip
    return ThreadAudit(table_of(rows), people, tuple(notes))


def read_participants(path: str | Path) -> list[str]:
    r"""Read a list of participants: one id a line, blank lines and ``#`` comments left out.

    Parameters
    ----------
    path
        A text file in UTF-8.

    Returns
    -------
    list of str
        Their ids, in the order of the file.

    Raises
    ------
    CallError
        There is no such file.
    FollowbackError
        It is no text, or names nobody.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = (Path(folder) / "people.txt").write_text("# of July\nann\n\nbob\n")
    ...     read_participants(Path(folder) / "people.txt")
    ['ann', 'bob']
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise CallError(f"there is no file {path}; check the spelling and the folder") from error
    except (IsADirectoryError, UnicodeDecodeError) as error:
        raise FollowbackError(f"{path} is no text in UTF-8 with one participant a line") from error
    lines = [line.strip() for line in text.splitlines()]
    found = [line for line in lines if line and not line.startswith("#")]
    if not found:
        raise FollowbackError(f"{path} names no participant; write one id a line")
    return found


def _found(g: FollowGraph, accounts: Iterable[Any]) -> tuple[NDArray[np.int32], list[str]]:
    """Return the participants' positions, and a note on those who are not in the graph."""
    named = pd.Index(list(accounts)).drop_duplicates()
    place = g.accounts.get_indexer(named)
    if (place < 0).all() and g.accounts.dtype != named.dtype:  # numbers written as text
        place = g.accounts.astype("str").get_indexer(named.astype("str"))
    missing = named[place < 0]
    where = np.sort(place[place >= 0]).astype(np.int32)
    if len(where) < 2:
        raise CallError(
            f"{len(where)} of {len(named)} participants are in the graph; at least 2 must be, "
            "with ids as in the file"
        )
    if len(missing) == 0:
        return where, []
    some = ", ".join(str(name)[:40] for name in missing[:3])
    return where, [f"{len(missing):,} participants are not in the graph, {some} for one"]


def _drawn(
    g: FollowGraph, m: MutualGraph, where: NDArray[np.int32], permutations: int, seed: int
) -> NDArray[np.int64]:
    """Count the mutual follows inside groups of accounts like the participants."""
    kinds = np.zeros(g.n_accounts, dtype=np.int64)
    for degrees in (g.followers.degrees, g.following.degrees, m.ties.degrees):
        kinds = kinds * 64 + np.floor(np.log2(degrees + 1)).astype(np.int64)
    random = np.random.default_rng(seed)
    order = np.argsort(kinds, kind="stable")
    mine, needed = np.unique(kinds[where], return_counts=True)
    start = np.searchsorted(kinds[order], mine, "left")
    stop = np.searchsorted(kinds[order], mine, "right")
    groups = np.empty((permutations, len(where)), dtype=np.int32)
    for row in groups:
        picks = [
            order[a + random.choice(b - a, k, replace=False)]
            for a, b, k in zip(start, stop, needed, strict=True)
        ]
        row[:] = np.sort(np.concatenate(picks))
    indptr = np.arange(permutations + 1, dtype=np.int64) * len(where)
    counts = ties_inside(*m.ties, indptr, groups.ravel()).reshape(permutations, -1)
    return np.asarray(counts.sum(axis=1) // 2)


def _chance_rows(
    n: int, seen: int, drawn: NDArray[np.int64]
) -> list[tuple[str, float, float, float, str]]:
    low, high = np.quantile(drawn, [0.025, 0.975])
    pairs = n * (n - 1) // 2
    p_value = (1 + int((drawn >= seen).sum())) / (1 + len(drawn))
    return [
        ("participants", n, np.nan, np.nan, "participants found in the data"),
        ("mutual_follows", seen, np.nan, np.nan, "pairs of participants that follow each other"),
        ("density", seen / pairs, *share_interval(seen, pairs, pairs), "their share of all pairs"),
        ("expected_mutual_follows", float(drawn.mean()), low, high,
         "the same in groups of like accounts: mean and middle 95 %"),
        ("p_value", p_value, np.nan, np.nan, "share of such groups with as many or more"),
    ]  # fmt: skip


def _habit_rows(
    g: FollowGraph, one: Sets, own: Habits
) -> list[tuple[str, float, float, float, str]]:
    """Return the share of follows returned inside, and what habit outside predicts."""
    n_mutual, follows = own.mutual_in.sum() // 2, own.followers_in.sum()
    if g.collection.mutual_by_construction or follows == 0:
        return []
    expected = float(beyond_own(one, own)[1][0])
    seen = float(2 * n_mutual / follows)
    pairs = wilson(np.array([n_mutual]), np.array([follows - n_mutual]))
    low, high = (float(end[0]) for end in pairs)
    return [
        ("reciprocity", seen, 2 * low / (1 + low), 2 * high / (1 + high),
         "share of the follows among them that are returned"),
        ("expected_reciprocity", expected, np.nan, np.nan, "what their habit outside predicts"),
    ]  # fmt: skip


def _time_rows(
    g: FollowGraph,
    where: NDArray[np.int32],
    posted: int | None,
    days: int,
    excess: NDArray[np.int64],
    notes: list[str],
) -> list[tuple[str, float, float, float, str]]:
    """Return how many ties the thread made: before and after, or against the draws."""
    inside = np.zeros(g.n_accounts, dtype=bool)
    inside[where] = True
    first, second, at, delay = delay_arrays(g)
    kept = inside[first] & inside[second]
    done = (at + delay)[kept]
    if posted is None or len(done) == 0:
        what = "no date was given" if posted is None else "no times of their follows are known"
        notes.append(f"{what}, so ties made are those beyond groups of like accounts")
        low, high = np.quantile(excess, [0.025, 0.975])
        return [("ties_made", float(excess.mean()), low, high, "mutual follows beyond like groups")]
    after = int(((done >= posted) & (done < posted + days * DAY)).sum())
    before = int(((done < posted) & (done >= posted - days * DAY)).sum())
    half = Z_95 * np.sqrt(after + before)
    quick = delay[kept][done >= posted]
    return [
        ("ties_before", before, np.nan, np.nan, f"mutual follows completed in the {days} days before"),
        ("ties_after", after, np.nan, np.nan, f"mutual follows completed in the {days} days after"),
        ("ties_made", after - before, after - before - half, after - before + half,
         "after less before; interval of a difference of two counts"),
        ("within_day", float((quick <= DAY).mean()) if len(quick) else np.nan, np.nan, np.nan,
         "share of those since the thread returned within a day"),
    ]  # fmt: skip


def _participants(
    g: FollowGraph,
    where: NDArray[np.int32],
    own: Habits,
    posted: int | None,
) -> pd.DataFrame:
    """Return each participant's part: who conducted, what it gained, how much decayed."""
    among = np.zeros(g.n_accounts, dtype=bool)
    among[where] = True
    coverage = own.mutual_in / max(len(where) - 1, 1)
    first, second, _, _ = delay_arrays(g)
    kept = among[first] & among[second]
    began = np.bincount(first[kept], minlength=g.n_accounts)[where]
    joined = np.bincount(second[kept], minlength=g.n_accounts)[where]
    gained = own.followers_in
    if posted is not None and g.created_at is not None:
        source, target = g.sources(), g.following.indices
        since = (g.created_at != UNKNOWN_TIME) & (g.created_at >= posted)
        gained = np.bincount(target[among[source] & among[target] & since], minlength=g.n_accounts)[
            where
        ]
    with np.errstate(invalid="ignore"):
        table = pd.DataFrame(
            {
                "account": g.accounts[where],
                "mutual_inside": own.mutual_in,
                "coverage": coverage,
                "followers_inside": own.followers_in,
                "following_inside": own.following_in,
                "conductor": (coverage >= 0.5) & (coverage >= 2 * np.median(coverage)),
                "followed_first": began / (began + joined),
                "gained": gained,
                "decayed": _decayed(g, where, posted),
            }
        )
    order = np.lexsort((np.arange(len(where)), -own.mutual_in))
    return table.iloc[order].reset_index(drop=True)


def _decayed(g: FollowGraph, where: NDArray[np.int32], posted: int | None) -> NDArray[np.int64]:
    """Count, for each participant, the follows by other participants that were taken back."""
    gone = g.collection.removed.to_pandas()
    names = g.accounts[where].astype("str")
    kept = gone["source"].isin(names) & gone["target"].isin(names)
    if posted is not None:
        kept &= gone["removed_at"].isna() | (gone["removed_at"] >= posted)
    counts = gone[kept].groupby("target").size()
    return np.asarray(counts.reindex(names, fill_value=0))
