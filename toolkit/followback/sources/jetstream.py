"""READ Jetstream: Bluesky's stream of events, folded into the follows that remain.

Version 1 wraps a commit in ``{did, time_us, kind, commit}``; version 2 writes it
flat, ``{seq, did, time, operation, collection, rkey, record}``, bare or as
``payload``. A delete names only (did, rkey), so creates are remembered by that
key. Events come at least once and may be replayed: of each key the latest counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ._draft import Draft, milliseconds, text

_Known = tuple[str, int | None, int | None, str | None]


def fold(draft: Draft, lines: Iterable[Any]) -> None:
    """Fold events into the draft: follows alive at the end, and those taken back."""
    from .bluesky import settled

    live, removed, tombs, seen = _folded(draft, lines)
    alive = set()
    for (did, _), (subject, claimed, recorded, via) in live.items():
        if did in tombs or subject in tombs:
            removed.append(
                (did, subject, settled(claimed, recorded), tombs.get(did, tombs.get(subject)))
            )
            continue
        alive.add((did, subject))
        draft.add(did, subject, settled(claimed, recorded))
        draft.clocks.append((did, subject, claimed, recorded, via))

    # a follow recorded twice is gone only when both records are
    draft.removed = [row for row in removed if row[:2] not in alive]
    for what, number in seen.items():
        if number:
            draft.notes.append(f"{number:,} {what}")


def _folded(
    draft: Draft, lines: Iterable[Any]
) -> tuple[
    dict[tuple[str, str], _Known],
    list[tuple[str, str, int | None, int | None]],
    dict[str, int | None],
    dict[str, int],
]:
    from .bluesky import COLLECTION, fields

    live: dict[tuple[str, str], _Known] = {}
    latest: dict[tuple[str, str], int] = {}
    tombs: dict[str, int | None] = {}
    unmatched, resynced = 0, 0
    for line in lines:
        body = line.get("payload", line)
        did, order, at = text(body["did"], "the did of an event"), *_clock(body)
        if "account" in body or body.get("kind") == "account":
            _account(body, did, at, tombs)
            continue
        if body.get("kind") == "sync":
            resynced += 1
            continue
        commit = body.get("commit", body)
        if not isinstance(commit, Mapping) or commit.get("collection") != COLLECTION:
            continue

        key = (did, text(commit["rkey"], "the rkey of a commit"))
        if latest.get(key, -1) > order:
            continue  # a replay of what is already known
        latest[key] = order
        if commit["operation"] != "delete":
            live[key] = fields(key[1], commit["record"])
        elif key in live:
            draft.removed.append((did, live[key][0], *_times_of(live.pop(key), at)))
        else:
            unmatched += 1
    notes = {
        "deletions name a follow that was made before the file begins": unmatched,
        "accounts were resynchronised; their follows may have changed unseen": resynced,
    }
    return live, draft.removed, tombs, notes


def _clock(body: Mapping[str, Any]) -> tuple[int, int | None]:
    """Return what orders an event, and its time in milliseconds."""
    if isinstance(body.get("time_us"), int):
        return body["time_us"], milliseconds(body["time_us"])
    at = milliseconds(body.get("time"))
    order = body.get("seq")
    return (order if isinstance(order, int) else at or 0), at


def _account(
    body: Mapping[str, Any], did: str, at: int | None, tombs: dict[str, int | None]
) -> None:
    """Note that an account was deleted, or came back."""
    state = body.get("account", body)
    if state.get("active") is False and state.get("status") == "deleted":
        tombs[did] = at
    elif state.get("active") is True:
        tombs.pop(did, None)


def _times_of(known: _Known, at: int | None) -> tuple[int | None, int | None]:
    from .bluesky import settled

    return settled(known[1], known[2]), at
