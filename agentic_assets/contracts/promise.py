"""What a rule promises, as plain values: the form from which a rule is written in another language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = [
    "Each",
    "Finite",
    "Format",
    "Length",
    "Matches",
    "MultipleOf",
    "NoneOf",
    "OneOf",
    "Predicate",
    "Present",
    "Promise",
    "Range",
    "Typed",
]


@dataclass(frozen=True)
class Typed:
    """The value is of the column's type."""


@dataclass(frozen=True)
class Finite:
    """The number is neither NaN nor infinite."""


@dataclass(frozen=True)
class Present:
    """The value is not null."""


@dataclass(frozen=True)
class Range:
    """The value lies between two bounds of the column's type; None is unbounded, an open end excludes its bound."""

    minimum: Any = None
    maximum: Any = None
    open_left: bool = False
    open_right: bool = False


@dataclass(frozen=True)
class MultipleOf:
    """The number is a whole multiple of a step."""

    step: int


@dataclass(frozen=True)
class Length:
    """The text has so many characters (code points); None is unbounded."""

    shortest: int | None = None
    longest: int | None = None


@dataclass(frozen=True)
class Matches:
    """The whole text matches a pattern of ECMA-262."""

    pattern: str


@dataclass(frozen=True)
class Format:
    """The text has a named format, e.g. uuid."""

    name: str


@dataclass(frozen=True)
class OneOf:
    """The value is one of those listed, which have the column's type."""

    values: tuple[Any, ...]


@dataclass(frozen=True)
class NoneOf:
    """The value is there and none of those listed."""

    values: tuple[Any, ...]


@dataclass(frozen=True)
class Predicate:
    """A condition over one row, in the SQL of DuckDB; it holds where it is true or null."""

    kept: str


@dataclass(frozen=True)
class Each:
    """Several promises at once."""

    parts: tuple[Promise, ...]


Promise = Typed | Finite | Present | Range | MultipleOf | Length | Matches | Format | OneOf | NoneOf | Predicate | Each
