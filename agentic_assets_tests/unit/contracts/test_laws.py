"""Laws that hold for any contract and any frame."""

import datetime as dt
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from agentic_assets.contracts import Contract, gate, gate_all
from agentic_assets.contracts.gating import audit
from agentic_assets.contracts.gating.conform import conform
from agentic_assets.contracts.gating.measure import broken_by, measure
from agentic_assets_tests.unit.contracts.written import contract, share

NOON = dt.datetime(2013, 7, 1, 12, tzinfo=dt.UTC)
LAWFUL = settings(derandomize=True, max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))

TEXTS = st.sampled_from(
    ["", "a", "b", "7", "-1", "3.5", "NaN", "true", "2013-07-01", "2013-07-01T12:00:00Z", "x" * 300, "\x00é"]
)
NUMBERS = st.one_of(st.integers(-3, 12), st.sampled_from([2**31, -(2**63), 2**53 + 1]))
FLOATS = st.one_of(st.floats(-3, 12), st.sampled_from([float("nan"), float("inf"), -0.0, 0.0, 1e300]))
VALUES: dict[pl.DataType, st.SearchStrategy[Any]] = {
    pl.String(): TEXTS,
    pl.Int64(): NUMBERS,
    pl.Int8(): st.integers(-3, 12),
    pl.Float64(): FLOATS,
    pl.Float32(): st.floats(-3, 12, width=32),
    pl.Boolean(): st.booleans(),
    pl.Date(): st.dates(dt.date(2013, 6, 29), dt.date(2013, 7, 3)),
    pl.Datetime("us", "UTC"): st.just(NOON),
    pl.Datetime("ns", "America/New_York"): st.just(NOON),
    pl.Datetime("us"): st.just(NOON.replace(tzinfo=None)),
    pl.List(pl.Int64()): st.lists(st.integers(0, 2), max_size=2),
    pl.Binary(): st.binary(max_size=2),
    pl.Null(): st.none(),
}
NATIVE: dict[str, list[pl.DataType]] = {
    "string": [pl.String()],
    "integer": [pl.Int64(), pl.Int8(), pl.String()],
    "number": [pl.Float64(), pl.Float32(), pl.Int64(), pl.String()],
    "boolean": [pl.Boolean(), pl.String()],
    "date": [pl.Date(), pl.String()],
    "timestamp": [pl.Datetime("us", "UTC"), pl.Datetime("ns", "America/New_York"), pl.String()],
}
OPTIONS: dict[str, list[dict[str, Any]]] = {
    "string": [{"pattern": "[a-z]*"}, {"minLength": 1, "maxLength": 5}, {"format": "timezone"}],
    "integer": [{"minimum": 0, "exclusiveMaximum": 9}, {"multipleOf": 2}, {"format": "i32"}],
    "number": [{"minimum": 0}, {"exclusiveMinimum": -1, "maximum": 8.5}],
    "boolean": [{}],
    "date": [{"maximum": "2013-07-01"}],
    "timestamp": [{"minimum": "2013-07-01T12:00:00Z"}],
}
CHECKS: dict[str, dict[str, Any]] = {
    "string": {"metric": "invalidValues", "arguments": {"validValues": ["a", "b", "7"]}},
    "integer": {"metric": "missingValues", "arguments": {"missingValues": [7]}},
    "number": {"metric": "duplicateValues"},
    "boolean": {"metric": "nullValues"},
    "date": {"metric": "duplicateValues"},
    "timestamp": {"metric": "nullValues"},
}


@st.composite
def properties(draw: st.DrawFn) -> list[dict[str, Any]]:
    made = []
    for number in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(sorted(NATIVE)))
        item: dict[str, Any] = {"name": f"c{number}", "logicalType": kind}
        for flag in ("required", "unique", "primaryKey"):
            item |= {flag: True} if draw(st.integers(0, 3)) == 0 else {}
        if draw(st.booleans()):
            item["logicalTypeOptions"] = draw(st.sampled_from(OPTIONS[kind]))
        if draw(st.booleans()):
            operators: list[dict[str, Any]] = [{"mustBe": 0}, {"mustBeLessThan": 30, "unit": "percent"}]
            severities: list[dict[str, Any]] = [{}, {"severity": "warning"}]
            operator, severity = draw(st.sampled_from(operators)), draw(st.sampled_from(severities))
            item["quality"] = [CHECKS[kind] | operator | severity]
        made.append(item)
    return made


@st.composite
def cases(draw: st.DrawFn) -> tuple[Contract, pl.DataFrame]:
    """Draw a contract with a row number, and a frame that is meant for it, more or less."""
    items = draw(properties())
    numbers = [item["name"] for item in items if item["logicalType"] in ("integer", "number")]
    quality = []
    crossed = draw(st.booleans())
    if numbers and crossed:
        query = f"SELECT COUNT(*) FROM ${{object}} WHERE {numbers[0]} > {numbers[-1]} + 1 OR {numbers[0]} = 3"
        quality.append({"type": "sql", "query": query, "mustBe": 0})
    number = {"name": "source_row", "logicalType": "integer"}
    with tempfile.TemporaryDirectory() as folder:
        made = contract(
            Path(folder), [*items, number], quality, customProperties=share(draw(st.sampled_from([0, 0.5, 1])))
        )
    height = draw(st.integers(0, 14))
    columns = {"source_row": pl.Series(range(100, 100 + height), dtype=pl.Int64)}
    for item in items:
        if draw(st.integers(0, 15)) == 0:
            continue  # not delivered
        usual = draw(st.integers(0, 5)) > 0
        dtype = draw(st.sampled_from(NATIVE[item["logicalType"]] if usual else list(VALUES)))
        values = st.one_of(st.none(), VALUES[dtype], VALUES[dtype], VALUES[dtype])
        drawn = draw(st.lists(values, min_size=height, max_size=height))
        columns[item["name"]] = pl.Series(drawn, dtype=dtype, strict=False)
    if draw(st.integers(0, 9)) == 0:
        columns["extra"] = pl.Series([1] * height)
    return made, pl.DataFrame(columns)


@LAWFUL
@given(cases())
def test_no_row_is_lost_invented_or_moved(case: tuple[Contract, pl.DataFrame]) -> None:
    made, frame = case
    result = gate(frame, made, partition="p")
    assert result.read == frame.height == result.valid.height + result.quarantined.height
    kept, refused = result.valid["source_row"].to_list(), result.quarantined["source_row"].to_list()
    assert sorted(kept + refused) == frame["source_row"].to_list()
    assert kept == sorted(kept)
    assert refused == sorted(refused)
    assert dict(result.valid.schema) == made.schema


@LAWFUL
@given(cases())
def test_what_passed_passes_again_unchanged(case: tuple[Contract, pl.DataFrame]) -> None:
    made, frame = case
    valid = gate(frame, made, partition="p").valid
    again = gate(valid, made, partition="p")
    assert_frame_equal(again.valid, valid)
    assert again.quarantined.height == 0


@LAWFUL
@given(cases())
def test_pandera_and_the_fast_pass_agree_on_every_rule_and_row(case: tuple[Contract, pl.DataFrame]) -> None:
    made, frame = case
    conformed = conform(frame, made)
    rules = [rule for rule in made.rules if not rule.counts_rows]
    judged = audit.verdict(conformed.marked, made, rules)
    fast = {rule.id: broken_by(conformed.marked, rule) for rule in rules}
    assert {rule_id: mask.to_list() for rule_id, mask in judged.items()} == {
        rule_id: mask.to_list() for rule_id, mask in fast.items() if mask.any()
    }
    assert measure(conformed, made) == {rule.id: int(fast[rule.id].sum()) for rule in rules}


@LAWFUL
@given(cases(), st.lists(st.integers(0, 14), max_size=3))
def test_many_partitions_at_once_give_what_each_gives_alone(
    case: tuple[Contract, pl.DataFrame], cuts: list[int]
) -> None:
    made, frame = case
    edges = [0, *sorted(min(cut, frame.height) for cut in cuts), frame.height]
    parts = {f"p{n}": frame.slice(a, b - a) for n, (a, b) in enumerate(pairwise(edges))}
    together = gate_all(parts, made)
    assert list(together) == list(parts)
    for name, part in parts.items():
        alone = gate(part, made, partition=name)
        assert_frame_equal(together[name].valid, alone.valid)
        assert_frame_equal(together[name].quarantined, alone.quarantined)
        assert together[name].findings == alone.findings
        assert (together[name].refused, together[name].message()) == (alone.refused, alone.message())


@LAWFUL
@given(cases())
def test_findings_and_messages_stay_small(case: tuple[Contract, pl.DataFrame]) -> None:
    made, frame = case
    result = gate(frame, made, partition="p")
    assert len(result.findings) <= len(made.rules) + len(made.columns) + 4
    assert all(len(finding.message) < 600 for finding in result.findings)
    assert all(len(finding.example_value or "") <= 200 for finding in result.findings)
    assert len(result.message()) < 6_000
    assert bool(result.quarantined.height) <= any(finding.severity == "error" for finding in result.findings)
