"""The folder of reports: what is in it, a gallery of it, and sweeping it out."""

from __future__ import annotations

import os
import shutil
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._errors import CallError
from . import record as _record

if TYPE_CHECKING:
    import pandas as pd


def runs(out: str | os.PathLike[str] = "reports") -> pd.DataFrame:
    """Return the runs in a folder, newest first.

    Parameters
    ----------
    out
        The folder that runs are kept in; where there is none, there is no run.

    Returns
    -------
    pandas.DataFrame
        One row a run: ``run`` (its folder's name), ``status``, ``title``, ``ended``
        (UTC), ``seconds``, ``parameters`` (as name=value) and ``headline``.

    Examples
    --------
    >>> list(runs("nowhere"))
    ['run', 'status', 'title', 'ended', 'seconds', 'parameters', 'headline']
    """
    import pandas as pd

    columns = ["run", "status", "title", "ended", "seconds", "parameters", "headline"]
    rows = []
    for name, record in _records(Path(out)):
        asked = "; ".join(f"{p['name']}={p['shown']}" for p in record["parameters"])
        headline = "; ".join(f"{_figure(v)} {k}" for k, v in record.get("headline", {}).items())
        rows.append(
            [
                name,
                record["status"],
                record["title"],
                record["ended"],
                _seconds(record),
                asked,
                headline,
            ]
        )
    return pd.DataFrame(rows, columns=columns)


def clean(
    out: str | os.PathLike[str] = "reports", *, keep: int | None = None, dry_run: bool = False
) -> list[str]:
    """Remove failed runs and what killed ones left, and return the names of what went.

    Parameters
    ----------
    out
        The folder that runs are kept in.
    keep
        Also remove all finished runs but the newest so many.
    dry_run
        Only tell.

    Returns
    -------
    list of str
        Names in ``out``.

    Raises
    ------
    CallError
        There is no such folder, or ``keep`` is negative.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as out:
    ...     (Path(out) / ".test-1a2b-draft").mkdir()  # what a killed run leaves
    ...     clean(out)
    ['.test-1a2b-draft']
    """
    place = Path(out)
    if not place.is_dir():
        raise CallError(f"there is no folder {place}; name the one that runs are kept in")
    if keep is not None and keep < 0:
        raise CallError(f"cannot keep {keep} runs; give 0 or more")
    records = _records(place)
    gone = [name for name, record in records if record["status"] != "ok"]
    if keep is not None:
        gone += [name for name, record in records if record["status"] == "ok"][keep:]
    gone += [draft for draft in _drafts(place) if _left_behind(place, draft)]
    if not dry_run:
        from ..report import recover

        for name in gone:
            if name.startswith("."):
                recover(place.resolve() / _run_of(name))
            else:
                shutil.rmtree(place / name, ignore_errors=True)
        write_index(place)
    return gone


def write_index(place: Path) -> None:
    """Write ``index.html``, the gallery of the runs in a folder."""
    from filelock import FileLock

    locks = place / ".locks"
    locks.mkdir(exist_ok=True)
    with FileLock(locks / "index"):  # what is written last has seen most
        _write_index(place)


def _write_index(place: Path) -> None:
    from ..files import whole
    from .pages import script_hash, text_of

    script = text_of("gallery.js")
    cards = "".join(_card(place, name, record) for name, record in _records(place))
    page = text_of("gallery.html")
    for mark, text in (
        ("{{ hash }}", script_hash(script)),
        ("{{ style }}", text_of("style.css")),
        ("{{ script }}", script),
        ("{{ cards }}", cards or "<p>There is no run yet.</p>"),
    ):
        page = page.replace(mark, text)
    with whole(place / "index.html") as draft:
        draft.write_text(page, encoding="utf-8")


def _records(place: Path) -> list[tuple[str, dict[str, Any]]]:
    """Return the runs that ended, newest first."""
    if not place.is_dir():
        return []
    folders = sorted(f for f in place.iterdir() if f.is_dir() and not f.name.startswith("."))
    found = [(f.name, record) for f in folders if (record := _record.read(f)) and "ended" in record]
    return sorted(found, key=lambda pair: pair[1]["ended"], reverse=True)


def _drafts(place: Path) -> list[str]:
    return sorted(f.name for f in place.glob(".*-*-*") if f.is_dir())


def _run_of(draft: str) -> str:
    """Return the run's name from its draft's, ``.name-random``."""
    return draft.removeprefix(".").rpartition("-")[0]


def _left_behind(place: Path, draft: str) -> bool:
    """Return whether nobody works in a draft: its run's lock is free."""
    from filelock import FileLock, Timeout

    locks = place / ".locks"
    locks.mkdir(exist_ok=True)
    try:
        with FileLock(locks / _run_of(draft), blocking=False):
            return True
    except Timeout:
        return False


def _figure(value: float) -> str:
    """Write a headline figure: whole numbers whole, shares to three places."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.3f}"


def _seconds(record: dict[str, Any]) -> float:
    from datetime import datetime

    begun, ended = (datetime.fromisoformat(record[name]) for name in ("started", "ended"))
    return (ended - begun).total_seconds()


def _card(place: Path, name: str, record: dict[str, Any]) -> str:
    from urllib.parse import quote

    from .._html import visible

    ok = record["status"] == "ok"
    link = quote(f"{name}/{'report.html' if ok else 'partial.ipynb'}")
    figures = sorted((place / name / "figures").glob("*.png")) if ok else []
    picture = (
        f"<img alt='' loading='lazy' src='{quote(f'{name}/figures/{figures[0].name}')}'>"
        if figures
        else ""
    )
    given = [p for p in record["parameters"] if "given" in p]  # the rest are defaults
    asked = ", ".join(f"{p['name']} = {visible(p['shown']) or '–'}" for p in given)
    headline = " · ".join(
        f"{_figure(value)} {what}" for what, value in record.get("headline", {}).items()
    )
    failed = "" if ok else f"<p class='strong'>{escape(record['status'])}: not finished</p>"
    return (
        f"<article><a href='{link}'>{picture}<h2>{escape(visible(record['title'], 120))}</h2></a>{failed}"
        f"<p>{escape(headline)}</p><p class='asked'>{escape(asked)}</p>"
        f"<p class='asked'><time>{escape(record['ended'][:16].replace('T', ' '))}</time> UTC · "
        f"<code>{escape(name)}</code></p></article>"
    )
