"""DISK: a saved graph from a file of follows larger than memory, part by part.

A part is a range of accounts whose rows fit in the budget. A first pass over the file
finds the accounts and counts their follows; then the rows of each part are filled from the
file, sorted and appended to the saved graph. With more than a few parts the follows are
dealt to one temporary file a part first, so the input is not read again for each. The
followers' rows come from the finished rows in the same way, and mutual rows by merging.

Whatever is finished is noted in a journal in the work folder: after a kill the same call
goes on behind the last finished part.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .._drafts import clear_drafts
from .._errors import CallError, FollowbackError
from .._progress import say
from .._threads import shares, spread
from ..files import naming
from ..graph import UNKNOWN_TIME, FollowGraph
from ..saved import graph_folder, write_about
from ._journal import Journal, lost, work_folder, write
from ._numbers import SCRATCH, Numbers, numbered, of_file
from ._room import LARGER, check_room, disk_of, free_memory
from ._rows import RowFiles

if TYPE_CHECKING:
    import os

    from numpy.typing import NDArray

_LAYOUT = 2  # of the work folder; raised when its files, or what is noted of them, change
_PASSES = 3  # over the input: with more parts, follows are dealt to temporary files once
_COUNTS = 33  # bytes of disk an account: follows and followers counted, lengths of three rows
_NONE = np.zeros(0, np.int64)
_NOBODY = np.zeros(0, np.int32)


def build(
    source: str | os.PathLike[str],
    folder: str | os.PathLike[str],
    *,
    format: str | None = None,  # noqa: A002
    mutual: bool = False,
    owner: str = "",
    budget: int | None = None,
    work: str | os.PathLike[str] | None = None,
) -> FollowGraph:
    r"""Build the follower graph of a file in bounded memory, as a saved graph.

    It equals `followback.read` of the file. Followers and mutual follows are saved
    beside the follows, so that nothing has to be computed, or held, to use them.

    Parameters
    ----------
    source, format, mutual, owner
        As `followback.read` takes them; a file.
    folder
        Where the graph goes; it appears whole or not at all.
    budget
        Bytes of memory for rows and counts; half of what is free where left out. What
        Python and its libraries take, some 0.3 GB, comes on top.
    work
        Where the folder of temporary files and the journal goes; beside ``folder`` where left
        out. The same call after a kill goes on from there. It is removed at the end, and
        where the file cannot be read or the budget does not do.

    Returns
    -------
    FollowGraph
        Mapped, not copied.

    Raises
    ------
    CallError
        No such file; another call is at work in the folder; budget too small.
    FollowbackError
        The follows cannot be read; the disk would not do; what a killed call left was changed.

    Examples
    --------
    >>> import tempfile, followback as fb
    >>> here = Path(tempfile.mkdtemp())
    >>> _ = (here / "follows.csv").write_text("1,2\n2,1\n3,1\n3,1\n")
    >>> g = build(here / "follows.csv", here / "graph", budget=1_000)
    >>> g, g.dropped["duplicates"], fb.mutual(g).n_mutual
    (FollowGraph with 3 accounts and 3 follows, 1, 1)
    """
    source, folder = Path(source), Path(folder)
    place = Path(folder.parent if work is None else work) / f".{folder.name}-work"
    clear_drafts(folder)
    if folder.exists() and not (folder / "graph.json").is_file():
        raise CallError(f"{folder} exists and is no saved graph; choose another name")
    if not source.is_file():
        raise CallError(f"{source} is no file; the disk engine reads one file of follows")
    with _kept(source, place), work_folder([place]), _as_it_was(source) as stamp:
        key = [_LAYOUT, str(source.resolve()), *stamp, format, mutual, owner, budget]
        made = place / "graph"
        if not made.is_dir():  # nothing is made, or it was moved and its publication cut short
            (place / "journal.json").unlink(missing_ok=True)
        made.mkdir(exist_ok=True)
        journal = Journal(place, key)
        if "limit" not in journal:  # who goes on cuts the parts as they were cut
            journal["limit"] = free_memory() // 2 if budget is None else budget
        limit = journal["limit"]
        stream = numbered(source, place, journal, limit, format=format, mutual=mutual, owner=owner)
        _build(stream, source, place, folder, journal, limit)
        follows = stream.follows
        write_about(
            made,
            stream.labels,
            dropped=stream.dropped(journal["n_follows"]),
            read_as=follows.columns,
            times=(made / "created_at.npy").exists(),
            collection=follows.collection,
            rows=("followers", "mutual"),
        )
        with graph_folder(folder) as draft:
            draft.rmdir()
            _moved(made, draft)
    return FollowGraph.load(folder)


@contextmanager
def _kept(source: Path, place: Path) -> Iterator[None]:
    """Say what stays, and of which file, where a disk is full or somebody interrupts."""
    told = f"what is finished of {source} stays in {place}, and the same call goes on from there"
    try:
        with naming(place, place):
            yield
    except KeyboardInterrupt:
        say(told, later=False)
        raise
    except OSError as error:
        if place.is_dir():
            error.strerror = f"{error.strerror}; {told}"
        raise


@contextmanager
def _as_it_was(source: Path) -> Iterator[list[int]]:
    """Give a file's size and time of change; refuse what was made of it if they are others then.

    It is read several times: what differs would show as lost follows, or not at all.
    """
    stamp = _stamp(source)
    changed = FollowbackError(
        f"{source} was changed while it was read; the same call reads it anew, once nobody writes it"
    )
    try:
        yield stamp
    except FollowbackError as error:
        if _stamp(source) != stamp:
            raise changed from error
        raise
    if _stamp(source) != stamp:
        raise changed


def _stamp(source: Path) -> list[int]:
    try:
        about = source.stat()
    except FileNotFoundError:
        return []
    return [about.st_size, about.st_mtime_ns]


def _moved(made: Path, target: Path) -> None:
    """Move the folder in one step, or copy it to another disk: never half of it is gone."""
    try:
        made.rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        shutil.copytree(made, target)


def _build(
    stream: Numbers, source: Path, place: Path, folder: Path, journal: Journal, limit: int
) -> None:
    """Write the rows of follows, of followers and of mutual follows, part by part."""
    n, wide = len(stream.labels), 12 if stream.timed else 4
    room = (limit - SCRATCH * n) // wide
    if room < 1:
        raise CallError(
            f"{n:,} accounts need {SCRATCH * n / 1e9:.3f} GB of memory for counts alone and the "
            f"budget is {limit / 1e9:.3f} GB; give {(SCRATCH * n + wide) / 1e9 + 0.001:.3f} GB or more"
        )
    start = _parts(stream.out_counts, room)
    dealt = len(start) - 1 > _PASSES and not stream.staged
    _check_disk(source, place, folder, stream, dealt=dealt)
    if dealt and "dealt" not in journal:
        journal.seal(_deal(stream, place, start))
        journal["dealt"] = True

    following = RowFiles(place / "graph", "", n, journal, timed=stream.timed)
    for part in following.left(len(start) - 1):
        rows = (
            of_file(journal.compared(_dealt(part)), timed=stream.timed)
            if dealt
            else stream.batches()
        )
        _follows_of(stream, following, (int(start[part]), int(start[part + 1])), rows)
        if dealt:
            (place / _dealt(part)).unlink(missing_ok=True)
    following.finish()
    journal["n_follows"] = int(following.indptr()[-1])

    in_counts = stream.in_counts - np.bincount(following.gone(), minlength=n)
    back = RowFiles(place / "graph", "followers_", n, journal)
    both = RowFiles(place / "graph", "mutual_", n, journal)
    start = _parts(in_counts, room)
    back.rewind(both.done)
    for part in both.left(len(start) - 1):
        first, last = int(start[part]), int(start[part + 1])
        _followers_of(following, back, both, in_counts[first:last], first)
    back.finish()
    both.finish()


def _parts(counts: NDArray[Any], room: int) -> NDArray[np.int64]:
    """Cut the accounts into ranges of at most ``room`` follows, one account at least."""
    ends = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
    start = [0]
    while start[-1] < len(counts):
        fits = int(np.searchsorted(ends, ends[start[-1]] + room, "right")) - 1
        start.append(max(fits, start[-1] + 1))
    return np.array(start, np.int64)


def _check_disk(source: Path, place: Path, folder: Path, stream: Numbers, *, dealt: bool) -> None:
    """Say what the disks will hold; refuse what they would not."""
    rows, n, names = stream.n_rows, len(stream.labels), stream.labels.nbytes
    wide = 16 if stream.timed else 8  # two positions, a time
    temporary = _COUNTS * n + (rows * wide if dealt or stream.staged else 0)
    temporary += names if stream.staged else 0
    result = rows * (wide + 4) + 24 * n + names  # rows end at 8 bytes each, three times
    there = sum(file.stat().st_size for file in place.rglob("*") if file.is_file())
    needs = [("temporary files", place.parent, max(temporary + result - there, 0))]
    if disk_of(folder) != disk_of(place):
        needs.append(("the graph", folder, result))  # copied, not moved
    check_room(f"{source}, {rows:,} follows", needs, LARGER)
    say(
        f"{rows:,} follows: the graph will take {result / 1e9:.2f} GB of disk in {folder}; until "
        f"then up to {(temporary + result) / 1e9:.2f} GB stand in {place}, which is removed",
        later=False,  # before it starts: whoever reads a log after a kill must find it
    )


def _deal(stream: Numbers, place: Path, start: NDArray[np.int64]) -> dict[str, list[int]]:
    """Write the follows of each part to a file of its own; return what `summed` says of them.

    In it are batches as `of_file` reads them: their length, sources, targets and times.
    """
    from ..kernels.dealing import deal

    totals = {_dealt(part): [0, 0] for part in range(len(start) - 1)}
    for name in totals:
        (place / name).write_bytes(b"")
    for source, target, times in stream.batches("follows dealt to parts"):
        order, ends = deal(source, start)
        columns = [column[order] for column in (source, target, times) if len(column)]

        def write_part(part: int, ends: Any = ends, columns: Any = columns) -> None:
            span = slice(ends[part], ends[part + 1])
            length = np.array([span.stop - span.start], np.int64)
            with (place / _dealt(part)).open("ab") as file:
                write(file, totals[_dealt(part)], length, *(column[span] for column in columns))

        spread(write_part, np.flatnonzero(np.diff(ends)).tolist())
    return totals


def _dealt(part: int) -> str:
    return f"part-{part}.bin"


def _follows_of(stream: Numbers, following: RowFiles, span: tuple[int, int], batches: Any) -> None:
    """Fill, sort and append the rows of a part."""
    from ..kernels.dealing import close_up, fill_rows, sort_rows

    first, last = span
    indptr = _ends(stream.out_counts[first:last])
    place, targets = indptr[:-1].copy(), np.empty(indptr[-1], np.int32)
    stamps = np.empty(len(targets) if stream.timed else 0, np.int64)
    stripes = [(first + a, first + b) for a, b in _even(indptr)]
    for source, target, times in batches:

        def fill(stripe: tuple[int, int], a: Any = source, b: Any = target, c: Any = times) -> None:
            fill_rows(a, b, c, *stripe, first, indptr[1:], place, targets, stamps)

        spread(fill, stripes)
    degrees = np.empty(last - first, np.int64)
    if not np.array_equal(place, indptr[1:]):
        raise lost(following.work)
    spread(
        lambda s: sort_rows(indptr, *s, UNKNOWN_TIME, targets, stamps, degrees),
        shares(last - first),
    )
    gone = close_up(indptr, degrees, targets, stamps) if degrees.sum() < indptr[-1] else _NOBODY
    n = int(degrees.sum())
    following.write(degrees, targets[:n], stamps[:n], gone)
    following.mark()


def _followers_of(
    following: RowFiles, back: RowFiles, both: RowFiles, counts: NDArray[Any], first: int
) -> None:
    """Fill and append the followers' rows of a part, and those of mutual follows."""
    from ..kernels.dealing import fill_back
    from ..kernels.rows import mutual_rows

    last = first + len(counts)
    ends, indptr = following.indptr(), _ends(counts)
    place, rows = indptr[:-1].copy(), np.empty(indptr[-1], np.int32)
    stripes = [(first + a, first + b) for a, b in _even(indptr)]
    for low, high, block in following.blocks(ends, 0, len(ends) - 1, "followers"):
        local = ends[low : high + 1] - ends[low]

        def fill(stripe: tuple[int, int], a: Any = local, b: Any = block, c: int = low) -> None:
            fill_back(a, b, c, *stripe, first, indptr[1:], place, rows)

        spread(fill, stripes)
    if not np.array_equal(place, indptr[1:]):
        raise lost(following.work)
    back.write(np.diff(indptr), rows)
    back.mark()

    def merged(span: tuple[int, int], low: int, targets: NDArray[np.int32]) -> Any:
        start, stop = low + span[0], low + span[1]
        mine, theirs = indptr[start - first : stop - first + 1], ends[start : stop + 1]
        part = targets[theirs[0] - ends[low] : theirs[-1] - ends[low]]
        return mutual_rows(theirs - theirs[0], part, mine - mine[0], rows[mine[0] : mine[-1]])

    for low, high, block in following.blocks(ends, first, last, "mutual follows"):
        local = ends[low : high + 1] - ends[low]
        found = spread(lambda s, a=low, b=block: merged(s, a, b), _even(local))  # type: ignore[misc]
        for starts, mutual in found:
            both.write(np.diff(starts), mutual)
    both.mark()


def _ends(counts: NDArray[Any]) -> NDArray[np.int64]:
    indptr = np.zeros(len(counts) + 1, np.int64)
    np.cumsum(counts, out=indptr[1:])
    return indptr


def _even(indptr: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Cut rows into as many ranges of like many entries as there are cores."""
    from .._threads import cores

    k = cores()
    cuts = np.searchsorted(indptr, indptr[-1] * np.arange(1, k) // k)
    edges = np.concatenate([[0], cuts, [len(indptr) - 1]])
    return list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))
