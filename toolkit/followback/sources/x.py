"""READ X: the archive that an account can ask for, as zip, folder or single file."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import Any

from ._archive import Members, bounded, is_zip, opened
from ._draft import Draft, owned, reader, text
from ._follows import Follows
from ._json import parsed
from ._sides import add_ties

_FILE = re.compile(r"^(follower|following)(-part\d+)?\.js$")
_KEYS = {"follower": "followers", "following": "following"}


@reader("an X archive", "download the archive again")
def read_x(path: Path, owner: str = "") -> Follows:
    """Read follower.js and following.js, with their parts, of an X archive.

    Ids are X's numbers; the archive holds no time and no handle. The owner comes from
    ``account.js``.

    Parameters
    ----------
    path
        The zip, the unpacked folder, or one of the two files.
    owner
        The owner's id, where account.js is missing.
    """
    files = _files(path)
    account = files.pop("account.js", None)
    if account and not owner:
        owner = text(_rows(account, "account.js")[0]["account"]["accountId"], "accountId")
    draft = Draft("x")
    me = owned(draft, owner)
    sides = set()
    for name in sorted(files):
        kind = _FILE.match(name).group(1)  # type: ignore[union-attr]
        others = [(_id(row[kind]), None) for row in _rows(files[name], name)]
        add_ties(draft, me, _KEYS[kind], others)
        sides.add(_KEYS[kind])
    for side in sorted(sides):
        draft.listed(me, side, whole=True)
    return draft.follows(path)


def _files(path: Path) -> dict[str, bytes]:
    """Return the files that matter by their short names."""
    if path.is_file() and not is_zip(path):
        with opened(path) as stream:
            content = bounded(stream, path)
        kind = re.match(rb"\s*window\.YTD\.(follower|following)\.", content)
        if not kind:
            raise ValueError("it holds neither follower nor following")
        return {f"{kind.group(1).decode()}.js": content}
    with Members(path) as members:
        wanted = members.find(lambda name: bool(_FILE.match(name)) or name == "account.js")
        found = {PurePosixPath(name).name.lower(): members.read(name) for name in wanted}
    if not set(found) - {"account.js"}:
        raise ValueError("it holds neither follower.js nor following.js")
    return found


def _rows(content: bytes, name: str) -> list[Any]:
    """Parse ``window.YTD.… = [ … ]``: all before the first bracket is no JSON."""
    start = content.find(b"[")
    if start < 0:
        raise ValueError(f"{name} holds no list")
    rows: list[Any] = parsed(content[start:].rstrip(b" \t\r\n;"), name)
    return rows


def _id(row: Any) -> str:
    """Return an account's id; some rows have it in their link alone."""
    if row.get("accountId"):
        return text(row["accountId"], "accountId")
    link = re.search(r"user_id=(\d+)", text(row.get("userLink"), "userLink"))
    if not link:
        raise ValueError("a row has neither accountId nor an id in userLink")
    return link.group(1)
