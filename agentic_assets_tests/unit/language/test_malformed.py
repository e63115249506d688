"""Expressions outside of the language: each refused with the rule, what is wrong, and where."""

from __future__ import annotations

import time

import pytest

from agentic_assets.errors import PolicyInvalid
from agentic_assets.language import Type, parse_condition

_COLUMNS = {
    "a": Type.INTEGER,
    "x": Type.NUMBER,
    "s": Type.STRING,
    "f": Type.BOOLEAN,
    "d": Type.DATE,
    "t": Type.TIMESTAMP,
    "wx_age_minutes": Type.NUMBER,
}


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("", "", "the expression is empty"),
        ("wx_age > 180", "line 1 column 1", "unknown column `wx_age`"),
        ("f AND\n  wx_agee > 180", "line 2 column 3", "unknown column `wx_agee`"),
        ('s = "JFK"', "line 1 column 5", "unknown column `JFK`"),
        ("t.a = 1", "line 1 column 2", "`.` is not in the language of rules"),
        ("a", "line 1 column 1", "the condition is the integer column `a`, not a boolean"),
        ("f AND a", "line 1 column 7", "a side of AND is the integer column `a`, not a boolean"),
        ("NOT s", "line 1 column 5", "what stands after NOT is the string column `s`, not a boolean"),
        ("f OR s = 1", "line 1 column 6", "= compares the string column `s` with the integer 1"),
        ("d > '2013-01-01'", "line 1 column 1", "> compares the date column `d` with the string '2013-01-01'"),
        ("d > DATE '2013-13-01'", "line 1 column 10", "'2013-13-01' is not a date"),
        ("f > f", "line 1 column 1", "> has no meaning for booleans"),
        ("a < a < a", "line 1 column 1", "< compares a boolean with the integer column `a`"),
        ("s + 1 > 2", "line 1 column 1", "arithmetic on the string column `s`"),
        ("COALESCE(a, s) = 1", "line 1 column 1", "COALESCE mixes the integer column `a` and the string column `s`"),
        ("a = NULL", "line 1 column 1", "NULL equals nothing, not even NULL"),
        ("a IN (1, NULL)", "line 1 column 1", "NULL equals nothing, not even NULL"),
        ("a IN (1, x)", "line 1 column 10", "IN wants literals only"),
        ("a IN ()", "line 1 column 1", "IN wants a list of literals"),
        ("a IN ('x')", "line 1 column 7", "IN compares the integer column `a` with the string 'x'"),
        ("a IN (SELECT 1)", "line 1 column 7", "SELECT asks for a query, and a rule sees one row only"),
        ("EXISTS(SELECT 1)", "line 1 column 1", "EXISTS asks for a query, and a rule sees one row only"),
        ("a = ANY(s)", "line 1 column 5", "ANY asks for a query, and a rule sees one row only"),
        ("f AND max(a) > 1", "line 1 column 7", "MAX looks at many rows, and a rule sees one row only"),
        ("sum(a) OVER () > 1", "line 1 column 1", "SUM looks at many rows, and a rule sees one row only"),
        ("t < now()", "line 1 column 5", "NOW changes from one run to the next"),
        ("d < CURRENT_DATE", "line 1 column 5", "CURRENT_DATE changes from one run to the next"),
        ("random() < 0.5", "line 1 column 1", "RANDOM changes from one run to the next"),
        ('"random"() < 0.5', "line 1 column 1", "RANDOM changes from one run to the next"),
        ("read_csv('/etc/passwd') = 1", "line 1 column 1", "the function read_csv is not in the language of rules"),
        ("CAST(s AS INT) = 1", "line 1 column 1", "the function CAST is not in the language of rules"),
        ("s::int = 1", "line 1 column 2", "`::` is not in the language of rules"),
        ("CASE WHEN f THEN f END", "line 1 column 1", "`CASE` is not in the language of rules"),
        ("s LIKE 'E%'", "line 1 column 3", "`LIKE` is not in the language of rules"),
        ("s || s = 'x'", "line 1 column 3", "`||` is not in the language of rules"),
        ("a % 2 = 0", "line 1 column 3", "`%` is not in the language of rules"),
        ("a & 1 = 1", "line 1 column 3", "`&` is not in the language of rules"),
        ("a <=> 1", "line 1 column 3", "`<=>` is not in the language of rules"),
        ("a[1] = 1", "line 1 column 2", "`[` is not in the language of rules"),
        ("a = ?", "line 1 column 5", "`?` is not in the language of rules"),
        ("a = :x", "line 1 column 5", "`:` is not in the language of rules"),
        ("a = @x", "line 1 column 5", "`@` is not in the language of rules"),
        ("x -> x + 1", "line 1 column 3", "`->` is not in the language of rules"),
        ("a BETWEEN SYMMETRIC 2 AND 1", "line 1 column 11", "`SYMMETRIC` is not in the language of rules"),
        ("(a, x) = (1, 2)", "line 1 column 2", "Tuple is not in the language of rules"),
        ("'x' 'y' = s", "line 1 column 1", "Concat is not in the language of rules"),
        ("a = 1 x", "line 1 column 7", "Alias is not in the language of rules"),
        ("a = 0x10", "line 1 column 6", "Alias is not in the language of rules"),
        ("a IN x", "line 1 column 1", "In with field is not in the language of rules"),
        ("a = 1; f", "line 1 column 6", "the expression holds more than one statement"),
        ("a = 1 -- f", "line 1 column 5", "the expression holds a comment"),
        ("a = 1 /* f */", "line 1 column 5", "the expression holds a comment"),
        ("DROP TABLE flights", "line 1 column 1", "`DROP` is not in the language of rules"),
        ("f AND", "line 1 column 3", "the expression does not parse at `AND`"),
        ("f OR\n((a = 1)", "line 2 column 8", "the expression does not parse at `)`"),
        ("s = 'open", "", "the expression cannot be read"),
        ("a > 99999999999999999999", "line 1 column 5", "99999999999999999999 does not fit 64 bits"),
        ("x > 1e999", "line 1 column 5", "1e999 is not a finite number"),
        ("x > 1 / 0", "line 1 column 5", "this is null whatever the row"),
        ("a IS 1", "line 1 column 1", "IS wants NULL, TRUE or FALSE"),
        ("a IS TRUE", "line 1 column 1", "what stands before IS is the integer column `a`, not a boolean"),
    ],
)
def test_what_the_language_does_not_have_is_refused_by_rule_and_position(text: str, place: str, what: str) -> None:
    with pytest.raises(PolicyInvalid) as refused:
        parse_condition(text, _COLUMNS, where="policy p@1.0.0, rule r")
    assert refused.value.what.startswith(
        f"policy p@1.0.0, rule r, {place}: {what}" if place else f"policy p@1.0.0, rule r: {what}"
    )
    assert len(str(refused.value)) < 400


def test_a_misspelt_column_is_answered_with_the_one_that_was_meant() -> None:
    with pytest.raises(PolicyInvalid, match="did you mean `wx_age_minutes`"):
        parse_condition("wx_age_minute > 1", _COLUMNS, where="w")


def test_a_string_in_double_quotes_is_answered_with_single_quotes() -> None:
    with pytest.raises(PolicyInvalid, match="strings stand in single quotes"):
        parse_condition('s = "EWR"', _COLUMNS, where="w")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (" OR ".join(["a > 1"] * 10_000), "the expression has 89,996 characters, 4,000 are permitted"),
        (" OR ".join(["a>1"] * 500), "the expression has 1,999 words and signs, 400 are permitted"),
        ("f" + " AND f" * 500, "the expression has 1,001 words and signs, 400 are permitted"),
        ("(" * 1_000 + "f" + ")" * 1_000, "the expression has 2,001 words and signs, 400 are permitted"),
        ("(" * 17 + "f" + ")" * 17, "the expression is nested more than 16 deep"),
        ("NOT " * 17 + "f", "the expression is nested more than 16 deep"),
        ("- " * 17 + "a > 1", "the expression is nested more than 16 deep"),
        ("a" + " + a" * 60 + " > 1", "the expression is nested too deep"),
        ("COALESCE(" * 20 + "a" + ", 1)" * 20 + " > 1", "the expression is nested more than 16 deep"),
    ],
)
def test_an_expression_that_is_too_large_or_too_deep_is_refused_at_once(text: str, what: str) -> None:
    start = time.perf_counter()
    with pytest.raises(PolicyInvalid, match=what.replace("(", r"\(")) as refused:
        parse_condition(text, _COLUMNS, where="policy p@1.0.0, rule r")
    assert refused.value.what.startswith("policy p@1.0.0, rule r, line 1 column ")
    assert time.perf_counter() - start < 1


def test_the_largest_expression_that_is_permitted_still_works() -> None:
    text = " OR ".join([f"a = {value}" for value in range(100)])
    condition = parse_condition(text, _COLUMNS, where="w")
    assert condition.test({"a": 99}) is True
    nested = parse_condition("(" * 15 + "f" + ")" * 15, _COLUMNS, where="w")
    assert nested.test({"f": True}) is True


@pytest.mark.parametrize("name", ["day", "date", "timestamp", "index", "format", "left", "filter", "values", "end"])
def test_a_column_may_be_called_like_a_word_of_sql_in_double_quotes(name: str) -> None:
    condition = parse_condition(f'"{name}" > 1', {name: Type.INTEGER}, where="w")
    assert condition.columns == (name,)
