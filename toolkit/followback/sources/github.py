"""READ GitHub: followers or following of one account, as the API hands them out."""

from __future__ import annotations

from pathlib import Path

from ._draft import Draft, owned, reader, text
from ._follows import Follows
from ._json import records
from ._sides import add_ties, side_of

_PAGES = (30, 100)  # accounts on a full page of the API, by default and at most


@reader("GitHub's followers or following", "fetch the pages again")
def read_github(path: Path, owner: str = "") -> Follows:
    """Read ``GET /users/NAME/followers|following``: arrays of accounts, one or several.

    An account is its login, in lower case as GitHub does not tell cases apart. The
    file says neither whose list it is nor which: name the owner, and let the file's
    name hold ``followers`` or ``following``. A single full page is taken for cut.

    Parameters
    ----------
    path
        The file.
    owner
        The login whose list this is.
    """
    draft = Draft("github")
    me, side = owned(draft, owner.lower()), side_of(path)
    logins = [(text(account["login"], "a login").lower(), None) for account in records(path)]
    add_ties(draft, me, side, logins)
    draft.listed(me, side, whole=len(logins) not in _PAGES)
    return draft.follows(path)
