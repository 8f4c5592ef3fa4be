"""READ Bluesky: follow records, pages of followers and follows, repositories, Jetstream.

An account is its DID. A follow has two clocks: ``createdAt``, which the client
claims, and the time in the record's key. The claimed time is taken unless it is
missing, no time of 1995 to 2100, or a day or more off the key's; both are kept in
``Collection.clocks`` with the starter pack a follow came from (``via``).
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from ..collection import disagreeing
from . import car
from ._draft import _FIRST, _LAST, Draft, count, milliseconds, reader, text
from ._follows import Follows
from ._json import records

COLLECTION = "app.bsky.graph.follow"
_LETTERS = {letter: k for k, letter in enumerate("234567abcdefghijklmnopqrstuvwxyz")}
_DAY = 86_400_000


@reader("Bluesky", "fetch the records again")
def read_bluesky(path: Path, owner: str = "") -> Follows:
    """Read what Bluesky hands out about follows, in any of its forms.

    Known are: ``com.atproto.repo.listRecords`` (a page, pages one a line, or single
    records with their ``uri``), ``app.bsky.graph.getFollowers`` and ``getFollows``
    pages, Jetstream lines of version 1 and 2 (see `jetstream`), and a repository as
    CAR file. A list is complete if its last page has no cursor.

    Parameters
    ----------
    path
        The file.
    owner
        The DID whose records these are, where the records do not say.
    """
    with path.open("rb") as file:
        head = file.read(128)
    draft = Draft("bluesky", owner)
    if car.is_car(head):
        did, found = car.follow_records(path)
        draft.owner = did
        for key, record in found:
            take(draft, did, key, record)
        draft.listed(did, "following", whole=True)
        return finished(draft, path)

    lines = records(path)
    first = next(lines, None)
    lines = chain([first] if first is not None else [], lines)
    if isinstance(first, Mapping) and is_event(first):
        from .jetstream import fold

        fold(draft, lines)
    else:
        for line in lines:
            _document(draft, line, owner)
        _pages(draft)
    return finished(draft, path)


def is_event(line: Mapping[str, Any]) -> bool:
    """Say whether a line is one of Jetstream."""
    body = line.get("payload", line)
    return isinstance(body, Mapping) and "did" in body and ("kind" in body or "operation" in body)


def take(draft: Draft, did: str, key: str, record: Mapping[str, Any]) -> None:
    """Take one follow record of the account ``did``."""
    subject, claimed, recorded, via = fields(key, record)
    draft.add(did, subject, settled(claimed, recorded))
    draft.clocks.append((did, subject, claimed, recorded, via))


def fields(key: str, record: Mapping[str, Any]) -> tuple[str, int | None, int | None, str | None]:
    """Return a record's subject, its two clocks, and what it came by."""
    via = record.get("via")
    pack = via.get("uri") if isinstance(via, Mapping) else None
    return (
        text(record["subject"], "the subject of a follow"),
        milliseconds(record.get("createdAt")),
        key_time(key),
        pack if isinstance(pack, str) else None,
    )


def key_time(key: str) -> int | None:
    """Return the time in a record's key (TID) in milliseconds, None where it holds none.

    Thirteen letters of base 32; the upper bits count microseconds since 1970.

    >>> key_time("3mptbypmibb2v")
    1783175887534
    >>> key_time("self")
    """
    if len(key) != 13 or any(letter not in _LETTERS for letter in key):
        return None
    value = 0
    for letter in key:
        value = value * 32 + _LETTERS[letter]
    stamp = (value >> 10) // 1000
    return stamp if _FIRST <= stamp < _LAST else None


def settled(claimed: int | None, recorded: int | None) -> int | None:
    """Choose between the two clocks: the claimed time, unless the key's is a day off."""
    if claimed is None or (recorded is not None and abs(claimed - recorded) >= _DAY):
        return recorded
    return claimed


def finished(draft: Draft, path: Path) -> Follows:
    """Add what the clocks say and return the follows."""
    follows = draft.follows(path)
    off = int(np.count_nonzero(disagreeing(follows.collection.clocks)))
    if not off:
        return follows
    draft.notes.append(
        f"the claimed time of {off:,} of {len(draft.clocks):,} follows is missing or a day or more "
        "off the record key's, which is taken instead"
    )
    return draft.follows(path)


def _document(draft: Draft, line: Any, owner: str) -> None:
    """Take one document: a page of records, one record, or a page of profiles."""
    if isinstance(line.get("records"), list):
        did = owner
        for item in line["records"]:
            did = _record(draft, item, owner)
        if did:
            draft.lists.append((did, "following", _state(line), None))
    elif (
        "uri" in line or "value" in line or ("subject" in line and isinstance(line["subject"], str))
    ):
        _record(draft, line, owner)
    else:
        _profiles(draft, line)


def _record(draft: Draft, item: Mapping[str, Any], owner: str) -> str:
    uri = item.get("uri", "")
    parts = uri.split("/") if isinstance(uri, str) else []
    if len(parts) == 5 and parts[0] == "at:":
        did, kind, key = text(parts[2], "the account of a record"), parts[3], parts[4]
        if kind != COLLECTION:
            return did
    else:
        did, key = text(item.get("did", item.get("repo", owner)), "the account of a record"), ""
        key = item.get("rkey", "") if isinstance(item.get("rkey", ""), str) else ""
    take(draft, did, key, item.get("value", item.get("record", item)))
    return did


def _profiles(draft: Draft, page: Mapping[str, Any]) -> None:
    """Take a page of getFollowers or getFollows; neither says when."""
    side = "followers" if "followers" in page else "following"
    profiles = page["followers" if side == "followers" else "follows"]
    subject = text(page["subject"]["did"], "the subject of a page")
    for profile in profiles:
        other = text(profile["did"], "the did of a profile")
        if side == "followers":
            draft.add(other, subject)
        else:
            draft.add(subject, other)
    declared = page["subject"].get("followersCount" if side == "followers" else "followsCount")
    draft.lists.append((subject, side, _state(page), count(declared)))


def _state(page: Mapping[str, Any]) -> str:
    return "capped" if page.get("cursor") else "complete"


def _pages(draft: Draft) -> None:
    """Keep the last page's word on each list: no cursor, so it was read to its end."""
    draft.lists = list({row[:2]: row for row in draft.lists}.values())
