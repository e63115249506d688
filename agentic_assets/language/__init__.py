"""The expression language: conditions and amounts in a small subset of SQL; one meaning in batches and for one row."""

from agentic_assets.language.amount import Amount, parse_amount
from agentic_assets.language.closure import Row, Test, to_closure
from agentic_assets.language.columnar import DTYPES, fits, to_expression
from agentic_assets.language.condition import Condition, parse_condition
from agentic_assets.language.terms import Term, Type, columns_of, walk

__all__ = [
    "DTYPES",
    "Amount",
    "Condition",
    "Row",
    "Term",
    "Test",
    "Type",
    "columns_of",
    "fits",
    "parse_amount",
    "parse_condition",
    "to_closure",
    "to_expression",
    "walk",
]
