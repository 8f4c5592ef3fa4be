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

import gc
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

    class _Compiling(event.Listener):  # type: ignore[misc]
        """Say once that kernels are being compiled, and collect no garbage meanwhile.

        The compiler makes millions of objects that stay; looking through them again and
        again is a seventh of its time. numba compiles one function at a time, and one
        within another where it is called. A kernel from the cache is not compiled.
        """

        said = False
        depth = 0
        collecting = False

        def on_start(self, event: Any) -> None:
            """Say so, and let garbage lie."""
            if not _ours(event):
                return
            if not self.said:
                self.said = True
                say("kernels are compiled, once after installation; a few seconds")
            if self.depth == 0:
                self.collecting = gc.isenabled()
                gc.disable()
            self.depth += 1

        def on_end(self, event: Any) -> None:
            """Collect garbage again when the outermost function is compiled."""
            if not _ours(event):
                return
            self.depth -= 1
            if self.depth == 0 and self.collecting:
                gc.enable()

    def _ours(event: Any) -> bool:
        return cast("bool", event.data["dispatcher"].py_func.__module__.startswith(__name__))

    event.register("numba:compile", _Compiling())


def kernel(function: F) -> F:
    """Compile a kernel at its first call, or leave it as it is where numba is missing."""
    if not COMPILED:
        return function
    return cast("F", njit(cache=True, nogil=True, no_cfunc_wrapper=True)(function))
