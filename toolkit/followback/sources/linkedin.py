"""READ LinkedIn: Connections.csv; names and e-mail addresses are dropped on reading."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path

from ._archive import Members, bounded, is_zip, opened
from ._draft import Draft, owned, reader, text
from ._follows import Follows

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@reader("LinkedIn's Connections.csv", "export your connections again")
def read_linkedin(path: Path, owner: str = "") -> Follows:
    """Read the connections of a LinkedIn export: mutual by construction, keyed by URL.

    The lines of notes above the header are skipped. Of every row only the profile's URL
    and the day are kept. Connections who hide their URL are counted and left out.

    Parameters
    ----------
    path
        Connections.csv, or the zip or folder that holds it.
    owner
        The owner's profile URL or any name for it.
    """
    rows = list(csv.reader(io.StringIO(_content(path), newline=""), strict=True))
    start = next((k for k, row in enumerate(rows) if "URL" in row and "Connected On" in row), None)
    if start is None:
        raise ValueError("no row names the columns URL and Connected On")
    link, day = rows[start].index("URL"), rows[start].index("Connected On")
    draft = Draft("linkedin", mutual=True)
    me, hidden = owned(draft, owner), 0
    for number, row in enumerate(rows[start + 1 :], start=start + 2):
        if not row:
            continue
        if len(row) != len(rows[start]):
            raise ValueError(f"row {number} has {len(row)} cells, the header {len(rows[start])}")
        if not row[link].strip():
            hidden += 1
            continue
        draft.add(me, text(row[link], f"the URL of row {number}"), _day(row[day]))
    if hidden:
        draft.notes.append(f"{hidden:,} connections hide their URL and are left out")
    for side in ("followers", "following"):
        draft.listed(me, side, whole=not hidden)
    return draft.follows(path)


def _content(path: Path) -> str:
    if path.is_file() and not is_zip(path):
        with opened(path) as stream:
            return bounded(stream, path).decode("utf-8-sig")
    with Members(path) as members:
        names = members.find(lambda name: name == "connections.csv")
        if not names:
            raise ValueError("it holds no Connections.csv")
        return members.read(names[0]).decode("utf-8-sig")


def _day(cell: str) -> int | None:
    """Read ``16 Dec 2025`` as the first millisecond of that day in UTC."""
    parts = cell.split()
    if len(parts) != 3 or parts[1][:3].lower() not in _MONTHS:
        return None
    month = _MONTHS.index(parts[1][:3].lower()) + 1
    try:
        at = dt.datetime(int(parts[2]), month, int(parts[0]), tzinfo=dt.UTC)
    except ValueError:
        return None
    return round(at.timestamp() * 1000)
