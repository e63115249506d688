"""The gate's verdict, row by row and rule by rule, against the same rules written again as SQL for DuckDB."""

import datetime as dt
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentic_assets.contracts import Contract, GateResult, gate, gate_all, load
from agentic_assets.contracts.gating.result import FAILURES_KEPT
from agentic_assets_tests.unit.contracts.written import document, share, written

LAWFUL = settings(derandomize=True, max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
NOON = dt.datetime(2013, 7, 1, 12, tzinfo=dt.UTC)
KNOWN = pl.DataFrame({"string": ["a", "b", None, "7"], "integer": [1, 2, None, 7]})

VALUES: dict[str, tuple[pl.DataType, st.SearchStrategy[Any]]] = {
    "string": (
        pl.String(),
        st.sampled_from(["", "a", "b", "c", "7", "abcdef", "é\u0301x", "x" * 70_000, "\x00\n", "' OR 1=1 --", "A"]),
    ),
    "integer": (pl.Int64(), st.one_of(st.integers(-2, 12), st.sampled_from([2**62, -(2**63), 2**53 + 1]))),
    "number": (
        pl.Float64(),
        st.one_of(st.integers(-2, 9).map(float), st.sampled_from([float("nan"), float("inf"), -0.0, 8.5, 1e300])),
    ),
    "boolean": (pl.Boolean(), st.booleans()),
    "date": (pl.Date(), st.dates(dt.date(2013, 6, 29), dt.date(2013, 7, 3))),
    "timestamp": (pl.Datetime("us", "UTC"), st.sampled_from([NOON, NOON - dt.timedelta(microseconds=1)])),
}
# What ODCS says, and which rows break it: the column's finite value stands for {c}.
OPTIONS: dict[str, list[tuple[dict[str, Any], str, str]]] = {
    "string": [
        ({"pattern": "[a-z]*"}, "pattern({n})", "NOT regexp_full_match({c}, '[a-z]*')"),
        ({"minLength": 1, "maxLength": 5}, "length({n})", "length({c}) NOT BETWEEN 1 AND 5"),
    ],
    "integer": [
        ({"minimum": 0, "exclusiveMaximum": 9}, "range({n})", "{c} < 0 OR {c} >= 9"),
        ({"multipleOf": 2}, "multipleOf({n})", "{c} % 2 <> 0"),
    ],
    "number": [
        ({"minimum": 0}, "range({n})", "{c} < 0"),
        ({"exclusiveMinimum": -1, "maximum": 8.5}, "range({n})", "{c} <= -1 OR {c} > 8.5"),
    ],
    "boolean": [],
    "date": [({"maximum": "2013-07-01"}, "range({n})", "{c} > DATE '2013-07-01'")],
    "timestamp": [({"minimum": "2013-07-01T12:00:00Z"}, "range({n})", "{c} < TIMESTAMPTZ '2013-07-01 12:00:00+00'")],
}
SAME: str = "{c} IS NOT NULL AND count(*) OVER (PARTITION BY {c}) > 1"
CHECKS: dict[str, list[tuple[dict[str, Any], str, str]]] = {
    "string": [
        (
            {"metric": "invalidValues", "arguments": {"validValues": ["a", "b", "7"]}},
            "invalidValues({n})",
            "{c} NOT IN ('a', 'b', '7')",
        ),
        (
            {"type": "sql", "id": "long", "query": "SELECT COUNT(*) FROM things WHERE length(${column}) > 3"},
            "long",
            "length({c}) > 3",
        ),
    ],
    "integer": [
        (
            {"metric": "missingValues", "arguments": {"missingValues": [7]}},
            "missingValues({n})",
            "{c} IS NULL OR {c} = 7",
        ),
        (
            {"type": "sql", "id": "small", "query": "SELECT COUNT(*) FROM things WHERE ${column} BETWEEN 1 AND 4"},
            "small",
            "{c} >= 1 AND {c} <= 4",
        ),
        (
            {
                "type": "sql",
                "id": "most",
                "query": "SELECT a.* FROM things a WHERE ${column} = (SELECT max(${column}) FROM things)",
            },
            "most",
            "{c} = max({c}) OVER ()",
        ),
    ],
    "number": [({"metric": "duplicateValues"}, "duplicateValues({n})", SAME)],
    "boolean": [({"metric": "nullValues"}, "nullValues({n})", "{n} IS NULL")],
    "date": [({"metric": "duplicateValues"}, "duplicateValues({n})", SAME)],
    "timestamp": [({"metric": "nullValues"}, "nullValues({n})", "{n} IS NULL")],
}


@dataclass
class Case:
    """A contract as written, what each of its rules means in SQL, and rows."""

    properties: list[dict[str, Any]] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)

    def value(self, name: str) -> str:
        return f"CASE WHEN isfinite({name}) THEN {name} END" if self.kinds[name] == "number" else name

    def says(self, rule: str, name: str, sql: str) -> None:
        self.broken[rule.format(n=name)] = sql.format(n=name, c=f"({self.value(name)})")

    def contract(self) -> Contract:
        with tempfile.TemporaryDirectory() as folder:
            return load(written(Path(folder), document(self.properties, customProperties=share(1))))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    case = Case()
    keys: list[str] = []
    checked: set[str] = set()
    for number in range(draw(st.integers(1, 4))):
        name, kind = f"c{number}", draw(st.sampled_from(sorted(VALUES)))
        case.kinds[name] = kind
        item: dict[str, Any] = {"name": name, "logicalType": kind}
        if kind == "number":
            case.says("nan({n})", name, "NOT isfinite({n})")
        if draw(st.integers(0, 3)) == 0:
            item["primaryKey"] = True
            keys.append(name)
        if draw(st.integers(0, 3)) == 0:
            item["required"] = True
        if item.get("required") or item.get("primaryKey"):
            case.says("required({n})", name, "{n} IS NULL")
        if draw(st.integers(0, 3)) == 0:
            item["unique"] = True
            case.says("unique({n})", name, SAME)
        options = OPTIONS[kind]
        if draw(st.booleans()) and options:
            item["logicalTypeOptions"], rule, sql = draw(st.sampled_from(options))
            case.says(rule, name, sql)
        if draw(st.booleans()):
            check, rule, sql = draw(st.sampled_from(CHECKS[kind]))
            if rule not in checked:
                checked.add(rule)
                item["quality"] = [check | {"mustBe": 0}]
                case.says(rule, name, sql)
        if kind in KNOWN.columns and draw(st.booleans()):
            item["relationships"] = [{"to": f"known.{kind}"}]
            case.says("foreignKey({n})", name, f"{{c}} NOT IN (SELECT {kind} FROM known WHERE {kind} IS NOT NULL)")
        case.properties.append(item)
    if keys:
        values = [case.value(name) for name in keys]
        there = " AND ".join(f"({value}) IS NOT NULL" for value in values)
        case.broken[f"primaryKey({','.join(keys)})"] = (
            f"{there} AND count(*) OVER (PARTITION BY {', '.join(values)}) > 1"
        )
    return case


def frames(case: Case, *, least: int = 1) -> st.SearchStrategy[pl.DataFrame]:
    rows = st.tuples(*(st.one_of(st.none(), VALUES[kind][1]) for kind in case.kinds.values()))
    schema = {name: VALUES[kind][0] for name, kind in case.kinds.items()}
    return st.lists(rows, min_size=least, max_size=30).map(lambda made: pl.DataFrame(made, schema=schema, orient="row"))


def by_duckdb(case: Case, frame: pl.DataFrame, rules: list[str]) -> dict[int, set[str]]:
    held = duckdb.connect()
    held.execute("SET TimeZone = 'UTC'")
    held.register("things", frame.with_row_index("row"))
    held.register("known", KNOWN)
    found: dict[int, set[str]] = {}
    for rule in rules:
        for row, broken in held.execute(f"SELECT row, {case.broken[rule]} FROM things").fetchall():
            if broken:
                found.setdefault(row, set()).add(rule)
    held.close()
    return found


def by_gate(result: GateResult) -> dict[int, set[str]]:
    return {row: set(rules.split(", ")) for row, rules in result.quarantined.select("source_row", "rules").rows()}


def the_same(left: GateResult, right: GateResult) -> bool:
    frames_equal = all(
        getattr(left, name).equals(getattr(right, name)) for name in ("valid", "quarantined", "failures")
    )
    return frames_equal and left.findings == right.findings and left.refused == right.refused


@LAWFUL
@given(data=st.data())
def test_every_verdict_on_every_row_is_the_one_of_duckdb(data: st.DataObject) -> None:
    case = data.draw(cases())
    made = case.contract()
    frame = data.draw(frames(case))
    result = gate(frame, made, partition="p", references={"known": KNOWN})
    rules = [rule.id for rule in made.rules if not rule.id.startswith("type(")]
    assert by_gate(result) == by_duckdb(case, frame, rules)
    assert result.valid.height + result.quarantined.height == frame.height
    assert {finding.rule: finding.count for finding in result.findings if finding.scope == "row"} == {
        rule: count for rule in rules if (count := sum(rule in broken for broken in by_gate(result).values()))
    }


@LAWFUL
@given(data=st.data())
def test_partitions_gated_together_get_what_each_gets_alone(data: st.DataObject) -> None:
    case = data.draw(cases())
    made = case.contract()
    parts = {str(number): data.draw(frames(case, least=0)) for number in range(4)}
    shared = {"known": KNOWN}
    given_rows = {"0": shared, "1": shared, "2": {"known": KNOWN.head(1)}, "3": {}}
    together = gate_all(parts, made, references=given_rows)
    for name, part in parts.items():
        assert the_same(together[name], gate(part, made, partition=name, references=given_rows[name]))


@LAWFUL
@given(data=st.data())
def test_whatever_is_delivered_is_counted_once_and_reported_in_bounds(data: st.DataObject) -> None:
    case = data.draw(cases())
    made = case.contract()
    height = data.draw(st.integers(0, 30))
    columns = {}
    for name in case.kinds:
        if data.draw(st.integers(0, 5)):
            dtype, values = VALUES[data.draw(st.sampled_from(sorted(VALUES)))]
            drawn = data.draw(st.lists(st.one_of(st.none(), values), min_size=height, max_size=height))
            columns[name] = pl.Series(name, drawn, dtype)
    frame = pl.DataFrame(columns) if columns else pl.DataFrame({"other": [0] * height})
    result = gate(frame, made, partition="p", references={"known": KNOWN})
    assert result.valid.height + result.quarantined.height == result.read == frame.height
    assert dict(result.valid.schema) == made.schema
    assert len(result.findings) <= len(made.rules) + len(made.columns) + 4
    assert all(len(finding.message) <= 600 for finding in result.findings)
    assert len(result.message()) <= 12_000
    kept = Counter(result.failures["rule"].to_list())
    assert all(count <= FAILURES_KEPT for count in kept.values())
    assert all(len(value or "") <= 200 for value in result.failures["value"].to_list())
