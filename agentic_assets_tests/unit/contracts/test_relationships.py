from pathlib import Path
from typing import Any

import polars as pl
import pytest

from agentic_assets.contracts import Contract, GateResult, Reference, gate, gate_all, load
from agentic_assets.errors import ContractInvalid
from agentic_assets_tests.unit.contracts.written import contract, document, share, written

AIRPORTS = pl.DataFrame({"faa": ["EWR", "JFK", "LGA", "IAH"]})


def text(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "logicalType": "string", **more}


def to(target: str, **custom: Any) -> list[dict[str, Any]]:
    properties = [{"property": name, "value": value} for name, value in custom.items()]
    return [{"to": target} | ({"customProperties": properties} if properties else {})]


def flights(folder: Path, **custom: Any) -> Contract:
    return contract(folder, [text("dest", relationships=to("airports.faa", **custom))], customProperties=share(1))


def gated(made: Contract, *dests: str | None) -> GateResult:
    return gate(pl.DataFrame({"dest": dests}), made, partition="p", references={"airports": AIRPORTS})


def test_a_row_that_refers_to_nothing_there_is_set_aside_and_named(tmp_path: Path) -> None:
    result = gated(flights(tmp_path), "EWR", "SJU", "IAH", "BQN")
    assert result.valid["dest"].to_list() == ["EWR", "IAH"]
    assert result.quarantined.select("source_row", "rule", "value").rows() == [
        (1, "foreignKey(dest)", "SJU"),
        (3, "foreignKey(dest)", "BQN"),
    ]
    assert [finding.message for finding in result.findings] == [
        "`dest` breaks foreign key to airports(faa) on 2 rows, e.g. row 1: 'SJU'"
    ]


def test_a_null_refers_to_nothing_and_is_exempt(tmp_path: Path) -> None:
    assert gated(flights(tmp_path), None, "EWR").findings == ()


def test_a_pair_with_one_null_is_exempt_too(tmp_path: Path) -> None:
    pair = {"from": ["things.a", "things.b"], "to": ["other.x", "other.y"]}
    value = document([text("a"), text("b")], customProperties=share(1))
    value["schema"][0]["relationships"] = [pair]
    made = load(written(tmp_path, value))
    assert made.references == (Reference(("a", "b"), "other", ("x", "y")),)
    known = pl.DataFrame({"x": ["1", "2", None], "y": ["1", "2", "3"]})
    frame = pl.DataFrame({"a": ["1", "1", None, "2"], "b": ["1", "2", "9", None]})
    result = gate(frame, made, partition="p", references={"other": known})
    assert result.quarantined.select("source_row", "value").rows() == [(1, "a=1, b=2")]


def test_a_warning_reports_and_keeps_the_rows(tmp_path: Path) -> None:
    result = gated(flights(tmp_path, severity="warning"), "EWR", "SJU")
    assert (result.valid.height, result.refused) == (2, False)
    assert [(f.severity, f.count, f.example_value) for f in result.findings] == [("warning", 1, "SJU")]
    assert result.failures.rows() == [("foreignKey(dest)", "dest", "warning", 1, "SJU")]


@pytest.mark.parametrize(("share_allowed", "refused"), [(50, False), (20, True)])
def test_a_share_of_strangers_may_be_tolerated(tmp_path: Path, share_allowed: int, refused: bool) -> None:
    made = flights(tmp_path, mustBeLessOrEqualTo=share_allowed, unit="percent")
    result = gated(made, "EWR", "SJU", "JFK")
    assert (result.refused, result.quarantined.height) == (refused, 0)
    broken = "`dest`: rows that break foreign key to airports(faa) must be at most 20 %, there are 1 of 3"
    expected = [f"{broken}, e.g. row 1: 'SJU'"] if refused else []
    assert [finding.message for finding in result.findings] == expected


def test_what_nobody_can_look_up_is_named_in_a_warning(tmp_path: Path) -> None:
    result = gate(pl.DataFrame({"dest": ["X"]}), flights(tmp_path), partition="p")
    assert (result.valid.height, result.refused) == (1, False)
    assert [finding.message for finding in result.findings] == [
        "`dest`: foreign key to airports(faa) was not checked: no rows of `airports` were given"
    ]


def test_a_key_that_is_not_there_or_of_another_type_refuses_the_partition(tmp_path: Path) -> None:
    made = flights(tmp_path)
    for known, word in ((pl.DataFrame({"iata": ["X"]}), "has no column `faa`"), (pl.DataFrame({"faa": [1]}), "Int64")):
        result = gate(pl.DataFrame({"dest": ["X"]}), made, partition="p", references={"airports": known})
        assert result.refused
        assert word in result.findings[0].message


@pytest.mark.parametrize(
    "target", ["airports.faa", "schema/airports/properties/faa", "other.odcs.yaml#/schema/airports/properties/faa"]
)
def test_a_reference_may_be_written_short_or_as_a_path(tmp_path: Path, target: str) -> None:
    made = contract(tmp_path, [text("dest", relationships=to(target))])
    assert made.references == (Reference(("dest",), "airports", ("faa",)),)


def test_a_table_may_refer_to_its_own_rows(tmp_path: Path) -> None:
    item = text("parent", relationships=to("things.id"))
    made = contract(tmp_path, [text("id"), item], customProperties=share(1))
    frame = pl.DataFrame({"id": ["a", "b", "c"], "parent": [None, "a", "z"]})
    assert gate(frame, made, partition="p").quarantined["value"].to_list() == ["z"]


def test_a_relationship_from_an_unknown_column_is_refused_with_its_line(tmp_path: Path) -> None:
    value = document([text("a")])
    value["schema"][0]["relationships"] = [{"from": "things.b", "to": "other.x"}]
    with pytest.raises(ContractInvalid, match=r"things\.odcs\.yaml:12: the relationship is about `b`"):
        load(written(tmp_path, value))


def test_days_that_refer_to_different_rows_are_judged_each_by_its_own(tmp_path: Path) -> None:
    made = flights(tmp_path)
    frames = {day: pl.DataFrame({"dest": ["A", "B"]}) for day in ("1", "2", "3")}
    known = {
        "1": {"airports": pl.DataFrame({"faa": ["A", "B"]})},
        "2": {"airports": pl.DataFrame({"faa": ["A"]})},
        "3": {},
    }
    together = gate_all(frames, made, references=known)
    for day, frame in frames.items():
        alone = gate(frame, made, partition=day, references=known[day])
        assert (together[day].findings, together[day].valid.rows()) == (alone.findings, alone.valid.rows())
    assert [together[day].quarantined.height for day in frames] == [0, 1, 0]
