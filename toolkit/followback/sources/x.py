"""READ X: the archive that an account can ask for, as zip, folder or single file."""

from __future__ import annotations

import re
from collections.abc import Iterator
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
    draft, me = Draft("x"), ""
    sides = set()
    for name, content in _files(path):
        if name == "account.js":
            owner = owner or text(_rows(content, name)[0]["account"]["accountId"], "accountId")
            continue
        me = me or owned(draft, owner)
        kind = _FILE.match(name).group(1)  # type: ignore[union-attr]
        add_ties(draft, me, _KEYS[kind], [(_id(row[kind]), None) for row in _rows(content, name)])
        sides.add(_KEYS[kind])
    if not sides:
        raise ValueError("it holds neither follower.js nor following.js")
    for side in sorted(sides):
        draft.listed(me, side, whole=True)
    return draft.follows(path)


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the files that matter by their short names, account.js first, one at a time."""
    if path.is_file() and not is_zip(path):
        with opened(path) as stream:
            content = bounded(stream, path)
        kind = re.match(rb"\s*window\.YTD\.(follower|following)\.", content)
        if not kind:
            raise ValueError("it holds neither follower nor following")
        yield f"{kind.group(1).decode()}.js", content
        return
    with Members(path) as members:
        wanted = members.find(lambda name: bool(_FILE.match(name)) or name == "account.js")
        short = {PurePosixPath(name).name.lower(): name for name in wanted}
        yield from ((name, members.read(short[name])) for name in sorted(short))


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
