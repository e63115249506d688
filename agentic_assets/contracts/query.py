"""A query: checked SQL that measures one partition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Query"]


@dataclass(frozen=True)
class Query:
    """SQL in the dialect of DuckDB, checked when the contract was loaded.

    It gives the numbers of the `rows` that break the rule, or a `count` (which may be compared in percent of the
    rows), or another `value`.
    """

    sql: str
    gives: Literal["rows", "count", "value"]
