"""A reason in words with values in it: `its aircraft is {-slack} min late`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import polars as pl

from agentic_assets.language import Amount, Type

__all__ = ["Wording", "read_wording"]

_PLACE = re.compile(r"\{([^{}]*)\}")
_UNKNOWN = "unknown"


@dataclass(frozen=True)
class Wording:
    """One text as the file has it, and what writes it for each row; a value that is null is `unknown`."""

    text: str
    expression: pl.Expr = field(repr=False, compare=False)


def read_wording(
    text: str, columns: Mapping[str, Type], parameters: Mapping[str, object], amount: Callable[[str], Amount]
) -> Wording:
    """Read a text whose braces hold a column, a parameter, or an amount (which `amount` parses).

    Raises ValueError that says what is wrong with it.
    """
    # Text and what stands in braces take turns: even pieces are text.
    parts: list[pl.Expr] = []
    for index, piece in enumerate(_PLACE.split(text)):
        name = piece.strip()
        if index % 2 == 0:
            if "{" in piece or "}" in piece:
                raise ValueError("a brace is not closed, or not opened")
            if piece:
                parts.append(pl.lit(piece))
        elif name in parameters:
            parts.append(pl.lit(str(parameters[name])))
        elif name in columns:
            if columns[name] is Type.NUMBER:
                raise ValueError(f"`{name}` is a number with a fraction: words hold whole numbers")
            parts.append(_written(name, columns[name]))
        else:
            parts.append(amount(name).expression.cast(pl.Int64, strict=False).cast(pl.String).fill_null(_UNKNOWN))
    return Wording(text, pl.concat_str(parts))


def _written(name: str, type_: Type) -> pl.Expr:
    column = pl.col(name)
    if type_ is Type.TIMESTAMP:
        written = column.dt.to_string("%Y-%m-%d %H:%M UTC")
    elif type_ is Type.DATE:
        written = column.dt.to_string("%Y-%m-%d")
    else:
        written = column.cast(pl.String)
    return written.fill_null(_UNKNOWN)
