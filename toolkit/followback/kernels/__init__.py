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
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compile a kernel at its first call, or leave it as it is where numba is missing."""
    try:
        from numba import njit
    except ImportError:
        return function
    return cast("F", njit(cache=True, nogil=True)(function))
