"""What is written as TOML is read back as it was."""

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.releases.lock.toml import lines_of, quoted, with_nulls

TEXTS = st.text(st.characters(codec="utf-8"), max_size=60)
PLAIN = (
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
)
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXTS, inner, max_size=5), max_leaves=25
)


def _read(key: str, value: object) -> object:
    return with_nulls(tomllib.loads("\n".join(lines_of(quoted(key), value))))[key]


@settings(derandomize=True, max_examples=150, deadline=None)
@given(TEXTS, VALUES.filter(lambda value: value != {"null": True}))
def test_a_value_survives_being_written(key: str, value: object) -> None:
    assert _read(key, value) == value


@pytest.mark.parametrize(
    "value", ["a\x7fb", 'say "no"', "back\\slash", "two\nlines", "\u2028", "é𝔘", 1.0, -0.0, 1e-5, 1e300]
)
def test_odd_values_survive_and_keep_their_type(value: object) -> None:
    read = _read("k", [value])
    assert read == [value]
    assert [repr(each) for each in read] == [repr(value)]


def test_what_does_not_fit_on_a_line_stands_an_item_a_line() -> None:
    value = {"b": ["x" * 50, "y" * 50, "z" * 50], "a": 1, "c": {}}
    assert [*lines_of("k", value)] == [
        "k.a = 1",
        "k.b = [",
        f'  "{"x" * 50}",',
        f'  "{"y" * 50}",',
        f'  "{"z" * 50}",',
        "]",
        "k.c = {}",
    ]
