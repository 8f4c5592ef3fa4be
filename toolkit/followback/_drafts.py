"""Drafts: hidden folders that what is made takes its place from, and locks on them."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def drafted(path: Path) -> Iterator[Path]:
    """Give a name in a hidden folder beside ``path``, for a file or folder to take its place.

    The hidden folder is locked, and gone afterwards. What killed processes left is
    cleared first (`clear_drafts`).

    >>> target = Path(tempfile.mkdtemp()) / "a"
    >>> with drafted(target) as draft:
    ...     draft.name, draft.parent.parent == target.parent, draft.exists()
    ('new', True, False)
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    clear_drafts(path)
    while True:
        draft = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
        with locked(draft) as free:
            if free is False or not draft.exists():
                continue  # somebody who clears up was here before the lock
            try:
                yield draft / "new"
            finally:
                shutil.rmtree(draft, ignore_errors=True)
            return


def clear_drafts(path: Path) -> None:
    """Remove the drafts of a file or folder that killed processes left.

    A folder that was moved away to be replaced, and then was not, is put back. A draft
    that a process works in is locked and stays; so do all where there are no such locks.

    >>> target = Path(tempfile.mkdtemp()) / "a"
    >>> (target.parent / ".a-abcd1234" / "new").mkdir(parents=True)
    >>> clear_drafts(target)
    >>> list(target.parent.iterdir())
    []
    """
    ours = re.compile(rf"\.{re.escape(path.name)}-[a-z0-9_]{{8}}")  # as `tempfile.mkdtemp` names
    for draft in path.parent.glob(".*"):
        if not ours.fullmatch(draft.name) or draft.is_symlink() or not draft.is_dir():
            continue
        try:
            held = {file.name for file in draft.iterdir()}
        except OSError:  # somebody else's
            continue
        if held - {"new", "old"} or (held == {"old"} and not path.exists()):
            continue  # not by us: what was moved away is put back only beside what is new
        with locked(draft) as free:
            if free and (draft / "old").exists() and not path.exists():
                (draft / "old").rename(path)
            if free:
                shutil.rmtree(draft, ignore_errors=True)


@contextmanager
def locked(folder: Path) -> Iterator[bool | None]:
    """Lock a folder for as long as this process lives; say whether nobody else had it.

    None where there are no such locks: then nobody can say.

    >>> folder = Path(tempfile.mkdtemp())
    >>> with locked(folder) as mine, locked(folder) as again:
    ...     mine, again
    (True, False)
    """
    try:
        import fcntl
    except ImportError:  # Windows
        yield None
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
    except (FileNotFoundError, PermissionError):  # just removed, or somebody else's
        yield False
        return
    free: bool | None = True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        free = False
    except OSError:  # a file system without locks
        free = None
    if free and not _is_open(handle, folder):
        free = False
    try:
        yield free
    finally:
        os.close(handle)


def _is_open(handle: int, folder: Path) -> bool:
    """Tell whether a folder is still the one that was opened, not gone or made anew."""
    try:
        return os.path.samestat(os.fstat(handle), folder.stat())
    except FileNotFoundError:
        return False
