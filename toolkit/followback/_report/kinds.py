"""The types a parameter can have: read from an annotation, and values turned into them."""

from __future__ import annotations

import ast
import csv
import json
import math
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

TYPES = ("int", "float", "bool", "str", "Path", "date")
_WRITTEN = f"{', '.join(TYPES)}, list[...], Literal[...], each also | None"


@dataclass(frozen=True)
class Kind:
    """A parameter's type.

    Attributes
    ----------
    name
        One of int, float, bool, str, Path, date, list, Literal.
    inner
        The type of a list's items, or of a Literal's choices.
    choices
        A Literal's values.
    optional
        Whether None is a value too.
    quoted
        Whether the annotation is text: the notebook gets Path and date as text then.
    """

    name: str
    inner: Kind | None = None
    choices: tuple[Any, ...] = ()
    optional: bool = False
    quoted: bool = False

    @property
    def holds_paths(self) -> bool:
        """Whether a value names files."""
        return self.name == "Path" or (self.inner is not None and self.inner.holds_paths)

    def __str__(self) -> str:
        text = self.name
        if self.name == "list":
            text = f"list[{self.inner}]"
        if self.name == "Literal":
            text = f"Literal[{', '.join(map(repr, self.choices))}]"
        return f"{text} | None" if self.optional else text


def kind_of(node: ast.expr, *, quoted: bool = False) -> Kind:
    """Read a type from its annotation.

    >>> str(kind_of(ast.parse("Optional[list[int]]", mode="eval").body))
    'list[int] | None'

    Raises
    ------
    ValueError
        It is none of the types that a parameter can have.
    """
    wrong = ValueError(f"the type {ast.unparse(node)!r} is not one of {_WRITTEN}")
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            return kind_of(ast.parse(node.value, mode="eval").body, quoted=True)
        except SyntaxError as error:
            raise wrong from error
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        sides = [side for side in (node.left, node.right) if ast.unparse(side) != "None"]
        if len(sides) != 1:
            raise wrong
        return _optional(kind_of(sides[0], quoted=quoted))
    if isinstance(node, ast.Subscript):
        return _subscript(node, wrong, quoted=quoted)
    name = ast.unparse(node).split(".")[-1]
    if name not in TYPES:
        raise wrong
    return Kind(name, quoted=quoted)


def converted(value: Any, kind: Kind, base: Path) -> Any:
    """Turn a value into a type, or raise a ValueError that says what is wrong.

    Text from the command line is read: a list as ``a,b,c`` or as JSON, None as the
    empty text or ``none``. A path is looked up from ``base`` and comes back absolute,
    a date as ``2024-01-31``.
    """
    if kind.optional and _means_none(value, kind):
        return None
    if kind.name == "list":
        return _as_list(value, kind, base)
    if kind.name == "Literal":
        return _as_choice(value, kind, base)
    return _AS[kind.name](value, base)


def split_values(text: str) -> list[str]:
    """Split ``a,b,c``; a part that holds a comma stands in double quotes.

    >>> split_values('5,8,"a,b"')
    ['5', '8', 'a,b']
    """
    return next(csv.reader([text]), []) if text.strip() else []


def _optional(kind: Kind) -> Kind:
    return Kind(kind.name, kind.inner, kind.choices, optional=True, quoted=kind.quoted)


def _subscript(node: ast.Subscript, wrong: ValueError, *, quoted: bool) -> Kind:
    name = ast.unparse(node.value).split(".")[-1]
    if name == "Optional":
        return _optional(kind_of(node.slice, quoted=quoted))
    if name == "list":
        inner = kind_of(node.slice, quoted=quoted)
        if inner.name == "list" or inner.optional:
            raise wrong
        return Kind("list", inner, quoted=inner.quoted)
    if name != "Literal":
        raise wrong
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    try:
        choices = tuple(ast.literal_eval(part) for part in parts)
    except ValueError:
        raise wrong from None
    kinds = {type(choice).__name__ for choice in choices}
    if len(kinds) != 1 or not kinds <= {"int", "bool", "str"}:
        raise wrong
    return Kind("Literal", Kind(kinds.pop()), choices, quoted=quoted)


def _means_none(value: Any, kind: Kind) -> bool:
    if value is None or value == "":
        return True
    texts = kind.name == "str" or (kind.name == "Literal" and "none" in kind.choices)
    return isinstance(value, str) and not texts and value.lower() == "none"


def _as_list(value: Any, kind: Kind, base: Path) -> list[Any]:
    if isinstance(value, str):
        value = json.loads(value) if value.lstrip().startswith("[") else split_values(value)
    if not isinstance(value, list | tuple):
        raise ValueError(f"{shown(value)} is not a list; write a,b,c")
    if kind.inner is None:
        raise ValueError("the list has no type")
    return [converted(item, kind.inner, base) for item in value]


def _as_choice(value: Any, kind: Kind, base: Path) -> Any:
    choices = ", ".join(map(str, kind.choices))
    try:
        found = converted(value, kind.inner, base) if kind.inner else value
    except ValueError as error:
        raise ValueError(f"{shown(value)} is not one of {choices}") from error
    if found not in kind.choices:
        raise ValueError(f"{shown(value)} is not one of {choices}")
    return found


def _as_path(value: Any, base: Path) -> str:
    if not isinstance(value, str | Path) or not str(value):
        raise ValueError("no file is named; give one")
    file = (base / value).resolve()
    if not file.exists():
        raise ValueError(f"there is no file {file}; check the spelling and the folder")
    return str(file)


def _as_text(value: Any, _base: Path) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{shown(value)} is not text; write it in quotes")
    return value


def _as_bool(value: Any, _base: Path) -> bool:
    if str(value).lower() not in ("true", "false"):
        raise ValueError(f"{shown(value)} is not true or false")
    return str(value).lower() == "true"


def _as_int(value: Any, _base: Path) -> int:
    _not_bool(value, "int")
    try:
        return int(str(value))
    except ValueError as error:
        raise ValueError(f"{shown(value)} is not a whole number") from error


def _as_float(value: Any, _base: Path) -> float:
    _not_bool(value, "float")
    try:
        found = float(value)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{shown(value)} is not a number") from error
    if not math.isfinite(found):
        raise ValueError(f"{shown(value)} is not a finite number")
    return found


def _as_date(value: Any, _base: Path) -> str:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    try:
        return date.fromisoformat(value).isoformat()
    except (ValueError, TypeError) as error:
        raise ValueError(f"{shown(value)} is not a date; write it as 2024-01-31") from error


def shown(value: Any) -> str:
    """Return a value as an error names it, never at full length.

    >>> shown("x" * 1000) == "'" + "x" * 79 + "…"
    True
    """
    from .._html import visible

    return visible(repr(value), 80)


def _not_bool(value: Any, name: str) -> None:
    if isinstance(value, bool):
        raise ValueError(f"{shown(value)} is not of type {name}")


_AS = {
    "Path": _as_path, "str": _as_text, "bool": _as_bool,
    "int": _as_int, "float": _as_float, "date": _as_date,
}  # fmt: skip
