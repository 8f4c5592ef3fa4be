"""Fetching well-known public graphs that a user asks for by name, with a checksum."""

from __future__ import annotations

import hashlib
import json
import shutil
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ._errors import CallError, FollowbackError, install
from .files import whole

_CHUNK = 1 << 20
_SECONDS = 60  # without a byte from the server


@dataclass(frozen=True)
class Known:
    """A public graph: where it lies, how to read it, what it is."""

    url: str
    about: str
    mutual: bool = False


_SNAP = "https://snap.stanford.edu/data/"
KNOWN = {
    "epinions": Known(f"{_SNAP}soc-Epinions1.txt.gz", "who trusts whom, Epinions"),
    "livejournal": Known(f"{_SNAP}soc-LiveJournal1.txt.gz", "who befriends whom, LiveJournal"),
    "pokec": Known(f"{_SNAP}soc-pokec-relationships.txt.gz", "who befriends whom, Pokec"),
    "slashdot": Known(f"{_SNAP}soc-Slashdot0902.txt.gz", "who tags whom, Slashdot"),
    "twitter-ego": Known(f"{_SNAP}twitter_combined.txt.gz", "follows within circles, Twitter"),
    "wiki-vote": Known(f"{_SNAP}wiki-Vote.txt.gz", "who votes for whom, Wikipedia"),
}


def fetch(name: str, folder: Path | None = None, *, sha256: str = "") -> Path:
    """Download a public graph, or return it if it is there already.

    A download that breaks off goes on where it stopped. The checksum is the one given;
    else the one noted beside the file when it was first fetched. None is built in:
    without ``sha256`` the first download is taken on trust, as the note says.

    Parameters
    ----------
    name
        One of ``followback.downloads.KNOWN``, or an https address.
    folder
        Where to keep it; left out, the user's cache folder.
    sha256
        What the file's SHA-256 must be, in hexadecimal digits.

    Returns
    -------
    pathlib.Path
        The file, for `followback.read`.

    Raises
    ------
    CallError
        The name is not known.
    FollowbackError
        The server cannot be reached, or the file is not the one expected.
    """
    try:
        import pooch
    except ModuleNotFoundError as error:
        raise CallError(f"downloads need pooch; {install('fetch')}") from error

    place = Path(folder) if folder is not None else Path(pooch.os_cache("followback"))
    url = _address(name)
    file = place / url.rsplit("/", 1)[1]
    note = file.with_name(file.name + ".sha256.json")
    expected = sha256.lower() or _noted(note, url)
    try:
        found = pooch.retrieve(
            url, f"sha256:{expected}" if expected else None, file.name, place, downloader=_resumed
        )
    except ValueError as error:
        raise FollowbackError(
            f"{url} is not the file expected (SHA-256 {expected[:12]}…); it may have been changed, "
            "delete its note to take the new one on trust"
        ) from error
    except (urllib.error.URLError, OSError) as error:
        raise FollowbackError(
            f"{url} cannot be fetched: {' '.join(str(error).split())[:120]}; try again, what has "
            "arrived is kept"
        ) from error
    if not expected:
        with whole(note) as draft:
            text = json.dumps({"sha256": _digest(Path(found)), "url": url}, indent=1)
            draft.write_text(text + "\n", encoding="utf-8")
    return Path(found)


def _address(name: str) -> str:
    if name in KNOWN:
        return KNOWN[name].url
    if name.startswith(
        ("https://", "http://127.0.0.1:", "http://localhost:")
    ) and not name.endswith("/"):
        return name.partition("?")[0]
    raise CallError(f"no public graph is called {name!r}; choose one of {', '.join(KNOWN)}")


def _noted(note: Path, url: str) -> str:
    try:
        about = json.loads(note.read_text(encoding="utf-8"))
        return str(about["sha256"]) if about["url"] == url else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _resumed(url: str, output: Any, _pooch: Any) -> None:
    """Download to pooch's draft; what arrives is kept beside the target until it is whole."""
    part = Path(str(output)).parent / f".{hashlib.sha256(url.encode()).hexdigest()[:16]}.part"
    have = part.stat().st_size if part.exists() else 0
    headers = {"Range": f"bytes={have}-"} if have else {}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 - https, see _address
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
            start = have if answer.status == 206 else 0
            total = start + int(answer.headers.get("Content-Length", 0))
            with part.open("ab" if start else "wb") as file:
                shutil.copyfileobj(answer, file, _CHUNK)
    except urllib.error.HTTPError as error:
        if error.code != 416:  # "nothing left to send" means that the part is whole
            raise
        total = have
    if part.stat().st_size < total:
        raise OSError(f"it broke off after {part.stat().st_size:,} of {total:,} bytes")
    shutil.move(part, str(output))


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
