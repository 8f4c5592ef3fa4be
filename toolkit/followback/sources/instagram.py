"""READ Instagram: the JSON export, in every layout it has had, from zip, folder or file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from .._errors import FollowbackError
from .._html import visible
from ._archive import Members, bounded, is_zip, opened
from ._draft import Draft, milliseconds, owned, reader, text
from ._follows import Follows
from ._json import parsed
from ._sides import add_ties

_FILE = re.compile(
    r"^(followers(_\d+)?|following(_\d+)?|recently_unfollowed\w*|unfollowed\w*)\.json$"
)
_OWNER = re.compile(r"^instagram-(.+?)-\d{4}-\d{2}-\d{2}")
_HTML = re.compile(r"^(followers(_\d+)?|following(_\d+)?)\.html$")


@reader("an Instagram export", "ask for the export again, in the format JSON")
def read_instagram(path: Path, owner: str = "") -> Follows:
    """Read followers, following and recent unfollows of an Instagram export.

    Known are the layouts with ``string_list_data`` (with the name as value, in the
    title, or in the link alone) and with ``label_values``. The owner stands in
    nothing but the name of the zip. Unfollows go to ``Collection.removed``; when the
    follow was made is not told.

    Parameters
    ----------
    path
        The zip, the unpacked folder, or one file.
    owner
        The owner's user name, where the zip's name does not tell it.
    """
    named = _OWNER.match(path.name)
    draft = Draft("instagram")
    me = owned(draft, owner or (named.group(1) if named else ""))
    sides = set()
    for name, document in _documents(path):
        side, rows = _side(name, document)
        people = [_person(row, f"{name}, entry {k}") for k, row in enumerate(rows, start=1)]
        if side == "unfollowed":
            draft.removed += [(me, who, None, at) for who, at in people]
            continue
        add_ties(draft, me, side, people)
        sides.add(side)
    for side in sorted(sides):
        draft.listed(me, side, whole=True)
    return draft.follows(path)


def _documents(path: Path) -> Iterator[tuple[str, Any]]:
    if path.is_file() and not is_zip(path):
        with opened(path) as stream:
            yield path.name, parsed(bounded(stream, path), str(path))
        return
    with Members(path) as members:
        names = members.find(lambda name: bool(_FILE.match(name)))
        if not names and members.find(lambda name: bool(_HTML.match(name))):
            raise FollowbackError(
                f"{path} is an Instagram export in HTML; ask for it again in the format JSON"
            )
        if not names:
            raise ValueError("it holds neither followers_1.json nor following.json")
        for name in names:
            yield (
                PurePosixPath(name).name,
                parsed(members.read(name), f"{path}, file {visible(name)}"),
            )


def _side(name: str, document: Any) -> tuple[str, list[Any]]:
    """Tell the side from the document's key, else from the file's name."""
    if isinstance(document, dict):
        for key, side in (
            ("relationships_followers", "followers"),
            ("relationships_following", "following"),
            ("relationships_unfollowed_users", "unfollowed"),
        ):
            if key in document:
                return side, _list(document[key])
        return _by_name(name), [document]
    return _by_name(name), _list(document)


def _by_name(name: str) -> str:
    if "unfollow" in name.lower():
        return "unfollowed"
    return "following" if "following" in name.lower() else "followers"


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("it holds no list of accounts")
    return value


def _person(row: Any, where: str) -> tuple[str, int | None]:
    """Return the user name of an entry, and its time, in any layout."""
    if "label_values" in row:
        name = _labelled(row["label_values"], 0)
        return _whole(text(name, f"the Username of {where}")), milliseconds(row.get("timestamp"))
    data = row.get("string_list_data") or [{}]
    first = data[0]
    link = first.get("href") or ""
    name = first.get("value") or row.get("title") or urlsplit(link).path.rstrip("/").split("/")[-1]
    return _whole(text(name, f"the name of {where}")), milliseconds(first.get("timestamp"))


def _labelled(values: Any, depth: int) -> Any:
    """Find the value labelled Username, in the list or nested in ``dict``."""
    if depth > 8:
        raise ValueError("its labels are nested too deeply")
    for item in values:
        if item.get("label") == "Username":
            return item.get("value")
        for inner in item.get("dict") or []:
            found = _labelled(inner.get("dict") or [inner], depth + 1)
            if found:
                return found
    return None


def _whole(name: str) -> str:
    """Mend text that Instagram writes as UTF-8 bytes taken for Latin-1."""
    try:
        return name.encode("latin-1").decode()
    except (UnicodeEncodeError, UnicodeDecodeError):
        return name
