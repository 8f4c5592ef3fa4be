"""Kernels: the loops that must be fast, on arrays alone.

The contract, which a test enforces:

- a kernel takes arrays and numbers and returns arrays and numbers;
- it does no input or output, prints nothing, holds no state and makes no Python
  object (no dict, list, set, string or class);
- graphs come as compressed rows: ``indptr`` int64, ``indices`` int32, ascending
  within a row; positions of accounts are int32, counts int64, weights float64;
- it never changes an argument unless its name starts with ``out_`` or ``scratch_``;
- what it computes, a slow twin in the tests computes too, on networkx or numpy.

Kernels are compiled by numba when first called, and kept on disk. Where numba is
missing (in a browser, say) the same functions run as plain Python: slower, equal.
They let go of Python's lock: to use all cores, `followback._threads` calls a kernel on
one part of the arrays a thread. Parts write to places of their own, so the result is
the same on any number of cores.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from .._progress import say

F = TypeVar("F", bound=Callable[..., Any])

try:
    from numba import njit
    from numba.core import event
except ImportError:
    COMPILED = False
else:
    COMPILED = True

    class _Notice(event.Listener):  # type: ignore[misc]
        """Say once that a kernel is being compiled; one from the cache is not."""

        said = False

        def on_start(self, event: Any) -> None:
            ours = event.data["dispatcher"].py_func.__module__.startswith(__name__)
            if ours and not self.said:
                self.said = True
                say("kernels are compiled, once after installation; a few seconds")

        def on_end(self, event: Any) -> None:
            """Nothing is said at the end."""

    event.register("numba:compile", _Notice())


def kernel(function: F) -> F:
    """Compile a kernel at its first call, or leave it as it is where numba is missing."""
    return cast("F", njit(cache=True, nogil=True)(function)) if COMPILED else function
