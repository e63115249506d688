"""The expression language: conditions in a small subset of SQL; one parse, one meaning in batches and for one row."""

from agentic_assets.language.closure import Row, Test, to_closure
from agentic_assets.language.columnar import DTYPES, to_expression
from agentic_assets.language.condition import Condition, parse_condition
from agentic_assets.language.terms import Term, Type, columns_of, walk

__all__ = [
    "DTYPES",
    "Condition",
    "Row",
    "Term",
    "Test",
    "Type",
    "columns_of",
    "parse_condition",
    "to_closure",
    "to_expression",
    "walk",
]
