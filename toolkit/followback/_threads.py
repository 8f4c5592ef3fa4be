"""Share work among the cores: kernels let go of Python's lock, so threads are enough."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")
R = TypeVar("R")


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def spread(work: Callable[[T], R], parts: Iterable[T]) -> list[R]:
    """Do the work on every part, as many at a time as there are cores; results in order.

    >>> spread(abs, [-2, 3])
    [2, 3]
    """
    parts = list(parts)
    workers = min(cores(), len(parts))
    if workers < 2:
        return [work(part) for part in parts]
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(work, parts))


def shares(n: int, at_most: int = 64) -> list[tuple[int, int]]:
    """Cut 0 … n into parts of about equal length, more than there are cores.

    >>> shares(5, 2)
    [(0, 2), (2, 5)]
    """
    k = max(1, min(n, at_most))
    return [(n * p // k, n * (p + 1) // k) for p in range(k)]
