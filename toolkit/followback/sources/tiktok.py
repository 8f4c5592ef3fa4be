"""READ TikTok: the export as JSON or TXT, old layout and new, from zip, folder or file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from .._html import visible
from ._archive import Members, bounded, is_zip, opened
from ._draft import Draft, milliseconds, owned, reader, text
from ._follows import Follows
from ._json import parsed
from ._sides import add_ties, side_of

_JSON = re.compile(r"^user_data.*\.json$")
_TXT = re.compile(r"^(follower|following)( list)?s?\.txt$")
_ENTRY = re.compile(r"(?im)^date:([^\n]+)\nuser ?name:[ \t]*(\S+)")


@reader("a TikTok export", "ask for the export again, in the format JSON")
def read_tiktok(path: Path, owner: str = "") -> Follows:
    """Read followers and following of a TikTok export.

    Known are ``Activity -> Follower List -> FansList``, ``Profile And Settings ->
    Follower -> FansList``, their twins for Following, and the TXT form. The export
    states no time zone; times are read as UTC.

    Parameters
    ----------
    path
        The zip, the unpacked folder, or one file.
    owner
        The owner's user name, where the export does not tell it.
    """
    found: dict[str, list[tuple[str, int | None]]] = {}
    for name, content in _files(path):
        if name.lower().endswith(".txt"):
            found.setdefault(side_of(Path(name)), []).extend(_text_entries(content, name))
        else:
            document = parsed(content, f"{path}, file {visible(name)}")
            owner = owner or _owner(document)
            for side, rows in _lists(document):
                found.setdefault(side, []).extend(_people(rows))
    if not found:
        raise ValueError("it holds neither FansList nor Following")
    draft = Draft("tiktok")
    me = owned(draft, owner)
    for side, people in sorted(found.items()):
        add_ties(draft, me, side, people)
        draft.listed(me, side, whole=True)
    draft.notes.append("the export states no time zone; its times are read as UTC")
    return draft.follows(path)


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.is_file() and not is_zip(path):
        with opened(path) as stream:
            yield path.name, bounded(stream, path)
        return
    with Members(path) as members:
        names = members.find(lambda name: bool(_JSON.match(name) or _TXT.match(name)))
        for name in names:
            yield PurePosixPath(name).name, members.read(name)


def _lists(document: Any) -> Iterator[tuple[str, list[Any]]]:
    """Yield each side's list, wherever this version of the export keeps it."""
    for part in ("Activity", "Profile And Settings"):
        section = document.get(part) or {}
        for key, inner, side in (
            ("Follower List", "FansList", "followers"),
            ("Follower", "FansList", "followers"),
            ("Following List", "Following", "following"),
            ("Following", "Following", "following"),
        ):
            if isinstance(section.get(key), dict) and inner in section[key]:
                yield side, section[key][inner] or []  # an empty list is written as null


def _people(rows: list[Any]) -> list[tuple[str, int | None]]:
    return [
        (text(row["UserName"], "a UserName"), milliseconds(_date(row.get("Date")))) for row in rows
    ]


def _owner(document: Any) -> str:
    for part in ("Profile", "Profile And Settings"):
        for key in ("Profile Information", "Profile Info"):
            name = ((document.get(part) or {}).get(key) or {}).get("ProfileMap", {}).get("userName")
            if isinstance(name, str) and name.strip():
                return name.strip()
    return ""


def _text_entries(content: bytes, name: str) -> list[tuple[str, int | None]]:
    entries = _ENTRY.findall(content.decode("utf-8-sig").replace("\r\n", "\n"))
    if not entries:
        raise ValueError(f"{visible(name)} holds no 'Date:' with a 'Username:' below it")
    return [(who, milliseconds(_date(date))) for date, who in entries]


def _date(value: Any) -> Any:
    return value.strip().removesuffix("UTC").strip() if isinstance(value, str) else None
