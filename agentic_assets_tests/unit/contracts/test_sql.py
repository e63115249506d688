import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from agentic_assets.contracts import Contract, GateResult, gate, gate_all
from agentic_assets.contracts.sandbox import running
from agentic_assets.errors import ContractInvalid
from agentic_assets_tests.unit.contracts.written import contract, share

COLUMNS: list[dict[str, Any]] = [
    {"name": "a", "logicalType": "integer"},
    {"name": "s", "logicalType": "string"},
    {"name": "t", "logicalType": "timestamp"},
]
FRAME = pl.DataFrame(
    {
        "a": [1, 2, None, 100],
        "s": ["x", "xy", "z", "zz"],
        "t": [dt.datetime(2013, 1, 1, hour, tzinfo=dt.UTC) for hour in range(4)],
    }
)


def asked(folder: Path, query: str, **more: Any) -> Contract:
    check = {"id": "r", "type": "sql", "query": query} | (more or {"mustBe": 0})
    return contract(folder, COLUMNS, [check], customProperties=share(1))


def gated(made: Contract) -> GateResult:
    assert made.unenforced == ()
    result = gate(FRAME, made, partition="p")
    assert result.read == result.valid.height + result.quarantined.height
    return result


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("SELECT COUNT(*) FROM ${object} WHERE lower(s) = 'x'", [0]),
        ("SELECT COUNT(*) FROM things t WHERE t.a > (SELECT avg(a) FROM things)", [3]),
        ("SELECT * FROM {model} WHERE length(s) > 1", [1, 3]),
        ("SELECT a, s FROM things WHERE s LIKE 'z%' ORDER BY a", [2, 3]),
        ("SELECT a FROM things QUALIFY row_number() OVER (PARTITION BY left(s, 1) ORDER BY a NULLS LAST) > 1", [1, 2]),
        ("SELECT count(*) FROM things WHERE extract(hour FROM t) = 3", [3]),
        ("SELECT count(*) FROM things WHERE s IN (SELECT s FROM things GROUP BY s HAVING max(a) > 50)", [3]),
    ],
)
def test_a_query_over_rows_sets_exactly_those_rows_aside(tmp_path: Path, query: str, rows: list[int]) -> None:
    result = gated(asked(tmp_path, query))
    assert result.quarantined["source_row"].to_list() == rows
    assert result.failures["source_row"].to_list() == rows
    assert [(f.rule, f.scope, f.count) for f in result.findings] == [("r", "row", len(rows))]


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("SELECT avg(a) FROM things", 103 / 3),
        ("SELECT count(DISTINCT left(s, 1)) FROM things", 2),
        ("SELECT (SELECT count(*) FROM things) - (SELECT count(a) FROM things)", 1),
        ("SELECT count(*) FROM things one JOIN things two ON one.a < two.a", 3),
        ("SELECT s FROM things GROUP BY s HAVING count(*) = 1", 4),
        ("SELECT DISTINCT left(s, 1) FROM things", 2),
        ("WITH big AS (SELECT a FROM things WHERE a > 1) SELECT count(*) FROM big", 2),
    ],
)
def test_any_other_query_gives_one_finding_with_what_it_measured(tmp_path: Path, query: str, value: float) -> None:
    result = gated(asked(tmp_path, query, mustBe=-1))
    [finding] = result.findings
    assert (finding.scope, result.refused) == ("table", True)
    assert finding.measured == pytest.approx(value)
    assert f"it gave {value:.15g}" in finding.message
    assert gated(asked(tmp_path, query, mustBeBetween=[value - 0.1, value + 0.1])).findings == ()


def test_a_query_that_gives_no_value_does_not_pass_unseen(tmp_path: Path) -> None:
    [finding] = gated(asked(tmp_path, "SELECT avg(a) FROM things WHERE a > 1000", mustBeLessThan=5)).findings
    assert "it gave no value (NULL)" in finding.message


@pytest.mark.parametrize(("limit", "messages"), [(30, 0), (20, 1)])
def test_a_share_of_the_rows_may_be_tolerated(tmp_path: Path, limit: int, messages: int) -> None:
    made = asked(tmp_path, "SELECT count(*) FROM things WHERE lower(s) = 'x'", mustBeLessThan=limit, unit="percent")
    result = gated(made)
    assert (len(result.findings), result.quarantined.height) == (messages, 0)
    assert result.failures["source_row"].to_list() == [0] * messages


def test_a_value_that_is_a_share_already_is_compared_as_it_is(tmp_path: Path) -> None:
    query = "SELECT 100.0 * count(*) FILTER (WHERE a IS NULL) / count(*) FROM things"
    assert gated(asked(tmp_path, query, mustBeLessThan=26, unit="percent")).findings == ()
    assert len(gated(asked(tmp_path, query, mustBeLessThan=25, unit="percent")).findings) == 1


@pytest.mark.parametrize(
    "query",
    [
        "SELECT count(*) FROM read_csv('/etc/passwd')",
        "SELECT count(*) FROM read_parquet('x.parquet')",
        "SELECT count(*) FROM read_text('/etc/passwd')",
        "SELECT count(*) FROM glob('/*')",
        "SELECT count(*) FROM sniff_csv('/etc/passwd')",
        "SELECT count(*) FROM '/etc/passwd'",
        "SELECT count(*) FROM 'https://example.org/x.parquet'",
        "SELECT count(*) FROM things WHERE s IN (SELECT content FROM read_text('/etc/passwd'))",
        "ATTACH 'other.db'",
        "LOAD httpfs",
        "INSTALL httpfs",
        "COPY things TO '/tmp/stolen.csv'",
        "PRAGMA database_list",
        "SET threads = 64",
        "CREATE TABLE x AS SELECT 1",
        "DROP TABLE things",
        "DELETE FROM things",
        "CALL pragma_version()",
        "SELECT 1; SELECT 2",
        "SELECT getenv('HOME')",
        "SELECT current_setting('threads')",
        "SELECT count(*) FROM duckdb_secrets()",
        "SELECT count(*) FROM duckdb_settings()",
        "SELECT count(*) FROM information_schema.tables",
        "SELECT count(*) FROM pg_catalog.pg_class",
        "SELECT count(*) FROM sqlite_master",
        "SELECT count(*) FROM system.information_schema.tables",
        "SELECT count(*) FROM query('SELECT 1')",
        "SELECT random()",
        "SELECT uuid()",
        "SELECT count(*) FROM things USING SAMPLE 10%",
        "SELECT count(*) FROM things TABLESAMPLE 10%",
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r",
        "SELECT count(*) FROM generate_series(1, 1000000000000)",
        "SELECT count(*) FROM range(1000000000000)",
        "SELECT length(repeat('x', 1000000000))",
        "SELECT count(*) FROM things WHERE system.main.abs(a) > 1",
    ],
)
def test_sql_that_reaches_for_more_than_the_rows_is_refused_at_load(tmp_path: Path, query: str) -> None:
    with pytest.raises(ContractInvalid) as raised:
        asked(tmp_path, query)
    assert "things.odcs.yaml:" in str(raised.value)
    assert len(str(raised.value)) < 500


@pytest.mark.parametrize(
    "query",
    [
        "SELECT count(*) FROM things WHERE b > 1",
        "SELECT avg(s) FROM things",
        "SELECT max(s) FROM things",
        "SELECT min(a), max(a) FROM things",
        "SELECT a FROM things ORDER BY a LIMIT 1",
        "SELECT rowid FROM things",
    ],
)
def test_sql_that_is_wrong_in_itself_is_refused_at_load(tmp_path: Path, query: str) -> None:
    with pytest.raises(ContractInvalid):
        asked(tmp_path, query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT count(*) FROM customers",
        "SELECT my_udf(a) FROM things",
        "SELECT TOP 5 FROM things WHERE",
        "SELECT now()",
        "SELECT current_date",
        "SELECT count(*) FROM things WHERE t < current_timestamp",
        "SELECT count(*) FROM things WHERE t < today()",
    ],
)
def test_sql_for_another_place_loads_and_is_named_as_not_enforced(tmp_path: Path, query: str) -> None:
    made = asked(tmp_path, query)
    assert len(made.unenforced) == 1
    assert gate(FRAME, made, partition="p").findings == ()


def test_a_query_that_fails_on_a_row_refuses_the_partition_and_says_why(tmp_path: Path) -> None:
    [finding] = gated(asked(tmp_path, "SELECT count(*) FROM things WHERE CAST(s AS INTEGER) > 0")).findings
    assert "could not be run" in finding.message
    assert "'x'" in finding.message


def test_a_query_that_takes_too_long_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = asked(tmp_path, "SELECT count(*) FROM things one, things two WHERE one.s < two.s")
    monkeypatch.setattr(running, "TIMEOUT", 0.2)
    frame = pl.DataFrame({"a": [1] * 200_000, "s": [str(n) for n in range(200_000)], "t": [FRAME["t"][0]] * 200_000})
    result = gate(frame, made, partition="p")
    assert "took longer than 0.2 s" in result.findings[0].message
    monkeypatch.undo()
    assert gated(made).findings[0].measured == 6


def test_a_query_that_needs_too_much_memory_is_stopped(tmp_path: Path) -> None:
    made = asked(tmp_path, "SELECT count(DISTINCT concat(one.s, two.s, one.s, two.s)) FROM things one, things two")
    frame = pl.DataFrame({"a": [1] * 6_000, "s": [f"{n:050d}" for n in range(6_000)], "t": [FRAME["t"][0]] * 6_000})
    assert "could not be run: Out of Memory" in gate(frame, made, partition="p").findings[0].message


def test_days_gated_together_get_what_each_gets_alone(tmp_path: Path) -> None:
    made = asked(tmp_path, "SELECT count(*) FROM things WHERE a >= (SELECT max(a) FROM things WHERE a > 1)")
    frames = {"1": FRAME, "2": FRAME.head(1), "3": FRAME.head(2)}
    together = gate_all(frames, made)
    assert [together[day].quarantined["source_row"].to_list() for day in frames] == [[3], [], [1]]
