"""How an answer is judged: the truth from the data, and a hint for every usual slip."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np

Slips = Sequence[tuple[Any, str]]  # a wrong answer that people give, and what to say to it

_NEAR = 0.001  # numbers copied with three digits are right
_HALF = 0.005  # so far does rounding a share to two digits lead
_KINDS: dict[type, str] = {
    str: "a text",
    list: "a list",
    tuple: "a tuple",
    set: "a set",
    dict: "a dictionary",
}


@dataclass(frozen=True)
class Question:
    """One question.

    Attributes
    ----------
    asks
        The question in words.
    fault
        From an answer and the graph: what is wrong with the answer; empty if nothing is.
    because
        What to say when it is right.
    options
        From the graph: the answers to choose from; None where the answer is written.
    needs
        What has to be given besides, by name: a parameter of the lesson. It is passed
        on to ``fault`` and ``options``.
    """

    asks: str
    fault: Callable[..., str]
    because: str
    options: Callable[..., list[Any]] | None = None
    needs: tuple[str, ...] = ()


def number(answer: Any, truth: float, slips: Slips, cure: str) -> str:
    """Say what is wrong with a number.

    A share may be rounded to two digits, unless a slip then looks the same.

    >>> number(0.4, 0.4, [], ""), number(0.25, 0.4, [(0.25, "Those are pairs.")], "")
    ('', 'Those are pairs.')
    >>> number(0.67, 2 / 3, [], ""), number(0.66, 2 / 3, [], "Round it.")
    ('', '0.66 is too small. Round it.')
    """
    if getattr(answer, "size", 0) == 1 and hasattr(answer, "item"):  # an array of one number
        answer = answer.item()
    if not isinstance(answer, Real | Decimal) or not is_plain(answer):
        return f"A number is wanted; this is {kind(answer)}. {cure}"
    try:
        value = float(answer)
    except OverflowError:
        value = math.inf if answer > 0 else -math.inf  # type: ignore[operator]
    if math.isnan(value):
        return f"This is 'not a number': a share of nothing, or an empty cell. {cure}"
    if (hint := _compared(value, truth, slips)) is not None:
        return hint
    if 0 < truth <= 1 < value <= 100:
        return f"A share between 0 and 1 is wanted, not per cent and not a count. {cure}"
    return f"{value:g} is too {'large' if value > truth else 'small'}. {cure}"


def _compared(value: float, truth: float, slips: Slips) -> str | None:
    """Hold a number against the truth and the slips: what is wrong, if it is one of them."""
    if abs(value - truth) <= _NEAR:
        return ""
    alike = [
        (abs(value - float(slip)), float(slip), hint)
        for slip, hint in slips
        if abs(value - float(slip)) <= _NEAR or _rounds(float(slip), value)
    ]
    if not _rounds(truth, value):
        return min(alike)[2] if alike else None
    if all(abs(slip - truth) <= _NEAR for _, slip, _ in alike):
        return ""
    return f"{value:g} is the answer in two digits, and a usual slip as well; give three."


def _rounds(share: float, value: float) -> bool:
    """Return whether a value is a share rounded to two digits; 0 and 1 say none and all."""
    two = 0 < abs(value) < 1 and math.isclose(value, round(value, 2), abs_tol=1e-9)
    return two and abs(value - share) <= _HALF + 1e-9


def choice(answer: Any, truth: Any, slips: Slips, cure: str) -> str:
    """Say what is wrong with what was chosen.

    >>> choice("ann", "bob", [("cem", "He follows nobody.")], "Look again.")
    'Look again.'
    """
    if not is_plain(answer):
        return f"One of the answers is wanted; this is {kind(answer)}. {cure}"
    if answer == truth:
        return ""
    return next((hint for slip, hint in slips if answer == slip), cure)


def is_plain(answer: Any) -> bool:
    """Return whether an answer is one text or one number; True would pass for a 1.

    >>> is_plain("ann"), is_plain(1), is_plain(True), is_plain([1])
    (True, True, False, False)
    """
    return bool(np.isscalar(answer)) and not isinstance(answer, bool | np.bool_)


def is_count(given: Any) -> bool:
    """Return whether something is a whole number, 1 or more.

    >>> is_count(1), is_count(0), is_count(True), is_count("1")
    (True, False, False, False)
    """
    return isinstance(given, int | np.integer) and not isinstance(given, bool) and bool(given >= 1)


def kind(answer: Any) -> str:
    """Name the type of an answer in words.

    >>> kind("0.4"), kind(0.4)
    ('a text', 'of type float')
    """
    known: type = type(answer)
    return _KINDS.get(known, f"of type {known.__name__}")


def distinct(values: Iterable[float]) -> list[float]:
    """Return shares to choose from, ascending, each once.

    >>> distinct([0.5, 0.25, 0.25001])
    [0.25, 0.5]
    """
    return sorted({round(float(value), 3) for value in values})
