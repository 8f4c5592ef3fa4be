"""What readers of platform files share: a draft of follows, and one line for every fault."""

from __future__ import annotations

import csv
import datetime as dt
import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from .._errors import FollowbackError
from ..collection import CLOCKS, LISTS, REMOVED, Collection
from ._follows import Follows, mirrored

OWNER = "(owner)"  # stands for the owner of an export whose name the file does not tell
_FIRST, _LAST = 788_918_400_000, 4_102_444_800_000  # 1995-01-01, 2100-01-01, as in _times
_FAULTS = (
    LookupError, TypeError, ValueError, AttributeError, RecursionError, OverflowError,
    pa.ArrowException, OSError, EOFError, csv.Error,
)  # fmt: skip


@dataclass
class Draft:
    """Follows as they are found, in columns, until `follows` makes them whole.

    A class because every reader fills the same columns from loops of its own.
    """

    platform: str
    owner: str = ""
    source: list[str] = field(default_factory=list)
    target: list[str] = field(default_factory=list)
    created_at: list[int | None] = field(default_factory=list)
    clocks: list[tuple[str, str, int | None, int | None, str | None]] = field(default_factory=list)
    lists: list[tuple[str, str, str, int | None]] = field(default_factory=list)
    removed: list[tuple[str, str, int | None, int | None]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    mutual: bool = False

    def add(self, source: str, target: str, created_at: int | None = None) -> None:
        """Take one follow."""
        self.source.append(source)
        self.target.append(target)
        self.created_at.append(created_at)

    def listed(self, account: str, side: str, *, whole: bool, declared: int | None = None) -> None:
        """Say that one list of an account was looked at, and whether to its end."""
        self.lists.append((account, side, "complete" if whole else "capped", declared))

    def follows(self, path: Path) -> Follows:
        """Return what was found; a list that is empty is still a list."""
        columns: list[Any] = [
            pa.array(self.source, pa.large_string()),
            pa.array(self.target, pa.large_string()),
        ]
        if any(at is not None for at in self.created_at):
            columns.append(pa.array(self.created_at, pa.int64()))
        batch = pa.record_batch(columns, ["source", "target", "created_at"][: len(columns)])
        collection = Collection(
            self.platform,
            self.owner,
            self.mutual,
            _table(self.lists, LISTS),
            _table(self.clocks, CLOCKS),
            _table(self.removed, REMOVED),
            tuple(self.notes),
        )
        follows = Follows([batch], str(path), typed=False, collection=collection)
        return mirrored(follows) if self.mutual else follows


def owned(draft: Draft, owner: str) -> str:
    """Settle the owner of an export: as named, else a stand-in, with a note."""
    draft.owner = owner or OWNER
    if not owner:
        draft.notes.append(
            f"the file does not name its owner, who is called {OWNER} here; name it with "
            "owner=NAME (--owner NAME)"
        )
    return draft.owner


def reader(platform: str, cure: str) -> Callable[[Callable[..., Follows]], Callable[..., Follows]]:
    """Turn every fault of a reader into one line that says what, where and the cure."""

    def wrap(function: Callable[..., Follows]) -> Callable[..., Follows]:
        @functools.wraps(function)
        def guarded(path: Path, *arguments: Any, **options: Any) -> Follows:
            try:
                return function(path, *arguments, **options)
            except PermissionError:
                raise
            except _FAULTS as error:
                raise FollowbackError(
                    f"{path} cannot be read as {platform}: {_told(error)}; {cure}"
                ) from error

        return guarded

    return wrap


def text(value: Any, what: str) -> str:
    """Return an id that is there and is text or a whole number, trimmed."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{what} is {'empty' if not value else repr(value)[:40]}")
    value = value.strip()
    value.encode()  # a lone surrogate is no text; this raises a ValueError
    return str(value)


def count(value: Any) -> int | None:
    """Return a declared count, or None where there is none worth the name."""
    usable = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53
    return value if usable else None


def milliseconds(value: Any) -> int | None:
    """Read a time of a platform's file; None where it is missing or not of 1995 to 2100.

    Numbers are seconds (milliseconds and microseconds are told by size); text is ISO
    8601, UTC where no zone is given.

    >>> milliseconds("2026-07-04T14:38:07.396Z"), milliseconds(1_749_860_021)
    (1783175887396, 1749860021000)
    >>> milliseconds("0001-01-01T00:00:00Z"), milliseconds("soon")
    (None, None)
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        for factor in (1000.0, 1.0, 0.001):
            if _FIRST <= value * factor < _LAST:
                return round(value * factor)
        return None
    if not isinstance(value, str):
        return None
    try:
        at = dt.datetime.fromisoformat(value.strip())
        if at.tzinfo is None:
            at = at.replace(tzinfo=dt.UTC)
        stamp = round(at.timestamp() * 1000)
    except (ValueError, OverflowError):
        return None
    return stamp if _FIRST <= stamp < _LAST else None


def _table(rows: list[Any], schema: pa.Schema) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else [[] for _ in schema]
    arrays = [
        pa.array(list(column), kind.type) for column, kind in zip(columns, schema, strict=True)
    ]
    return pa.table(arrays, schema=schema)


def _told(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"the field {str(error)[:60]} is missing"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    return " ".join(str(error).split())[:200] or type(error).__name__
