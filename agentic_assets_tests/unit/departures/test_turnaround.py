"""The agent turnaround: what it asks for, flight by flight, and what it would have saved on the real flights."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from agentic_assets.agents import check_feed, propose
from agentic_assets.domains.departures import costs, domain
from agentic_assets.domains.departures.agent import departures_policy
from agentic_assets.domains.departures.feature_sets import DEPARTURE_DELAY
from agentic_assets.domains.departures.turnaround import turnaround, turnaround_spec
from agentic_assets.errors import PartitionRefused
from agentic_assets_tests.unit.departures import year

_STORM = (date(2013, 2, 7), date(2013, 2, 8))


def _flights(*slacks: int | None) -> pl.DataFrame:
    return pl.DataFrame(
        {"flight_id": [f"f{place}" for place in range(len(slacks))], "inbound_slack_minutes": slacks},
        schema={"flight_id": pl.String, "inbound_slack_minutes": pl.Int32},
    )


def _saved(proposed: pl.DataFrame, movements: pl.DataFrame) -> pl.DataFrame:
    """Give the standbys that eight aircraft a day at each airport can serve, with what each saved, in dollars."""
    saved = costs.saved_cents(pl.lit(costs.STANDBY), pl.col("status"), pl.col("arr_delay"))
    limit = costs.QUOTAS[costs.STANDBY]
    return (
        proposed.filter(pl.col("action") == costs.STANDBY)
        .join(movements, left_on="entity", right_on="flight_id", validate="1:1")
        .sort("sched_dep_at", "entity")
        .filter(pl.int_range(pl.len()).over("day", "origin") < limit)
        .with_columns(dollars=(saved - pl.col("cost_cents")) // 100)
    )


@pytest.mark.parametrize(
    ("slack", "action", "benefit_cents", "reason"),
    [
        (None, "none", 0, "no earlier flight of its aircraft is known"),
        (30, "none", 0, "its aircraft is expected in time, or hardly late"),
        (-74, "none", 0, "its aircraft is expected in time, or hardly late"),
        (-75, "standby", 468_000, "its aircraft is expected 75 min too late"),
        (-119, "standby", 468_000, "its aircraft is expected 119 min too late"),
        (-120, "standby", 630_000, "its aircraft is expected 120 min too late"),
        (-299, "standby", 630_000, "its aircraft is expected 299 min too late"),
        (-300, "none", 0, "its aircraft is expected 300 min too late, so that another one must be flying"),
    ],
)
def test_it_asks_for_a_standby_where_one_pays(slack: int | None, action: str, benefit_cents: int, reason: str) -> None:
    (proposed,) = propose(turnaround(), _flights(slack)).rows(named=True)
    assert (proposed["action"], proposed["benefit_cents"], proposed["reason"]) == (action, benefit_cents, reason)


def test_its_spec_fits_the_features_and_the_policy_of_the_domain() -> None:
    spec = turnaround_spec()
    check_feed(spec, DEPARTURE_DELAY)
    assert set(spec.actions) <= set(departures_policy().actions)
    assert spec.integer("standby_cents") == costs.ACTION_COST_CENTS[costs.STANDBY]
    assert spec.phase == "shadow"


def test_it_is_not_asked_without_its_feature() -> None:
    with pytest.raises(PartitionRefused, match="no column `inbound_slack_minutes`"):
        propose(turnaround(), _flights(1).drop("inbound_slack_minutes"))


def test_in_the_february_storm_it_asks_for_flights_that_were_disrupted() -> None:
    features = DEPARTURE_DELAY.compute(year.tables(), _STORM)
    proposed = propose(turnaround(), features)
    assert proposed.height == features.height
    saved = _saved(proposed, year.tables()["sources/movements"])
    late = costs.disrupted(pl.col("status"), pl.col("arr_delay"))
    assert saved.select(pl.len(), late.sum().alias("late"), pl.col("dollars").sum()).row(0) == (14, 14, 33_550)


@pytest.mark.slow
def test_what_it_says_it_would_have_saved_is_what_it_would_have_saved() -> None:
    proposed = propose(turnaround(), DEPARTURE_DELAY.compute(year.tables(), (year.FIRST, year.LAST)))
    saved = _saved(proposed, year.tables()["sources/movements"])
    later = saved.filter(pl.col("day") >= date(2013, 7, 1))
    late = costs.disrupted(pl.col("status"), pl.col("arr_delay"))
    assert (later.height, round(later.get_column("dollars").sum() / 184)) == (754, 7_888)
    assert round(later.select(late.mean()).item(), 2) == 0.81
    assert round(saved.get_column("dollars").sum() / 365) == 8_836


def test_the_inventory_of_the_domain_lists_every_agent() -> None:
    found = domain()
    listed = [pin.name for pin in found.graph["governance/agents"].pins]
    assert sorted(listed) == sorted({spec.name for spec in found.agents})
