"""READ twarc: what twarc2 and twarc collected of followers and following on X."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ._archive import bounded, opened
from ._draft import Draft, owned, reader, text
from ._follows import Follows
from ._json import records
from ._sides import add_ties, side_of

_URL = re.compile(r"/users/(\d+)/(followers|following)")


@reader("twarc's output", "collect it again, or cut the last line")
def read_twarc(path: Path, owner: str = "") -> Follows:
    """Read ``twarc2 followers|following`` JSONL, flattened or not, or twarc's bare ids.

    twarc2 keeps the target in ``__twarc.url`` alone. A list is complete if the last
    page has no ``next_token``; flattened files do not tell. Bare ids, one a line, name
    no target: give the owner, and let the file's name hold followers or friends.

    Parameters
    ----------
    path
        The file.
    owner
        The account whose list bare ids are.
    """
    draft = Draft("x")
    with opened(path) as stream:
        head = stream.read(64).lstrip(b"\xef\xbb\xbf \r\n\t")
    if head[:1] != b"{":
        _bare(draft, path, owner)
        return draft.follows(path)

    states: dict[tuple[str, str], bool | None] = {}
    for line in records(path):
        found = _URL.search(text(line["__twarc"]["url"], "__twarc.url"))
        if not found:
            raise ValueError("__twarc.url names no followers or following of an account")
        target, side = found.groups()
        add_ties(draft, target, side, [(text(user["id"], "id"), None) for user in _users(line)])
        if "meta" in line:
            states[target, side] = "next_token" not in line["meta"]
        else:
            states.setdefault((target, side), None)
    for (target, side), whole in states.items():
        if whole is not None:
            draft.listed(target, side, whole=whole)
        else:
            draft.notes.append(f"the file does not tell whether all {side} of {target} are in it")
    return draft.follows(path)


def _users(line: Any) -> list[Any]:
    if "id" in line:
        return [line]  # flattened
    users = line.get("data", [])
    return users if isinstance(users, list) else [users]


def _bare(draft: Draft, path: Path, owner: str) -> None:
    me, side = owned(draft, owner), side_of(path)
    with opened(path) as stream:
        lines = bounded(stream, path).decode("utf-8-sig").split()
    for k, line in enumerate(lines, start=1):
        if not line.isdecimal() or len(line) > 19:
            raise ValueError(f"line {k}: {line[:40]!r} is no id")
    add_ties(draft, me, side, [(line, None) for line in lines])
