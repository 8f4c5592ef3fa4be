"""Bars for long work, where somebody watches; elsewhere output stays clean."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sized
from typing import TypeVar

from ._facts import RUN_FOLDER

T = TypeVar("T")

_DELAY = 2.0  # seconds before a bar appears: what is sooner done needs none


def watched(
    items: Iterable[T], what: str, unit: str, size: Callable[[T], int] = lambda _: 1
) -> Iterator[T]:
    """Pass items on, with a bar of how many are done and how fast where somebody watches.

    Parameters
    ----------
    items
        Each is taken for done when the next one is asked for.
    what
        What is counted, before the bar.
    unit
        Its name behind the rate.
    size
        How many units an item is.

    Examples
    --------
    >>> list(watched([1, 2], "numbers seen", "numbers"))
    [1, 2]
    """
    if not _somebody_watches():
        yield from items
        return
    from tqdm.auto import tqdm

    total = len(items) if isinstance(items, Sized) else None
    look = {"unit": f" {unit}", "unit_scale": total is None, "delay": _DELAY, "leave": False}
    with tqdm(desc=what, total=total, **look) as bar:
        for item in items:
            yield item
            bar.update(size(item))


def _somebody_watches() -> bool:
    """Tell whether there is a terminal, or a notebook that is run by hand.

    A report's notebook is run by nobody: a bar would stand in its page, and differ each time.
    """
    if os.environ.get(RUN_FOLDER):
        return False
    return sys.stderr.isatty() or "ipykernel.zmqshell" in sys.modules
