"""Laws of rule tables over random tables and rows: what an oracle says row by row, and one row as a batch of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.agents import propose, propose_one
from agentic_assets.agents.rules import RuleAgent
from agentic_assets.errors import PartitionRefused
from agentic_assets_tests.unit.agents.rules.cases import SCHEMA, agent, rows, rule

_CONDITIONS = (
    "slack < tight",
    "heat > 2",
    "NOT heat > 2",
    "site = home AND slack > 0",
    "running OR heat <= 0.5",
    "heat / slack > 1",
    "slack IS NULL",
    "site IN ('east', 'west')",
    "TRUE",
)
_FIGURES = st.fixed_dictionaries(
    {},
    optional={"score_bp": st.sampled_from((0, 77)), "benefit_cents": st.sampled_from(("stop_cents", "slack * slack"))},
)


@st.composite
def _tables(draw: st.DrawFn) -> tuple[list[dict[str, Any]], str]:
    hit_policy = draw(st.sampled_from(("first", "priority", "unique")))
    conditions = draw(st.lists(st.sampled_from(_CONDITIONS), min_size=1, max_size=4))
    ranks = draw(st.permutations(range(len(conditions))))
    made = []
    for index, when in enumerate(conditions):
        on_null = draw(st.sampled_from(("abstain", "skip", "match")))
        action = "none" if on_null == "match" else draw(st.sampled_from(("none", "inspect", "stop")))
        further = {"priority": ranks[index]} if hit_policy == "priority" else {}
        made.append(rule(f"r{index}", when, action, on_null=on_null, **further, **draw(_FIGURES)))
    return made, hit_policy


_ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "slack": st.sampled_from((None, -4, 0, 3, 10)),
            "heat": st.sampled_from((None, float("nan"), float("inf"), 0.0, 1.0, 5.0)),
            "site": st.sampled_from((None, "east", "north")),
            "running": st.sampled_from((None, True, False)),
        }
    ),
    max_size=6,
)


def _expected(asked: RuleAgent, row: dict[str, Any]) -> tuple[str, int, int] | None:
    """Decide one row by the closures, as the documentation says; None where two rules hold under `unique`."""
    table = asked.table
    unknown = {"abstain": None, "skip": False, "match": True}
    held = [unknown[rule.on_null] if (value := rule.when.test(row)) is None else value for rule in table.rules]
    if table.hit_policy == "unique":
        if sum(value is True for value in held) > 1:
            return None
        held = [None] if None in held else held
    decided = next(((index, value) for index, value in enumerate(held) if value is not False), (len(held), True))
    if decided[1] is None:
        return "none", 0, 0
    outcome = table.outcomes[decided[0]]
    score, benefit = (
        0 if name not in outcome.figures else outcome.figures[name].value(row) for name in ("score_bp", "benefit_cents")
    )
    return ("none", 0, 0) if benefit is None else (outcome.action, score, benefit)


@given(_tables(), _ROWS)
@settings(max_examples=80, derandomize=True, deadline=None)
def test_a_batch_says_what_the_closures_say_row_by_row(tmp_path_factory: Any, made: Any, given_rows: Any) -> None:
    asked = agent(tmp_path_factory.mktemp("table"), *made[0], hit_policy=made[1])
    frame = rows(*given_rows)
    expected = [_expected(asked, row) for row in frame.iter_rows(named=True)]
    if None in expected:
        told = f"more than one rule holds for {expected.count(None)} of {frame.height} rows"
        with pytest.raises(PartitionRefused, match=told):
            propose(asked, frame)
        return
    proposed = propose(asked, frame).select("action", "score_bp", "benefit_cents").rows()
    assert proposed == expected


@given(_tables(), _ROWS)
@settings(max_examples=40, derandomize=True, deadline=None)
def test_one_row_is_answered_as_in_its_batch(tmp_path_factory: Any, made: Any, given_rows: Any) -> None:
    asked = agent(tmp_path_factory.mktemp("table"), *made[0], hit_policy="first" if made[1] == "unique" else made[1])
    frame = rows(*given_rows)
    batch = propose(asked, frame).rows(named=True)
    assert [propose_one(asked, row, SCHEMA) for row in frame.iter_rows(named=True)] == batch


@given(_ROWS, st.randoms(use_true_random=False))
@settings(max_examples=30, derandomize=True, deadline=None)
def test_the_order_of_the_rows_changes_nothing(tmp_path_factory: Any, given_rows: Any, chance: Any) -> None:
    made = [rule("tight", "slack < tight"), rule("hot", "heat > 2", "inspect", benefit_cents="slack * slack")]
    asked = agent(tmp_path_factory.mktemp("table"), *made)
    frame = rows(*given_rows)
    order = list(range(frame.height))
    chance.shuffle(order)
    assert propose(asked, frame[order]).equals(propose(asked, frame)[order])
