"""TIME: moments, who followed first, how fast the other followed back, when a ring grew."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ._errors import CallError
from ._rows import repeated
from .graph import UNKNOWN_TIME
from .kernels.rows import reverse_entries, row_times
from .mutuals import mutual

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .graph import FollowGraph
    from .mutuals import MutualGraph
    from .sets import Sets

DAY = 86_400_000  # milliseconds


class TieTimes(NamedTuple):
    """For every entry of the mutual graph's rows (i, j): when i followed j, and j followed i.

    Milliseconds since 1970 UTC, `UNKNOWN_TIME` where not known.
    """

    sent: NDArray[np.int64]
    got: NDArray[np.int64]

    @property
    def known(self) -> NDArray[np.bool_]:
        """Whether both times are known."""
        return np.asarray((self.sent != UNKNOWN_TIME) & (self.got != UNKNOWN_TIME))

    @property
    def delay(self) -> NDArray[np.int64]:
        """Milliseconds from the first follow to the follow-back; meaningless where not known."""
        return np.asarray(np.abs(self.sent - self.got))


def tie_times(g: FollowGraph, m: MutualGraph) -> TieTimes | None:
    """Return the times of both follows of every mutual follow; None where no time is known.

    >>> import pandas as pd, followback as fb
    >>> when = pd.to_datetime(["2024-01-01T00:00", "2024-01-01T06:00"])
    >>> g = fb.read(pd.DataFrame({"source": ["a", "b"], "target": ["b", "a"], "time": when}))
    >>> tie_times(g, fb.mutual(g)).delay.tolist()  # six hours, told from both sides
    [21600000, 21600000]
    """
    if g.created_at is None:
        return None
    sent = row_times(*g.following, np.asarray(g.created_at), *m.ties)
    return TieTimes(sent, sent[reverse_entries(*m.ties)])


def moment(when: Any, *, end: bool = False) -> int:
    """Read a moment as milliseconds since 1970 UTC.

    Parameters
    ----------
    when
        ISO 8601 date or time (UTC where no zone is given), or the milliseconds themselves.
    end
        Take a bare date for its last millisecond, not its first.

    Returns
    -------
    int
        Milliseconds since 1970 UTC.

    Raises
    ------
    CallError
        It is no date or time.

    Examples
    --------
    >>> moment("2024-01-01"), moment("2024-01-01", end=True)
    (1704067200000, 1704153599999)
    """
    if isinstance(when, int | np.integer) and not isinstance(when, bool):
        return int(when)
    try:
        at = dt.datetime.fromisoformat(str(when).strip())
    except ValueError as error:
        raise CallError(
            f"{str(when)[:40]!r} is no date or time; write 2026-07-04 or ISO 8601"
        ) from error
    stamp = round((at if at.tzinfo else at.replace(tzinfo=dt.UTC)).timestamp() * 1000)
    return stamp + DAY - 1 if end and len(str(when).strip()) == 10 else stamp


def delay_arrays(
    g: FollowGraph,
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64], NDArray[np.int64]]:
    """Return mutual pairs whose two times are known: first, second, time of the first, delay.

    ``first`` followed ``second`` at that time and was followed back ``delay``
    milliseconds later, as positions in ``g.accounts``. Of two follows in the same
    millisecond the one of the smaller position counts as first. In the order of the
    graph's follows.

    Parameters
    ----------
    g
        The follower graph; without times the arrays are empty.

    Examples
    --------
    >>> import pandas as pd, followback as fb
    >>> rows = {"source": ["ann", "bob"], "target": ["bob", "ann"], "time": [1.7e9, 1.7e9 + 60]}
    >>> [part.tolist() for part in delay_arrays(fb.read(pd.DataFrame(rows)))]
    [[0], [1], [1700000000000], [60000]]
    """
    m = mutual(g)
    times = tie_times(g, m)
    if times is None:
        none = np.zeros(0, np.int64)
        return none.astype(np.int32), none.astype(np.int32), none, none
    source = repeated(np.arange(m.n_accounts, dtype=np.int32), m.ties.degrees)
    target = m.ties.indices
    earlier = (times.sent < times.got) | ((times.sent == times.got) & (source < target))
    kept = np.flatnonzero(times.known & earlier)
    return source[kept], target[kept], times.sent[kept], times.delay[kept]


def pace(g: FollowGraph, m: MutualGraph, sets: Sets) -> dict[str, NDArray[np.float64]]:
    """Describe when the ties of each set were made; nothing where no time is known.

    ``delay_inside`` and ``delay_outside``: median hours from follow to follow-back, of
    the mutual follows inside, and of the members' others. ``within_day_inside`` and
    ``within_day_outside``: share of them completed within a day. ``busiest_day``: share
    of the follows inside that were made in the busiest 24 hours. ``first_share``:
    share of the mutual follows inside that the most eager tenth of the members began
    (the conductors of a train); an even ring has about a tenth to a fifth.
    """
    times = tie_times(g, m)
    if times is None:
        return {}
    columns = [
        "delay_inside", "delay_outside", "within_day_inside", "within_day_outside",
        "busiest_day", "first_share",
    ]  # fmt: skip
    table = np.full((len(sets.sizes), len(columns)), np.nan)
    mark = np.zeros(m.n_accounts, dtype=bool)
    for k in range(len(sets.sizes)):
        who = sets.of(k)
        mark[who] = True
        table[k] = _pace(m, times, who, mark)
        mark[who] = False
    return dict(zip(columns, table.T.copy(), strict=True))


def _pace(
    m: MutualGraph, times: TieTimes, who: NDArray[np.int32], mark: NDArray[np.bool_]
) -> list[float]:
    """Return the six numbers of one set; members are marked."""
    rows = [np.arange(m.ties.indptr[i], m.ties.indptr[i + 1]) for i in who]
    entries = np.concatenate([*rows, np.zeros(0, np.int64)])
    owner = np.repeat(np.arange(len(who)), [len(row) for row in rows])
    own = TieTimes(times.sent[entries], times.got[entries])
    inside, known = mark[m.ties.indices[entries]], own.known
    hours = own.delay / (DAY / 24)
    parts = (hours[inside & known], hours[~inside & known])
    found = [float(np.median(part)) if len(part) else np.nan for part in parts]
    found += [float((part <= 24).mean()) if len(part) else np.nan for part in parts]

    made = np.sort(own.sent[inside & (own.sent != UNKNOWN_TIME)])
    window = np.searchsorted(made, made + DAY, "right") - np.arange(len(made))
    found.append(float(window.max() / len(made)) if len(made) else np.nan)

    began = inside & known & (own.sent < own.got)
    counts = np.sort(np.bincount(owner[began], minlength=len(who)))[::-1]
    top = counts[: max(len(who) // 10, 1)].sum()
    found.append(float(top / counts.sum()) if counts.sum() else np.nan)
    return found
