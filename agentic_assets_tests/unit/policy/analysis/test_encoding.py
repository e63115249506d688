"""The translation to Z3 means what the two backends mean: tried on every row of a small world."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
import z3
from hypothesis import assume, given, settings

from agentic_assets.errors import PolicyInvalid
from agentic_assets.language import Condition, Type, parse_condition
from agentic_assets.policy.analysis.asking import Asking, State
from agentic_assets.policy.analysis.claims import Claims
from agentic_assets.policy.analysis.encoding import Encoding, rounds
from agentic_assets.policy.analysis.words import Words
from agentic_assets.policy.ruleset import Rule, RuleSet
from agentic_assets.policy.verdict import Verdict
from agentic_assets_tests.unit.policy.analysis.small import COLUMNS, FACTS, conditions, every_row


def _parsed(text: str) -> Condition:
    try:
        return parse_condition(text, COLUMNS, where="test")
    except PolicyInvalid as refused:
        # The only thing that a generated condition is refused for.
        assume("null whatever the row" not in refused.what)
        raise


def _ruleset(*rules: Rule) -> RuleSet:
    return RuleSet("small", "1.0.0", "nobody", "a test", ("none", "go"), COLUMNS, rules)


@given(conditions)
@settings(max_examples=60, derandomize=True, deadline=None)
def test_the_formula_of_a_condition_has_the_value_of_the_condition_on_every_row(text: str) -> None:
    condition = _parsed(text)
    encoding = Encoding(COLUMNS, [condition.term], ["a", "b", "go", "none"])
    true, null = encoding.true(condition.term), encoding.null(condition.term)
    for row in list(every_row())[::31]:
        fixed = [
            pair
            for name, value in row.items()
            for pair in (
                (encoding.columns[name].null, z3.BoolVal(value is None, encoding.context)),
                (
                    encoding.columns[name].value,
                    encoding.constant(_any_of(COLUMNS[name]) if value is None else value, COLUMNS[name]),
                ),
            )
        ]
        is_true, is_null = (z3.is_true(z3.simplify(z3.substitute(part, *fixed))) for part in (true, null))
        assert (None if is_null else is_true) == condition.test(row), row


def _any_of(type_: Type) -> Any:
    name = next(name for name, declared in COLUMNS.items() if declared is type_)
    return (FACTS[name][0].values or ())[0]


@given(conditions, conditions)
@settings(max_examples=40, derandomize=True, deadline=None)
def test_what_z3_finds_of_two_rules_is_what_trying_every_row_finds(first: str, second: str) -> None:
    one = Rule("one", _parsed(first), Verdict.DENY, "", fires_on_null=True)
    two = Rule("two", _parsed(second), Verdict.WARN, "")
    ruleset = _ruleset(one, two)
    encoding = Encoding(COLUMNS, [one.when.term, two.when.term], ["a", "b", "go", "none"])
    asking = Asking(ruleset, encoding, FACTS, probing=False)
    claims = Claims(ruleset, encoding)
    rows = list(every_row())
    held = [(one.when.test(row), two.when.test(row)) for row in rows]
    fired = [(first is not False, second is True) for first, second in held]
    expected = {
        "never true": any(first is True for first, _ in held),
        "always fires": any(not first for first, _ in fired),
        "null": any(second is None for _, second in held),
        "shadowed": any(second and not first for first, second in fired),
        "overlap": any(first and second for first, second in fired),
        "gap": any(not first and not second for first, second in fired),
        "differ": any(first != second for first, second in fired),
    }
    fires_one, fires_two = claims.fires(0), claims.fires(1)
    found = {
        "never true": claims.true(0),
        "always fires": ~fires_one,
        "null": claims.null(1),
        "shadowed": claims.wins(1),
        "overlap": claims.wins(0) & fires_two,
        "gap": claims.wins(None),
        "differ": (fires_one & ~fires_two) | (fires_two & ~fires_one),
    }
    for name, claim in found.items():
        answer = asking.ask(claim)
        assert answer.state is (State.FOUND if expected[name] else State.NONE), name
        if answer.row is not None:
            assert dict(answer.row) in rows
    asking.confirm()


@pytest.mark.parametrize(
    ("text", "possible"),
    [
        ("s < ''", False),
        ("s > 'a' AND s < 'b'", True),
        ("s > 'a' AND s < 'a\0'", False),
        ("s = 'a' AND s = 'b'", False),
        ("s <> 'a' AND s <> 'b' AND s <> ''", True),
        ("i > 9223372036854775806 AND i <> 9223372036854775807", False),
        ("i > 4 AND i < 5", False),
        ("x > 4 AND x < 5", True),
        ("d > DATE '9999-12-31'", False),
        ("i * 3 = 7", False),
        ("x * x < 0", False),
        ("x / 0 = x / 0", False),
        ("(x / x) IS NULL AND x IS NOT NULL", True),
        ("ABS(x) < 0", False),
        ("COALESCE(x, -1) < 0 AND x > 0", False),
    ],
)
def test_z3_knows_what_a_column_can_hold(text: str, possible: bool) -> None:
    condition = _parsed(text)
    ruleset = _ruleset(Rule("r", condition, Verdict.WARN, ""))
    encoding = Encoding(COLUMNS, [condition.term], ruleset.actions)
    answer = Asking(ruleset, encoding, {}, probing=False).ask(Claims(ruleset, encoding).true(0))
    assert answer.state is (State.FOUND if possible else State.NONE)
    assert answer.row is None or condition.test(answer.row) is True


@pytest.mark.parametrize(
    ("text", "inexact"),
    [
        ("i > 5 AND s = 'a' AND d < DATE '2013-01-01'", False),
        ("x > 0.1 OR -x > 2 OR ABS(x) > 1", False),
        ("x + 1 > 2", True),
        ("i > 0.5", True),
        ("i IN (1, 2.5)", True),
        ("-i > 2.5", True),
        ("COALESCE(i, 0.5) > 1", True),
    ],
)
def test_a_condition_that_could_round_is_known_as_such(text: str, inexact: bool) -> None:
    assert rounds(_parsed(text).term) is inexact


def test_strings_between_words_stand_in_their_order() -> None:
    words = Words(["EWR", "JFK"])
    taken: dict[Fraction, str] = {}
    points = [Fraction(1, 2), Fraction(1), Fraction(5, 4), Fraction(3, 2), Fraction(7, 4), Fraction(5)]
    given_ = [words.at(point, taken) for point in points]
    assert given_ == sorted(given_)
    assert given_[1] == "EWR"
    assert len(set(given_)) == len(points)
