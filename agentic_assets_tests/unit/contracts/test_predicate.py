import datetime as dt
import re
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.contracts.odcs.predicate import MAX_LENGTH, NotSimple, bad_rows

SCHEMA: dict[str, pl.DataType] = {
    "n": pl.Int32(),
    "m": pl.Int64(),
    "x": pl.Float64(),
    "s": pl.String(),
    "flag": pl.Boolean(),
    "day": pl.Date(),
    "at": pl.Datetime("us", "UTC"),
}


def where(predicate: str, **columns: list[Any]) -> list[bool | None]:
    expression, _, _ = bad_rows(f"SELECT COUNT(*) FROM ${{object}} WHERE {predicate}", "things", SCHEMA)
    frame = pl.DataFrame(columns, schema={name: SCHEMA[name] for name in columns})
    return frame.select(expression.alias("bad")).to_series().to_list()


@pytest.mark.parametrize("table", ["${table}", "${object}", "{model}", "things", "THINGS"])
def test_every_way_to_name_this_table_is_understood(table: str) -> None:
    _, inputs, text = bad_rows(f"SELECT COUNT(*) FROM {table} WHERE NOT (n <= m);", "things", SCHEMA)
    assert (inputs, text) == (("n", "m"), "n <= m")


def test_nulls_follow_the_logic_of_sql() -> None:
    assert where("n > 1 OR flag", n=[2, None, None], flag=[None, True, None]) == [True, True, None]
    assert where("n > 1 AND flag", n=[0, None, 2], flag=[None, False, None]) == [False, False, None]
    assert where("n IN (1, 2)", n=[1, 3, None]) == [True, False, None]
    assert where("n IS NULL", n=[1, None]) == [False, True]


def test_a_division_by_zero_is_null_as_in_sql() -> None:
    assert where("n / m > 1", n=[4, 4], m=[2, 0]) == [True, None]
    assert where("n % m = 1", n=[5, 5], m=[2, 0]) == [True, None]


def test_integers_do_not_overflow() -> None:
    assert where("n * n > 1", n=[2_000_000_000]) == [True]


def test_dates_timestamps_and_intervals_are_literals() -> None:
    at = dt.datetime(2013, 1, 1, 6, tzinfo=dt.UTC)
    assert where("day < DATE '2013-01-02'", day=[at.date()]) == [True]
    assert where("at = TIMESTAMPTZ '2013-01-01 06:00:00+00:00'", at=[at]) == [True]
    assert where("at + INTERVAL 60 MINUTE > at + INTERVAL '1' DAY", at=[at]) == [False]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT AVG(n) FROM ${object} WHERE n > 1",
        "SELECT COUNT(n) FROM ${object} WHERE n > 1",
        "SELECT COUNT(*), 1 FROM ${object} WHERE n > 1",
        "SELECT COUNT(*) FROM ${object}",
        "SELECT COUNT(*) FROM ${object} WHERE n > 1 GROUP BY n",
        "SELECT COUNT(*) FROM ${object} WHERE n > 1 LIMIT 1",
        "SELECT COUNT(*) FROM ${object} JOIN other USING (n) WHERE n > 1",
        "SELECT COUNT(*) FROM ${object}, other WHERE n > 1",
        "SELECT COUNT(*) FROM other WHERE n > 1",
        "SELECT COUNT(*) FROM other.things WHERE n > 1",
        "SELECT COUNT(*) FROM read_csv('/etc/passwd') WHERE n > 1",
        "SELECT COUNT(*) FROM '/etc/passwd' WHERE n > 1",
        "SELECT COUNT(*) FROM ${object} WHERE n > (SELECT MAX(n) FROM ${object})",
        "SELECT COUNT(*) FROM ${object} WHERE n IN (SELECT 1)",
        "SELECT COUNT(*) FROM ${object} WHERE s LIKE 'a%'",
        "SELECT COUNT(*) FROM ${object} WHERE at > NOW()",
        "SELECT COUNT(*) FROM ${object} WHERE RANDOM() > 0.5",
        "SELECT COUNT(*) FROM ${object} WHERE n IN (1, NULL)",
        "SELECT COUNT(*) FROM ${object} WHERE GETENV('HOME') = s",
        "ATTACH 'x.db'",
        "INSTALL httpfs",
        "COPY things TO 'x'",
        "SELECT COUNT(*) FROM ${object} WHERE n > 1; DROP TABLE things",
        "WITH t AS (SELECT 1) SELECT COUNT(*) FROM ${object} WHERE n > 1",
        "SELECT COUNT(*) FROM ${object} WHERE",
        "not sql at all ((",
        "",
    ],
)
def test_what_is_no_row_predicate_is_not_run(query: str) -> None:
    with pytest.raises(NotSimple):
        bad_rows(query, "things", SCHEMA)


def test_a_long_query_is_not_parsed() -> None:
    with pytest.raises(NotSimple, match="longer than 2000"):
        bad_rows(f"SELECT COUNT(*) FROM things WHERE n > 1{' ' * MAX_LENGTH}", "things", SCHEMA)


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(NotSimple):
        bad_rows(f"SELECT COUNT(*) FROM things WHERE {'(' * 400}n > 1{')' * 400}", "things", SCHEMA)
    with pytest.raises(NotSimple, match="nests deeper than 30"):
        bad_rows(f"SELECT COUNT(*) FROM things WHERE {' AND '.join(['n > 1'] * 60)}", "things", SCHEMA)


@pytest.mark.parametrize(
    ("predicate", "reason"),
    [
        ("1 = 1", "reads no column"),
        ("unknown > 1", "`unknown` is no column"),
        ("s > 1", "`1` is a number where a text is needed"),
        ("n + 1", "is a number where a truth is needed"),
        ("day > n", "`n` is a number where a date is needed"),
        ("s + 1 = 2", "calculates with a text and a number"),
        ("flag > 1 AND n", "a number where a truth"),
        ("at > TIMESTAMPTZ '2013-01-01 06:00:00'", "has no time zone"),
        ("day > DATE '2013-02-30'", "day is out of range"),
    ],
)
def test_a_predicate_that_cannot_be_meant_is_wrong(predicate: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        bad_rows(f"SELECT COUNT(*) FROM things WHERE {predicate}", "things", SCHEMA)


NUMBERS = st.sampled_from(["n", "m", "0", "1", "-2", "7", "(n + m)", "(m - 3)", "(n * 2)", "(m % 3)"])
COMPARISONS = st.builds(
    lambda left, sign, right: f"{left} {sign} {right}",
    NUMBERS,
    st.sampled_from(["=", "<>", "<", "<=", ">", ">="]),
    NUMBERS,
)
ATOMS = st.one_of(
    COMPARISONS,
    st.builds(lambda a, b, c: f"{a} BETWEEN {b} AND {c}", NUMBERS, NUMBERS, NUMBERS),
    st.builds(lambda a, b: f"{a} IN ({b}, 3)", NUMBERS, NUMBERS),
    st.builds(lambda a: f"{a} IS NULL", NUMBERS),
    st.just("flag"),
    st.just("s = 'a'"),
)
PREDICATES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds(lambda a, b: f"({a}) AND ({b})", inner, inner),
        st.builds(lambda a, b: f"({a}) OR ({b})", inner, inner),
        st.builds(lambda a: f"NOT ({a})", inner),
    ),
    max_leaves=5,
).filter(lambda text: re.search(r"\b(n|m|s|flag)\b", text) is not None)
ORACLE = duckdb.connect()
ROWS = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(-4, 4)),
        st.one_of(st.none(), st.integers(-4, 4)),
        st.sampled_from([None, "a", "b"]),
        st.sampled_from([None, True, False]),
    ),
    min_size=1,
    max_size=12,
)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(PREDICATES, ROWS)
def test_duckdb_counts_the_same_rows(predicate: str, rows: list[tuple[Any, ...]]) -> None:
    names = ("n", "m", "s", "flag")
    columns = {name: [row[index] for row in rows] for index, name in enumerate(names)}
    things = pl.DataFrame(columns, schema={name: SCHEMA[name] for name in names}).to_arrow()
    ORACLE.register("things", things)
    counted = ORACLE.execute(f"SELECT {predicate} FROM things").fetchall()
    assert where(predicate, **columns) == [row[0] for row in counted]
