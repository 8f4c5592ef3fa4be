"""What long work says on its way: bars where somebody watches, lines that keep output clean."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager
from typing import TypeVar

from ._report.facts import RUN_FOLDER

T = TypeVar("T")

_DELAY = 2.0  # seconds before a bar appears: what is sooner done needs none


@contextmanager
def bar(what: str, unit: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Show how much is done and how fast, where somebody watches; yield what adds to it.

    >>> with bar("numbers seen", "numbers") as done:
    ...     done(2)
    """
    if not somebody_watches():
        yield lambda _: None
        return
    from tqdm.auto import tqdm

    large = total is None or total > 10_000  # 3/6 densities, 1.47G/1.47G follows
    look = {"unit": f" {unit}", "unit_scale": large, "delay": _DELAY, "leave": False}
    with tqdm(desc=what, total=total, **look) as shown:
        yield lambda count: shown.update(count) and None


def watched(
    items: Iterable[T],
    what: str,
    unit: str,
    size: Callable[[T], int] = lambda _: 1,
    total: int | None = None,
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
    total
        How many units there are, where it is known and the items do not tell.

    Examples
    --------
    >>> list(watched([1, 2], "numbers seen", "numbers"))
    [1, 2]
    """
    if total is None and isinstance(items, Sized):
        total = len(items)
    with bar(what, unit, total) as done:
        for item in items:
            yield item
            done(size(item))


_held: list[bool] = []  # commands under way
_kept: list[str] = []  # their lines, where nobody watches


def say(line: str, *, later: bool = True) -> None:
    """Write a line to stderr: at once, or where a command holds lines back at its end."""
    if later and _held and not somebody_watches():
        _kept.append(line)
        return
    print(f"followback: {line}", file=sys.stderr)  # noqa: T201


@contextmanager
def lines_held() -> Iterator[None]:
    """Hold lines back until the work succeeds, so that an error is the only line of its call."""
    _held.append(True)
    try:
        yield
        while _kept:
            say(_kept.pop(0), later=False)
    finally:
        _held.pop()
        _kept.clear()


def somebody_watches() -> bool:
    """Tell whether there is a terminal, or a notebook that is run by hand.

    A report's notebook is run by nobody: a bar would stand in its page, and differ each time.
    """
    if os.environ.get(RUN_FOLDER):
        return False
    return sys.stderr.isatty() or "ipykernel.zmqshell" in sys.modules
