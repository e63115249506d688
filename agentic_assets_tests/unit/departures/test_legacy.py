from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from agentic_assets.domains.departures.legacy import ANY, PRIOR_FLIGHTS, legacy_action, legacy_risk_bp, legacy_table

CUT = datetime(2013, 2, 1, 3, tzinfo=UTC)


def _flights(count: int = 60) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "flight_id": [f"f{place:02}" for place in range(count)],
            "carrier": ["UA" if place < 40 else "B6" for place in range(count)],
            "origin": ["EWR"] * count,
            "hour": pl.Series([8] * count, dtype=pl.Int32),
        }
    )


def _outcomes(flights: pl.DataFrame) -> pl.DataFrame:
    # Every fourth flight is disrupted: 10 of 40 UA, 5 of 20 B6.
    return flights.select(
        "flight_id",
        disrupted=pl.int_range(pl.len()) % 4 == 0,
        outcome_known_at=pl.lit(CUT - timedelta(days=1)),
    )


def _table(flights: pl.DataFrame | None = None, outcomes: pl.DataFrame | None = None) -> pl.DataFrame:
    flights = _flights() if flights is None else flights
    return legacy_table(flights, _outcomes(flights) if outcomes is None else outcomes, month="2013-02", cut=CUT)


def test_a_cell_is_drawn_towards_the_overall_rate_by_hand() -> None:
    flights = _flights()
    all_ua = _outcomes(flights).with_columns(disrupted=pl.int_range(pl.len()) < 40)

    table = _table(flights, all_ua)

    # Overall 40 of 60. UA: (40 + 20 x 2/3) / 60; B6: (0 + 20 x 2/3) / 40.
    assert PRIOR_FLIGHTS == 20
    assert table.select("carrier", "flights", "disrupted", "rate_bp").rows() == [
        (ANY, 60, 40, 6_667),
        ("B6", 20, 0, 3_333),
        ("UA", 40, 40, 8_889),
    ]


def test_nothing_known_at_or_after_the_cut_enters_the_table() -> None:
    flights = _flights()
    planted = _outcomes(flights).with_columns(
        disrupted=pl.col("disrupted") | (pl.int_range(pl.len()) >= 40),
        outcome_known_at=pl.when(pl.int_range(pl.len()) >= 40).then(CUT).otherwise("outcome_known_at"),
    )

    assert _table(flights, planted).select("carrier", "flights", "disrupted").rows() == [(ANY, 40, 10), ("UA", 40, 10)]


def test_the_table_does_not_depend_on_the_order_of_its_rows() -> None:
    flights = _flights()

    assert _table(flights.reverse(), _outcomes(flights).reverse()).equals(_table())


def test_without_history_every_flight_has_risk_zero() -> None:
    table = _table(_flights().clear(), _outcomes(_flights()))

    assert table.select("carrier", "flights", "rate_bp").rows() == [(ANY, 0, 0)]
    assert legacy_risk_bp(_flights(3), table).to_list() == [0, 0, 0]


def test_a_cell_without_history_takes_the_overall_rate_and_rows_keep_their_order() -> None:
    flights = _flights(3).with_columns(carrier=pl.Series(["ZZ", "UA", "B6"]))

    assert legacy_risk_bp(flights, _table()).to_list() == [2_500, 2_500, 2_500]
    assert legacy_risk_bp(
        flights, _table(outcomes=_outcomes(_flights()).with_columns(disrupted=pl.int_range(pl.len()) < 40))
    ).to_list() == [6_667, 8_889, 3_333]


@pytest.mark.parametrize(
    ("risk", "action"), [(1_499, "none"), (1_500, "notify"), (2_999, "notify"), (3_000, "standby")]
)
def test_the_rule_proposes_by_threshold(risk: int, action: str) -> None:
    proposed = legacy_action(pl.lit(risk, pl.Int32), standby_from_bp=3_000, notify_from_bp=1_500)

    assert pl.select(proposed).item() == action
