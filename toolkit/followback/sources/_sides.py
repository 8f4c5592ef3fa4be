"""Lists of one account: which side it is, and the follows it holds."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from .._errors import FollowbackError
from ._draft import Draft


def side_of(path: Path) -> str:
    """Tell from a file's name whether it lists followers or following.

    >>> side_of(Path("x/ann-followers.json")), side_of(Path("friends.txt"))
    ('followers', 'following')
    """
    name = path.name.lower()
    if "follower" in name:
        return "followers"
    if "following" in name or "friend" in name or "follows" in name:
        return "following"
    raise FollowbackError(
        f"{path} does not say whether it lists followers or following; put 'followers' or "
        "'following' into its name"
    )


def add_ties(draft: Draft, owner: str, side: str, others: Iterable[tuple[str, int | None]]) -> None:
    """Add the follows of one list of the owner's."""
    for other, at in others:
        if side == "followers":
            draft.add(other, owner, at)
        else:
            draft.add(owner, other, at)
