from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl

from agentic_assets.domains.departures.tuning import Thresholds, benefit_per_100_bp, net_saved, tune

FIRST, SECOND = date(2013, 4, 1), date(2013, 4, 2)


def _scored(*rows: tuple[date, int, int]) -> pl.DataFrame:
    """Give completed flights of one airport: day, score and minutes late, decided on in this order."""
    return pl.DataFrame(
        rows, schema={"day": pl.Date, "score_bp": pl.Int32, "arr_delay": pl.Int32}, orient="row"
    ).select(
        entity=pl.int_range(pl.len()).cast(pl.String).str.zfill(3),
        day="day",
        origin=pl.lit("EWR"),
        decided_at=pl.lit(datetime(2013, 4, 1, 9, tzinfo=UTC)) + pl.duration(minutes=pl.int_range(pl.len())),
        score_bp="score_bp",
        status=pl.lit("completed"),
        arr_delay="arr_delay",
    )


def test_thresholds_are_priced_by_hand_and_a_day_without_actions_saves_nothing() -> None:
    scored = _scored((FIRST, 8_000, 135), (FIRST, 3_000, 75), (FIRST, 2_999, 240), (SECOND, 100, 240))

    # standby: half of 12,000 for 3,000; notify: a tenth of 6,000 for 300.
    assert net_saved(scored, Thresholds(8_000, 3_000)).rows() == [(FIRST, 330_000), (SECOND, 0)]


def test_thresholds_meet_the_quotas_in_the_order_of_decision() -> None:
    # Nine ask for one of eight aircraft; the last one gets a notification: a tenth of 12,000 for 300.
    scored = _scored(*[(FIRST, 8_000, 135)] * 9)

    assert net_saved(scored, Thresholds(8_000, 3_000)).rows() == [(FIRST, 8 * 300_000 + 90_000)]


def test_tuning_takes_what_saves_most_and_of_equals_what_acts_least() -> None:
    scored = _scored((FIRST, 6_000, 200), (FIRST, 2_000, 0))
    grid = [Thresholds(standby, notify) for standby in (5_000, 6_000) for notify in (1_500, 2_500)]

    assert tune(scored, grid) == Thresholds(6_000, 2_500)


def test_the_benefit_is_what_is_avoided_for_each_percent_of_risk() -> None:
    scored = _scored((FIRST, 8_000, 135), (FIRST, 6_000, 15), (FIRST, 100, 240))

    # 12,000 is lost in all over 140 % of risk: standby avoids 6,000, notify 1,200.
    assert benefit_per_100_bp(scored, "standby", from_bp=6_000) == 600_000 // 140
    assert benefit_per_100_bp(scored, "notify", from_bp=6_000) == 120_000 // 140
