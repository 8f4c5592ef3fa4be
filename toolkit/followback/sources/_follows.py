"""What every reader returns, and how it tells the columns apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import pyarrow as pa

from ..collection import Collection

# Column names that say who follows (source) and who is followed (target), in the
# order in which they are preferred. Compared in lower case, without _, - and space.
SOURCE_NAMES = (
    "source", "src", "from", "follower", "followers", "followerid", "followeruser",
    "followeruserid", "fromid", "fromuser", "fromuserid", "fromnodeid", "sourceid", "sourceuser",
    "user1", "node1", "account1", "vertex1", "id1", "fan", "fans", "fanid", "u", "liker", "likers",
)  # fmt: skip
TARGET_NAMES = (
    "target", "dst", "to", "followed", "followee", "followees", "followedid", "followeduser",
    "followeduserid", "followeeid", "following", "followings", "followingid", "followinguser",
    "friend", "friends", "friendid", "toid", "touser", "touserid", "tonodeid", "targetid",
    "targetuser", "user2", "node2", "account2", "vertex2", "id2", "v", "liked", "likedpageid",
)  # fmt: skip
# Names of an account whose part the other column's name tells: a user's follower
# follows the user, a user's friend is followed by the user.
ACCOUNT_NAMES = (
    "user", "userid", "username", "account", "accountid", "person", "personid", "screenname",
    "name", "handle", "profile", "page", "pageid", "member", "memberid", "node", "nodeid", "id",
)  # fmt: skip
TIME_NAMES = (
    "createdat", "time", "timestamp", "followedat", "date", "datetime", "when", "t", "timems",
)  # fmt: skip


@dataclass(frozen=True)
class Follows:
    """A stream of follows, what to call it in messages, and how it was collected.

    Attributes
    ----------
    batches
        Record batches: source, target (text or integers), and created_at (int64
        milliseconds) or two columns alone.
    name
        What messages call it.
    columns
        Which columns were taken, in words.
    typed
        The ids have a type of their own. Those of a text file have not: they are
        trimmed, and integers where all are written as integers.
    first_row
        Number of the first row, as a spreadsheet counts.
    skipped
        What the reader left out, counted while it reads.
    collection
        How the follows were collected.
    integers
        The ids are integers, of 64 bits at most, in every batch.
    plain
        The names of the source and target columns where the stream is a Parquet file of
        whole numbers and nothing more, that an engine may read itself.
    """

    batches: Iterable[pa.RecordBatch]
    name: str
    columns: str = ""
    typed: bool = True
    first_row: int = 1
    skipped: dict[str, int] = field(default_factory=dict)
    collection: Collection = field(default_factory=Collection)
    integers: bool = False
    plain: tuple[str, str] | None = None


def mirrored(follows: Follows) -> Follows:
    """Take each row for both directions: the file stores each mutual pair once."""

    def both() -> Iterator[pa.RecordBatch]:
        for batch in follows.batches:
            yield batch
            swapped = [batch.column(1), batch.column(0), *batch.columns[2:]]
            yield pa.record_batch(swapped, batch.schema.names)

    collection = replace(follows.collection, mutual_by_construction=True)
    return replace(follows, batches=both(), collection=collection, plain=None)


def plain(name: str) -> str:
    """Reduce a column's name to what is compared: ``Follower_ID`` is ``followerid``."""
    return "".join(letter for letter in name.lower() if letter not in "_- \t")


def choose_columns(names: list[str]) -> tuple[int, int, int | None]:
    """Say which columns hold source, target and time.

    By name where names tell: one that names the follower or the followed is
    enough, the other column is then an account's (``user``, ``account`` …), else the
    first that is free. Where no name tells, the first column follows the second.

    >>> choose_columns(["user", "follower", "created_at"]), choose_columns(["user", "friend"])
    ((1, 0, 2), (0, 1, None))
    >>> choose_columns(["who", "whom"])
    (0, 1, None)
    """
    bare = [plain(name) for name in names]

    def find(wanted: tuple[str, ...], *taken: int | None) -> int | None:
        places = {bare[k]: k for k in reversed(range(len(bare))) if k not in taken}
        return next((places[name] for name in wanted if name in places), None)

    def other(*taken: int | None) -> int:
        known = find(ACCOUNT_NAMES, *taken)
        return known if known is not None else next(k for k in range(len(bare)) if k not in taken)

    source, target, time = find(SOURCE_NAMES), find(TARGET_NAMES), find(TIME_NAMES)
    if len(names) < 3:
        time = None  # two columns are the two ends, whatever they are called
    if source is None and target is None:
        free = [k for k in range(len(names)) if k != time]
        return free[0], free[1], time
    if source is None:
        source = other(target, time)
    if target is None:
        target = other(source, time)
    return source, target, time


def describe_columns(names: list[str], chosen: tuple[int, int, int | None], header: str) -> str:
    """Say in words which columns were taken; unnamed ones are counted from 1.

    >>> describe_columns(["user", "fan"], (1, 0, None), "header seen")
    "source = column 'fan', target = column 'user'; header seen"
    """
    parts = [
        f"{role} = column {repr(names[k]) if names[k] else k + 1}"
        for role, k in zip(("source", "target", "time"), chosen, strict=True)
        if k is not None
    ]
    return ", ".join(parts) + (f"; {header}" if header else "")
