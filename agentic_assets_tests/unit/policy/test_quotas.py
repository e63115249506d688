"""Quotas: never exceeded, in the declared order, whatever the order of the rows."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentic_assets.errors import PolicyInvalid
from agentic_assets.outcomes import Economics
from agentic_assets.outcomes.economics import grant
from agentic_assets.policy import judge
from agentic_assets_tests.unit.policy.cases import policy, proposals, quota, rule

_CASCADE = (quota("standbys", "standby", 2, "transform", to="notify"), quota("notices", "notify", 3, "deny"))

_row = st.fixed_dictionaries(
    {
        "action": st.sampled_from(["none", "notify", "standby", "standby"]),
        "origin": st.sampled_from(["EWR", "JFK", None]),
        "day": st.sampled_from([date(2013, 2, 8), date(2013, 2, 9)]),
        "minute": st.one_of(st.none(), st.integers(0, 5)),
        "late": st.booleans(),
    }
)
_rows = st.lists(_row, max_size=40)
_law = settings(
    max_examples=40, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@given(_rows)
@_law
def test_no_group_takes_an_action_more_often_than_its_quota(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    judged = judge(proposals(*rows), policy(tmp_path, rule("late", "late", "deny"), quotas=_CASCADE))
    taken = judged.group_by("origin", "day", "effective_action").len()
    for action, limit in (("standby", 2), ("notify", 3)):
        counts = taken.filter(pl.col("effective_action") == action).get_column("len")
        assert counts.is_empty() or counts.max() <= limit  # type: ignore[operator]


@given(_rows)
@_law
def test_whoever_is_refused_stands_after_everybody_who_is_granted(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    judged = judge(proposals(*rows), policy(tmp_path, quotas=_CASCADE[:1]))
    for _, group in judged.filter(pl.col("action") == "standby").group_by("origin", "day"):
        ordered = group.sort("minute", "entity", nulls_last=True).get_column("effective_action").to_list()
        granted = ordered.count("standby")
        assert ordered == ["standby"] * granted + ["notify"] * (len(ordered) - granted)
        assert granted == min(2, len(ordered))


@given(_rows, st.randoms(use_true_random=False))
@_law
def test_the_order_of_the_rows_changes_nothing(
    tmp_path: Path, rows: list[dict[str, Any]], chance: random.Random
) -> None:
    ruleset = policy(tmp_path, rule("late", "late", "deny"), quotas=_CASCADE)
    frame = proposals(*rows)
    places = list(range(frame.height))
    chance.shuffle(places)
    shuffled = judge(frame[places], ruleset)
    assert shuffled.sort("entity").equals(judge(frame, ruleset).sort("entity"))


@given(_rows)
@_law
def test_a_day_alone_is_judged_as_within_a_year(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    ruleset, frame = policy(tmp_path, quotas=_CASCADE), proposals(*rows)
    whole = judge(frame, ruleset)
    for day in (date(2013, 2, 8), date(2013, 2, 9)):
        assert judge(frame.filter(pl.col("day") == day), ruleset).equals(whole.filter(pl.col("day") == day))


@given(_rows)
@_law
def test_what_is_granted_is_what_the_scorecard_grants(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    economics = Economics(
        idle="none",
        quotas={"standby": 2, "notify": 3},
        overflow={"standby": "notify", "notify": "none"},
        scope=("origin", "day"),
        cost=lambda action: pl.lit(0),
        saved=lambda action: pl.lit(0),
    )
    frame = proposals(*({**row, "minute": row["minute"] or 0} for row in rows))
    judged = judge(frame, policy(tmp_path, quotas=_CASCADE))
    assert (
        judged.get_column("effective_action").to_list()
        == grant(frame, "action", economics, order=("minute", "entity")).to_list()
    )


def test_what_one_quota_transforms_meets_the_next_in_the_order_of_time(tmp_path: Path) -> None:
    rows = [{"action": "standby"}] * 4 + [{"action": "notify"}] * 2
    judged = judge(proposals(*rows), policy(tmp_path, quotas=_CASCADE))
    assert judged.get_column("effective_action").to_list() == [
        "standby",
        "standby",
        "notify",
        "notify",
        "notify",
        "none",
    ]
    assert judged.get_column("rule").to_list() == [None, None, "standbys", "standbys", None, "notices"]
    assert judged.get_column("fired").to_list() == [0, 0, 1, 1, 0, 2]


def test_one_proposal_can_exceed_both_quotas_and_the_severer_is_named(tmp_path: Path) -> None:
    judged = judge(proposals(*[{}] * 6), policy(tmp_path, quotas=_CASCADE))
    last = judged.row(5, named=True)
    assert (last["verdict"], last["rule"], last["fired"], last["effective_action"]) == ("deny", "notices", 0b11, "none")


@pytest.mark.parametrize("verdict", ["deny", "escalate", "transform"])
def test_a_quota_does_not_count_who_would_not_take_the_action(tmp_path: Path, verdict: str) -> None:
    then = {"to": "notify"} if verdict == "transform" else {}
    ruleset = policy(tmp_path, rule("late", "late", verdict, **then), quotas=(quota("standbys", "standby", 1, "deny"),))
    judged = judge(proposals({"late": True}, {}, {}), ruleset)
    assert judged.get_column("rule").to_list() == ["late", None, "standbys"]


def test_a_quota_counts_who_was_transformed_to_its_action(tmp_path: Path) -> None:
    ruleset = policy(
        tmp_path, rule("late", "late", "transform", to="notify"), quotas=(quota("q", "notify", 1, "deny"),)
    )
    judged = judge(proposals({"late": True}, {"action": "notify"}), ruleset)
    assert judged.get_column("effective_action").to_list() == ["notify", "none"]


def test_equal_times_are_taken_by_entity(tmp_path: Path) -> None:
    by_time = {**quota("q", "standby", 1, "deny"), "order_by": ["minute"]}
    frame = proposals({"minute": 1, "entity": "b"}, {"minute": 1, "entity": "a"})
    judged = judge(frame, policy(tmp_path, quotas=(by_time,)))
    assert judged.get_column("verdict").to_list() == ["deny", "allow"]


def test_rows_that_tie_in_everything_are_refused_and_not_ranked_by_chance(tmp_path: Path) -> None:
    frame = proposals({"entity": "a", "minute": 1}, {"entity": "a", "minute": 1})
    with pytest.raises(PolicyInvalid, match=r"policy yard@1\.0\.0, quota q: 1 rows tie with another"):
        judge(frame, policy(tmp_path, quotas=(quota("q", "standby", 1, "deny"),)))


def test_a_quota_of_nothing_grants_nothing(tmp_path: Path) -> None:
    judged = judge(proposals({}, {}), policy(tmp_path, quotas=(quota("q", "standby", 0, "deny"),)))
    assert judged.get_column("effective_action").to_list() == ["none", "none"]
