"""Small worlds: conditions and columns of a few values each, in which doubles are exact and everything can be tried.

Every number is zero or a power of two, and divisors are single values, so that no operation rounds.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date
from typing import Any

from hypothesis import strategies as st

from agentic_assets.language import Type
from agentic_assets.policy.analysis import Fact

__all__ = ["COLUMNS", "FACTS", "conditions", "every_row"]

COLUMNS = {
    "action": Type.STRING,
    "b": Type.BOOLEAN,
    "d": Type.DATE,
    "i": Type.INTEGER,
    "s": Type.STRING,
    "x": Type.NUMBER,
}
_VALUES: dict[str, tuple[Any, ...]] = {
    "action": ("go", "none"),
    "b": (False, True),
    "d": (date(2013, 1, 1), date(2013, 1, 2)),
    "i": (-2, 0, 1, 4),
    "s": ("", "a", "b"),
    "x": (-0.5, 0.0, 2.0),
}
FACTS = {name: (Fact("small", required=name == "action", values=values),) for name, values in _VALUES.items()}

_number = st.sampled_from(["i", "x", "0", "1", "-2", "0.5", "4"])
_column = st.sampled_from(["i", "x"])
_numeric = st.recursive(
    _number,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"),
        st.tuples(inner, _column).map(lambda parts: f"({parts[0]} / {parts[1]})"),
        inner.map(lambda part: f"ABS({part})"),
        _column.map(lambda part: f"(-{part})"),
        st.tuples(inner, inner).map(lambda parts: f"COALESCE({parts[0]}, {parts[1]})"),
    ),
    max_leaves=3,
)
_word = st.sampled_from(["s", "COALESCE(s, 'b')", "'a'", "''", "'ab'"])
_day = st.sampled_from(["d", "DATE '2013-01-01'", "DATE '2013-01-02'"])
_sign = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])


def _compared(item: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(item, _sign, item).map(lambda parts: f"({' '.join(parts)})"),
        st.tuples(item, st.sampled_from(["", "NOT "]), item, item).map(
            lambda parts: f"({parts[0]} {parts[1]}BETWEEN {parts[2]} AND {parts[3]})"
        ),
        st.tuples(item, st.sampled_from(["IS NULL", "IS NOT NULL"])).map(lambda parts: f"({' '.join(parts)})"),
    )


_leaves = st.one_of(
    _compared(_numeric),
    _compared(_column),
    _compared(_word),
    _compared(_day),
    st.sampled_from(["i IN (0, 4)", "x NOT IN (2, 0.5)", "s IN ('a', '')", "action = 'go'", "action IN ('none')"]),
    st.sampled_from(["b", "b <> FALSE", "b IS TRUE", "b IS NOT FALSE", "COALESCE(b, TRUE)", "TRUE", "FALSE"]),
)
conditions = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' AND '.join(parts)})"),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' OR '.join(parts)})"),
        inner.map(lambda part: f"(NOT {part})"),
        inner.map(lambda part: f"(({part}) IS NULL)"),
    ),
    max_leaves=4,
)


def every_row() -> Iterator[dict[str, Any]]:
    """Give every row of the world, nulls included."""
    choices = [[*values, *(() if name == "action" else (None,))] for name, values in _VALUES.items()]
    for chosen in itertools.product(*choices):
        yield dict(zip(_VALUES, chosen, strict=True))
