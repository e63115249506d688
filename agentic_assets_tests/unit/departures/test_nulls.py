"""Nulls in every column that the policy of departures reads: nothing happens that a known value would not permit."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from agentic_assets.domains.departures.agent import delay_risk, departures_policy
from agentic_assets.errors import PolicyInvalid
from agentic_assets.policy import Verdict, judge

_RULESET = departures_policy()
_READ = sorted({name for rule in _RULESET.rules for name in rule.when.columns})
_SOUND = pl.DataFrame(
    {
        "entity": ["2013-07-10/EWR/UA/1545"],
        "day": [date(2013, 7, 10)],
        "decided_at": [datetime(2013, 7, 10, 12, tzinfo=UTC)],
        "origin": ["EWR"],
        "action": ["standby"],
        "score_bp": pl.Series([9_000], dtype=pl.Int32),
        "confidence_bp": pl.Series([9_000], dtype=pl.Int32),
        "benefit_cents": [513_000],
        "cost_cents": [300_000],
        "model_kind": ["lightgbm"],
        "wx_age_minutes": pl.Series([70], dtype=pl.Int32),
    }
).with_columns(pl.col("decided_at").dt.cast_time_unit("us"))


def _verdict(frame: pl.DataFrame) -> Verdict:
    granted = {resource.id: pl.Series([True]) for resource in _RULESET.resources}
    judged = judge(frame, _RULESET, agent=_RULESET.asked(delay_risk()), granted=granted)
    return Verdict(judged.get_column("verdict").item())


def test_with_everything_known_the_aircraft_is_held() -> None:
    assert _verdict(_SOUND) is Verdict.ALLOW


@pytest.mark.parametrize("column", [name for name in _READ if name != "action"])
def test_a_null_in_a_column_that_a_rule_reads_stops_the_standby(column: str) -> None:
    unknown = _SOUND.with_columns(pl.lit(None, dtype=_SOUND.schema[column]).alias(column))
    assert _verdict(unknown).stops


def test_a_proposal_without_an_action_is_refused() -> None:
    with pytest.raises(PolicyInvalid, match="take an unknown action"):
        _verdict(_SOUND.with_columns(pl.lit(None, dtype=pl.String).alias("action")))


@pytest.mark.parametrize("column", _READ)
def test_without_a_column_that_a_rule_reads_nothing_is_judged(column: str) -> None:
    with pytest.raises(PolicyInvalid, match=f"no column `{column}`"):
        _verdict(_SOUND.drop(column))
