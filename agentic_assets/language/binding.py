"""Put constants in the place of columns: declared parameters that an expression names as if they were columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from agentic_assets.language.terms import (
    And,
    Arithmetic,
    Coalesce,
    Column,
    Compare,
    Constant,
    Or,
    Term,
    Type,
)

__all__ = ["bind", "type_of"]

Bound = Mapping[str, int | str | bool]


def type_of(value: int | str | bool) -> Type:
    """Give the type that a parameter has in an expression."""
    if isinstance(value, bool):
        return Type.BOOLEAN
    return Type.INTEGER if isinstance(value, int) else Type.STRING


def bind(term: Term, values: Bound) -> Term:
    """Give the term with a constant for each column that `values` names."""
    match term:
        case Column(name=name):
            return Constant(values[name], type_of(values[name])) if name in values else term
        case Constant():
            return term
        case And(items=items) | Or(items=items) | Coalesce(items=items):
            return replace(term, items=tuple(bind(item, values) for item in items))
        case Compare(left=left, right=right) | Arithmetic(left=left, right=right):
            return replace(term, left=bind(left, values), right=bind(right, values))
        case _:
            return replace(term, item=bind(term.item, values))
