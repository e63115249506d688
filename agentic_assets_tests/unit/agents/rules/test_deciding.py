"""What a rule table proposes: hit policies, figures, words, and what is not known."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from agentic_assets.agents import propose
from agentic_assets.agents.rules import RuleAgent, load_rules
from agentic_assets.errors import ConfigInvalid, PartitionRefused
from agentic_assets_tests.unit.agents.rules.cases import COLUMNS, agent, rows, rule, spec, table

_TIGHT, _HOT = rule("tight", "slack < tight", "stop"), rule("hot", "heat > 2", "inspect")


def _said(*args: Any, column: str = "action", **further: Any) -> list[Any]:
    asked, *changed = args
    return propose(asked, rows(*changed)).get_column(column).to_list()


def test_the_first_rule_that_holds_decides(tmp_path: Path) -> None:
    both = {"slack": 1, "heat": 3.0}
    assert _said(agent(tmp_path, _TIGHT, _HOT), both, {"heat": 3.0}, {}) == ["stop", "inspect", "none"]
    assert _said(agent(tmp_path, _HOT, _TIGHT), both) == ["inspect"]


def test_by_priority_the_highest_rule_that_holds_decides_wherever_it_stands(tmp_path: Path) -> None:
    rules = ({**_TIGHT, "priority": 1}, {**_HOT, "priority": 9})
    assert _said(agent(tmp_path, *rules, hit_policy="priority"), {"slack": 1, "heat": 3.0}, {"slack": 1}) == [
        "inspect",
        "stop",
    ]


def test_under_unique_two_rules_that_hold_are_an_error_that_names_them(tmp_path: Path) -> None:
    asked = agent(tmp_path, _TIGHT, _HOT, hit_policy="unique")
    assert _said(asked, {"slack": 1}, {"heat": 3.0}, {}) == ["stop", "inspect", "none"]
    with pytest.raises(PartitionRefused) as refused:
        propose(asked, rows({}, {"slack": 1, "heat": 3.0}, {"slack": 2, "heat": 4.0}))
    assert "more than one rule holds for 2 of 3 rows, e.g. m1, m2, of which the first by tight, hot" in str(
        refused.value
    )


def test_figures_are_numbers_parameters_or_whole_amounts(tmp_path: Path) -> None:
    figures: dict[str, Any] = {"score_bp": 9_000, "cost_cents": "stop_cents", "benefit_cents": "(100 - slack) * 7"}
    proposed = propose(agent(tmp_path, rule("tight", "slack < tight", **figures)), rows({"slack": -3}, {}))
    assert proposed.row(0)[2:6] == (9_000, 0, 721, 700)
    assert proposed.row(1)[2:6] == (0, 0, 0, 0)


def test_the_reason_holds_values_and_unknown_ones_say_so(tmp_path: Path) -> None:
    words = "{machine} at {site}, built {built}, seen {seen_at}, {-slack} late, careful {careful}, {running}"
    asked = agent(tmp_path, rule("any", "TRUE", reason=words))
    assert _said(asked, {"slack": -30, "running": None}, column="reason") == [
        "m0 at east, built 2013-01-01, seen 2013-02-03 04:05 UTC, 30 late, careful True, unknown"
    ]


def test_a_table_of_constants_proposes_for_every_row_and_for_none(tmp_path: Path) -> None:
    asked = agent(tmp_path, rule("always", "TRUE", "stop"))
    assert _said(asked, {}, {}) == ["stop", "stop"]
    assert propose(asked, rows().clear()).is_empty()


_READERS = {
    "slack": "slack < tight",
    "heat": "heat > 2",
    "site": "site = home",
    "running": "running = careful",
    "built": "built < DATE '2013-06-01'",
    "seen_at": "seen_at > TIMESTAMP '2013-01-01 00:00:00'",
}


@pytest.mark.parametrize("column", COLUMNS)
def test_a_null_in_a_column_that_a_rule_reads_ends_in_no_action_and_is_told(tmp_path: Path, column: str) -> None:
    asked = agent(tmp_path, rule("it", _READERS[column], "none"), rule("after", "TRUE", "stop"))
    (proposed,) = propose(asked, rows({column: None})).rows(named=True)
    assert (proposed["action"], proposed["confidence_bp"], proposed["benefit_cents"]) == ("none", 0, 0)
    assert proposed["reason"] == f"abstains, since whether rule it holds is not known: {column} is null"


@pytest.mark.parametrize("value", [math.nan, None])
def test_nan_counts_as_null(tmp_path: Path, value: float | None) -> None:
    asked = agent(tmp_path, rule("hot", "heat > 2"), rule("not_hot", "NOT heat > 2"))
    assert _said(asked, {"heat": value}) == ["none"]
    assert "heat is null" in _said(asked, {"heat": value}, column="reason")[0]


@pytest.mark.parametrize(
    ("hit_policy", "before", "after"),
    [("first", "none", "stop"), ("priority", "none", "stop"), ("unique", "none", "none")],
)
def test_what_is_not_known_of_a_rule_keeps_those_after_it_from_deciding(
    tmp_path: Path, hit_policy: str, before: str, after: str
) -> None:
    """Under `unique` there is no after: whether a second rule holds is not known."""
    doubtful, holding = rule("hot", "heat > 2", "inspect"), rule("tight", "slack < tight", "stop")
    ranks: list[dict[str, Any]] = [{"priority": 2}, {"priority": 1}] if hit_policy == "priority" else [{}, {}]
    row = {"heat": None, "slack": 1}
    first = agent(tmp_path, {**doubtful, **ranks[0]}, {**holding, **ranks[1]}, hit_policy=hit_policy)
    assert _said(first, row) == [before]
    last = agent(tmp_path, {**holding, **ranks[0]}, {**doubtful, **ranks[1]}, hit_policy=hit_policy)
    assert _said(last, row) == [after]


def test_a_rule_may_be_skipped_where_it_is_not_known_or_match_where_it_does_nothing(tmp_path: Path) -> None:
    skipped = agent(tmp_path, rule("hot", "heat > 2", "inspect", on_null="skip"), _TIGHT)
    assert _said(skipped, {"heat": None, "slack": 1}) == ["stop"]
    matched = agent(tmp_path, rule("cold", "heat < 2", "none", on_null="match"), _TIGHT)
    assert _said(matched, {"heat": None, "slack": 1}, column="reason") == ["cold held"]


def test_a_figure_that_is_not_known_ends_in_no_action(tmp_path: Path) -> None:
    asked = agent(tmp_path, rule("on", "running", benefit_cents="100 - slack"))
    (proposed,) = propose(asked, rows({"slack": None})).rows(named=True)
    assert (proposed["action"], proposed["benefit_cents"]) == ("none", 0)
    assert proposed["reason"] == "abstains, since a figure of rule on is not known: slack is null"


def test_a_figure_outside_of_the_declared_output_is_refused(tmp_path: Path) -> None:
    asked = agent(tmp_path, rule("on", "running", benefit_cents="100 - slack"))
    with pytest.raises(PartitionRefused, match=r"`benefit_cents` is not within 0 to 100,000: 2, e\.g\. m0, m1"):
        propose(asked, rows({"slack": 101}, {"slack": -99_901}, {}))


def test_a_figure_that_fits_no_column_is_not_known(tmp_path: Path) -> None:
    asked = agent(tmp_path, rule("on", "running", score_bp="slack * slack * slack"))
    assert "a figure of rule on is not known: it has no value" in _said(asked, {"slack": 2**30}, column="reason")[0]


def test_a_table_serves_the_version_that_it_was_written_for_only(tmp_path: Path) -> None:
    asked = agent(tmp_path, _TIGHT)
    with pytest.raises(ConfigInvalid, match=r"of sentinel@1\.2\.0 cannot serve agent sentinel@1\.3\.0"):
        type(asked)(spec(tmp_path, version="1.3.0"), asked.table)


def test_a_reason_stays_a_sentence_however_many_columns_are_null(tmp_path: Path) -> None:
    names = [f"a_reading_with_a_rather_long_name_{number}" for number in range(40)]
    source = {"feature_set": "readings@1.0.0", "entity": "machine", "columns": dict.fromkeys(names, "integer")}
    declared = spec(tmp_path, input=source)
    when = " AND ".join(f"{name} = 1" for name in names)
    asked = RuleAgent(declared, load_rules(table(tmp_path, rule("all", when)), declared))
    nothing = pl.DataFrame({"machine": ["m0"], **{name: [None] for name in names}}).cast(dict.fromkeys(names, pl.Int32))
    (proposed,) = propose(asked, nothing).rows(named=True)
    assert proposed["action"] == "none"
    assert len(proposed["reason"]) < 300
