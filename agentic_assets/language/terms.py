"""The terms of a rule's condition: what both backends compile, and all that they compile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

__all__ = [
    "Absolute",
    "And",
    "Arithmetic",
    "Coalesce",
    "Column",
    "Compare",
    "Constant",
    "IsNull",
    "Negate",
    "Not",
    "OneOf",
    "Or",
    "Term",
    "Type",
    "Value",
    "columns_of",
    "walk",
]

Value = bool | int | float | str | date | datetime


class Type(StrEnum):
    """What a column or a term holds; a number is a double, an integer fits 64 bits, a timestamp is in UTC."""

    INTEGER = "integer"
    NUMBER = "number"
    STRING = "string"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"

    @property
    def numeric(self) -> bool:
        """Whether arithmetic is possible."""
        return self in (Type.INTEGER, Type.NUMBER)


@dataclass(frozen=True)
class Column:
    """A column of the row; NaN is read as null."""

    name: str
    type: Type


@dataclass(frozen=True)
class Constant:
    """A literal, never null."""

    value: Value
    type: Type


@dataclass(frozen=True)
class Not:
    """True of false, false of true, null of null."""

    item: Term
    type: Type = Type.BOOLEAN


@dataclass(frozen=True)
class And:
    """False if any item is false, else null if any is null, else true."""

    items: tuple[Term, ...]
    type: Type = Type.BOOLEAN


@dataclass(frozen=True)
class Or:
    """True if any item is true, else null if any is null, else false."""

    items: tuple[Term, ...]
    type: Type = Type.BOOLEAN


@dataclass(frozen=True)
class Compare:
    """One of = <> < <= > >=; both sides are read as `domain`, so that an integer meets a number as a double."""

    sign: str
    left: Term
    right: Term
    domain: Type
    type: Type = Type.BOOLEAN


@dataclass(frozen=True)
class OneOf:
    """Whether the item equals one of the values; null of null."""

    item: Term
    values: tuple[Value, ...]
    domain: Type
    type: Type = Type.BOOLEAN


@dataclass(frozen=True)
class IsNull:
    """Whether the item is null; never null itself."""

    item: Term
    type: Type = Type.BOOLEAN


@dataclass(frozen=True)
class Arithmetic:
    """One of + - * / in doubles (whole numbers are exact up to 2**53); NaN and a division by zero give null."""

    sign: str
    left: Term
    right: Term
    type: Type = Type.NUMBER


@dataclass(frozen=True)
class Negate:
    """The item with its sign changed, as a double."""

    item: Term
    type: Type = Type.NUMBER


@dataclass(frozen=True)
class Absolute:
    """The item without its sign, as a double."""

    item: Term
    type: Type = Type.NUMBER


@dataclass(frozen=True)
class Coalesce:
    """The first item that is not null, each read as `type`."""

    items: tuple[Term, ...]
    type: Type


Term = Column | Constant | Not | And | Or | Compare | OneOf | IsNull | Arithmetic | Negate | Absolute | Coalesce


def walk(term: Term) -> Iterator[Term]:
    """Give a term and every term within it."""
    yield term
    match term:
        case Column() | Constant():
            return
        case And(items=items) | Or(items=items) | Coalesce(items=items):
            inner = items
        case Compare(left=left, right=right) | Arithmetic(left=left, right=right):
            inner = (left, right)
        case _:
            inner = (term.item,)
    for item in inner:
        yield from walk(item)


def columns_of(term: Term) -> tuple[str, ...]:
    """Name the columns that a term reads, sorted."""
    return tuple(sorted({part.name for part in walk(term) if isinstance(part, Column)}))
