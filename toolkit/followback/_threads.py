"""Share work among the cores: kernels let go of Python's lock, so threads are enough."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")
R = TypeVar("R")


def cores() -> int:
    """Return how many cores this process may use; one where kernels are plain Python."""
    from .kernels import COMPILED

    if not COMPILED:
        return 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def spread(work: Callable[[T], R], parts: Iterable[T]) -> list[R]:
    """Do the work on every part, as many at a time as there are cores; results in order.

    >>> spread(abs, [-2, 3])
    [2, 3]
    """
    todo = list(parts)
    done: dict[int, R] = {}
    turns = iter(range(len(todo)))  # taken by whoever is free: a queue would cost a lock a part

    def help_out() -> None:
        for turn in turns:
            done[turn] = work(todo[turn])

    helpers = min(cores(), len(todo)) - 1
    if helpers < 1:
        help_out()
    else:
        with ThreadPoolExecutor(helpers) as pool:
            others = [pool.submit(help_out) for _ in range(helpers)]
            help_out()
            for other in others:
                other.result()
    return [done[turn] for turn in range(len(todo))]


def ahead(work: Callable[[T], R], parts: Iterable[T]) -> Iterator[R]:
    """Do the work on the parts in other threads, and yield the results in order.

    No more is done ahead of need than there are cores.

    >>> list(ahead(abs, [-2, 3]))
    [2, 3]
    """
    workers = cores()
    if workers < 2:
        yield from map(work, parts)
        return
    pool = ThreadPoolExecutor(workers)
    waiting: deque[Future[R]] = deque()
    try:
        for part in parts:
            waiting.append(pool.submit(work, part))
            if len(waiting) > workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def next_ahead(items: Iterable[T]) -> Iterator[T]:
    """Take the next item in another thread while the one before is worked on; none is None.

    >>> list(next_ahead([2, 3]))
    [2, 3]
    """
    left = iter(items)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(next, left, None)
        while (item := waiting.result()) is not None:
            waiting = pool.submit(next, left, None)
            yield item


def shares(n: int, at_most: int = 64) -> list[tuple[int, int]]:
    """Cut 0 … n into parts of about equal length, more than there are cores.

    >>> shares(5, 2)
    [(0, 2), (2, 5)]
    """
    k = max(1, min(n, at_most))
    return [(n * p // k, n * (p + 1) // k) for p in range(k)]
