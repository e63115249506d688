from pathlib import Path
from typing import Any

import pytest

from agentic_assets.contracts import Lint, Note, lint
from agentic_assets_tests.unit.contracts.written import document, written

STRING = {"name": "c", "logicalType": "string"}
KEY = {"name": "k", "logicalType": "integer", "required": True, "primaryKey": True, "description": "The key."}
CONTRACTS = sorted((Path(__file__).parents[3] / "contracts").rglob("*.odcs.yaml"))

Said = dict[str, Any]


def linted(folder: Path, properties: list[Said], quality: list[Said] | None = None, **more: Any) -> Lint:
    enumerated = "enum" in str(properties) and not more
    newest = {"apiVersion": "v3.2.0"} if enumerated else {}
    value = document(properties, quality or [], **{"team": {"name": "crew"}, "status": "active"} | newest | more)
    value = {key: item for key, item in value.items() if item is not None}
    for table in value["schema"]:
        table.setdefault("description", "Things.")
    return lint(written(folder, value))


def first(found: Lint, rule: str) -> Note:
    note, *_ = [note for note in found.notes if note.rule == rule]
    return note


def column(**said: Any) -> list[Said]:
    return [KEY, {"name": "c", "logicalType": "string", "description": "A thing."} | said]


def options(kind: str, **said: Any) -> list[Said]:
    return column(logicalType=kind, logicalTypeOptions=said)


def check(**said: Any) -> list[Said]:
    return column(quality=[said])


def rows(*checks: Said) -> list[Said]:
    return column(quality=[{"metric": "nullValues"} | said for said in checks])


@pytest.mark.parametrize("path", CONTRACTS, ids=lambda path: path.name)
def test_the_contracts_of_this_project_are_without_errors_and_warnings(path: Path) -> None:
    found = lint(path)
    assert [note for note in found.notes if note.severity != "info"] == []
    assert len(found.contracts) == 1


def test_a_plain_contract_has_no_note_at_all(tmp_path: Path) -> None:
    assert linted(tmp_path, column()).notes == ()


@pytest.mark.parametrize(
    ("properties", "rule", "line"),
    [
        (options("integer", minimum=5, maximum=4), "range-empty", 18),
        (options("string", minLength=5, maxLength=4), "length-empty", 18),
        (options("string", pattern="(unclosed"), "pattern-invalid", 18),
        (options("date", minimum="2013-02-30"), "bound-unreadable", 18),
        (options("timestamp", defaultTimezone="Mars/Olympus"), "time-zone", 18),
        (column(enum=[{"value": 1}]), "enum-value", 18),
        ([KEY, KEY], "duplicate-column", 14),
        ([KEY, {"name": "*", "logicalType": "string"}], "column-name", 14),
        ([KEY | {"requierd": True}], "unknown-key", 9),
        ([KEY | {"logicalType": "int"}], "not-standard", 10),
    ],
)
def test_what_keeps_a_file_from_loading_is_an_error_at_its_line(
    tmp_path: Path, properties: list[Said], rule: str, line: int
) -> None:
    found = linted(tmp_path, properties)
    note = first(found, rule)
    assert (note.severity, note.line, found.loads, found.contracts) == ("error", line, False, ())
    assert note.hint


@pytest.mark.parametrize(
    ("properties", "rule", "severity"),
    [
        (options("string", pattern="^(?!x).*$"), "pattern-beyond", "error"),
        (options("string", pattern=r"^(a)\1$"), "pattern-beyond", "error"),
        (options("string", pattern="^EWR|JFK$"), "pattern-loose-anchors", "warning"),
        ([{"name": "c", "logicalType": "string", "primaryKey": True}], "key-not-required", "warning"),
        (column(primaryKeyPosition=2), "key-position", "warning"),
        ([KEY, KEY | {"name": "l"}], "key-position", "warning"),
        ([STRING], "key-missing", "info"),
        ([KEY, STRING], "column-description-missing", "info"),
        (column(name="K"), "column-names-alike", "warning"),
        (column(physicalName="k"), "physical-name-shared", "warning"),
        (column(name="partition"), "reserved-name", "warning"),
        (column(name="${COLUMN}"), "unresolved-variable", "warning"),
        (column(partitionKeyPosition=1), "partition-position", "warning"),
        (column(logicalType="boolean", unique=True), "unique-boolean", "warning"),
        (column(classification="restricted"), "class-without-tag", "info"),
        (column(classification="blue"), "class-unknown", "info"),
        (column(tags=["pii:email"]), "personal-but-open", "warning"),
        (column(physicalType="varchar(3)", logicalTypeOptions={"maxLength": 5}), "length-exceeds-type", "warning"),
        (column(logicalType="integer", physicalType="int16", logicalTypeOptions={"maximum": 99_999}),
         "range-exceeds-type", "warning"),
        (column(examples=["ok", "no"], logicalTypeOptions={"pattern": "ok"}), "example-breaks-rule", "warning"),
        (column(logicalType="date", examples=["2013-02-30"]), "example-breaks-rule", "warning"),
        (column(logicalType="integer", examples=["one"]), "example-breaks-rule", "warning"),
        (column(required=True, examples=[None]), "example-breaks-rule", "warning"),
        (column(enum=[{"value": "ok"}, {"value": "no"}], logicalTypeOptions={"pattern": "ok"}), "enum-breaks-rule",
         "warning"),
        ([*column(id="same"), KEY | {"name": "l", "id": "same", "primaryKey": False}], "duplicate-id", "warning"),
        (column(physicalType="int32"), "type-contradiction", "warning"),
        (column(logicalType="object"), "type-unknown", "info"),
        (rows({"mustBeLessThan": 0}), "threshold-never-holds", "warning"),
        (rows({"mustBe": 0.5}), "threshold-never-holds", "warning"),
        (rows({"mustBeGreaterThan": 100, "unit": "percent"}), "threshold-never-holds", "warning"),
        (rows({"mustBeBetween": [-5, -1]}), "threshold-never-holds", "warning"),
        (rows({"mustBeGreaterOrEqualTo": 0}), "threshold-always-holds", "warning"),
        (rows({"mustBeLessOrEqualTo": 100, "unit": "percent"}), "threshold-always-holds", "warning"),
        (rows({"mustNotBe": -1}), "threshold-always-holds", "warning"),
        (rows({"mustBeLessThan": 0.05, "unit": "percent"}), "percent-as-share", "warning"),
        (rows({"mustBeLessThan": 5}, {"mustBeGreaterThan": 9}), "check-contradicts", "warning"),
        (column(required=True, quality=[{"metric": "nullValues", "mustBeGreaterThan": 3}]), "check-contradicts",
         "warning"),
        (rows({"mustBeLessThan": 5}, {"mustBeLessThan": 5, "id": "other"}), "check-repeated", "warning"),
        (column(required=True, quality=[{"metric": "nullValues", "mustBe": 0}]), "check-redundant", "info"),
        (check(metric="nullValues", mustBe=0, unit="furlongs"), "unit-unknown", "warning"),
        (check(metric="nullValues", mustBe=0, severity="purple"), "severity-unknown", "warning"),
        (check(type="text", description="Looks right."), "check-for-people", "info"),
    ],
)  # fmt: skip
def test_likely_mistakes_are_named_and_the_file_loads(
    tmp_path: Path, properties: list[Said], rule: str, severity: str
) -> None:
    found = linted(tmp_path, properties)
    assert (first(found, rule).severity, found.loads) == (severity, True)


@pytest.mark.parametrize(
    ("more", "rule", "severity"),
    [
        ({"version": "banana"}, "version-not-semantic", "error"),
        ({"version": "1.0"}, "version-not-semantic", "error"),
        ({"team": {}}, "owner-missing", "warning"),
        ({"team": {"members": [{"username": "a", "dateOut": "2020-01-01"}]}}, "owner-left", "warning"),
        ({"status": "sleepy"}, "status-unknown", "info"),
        ({"status": None}, "status-missing", "warning"),
        ({"context": "Count things."}, "later-word", "warning"),
        ({"slaProperties": [{"property": "latency", "value": 1, "unit": "d", "element": "things.z"}]},
         "sla-unknown-element", "error"),
        ({"slaProperties": [{"property": "frequency", "value": value, "unit": "d"} for value in (1, 2)]},
         "sla-contradicts", "warning"),
        ({"schema": [{"name": "../etc", "properties": [KEY]}]}, "table-name", "error"),
        ({"schema": [{"name": name, "properties": [KEY]} for name in "aA"]}, "duplicate-table", "error"),
        ({"schema": [{"name": "a b", "description": "x", "properties": [KEY]}]}, "dataset-renamed", "info"),
        ({"schema": [{"name": "a", "description": "", "properties": [KEY]}]}, "description-missing", "warning"),
        ({"schema": []}, "no-table", "info"),
        ({"kind": "Other"}, "not-odcs", "error"),
        ({"schema": [{"name": "a", "description": "x", "properties": [KEY | {"relationships": [{"to": "a.z"}]}]}]},
         "relationship-unknown-column", "error"),
    ],
)  # fmt: skip
def test_mistakes_about_the_file_are_named(tmp_path: Path, more: Said, rule: str, severity: str) -> None:
    assert first(linted(tmp_path, column(), **more), rule).severity == severity


@pytest.mark.parametrize(
    "properties",
    [
        options("string", pattern="^(?:EWR|JFK)$"),
        options("string", pattern=r"^a[|]b\|c$"),
        rows({"mustBeLessThan": 5}, {"mustBeGreaterThan": 1}),
        rows({"mustBeLessThan": 5}, {"mustBeLessThan": 5, "unit": "percent"}),
        rows({"mustBe": 0}),
        rows({"mustBeBetween": [0, 3]}),
        column(logicalType="number", examples=[1, 2.5, "3"]),
        column(logicalType="timestamp", examples=["2013-01-01T10:15:00Z"]),
        column(logicalType="boolean", examples=[True]),
        column(logicalType="array", items={"logicalType": "integer", "description": "x"}, examples=[[1, 2]]),
        column(classification="restricted", tags=["pii"]),
    ],
)
def test_what_is_right_is_left_alone(tmp_path: Path, properties: list[Said]) -> None:
    assert linted(tmp_path, properties).notes == ()


@pytest.mark.parametrize(
    ("content", "rule", "line"),
    [
        ("a: [", "yaml-syntax", 2),
        ("a: 1\nb: 2\na: 3\n", "yaml-duplicate-key", 3),
        ("a: !!python/object:os.system x\n", "yaml-tag", 1),
        ("- 1\n", "yaml-no-mapping", 1),
        ("a: 99999999999999999999999\n", "yaml-value", 1),
        ("? [1]\n: 2\n", "yaml-key", 1),
    ],
)
def test_a_file_that_is_no_yaml_to_be_read_gives_one_error(tmp_path: Path, content: str, rule: str, line: int) -> None:
    found = lint(written(tmp_path, content))
    assert [(note.rule, note.severity, note.line) for note in found.notes] == [(rule, "error", line)]
    assert not found.loads


def test_a_file_that_is_not_there_gives_one_error(tmp_path: Path) -> None:
    assert [note.rule for note in lint(tmp_path / "none.odcs.yaml").notes] == ["file-unreadable"]


def test_notes_come_by_line_with_path_place_and_hint(tmp_path: Path) -> None:
    found = linted(tmp_path, options("integer", minimum=5, maximum=4), version="1.0")
    assert [note.rule for note in found.notes] == ["version-not-semantic", "range-empty"]
    note = found.notes[1]
    assert (note.path, note.place) == ("things.odcs.yaml", "schema[0].properties[1].logicalTypeOptions.minimum")
    assert "no value fits" in note.message
    assert note.hint == "swap them"
