"""Tell a format from a file's content, never from its name alone."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from .._errors import CallError, FollowbackError
from . import car
from ._archive import Members, is_zip, opened
from .edgelists import is_gephi

_HEAD = 1 << 16
_BEGINNINGS = (
    ("x", re.compile(r"\Awindow\.YTD\.")),
    ("matrixmarket", re.compile(r"(?i)\A%%matrixmarket")),
    ("pajek", re.compile(r"(?i)\A\*(vertices|network|arcs|edges)")),
    ("konect", re.compile(r"(?i)\A%\s*(a?sym|bip)\b")),
    ("mastodon", re.compile(r"(?i)\Aaccount address\b")),
    ("snap", re.compile(r"(?im)\A#(.*\n#)*.*\bundirected graph")),
    ("linkedin", re.compile(r"(?m)^First Name,Last Name,URL,")),
    ("tiktok", re.compile(r"(?i)\Adate:[^\n]*\r?\nuser ?name:")),
)
_INSIDE = (
    ("x", re.compile(r"(^|/)(follower|following)(-part\d+)?\.js$")),
    ("instagram", re.compile(r"(^|/)(followers(_\d+)?|following)\.(json|html)$")),
    ("tiktok", re.compile(r"(?i)(^|/)(user_data[^/]*\.json|(follower|following)( list)?\.txt)$")),
    ("linkedin", re.compile(r"(^|/)Connections\.csv$")),
)


def format_of(path: Path) -> str:
    """Return the name of the format, ``text`` where nothing more special is told."""
    if path.is_dir():
        return _inside(path)
    with path.open("rb") as file:
        magic = file.read(128)
    if magic[:4] == b"PAR1":
        return "parquet"
    if magic[:6] == b"ARROW1" or magic[:4] == b"\xff\xff\xff\xff":
        return "arrow"
    if is_zip(path):
        return _inside(path)
    if car.is_car(magic):
        return "bluesky"
    head = head_of(path)
    return _of_text(head.lstrip("\ufeff \r\n\t"), path) if head else "text"


def head_of(path: Path) -> str:
    """Return the first 64 kB as text; empty where it is none, or cannot be read."""
    try:
        with opened(path) as stream:
            raw = stream.read(_HEAD)
    except (OSError, pa.ArrowException):
        return ""
    return "" if b"\0" in raw else bytes(raw).decode("utf-8", errors="replace")


def _inside(path: Path) -> str:
    """Tell an export by the files that it holds."""
    if path.is_dir() and (path / "graph.json").is_file():
        return "graph"
    try:
        with Members(path) as members:
            names = members.names
    except zipfile.LargeZipFile as error:
        raise FollowbackError(f"{path} cannot be read as a zip archive") from error
    for kind, wanted in _INSIDE:
        if any(wanted.search(name) for name in names):
            return kind
    if any(name.lower().endswith((".zip", ".tar", ".gz", ".7z")) for name in names):
        raise FollowbackError(
            f"{path} holds archives within an archive; unpack it once and try again"
        )
    if path.is_dir():
        raise CallError(f"{path} is a folder; name the file of follows inside it")
    raise FollowbackError(
        f"{path} is a zip archive that holds no export known here; unpack it and name the file"
    )


def _of_text(head: str, path: Path) -> str:
    if head.startswith(("[", "{")):
        return _of_json(head, path)
    if head.startswith("<"):
        return _of_markup(head, path)
    if is_gephi(head.partition("\n")[0]):
        return "gephi"
    return next((kind for kind, wanted in _BEGINNINGS if wanted.search(head)), "text")


def _of_markup(head: str, path: Path) -> str:
    if "<graphml" in head:
        return "graphml"
    if "<gexf" in head:
        return "gexf"
    if re.search(r"(?i)<html|<!doctype html", head[:2048]):
        raise FollowbackError(
            f"{path} looks like HTML or XML; ask the platform for the export again, in the format JSON"
        )
    return "text"


def _of_json(head: str, path: Path) -> str:
    """Tell a platform by the fields of the first object; of a cut head by their names."""
    document = _first_value(head)
    if isinstance(document, list):
        document = document[0] if document else None
    names = set(document) if isinstance(document, Mapping) else set(_NAMES.findall(head))
    for kind, wanted in _FIELDS:
        if any(group <= names for group in wanted):
            return kind
    if re.match(r"user_data.*\.json$", path.name):
        return "tiktok"  # its lists may begin far behind the head
    if "friends_v2" in names:
        raise FollowbackError(
            f"{path} lists friends by name alone, which tells no two people apart; it is not used"
        )
    if isinstance(document, Mapping | type(None)) or names:
        raise FollowbackError(
            f"{path} looks like JSON of a kind that is not known here; name the format (--format) or "
            "convert it to CSV with the columns source and target"
        )
    return "text"  # a bracket at the start of a row of something else


_NAMES = re.compile(r'"([^"\\]{1,60})"\s*:')
_FIELDS: tuple[tuple[str, tuple[set[str], ...]], ...] = (
    ("twarc", ({"__twarc"},)),
    ("bluesky", ({"records"}, {"did", "kind"}, {"did", "operation"}, {"payload"}, {"uri", "value"},
                 {"subject", "followers"}, {"subject", "follows"}, {"$type", "subject"})),
    ("instagram", ({"string_list_data"}, {"label_values"}, {"relationships_followers"},
                   {"relationships_following"}, {"relationships_unfollowed_users"})),
    ("tiktok", ({"Activity"}, {"Profile And Settings"})),
    ("mastodon", ({"acct", "id"},)),
    ("github", ({"login", "id"},)),
)  # fmt: skip


def _first_value(head: str) -> Any:
    try:
        return json.JSONDecoder().raw_decode(head)[0]
    except (ValueError, RecursionError):
        return None
