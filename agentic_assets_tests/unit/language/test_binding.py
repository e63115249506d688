"""Parameters take the place of columns, and mean the same as a column that always holds their value."""

from __future__ import annotations

from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from agentic_assets.errors import PolicyInvalid
from agentic_assets.language import columns_of, parse_condition, to_closure
from agentic_assets.language.binding import bind
from agentic_assets_tests.unit.language.conditions import COLUMNS, conditions, rows

_VALUES = st.fixed_dictionaries({"i": st.integers(-9, 9), "s": st.sampled_from(("a", "b")), "b": st.booleans()})


@given(conditions, rows, _VALUES)
@settings(max_examples=150, derandomize=True, deadline=None)
def test_a_bound_condition_says_what_the_condition_says_of_a_row_with_those_values(
    text: str, data: list[dict[str, Any]], values: dict[str, Any]
) -> None:
    try:
        condition = parse_condition(text, COLUMNS, where="test")
    except PolicyInvalid as refused:
        assume("null whatever the row" not in refused.what)
        raise
    bound = bind(condition.term, values)
    assert not set(columns_of(bound)) & set(values)
    test = to_closure(bound)
    assert [test(row) for row in data] == [condition.test({**row, **values}) for row in data]
