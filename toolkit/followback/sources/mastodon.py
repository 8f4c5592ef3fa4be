"""READ Mastodon: the export following_accounts.csv, and API pages of accounts.

An account is its address ``user@domain``; the export names neither its owner nor
any time, and there is no export of followers.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ._archive import bounded, opened
from ._draft import Draft, owned, reader, text
from ._follows import Follows
from ._json import records
from ._sides import add_ties, side_of

_PAGES = (40, 80)  # accounts on a full page of the API, by default and at most


@reader("Mastodon", "export following_accounts.csv again")
def read_mastodon(path: Path, owner: str = "") -> Follows:
    """Read ``following_accounts.csv``, or followers and following of the API as JSON.

    An API page does not say whose list it is, nor which: name the owner, and let the
    file's name hold ``followers`` or ``following``. A page that is exactly full is
    taken for cut.

    Parameters
    ----------
    path
        The file.
    owner
        The account ``user@domain`` whose list this is.
    """
    draft = Draft("mastodon")
    me = owned(draft, owner.lstrip("@"))
    with opened(path) as stream:
        head = stream.read(64).lstrip(b"\xef\xbb\xbf \r\n\t")
    if head[:1] in (b"[", b"{"):
        accounts = [_address(account) for account in records(path)]
        side, whole = side_of(path), len(accounts) not in _PAGES
    else:
        accounts, side, whole = _csv(path), "following", True
    add_ties(draft, me, side, [(account, None) for account in accounts])
    draft.listed(me, side, whole=whole)
    return draft.follows(path)


def _csv(path: Path) -> list[str]:
    with opened(path) as stream:
        rows = csv.reader(
            io.StringIO(bounded(stream, path).decode("utf-8-sig"), newline=""), strict=True
        )
        lines = [row for row in rows if row]
    header = [cell.strip().lower() for cell in lines[0]] if lines else [""]
    if header[0] != "account address" or "hide notifications" in header:
        raise ValueError("its first row is not that of following_accounts.csv")
    return [_checked(row[0], k) for k, row in enumerate(lines[1:], start=2)]


def _checked(cell: str, row: int) -> str:
    address = cell.strip().lstrip("@")
    user, _, domain = address.partition("@")
    if not user or not domain or "@" in domain:
        raise ValueError(f"row {row}: {cell[:40]!r} is no address user@domain")
    return address


def _address(account: Any) -> str:
    """Return user@domain of an Account; local ones take the domain of their page."""
    acct = text(account["acct"], "the acct of an account")
    if "@" in acct:
        return acct
    home = urlsplit(text(account.get("uri") or account.get("url"), "the uri of an account"))
    return f"{acct}@{text(home.hostname, 'the domain of an account')}"
