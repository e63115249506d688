"""What contracts promise of the columns of a policy."""

from __future__ import annotations

from pathlib import Path

from agentic_assets.contracts import load
from agentic_assets.language import Type
from agentic_assets.policy.analysis import Fact, facts_in_common, facts_of

_CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: yard-rows
version: 1.0.0
domain: yard
status: active
description: {purpose: Every row of the yard.}
team: {name: yard}
schema:
  - name: rows
    properties:
      - {name: minute, logicalType: integer, required: true, logicalTypeOptions: {minimum: 0, exclusiveMaximum: 60}}
      - {name: origin, logicalType: string, logicalTypeOptions: {pattern: '^(EWR|JFK)$'}}
      - {name: state, logicalType: string, enum: [{value: open}, {value: shut}]}
      - {name: late, logicalType: string, required: true}
      - {name: elsewhere, logicalType: integer, required: true}
"""
_READS = {"minute": Type.NUMBER, "origin": Type.STRING, "state": Type.STRING, "late": Type.BOOLEAN}


def test_ranges_presence_lists_and_plain_alternatives_are_taken_from_columns_of_the_same_type(tmp_path: Path) -> None:
    path = tmp_path / "rows.odcs.yaml"
    path.write_text(_CONTRACT)
    facts = facts_of([load(path)], _READS)
    source = "yard/rows@1.0.0"
    assert set(facts) == {"minute", "origin", "state"}
    assert Fact(source, required=True) in facts["minute"]
    assert Fact(source, minimum=0, maximum=60, open_right=True) in facts["minute"]
    assert facts["origin"] == (Fact(source, values=("EWR", "JFK")),)
    assert facts["state"] == (Fact(source, values=("open", "shut")),)


def test_a_fact_admits_what_keeps_it() -> None:
    fact = Fact("c", minimum=0, maximum=60, open_right=True)
    assert [fact.admits(value) for value in (-1, 0, 59.5, 60, None)] == [False, True, True, False, True]
    assert [Fact("c", required=True, values=("a",)).admits(value) for value in ("a", "b", None)] == [True, False, False]


def test_only_what_everybody_promises_is_common() -> None:
    first = {"a": (Fact("x", required=True), Fact("x", minimum=0)), "b": (Fact("x", minimum=1),)}
    second = {"a": (Fact("y", required=True),)}
    assert facts_in_common([first, second]) == {"a": (Fact("x", required=True),)}
    assert facts_in_common([first]) == first
    assert facts_in_common([]) == {}
