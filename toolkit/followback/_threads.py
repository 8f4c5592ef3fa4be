"""Share work among the cores: kernels let go of Python's lock, so threads are enough."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

T = TypeVar("T")
R = TypeVar("R")


def cores() -> int:
    """Return how many cores kernels may use; one where they are plain Python."""
    from .kernels import COMPILED

    return usable_cores() if COMPILED else 1


def usable_cores() -> int:
    """Return how many cores this process may use."""
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
        try:
            for turn in turns:
                done[turn] = work(todo[turn])
        finally:
            deque(turns, maxlen=0)  # after an error or an interrupt nobody begins another part

    helpers = min(cores(), len(todo)) - 1
    others: list[Future[None]] = []
    try:
        others += (_begun(_pool(cores() - 1), help_out) for _ in range(helpers))
        help_out()
    finally:
        deque(turns, maxlen=0)
        failed = [other.exception() for other in others if not other.cancel()]
    for error in filter(None, failed):
        raise error
    return [done[turn] for turn in range(len(todo))]


def _begun(pool: ThreadPoolExecutor, work: Callable[..., R], *arguments: Any) -> Future[R]:
    """Have work done by a pool; here and now where the interpreter ends and lends no threads."""
    try:
        return pool.submit(work, *arguments)
    except RuntimeError as error:
        if "shutdown" not in str(error):  # no thread could be started, but the work stands in line
            raise
        done: Future[R] = Future()
        try:
            done.set_result(work(*arguments))
        except BaseException as failure:
            done.set_exception(failure)
        return done


@cache
def _pool(helpers: int) -> ThreadPoolExecutor:
    """Return threads that stay: to start them anew each time would cost small graphs a tenth."""
    return ThreadPoolExecutor(helpers)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)  # a fork has none of its parent's threads


def ahead(work: Callable[[T], R], parts: Iterable[T], at_once: int | None = None) -> Iterator[R]:
    """Do the work on the parts in other threads, and yield the results in order.

    No more is done ahead of need than there are cores, or than ``at_once`` says.

    >>> list(ahead(abs, [-2, 3]))
    [2, 3]
    """
    workers = cores() if at_once is None else at_once
    if workers < 2:
        yield from map(work, parts)
        return
    waiting: deque[Future[R]] = deque()
    with _for_a_while(workers) as pool:
        for part in parts:
            waiting.append(_begun(pool, work, part))
            if len(waiting) > workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def next_ahead(items: Iterable[T]) -> Iterator[T]:
    """Take the next item in another thread while the one before is worked on; none is None.

    >>> list(next_ahead([2, 3]))
    [2, 3]
    """
    left = iter(items)
    with _for_a_while(1) as pool:
        waiting = _begun(pool, next, left, None)
        while (item := waiting.result()) is not None:
            waiting = _begun(pool, next, left, None)
            yield item


@contextmanager
def _for_a_while(workers: int) -> Iterator[ThreadPoolExecutor]:
    """Lend threads to a generator, and wait for them at its end, unless it is abandoned.

    What nobody reads to its end is closed by the collector of garbage, at any line of any
    thread, one that is just being started included: to wait for another thread there can
    be to wait forever.
    """
    pool = ThreadPoolExecutor(workers)
    abandoned = False
    try:
        yield pool
    except GeneratorExit:
        abandoned = True
        raise
    finally:
        pool.shutdown(wait=not abandoned, cancel_futures=True)


def shares(n: int, at_most: int = 64) -> list[tuple[int, int]]:
    """Cut 0 … n into parts of about equal length, more than there are cores.

    >>> shares(5, 2)
    [(0, 2), (2, 5)]
    """
    k = max(1, min(n, at_most))
    return [(n * p // k, n * (p + 1) // k) for p in range(k)]
