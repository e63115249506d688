from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from agentic_assets.domains.departures.outcomes import closes_at, outcomes, score
from agentic_assets.errors import PointInTimeViolation

DAY = date(2013, 7, 1)


def _movements(*, known_at: datetime | None = None) -> pl.DataFrame:
    usual = datetime(2013, 7, 1, 20, tzinfo=UTC)
    return pl.DataFrame(
        {
            "flight_id": ["b", "a", "c"],
            "day": [DAY] * 3,
            "origin": ["EWR"] * 3,
            "carrier": ["UA"] * 3,
            "dest": ["BOS"] * 3,
            "status": ["completed", "completed", "cancelled"],
            "arr_delay": pl.Series([75, 3, None], dtype=pl.Int32),
            "outcome_known_at": pl.Series([usual, known_at or usual, usual], dtype=pl.Datetime("us", "UTC")),
            "source_row": [2, 1, 3],
        }
    )


@pytest.mark.parametrize(
    ("day", "closing"),
    [
        (date(2013, 7, 1), datetime(2013, 7, 3, 4, tzinfo=UTC)),
        (date(2013, 1, 1), datetime(2013, 1, 3, 5, tzinfo=UTC)),
        # The clocks change on these days; a closing is 24 hours after the local midnight, whatever the clock says then.
        (date(2013, 3, 9), datetime(2013, 3, 11, 5, tzinfo=UTC)),
        (date(2013, 11, 2), datetime(2013, 11, 4, 4, tzinfo=UTC)),
    ],
)
def test_a_day_closes_24_hours_after_its_local_midnight(day: date, closing: datetime) -> None:
    assert pl.select(closes_at(pl.lit(day))).item() == closing


def test_movements_become_labelled_and_priced_outcomes_in_source_order() -> None:
    told = outcomes(_movements()).select("flight_id", "disrupted", "loss_cents", "source_row")

    assert told.rows() == [("a", False, 0, 1), ("b", True, 600_000, 2), ("c", True, 2_000_000, 3)]


def test_an_outcome_known_at_the_closing_is_in_time() -> None:
    assert outcomes(_movements(known_at=datetime(2013, 7, 3, 4, tzinfo=UTC))).height == 3


def test_an_outcome_that_is_not_known_when_the_day_closes_is_an_error_that_names_the_flight() -> None:
    late = datetime(2013, 7, 3, 4, tzinfo=UTC) + timedelta(microseconds=1)

    with pytest.raises(PointInTimeViolation, match=r"1 of 3 outcomes are not known .* e.g. a, known at 2013-07-03"):
        outcomes(_movements(known_at=late))


def test_decisions_are_scored_in_dollars_by_hand() -> None:
    decisions = pl.DataFrame(
        {
            "decision_id": ["1", "2", "3"],
            "entity": ["a", "b", "c"],
            "day": [DAY] * 3,
            "decided_at": [datetime(2013, 7, 1, hour, tzinfo=UTC) for hour in (10, 11, 12)],
            "effective_action": ["notify", "standby", "none"],
            "legacy_action": ["none", "none", "notify"],
        }
    )

    cards = {card["strategy"]: card for card in score(decisions, outcomes(_movements())).to_dicts()}

    # notify on a flight that is on time: -300; standby on 75 minutes: half of 6,000 for 3,000.
    assert cards["agent"]["net_saved_cents"] == -30_000
    assert (cards["agent"]["precision_bp"], cards["agent"]["recall_bp"]) == (5_000, 5_000)
    # notify on a cancellation: a tenth of 20,000 for 300.
    assert cards["legacy"]["net_saved_cents"] == 170_000
    assert cards["nothing"]["loss_cents"] == 2_600_000
