"""The agent `station_brief`: mornings in coarse words, what its model may claim of them, and the year's recordings."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from agentic_assets.agents import check_feed, propose, propose_one
from agentic_assets.agents.llm import Answer, LlmAgent, Outcome, Recordings
from agentic_assets.domains.departures import station_brief
from agentic_assets.domains.departures.feature_sets import STATION_MORNING
from agentic_assets.policy import judge
from agentic_assets_tests.unit.departures.desk import year

QUIET: dict[str, Any] = {
    "morning_id": "2013-02-09/JFK",
    "origin": "JFK",
    "departures_planned": 300,
    "departures_24h": 100,
    "cancelled_24h": 0,
    "very_late_24h": 0.0,
    "wx_wind_speed": 5.0,
    "wx_visib": 10.0,
    "wx_precip_3h": 0.0,
}


def _said(**changed: Any) -> str:
    row = pl.DataFrame([QUIET | changed], schema={name: STATION_MORNING.schema[name] for name in QUIET})
    return str(station_brief.prompt().render(station_brief.situations(row)).item())


@cache
def _agent() -> LlmAgent:
    return station_brief.agent()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "Yesterday: normal. Weather: calm. Today: usual traffic."),
        ({"cancelled_24h": 1}, "Yesterday: normal."),
        ({"cancelled_24h": 2}, "Yesterday: some cancellations."),
        ({"cancelled_24h": 5}, "Yesterday: many cancellations."),
        ({"very_late_24h": 0.1}, "Yesterday: some delays."),
        ({"cancelled_24h": 3, "very_late_24h": 0.25}, "Yesterday: some cancellations and severe delays."),
        ({"cancelled_24h": 100, "very_late_24h": None}, "Yesterday: many cancellations."),
        ({"departures_24h": 0, "very_late_24h": None}, "Yesterday: no flights known."),
        ({"wx_wind_speed": 20.0}, "Weather: strong wind."),
        ({"wx_precip_3h": 0.01, "wx_visib": 2.5}, "Weather: light precipitation and poor visibility."),
        ({"wx_precip_3h": 0.1}, "Weather: heavy precipitation."),
        ({"wx_wind_speed": None}, "Weather: calm."),
        ({"wx_wind_speed": None, "wx_visib": None, "wx_precip_3h": None}, "Weather: not known."),
        ({"departures_planned": 345}, "Today: busy."),
        ({"departures_planned": 249}, "Today: light traffic."),
    ],
)
def test_a_morning_is_put_into_coarse_words(changed: dict[str, Any], said: str) -> None:
    assert said in _said(**changed)


@pytest.mark.parametrize(
    ("reason", "refused"),
    [
        ("Yesterday was normal and the weather is calm.", False),
        ("Strong wind may slow departures.", True),
        ("Many cancellations yesterday.", True),
        ("A busy day.", True),
        ("There were delays, and more may come.", True),
        ("The usual traffic may delay departures.", False),
    ],
)
def test_a_reason_may_claim_only_what_the_situation_says(reason: str, refused: bool) -> None:
    answer = Answer("k", Outcome.ANSWERED, "brief", None, reason)
    assert (station_brief.objection(_said(), answer) is not None) == refused


def test_the_agent_finds_its_input_in_the_feature_set() -> None:
    check_feed(station_brief.spec(), STATION_MORNING)
    assert (station_brief.spec().kind, station_brief.spec().phase) == ("llm", "shadow")


def test_every_situation_of_the_year_is_recorded() -> None:
    answers = _agent().answers(year())
    assert [asked.text for asked in answers if asked.answer.outcome is Outcome.MISSED] == []
    assert len(answers) == len(_agent().recordings) <= 150
    assert _agent().recordings.path.stat().st_size < 300_000


def test_what_the_model_says_of_the_year_is_known() -> None:
    made = propose(_agent(), year())
    counts = made.group_by("action", "confidence_bp").len().sort("action", "confidence_bp").rows()
    # Twelve rows lose their answer: the model claimed something, or ran over the end of what it wanted to say.
    assert counts == [("brief", 5_000, 368), ("none", 0, 12), ("none", 5_000, 715)]


def test_the_year_at_once_says_what_its_mornings_say_one_by_one() -> None:
    some = year().gather_every(73)
    alone = [propose_one(_agent(), row, STATION_MORNING.schema) for row in some.to_dicts()]
    assert propose(_agent(), some).to_dicts() == alone


def test_a_morning_that_nobody_judged_is_denied(tmp_path: Path) -> None:
    rows = year().head(3)
    unrecorded = replace(_agent(), recordings=Recordings(tmp_path / "none.jsonl"))
    proposals = propose(unrecorded, rows).with_columns(rows.get_column("day"), rows.get_column("decided_at"))
    judged = judge(
        proposals.hstack(station_brief.context(rows)),
        station_brief.policy(),
        agent=station_brief.policy().asked(station_brief.spec()),
    )
    assert judged.get_column("verdict").to_list() == ["deny"] * 3
    assert judged.get_column("rule").to_list() == ["nobody_judged"] * 3


def test_a_briefing_is_permitted_to_this_agent_alone() -> None:
    rows = pl.DataFrame(
        {
            "entity": ["2013-02-09/JFK"],
            "day": [date(2013, 2, 9)],
            "decided_at": pl.Series([0], dtype=pl.Datetime("us", "UTC")),
            "origin": ["JFK"],
            "action": ["brief"],
            "confidence_bp": pl.Series([5_000], dtype=pl.Int32),
        }
    )
    policy = station_brief.policy()
    other = replace(station_brief.spec(), name="turnaround")
    verdicts = [
        judge(rows, policy, agent=policy.asked(spec)).item(0, "verdict") for spec in (station_brief.spec(), other)
    ]
    assert verdicts == ["allow", "deny"]
