"""Judging: every verdict, the first match, what null and NaN mean, and the mask of all that fired."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from agentic_assets.errors import PolicyInvalid
from agentic_assets.policy import JUDGED, judge
from agentic_assets_tests.unit.policy.cases import policy, proposals, quota, rule


def _verdict(frame: pl.DataFrame, place: int = 0) -> tuple[Any, ...]:
    return frame.select("verdict", "rule", "fired", "effective_action").row(place)


def test_a_proposal_that_no_rule_matches_is_allowed_as_it_is(tmp_path: Path) -> None:
    judged = judge(proposals({}, {"action": "none"}), policy(tmp_path, rule("late", "late", "deny")))
    assert _verdict(judged) == ("allow", None, 0, "standby")
    assert _verdict(judged, 1) == ("allow", None, 0, "none")


@pytest.mark.parametrize(
    ("verdict", "then", "effective"),
    [
        ("allow", {}, "standby"),
        ("warn", {}, "standby"),
        ("transform", {"to": "notify"}, "notify"),
        ("transform", {"to": "none"}, "none"),
        ("escalate", {}, "none"),
        ("deny", {}, "none"),
    ],
)
def test_each_verdict_has_its_effect(tmp_path: Path, verdict: str, then: dict[str, Any], effective: str) -> None:
    judged = judge(proposals({"late": True}), policy(tmp_path, rule("r", "late", verdict, **then)))
    assert _verdict(judged) == (verdict, "r", 1, effective)


def test_the_first_rule_that_matches_wins_and_all_that_fire_are_in_the_mask(tmp_path: Path) -> None:
    ruleset = policy(
        tmp_path, rule("a", "score > 0.9", "deny"), rule("b", "score > 0.5", "warn"), rule("c", "late", "deny")
    )
    judged = judge(proposals({"score": 0.7, "late": True}, {"score": 0.95}, {"late": True}), ruleset)
    assert _verdict(judged, 0) == ("warn", "b", 0b110, "standby")
    assert _verdict(judged, 1) == ("deny", "a", 0b011, "none")
    assert _verdict(judged, 2) == ("deny", "c", 0b100, "none")


def test_an_allowing_rule_before_a_denying_one_is_an_exception_to_it(tmp_path: Path) -> None:
    ruleset = policy(tmp_path, rule("but", "origin = 'LGA'", "allow"), rule("late", "late", "deny"))
    judged = judge(proposals({"late": True, "origin": "LGA"}, {"late": True}), ruleset)
    assert _verdict(judged, 0) == ("allow", "but", 0b11, "standby")
    assert _verdict(judged, 1) == ("deny", "late", 0b10, "none")


_COLUMNS = ("score", "minute", "origin", "day", "late", "entity")
_TESTS = {
    "score": "score > 0.2",
    "minute": "minute >= 0",
    "origin": "origin = 'EWR'",
    "day": "day > DATE '2013-01-01'",
    "late": "NOT late",
    "entity": "entity <> 'x'",
}


@pytest.mark.parametrize("column", _COLUMNS)
@pytest.mark.parametrize(("verdict", "fires"), [("deny", True), ("escalate", True), ("warn", False), ("allow", False)])
def test_a_null_in_any_column_that_a_rule_reads_fires_it_only_if_it_stops(
    tmp_path: Path, column: str, verdict: str, fires: bool
) -> None:
    ruleset = policy(tmp_path, rule("r", _TESTS[column], verdict))
    assert _verdict(judge(proposals({}), ruleset))[1] == "r"
    assert _verdict(judge(proposals({column: None}), ruleset))[1] == ("r" if fires else None)


@pytest.mark.parametrize(("on_null", "fired"), [("fire", 1), ("skip", 0)])
def test_nan_is_read_as_null(tmp_path: Path, on_null: str, fired: int) -> None:
    ruleset = policy(tmp_path, rule("r", "score > 0.2", "deny", on_null=on_null))
    assert _verdict(judge(proposals({"score": float("nan")}), ruleset))[2] == fired
    asks = policy(tmp_path, rule("r", "score IS NULL", "deny"))
    assert _verdict(judge(proposals({"score": float("nan")}), asks))[0] == "deny"


def test_an_infinite_value_is_a_value(tmp_path: Path) -> None:
    ruleset = policy(tmp_path, rule("r", "score > 1e308", "deny"))
    assert _verdict(judge(proposals({"score": float("inf")}), ruleset))[0] == "deny"


def test_rules_see_the_proposed_action_and_not_what_another_rule_makes_of_it(tmp_path: Path) -> None:
    ruleset = policy(
        tmp_path, rule("a", "action = 'standby'", "transform", to="notify"), rule("b", "action = 'notify'", "deny")
    )
    assert _verdict(judge(proposals({}), ruleset)) == ("transform", "a", 1, "notify")


@pytest.mark.parametrize(
    ("guardrail", "over", "expected"),
    [
        (None, ("deny", {}), ("deny", "q", 0b10, "none")),
        (None, ("escalate", {}), ("escalate", "q", 0b10, "none")),
        (None, ("transform", {"to": "notify"}), ("transform", "q", 0b10, "notify")),
        (None, ("warn", {}), ("warn", "q", 0b10, "standby")),
        (("warn", {}), ("deny", {}), ("deny", "q", 0b11, "none")),
        (("warn", {}), ("transform", {"to": "none"}), ("transform", "q", 0b11, "none")),
        (("warn", {}), ("warn", {}), ("warn", "q", 0b11, "standby")),
        (("allow", {}), ("warn", {}), ("warn", "q", 0b11, "standby")),
        (("transform", {"to": "notify"}), ("deny", {}), ("transform", "r", 0b01, "notify")),
        (("escalate", {}), ("deny", {}), ("escalate", "r", 0b01, "none")),
        (("deny", {}), ("transform", {"to": "notify"}), ("deny", "r", 0b01, "none")),
    ],
)
def test_of_two_layers_the_severer_verdict_stands(
    tmp_path: Path, guardrail: Any, over: Any, expected: tuple[Any, ...]
) -> None:
    # The rule fires always, or never where there is to be none.
    verdict, then = guardrail or ("warn", {})
    first = rule("r", "TRUE" if guardrail else "FALSE", verdict, **then)
    ruleset = policy(tmp_path, first, quotas=(quota("q", "standby", 0, over[0], **over[1]),))
    assert _verdict(judge(proposals({}), ruleset)) == expected


def test_a_transform_to_the_action_of_a_warning_quota_keeps_the_transform(tmp_path: Path) -> None:
    ruleset = policy(tmp_path, rule("r", "TRUE", "transform", to="notify"), quotas=(quota("q", "notify", 0, "warn"),))
    assert _verdict(judge(proposals({}), ruleset)) == ("transform", "r", 0b11, "notify")


def test_judging_adds_its_columns_and_leaves_the_rest_as_it_was(tmp_path: Path) -> None:
    frame = proposals({}, {"late": True}, {"score": None})
    judged = judge(frame, policy(tmp_path, rule("late", "late", "deny")))
    assert judged.drop(list(JUDGED)).equals(frame)
    assert judged.select(list(JUDGED)).schema == JUDGED


def test_no_proposals_give_no_verdicts(tmp_path: Path) -> None:
    ruleset = policy(tmp_path, rule("late", "late OR TRUE", "deny"), quotas=(quota("q", "standby", 0, "deny"),))
    judged = judge(proposals(), ruleset)
    assert (judged.height, judged.select(list(JUDGED)).schema) == (0, JUDGED)


def test_a_policy_of_quotas_only_judges_too(tmp_path: Path) -> None:
    ruleset = policy(tmp_path, quotas=(quota("q", "standby", 1, "deny"),))
    assert judge(proposals({}, {}), ruleset).get_column("verdict").to_list() == ["allow", "deny"]


def test_the_last_of_sixty_two_entries_still_has_a_bit(tmp_path: Path) -> None:
    ruleset = policy(
        tmp_path, *(rule(f"r{number}", "FALSE", "warn") for number in range(61)), rule("last", "TRUE", "deny")
    )
    judged = judge(proposals({}), ruleset)
    assert _verdict(judged) == ("deny", "last", 1 << 61, "none")
    assert ruleset.fired_ids(1 << 61) == ("last",)


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (lambda frame: frame.drop("score"), r"no column `score` \(read by r\)"),
        (lambda frame: frame.drop("origin"), r"no column `origin` \(read by q\)"),
        (
            lambda frame: frame.with_columns(pl.col("score").cast(pl.String)),
            r"`score` \(read by r\) is String, not number",
        ),
        (lambda frame: frame.with_columns(pl.col("minute") / 2), r"`minute` \(read by q\) is Float64, not integer"),
        (lambda frame: frame.with_columns(late=pl.lit(1)), r"`late` is Int32, not boolean"),
        (lambda frame: frame.with_columns(verdict=pl.lit("allow")), "the proposals have the column verdict already"),
        (lambda frame: frame.with_columns(action=pl.lit("fly")), "1 of 1 proposals take an unknown action, as 'fly'"),
        (
            lambda frame: frame.with_columns(action=pl.lit(None, dtype=pl.String)),
            "1 of 1 proposals take an unknown action, as None",
        ),
    ],
)
def test_proposals_that_the_policy_cannot_read_are_refused(tmp_path: Path, spoil: Any, what: str) -> None:
    ruleset = policy(tmp_path, rule("r", "score > 2", "warn"), quotas=(quota("q", "standby", 5, "deny"),))
    with pytest.raises(PolicyInvalid, match=what):
        judge(spoil(proposals({})), ruleset)


def test_a_timestamp_must_be_in_utc(tmp_path: Path) -> None:
    reads = {"action": "string", "at": "timestamp"}
    ruleset = policy(tmp_path, rule("r", "at < TIMESTAMP '2013-01-02 00:00:00'", "deny"), reads=reads)
    frame = proposals({}).with_columns(at=pl.lit(datetime(2013, 1, 1, 12, tzinfo=UTC)))
    assert _verdict(judge(frame, ruleset))[0] == "deny"
    milliseconds = frame.with_columns(pl.col("at").dt.cast_time_unit("ms"))
    assert _verdict(judge(milliseconds, ruleset))[0] == "deny"
    with pytest.raises(PolicyInvalid, match="not timestamp"):
        judge(frame.with_columns(pl.col("at").dt.convert_time_zone("America/New_York")), ruleset)
