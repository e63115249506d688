"""What became of each flight, once it is known, and the terms on which decisions about it are scored."""

from __future__ import annotations

import polars as pl

from agentic_assets.domains.departures import costs
from agentic_assets.domains.departures.sources import HOME_ZONE
from agentic_assets.errors import PointInTimeViolation
from agentic_assets.outcomes import Economics, scorecard

__all__ = ["ECONOMICS", "closes_at", "outcomes", "score"]

ECONOMICS = Economics(
    idle=costs.NONE,
    quotas=costs.QUOTAS,
    overflow=costs.OVERFLOW,
    scope=costs.QUOTA_SCOPE,
    cost=costs.cost_cents,
    saved=lambda action: costs.saved_cents(action, pl.col("status"), pl.col("arr_delay")),
)


def closes_at(day: pl.Expr) -> pl.Expr:
    """Give the instant (UTC) at which the outcomes of a local day (Date) close: 24 hours after its end.

    In the data of 2013, 27,198 outcomes are unknown when their day ends, and none 24 hours later.
    """
    end = day.dt.offset_by("1d").cast(pl.Datetime("us")).dt.replace_time_zone(HOME_ZONE)
    return end.dt.convert_time_zone("UTC") + pl.duration(hours=24)


def outcomes(movements: pl.DataFrame) -> pl.DataFrame:
    """Label and price movements, in order of `source_row`; for one day or for many.

    Gives flight_id, day, origin, carrier, status, arr_delay (Int32 minutes, null unless completed), disrupted
    (Boolean), loss_cents (Int64), outcome_known_at, source_row. Raises PointInTimeViolation where an outcome is not
    known when those of its day close.
    """
    late = movements.filter((pl.col("outcome_known_at") > closes_at(pl.col("day"))).fill_null(value=True))
    if late.height:
        flight, known = late.sort("source_row").select("flight_id", "outcome_known_at").row(0)
        raise PointInTimeViolation(
            f"{late.height} of {movements.height} outcomes are not known when those of their day close, e.g. {flight}, "
            f"known at {known}",
            hint="close the days later (closes_at), or find out why these are recorded so late",
        )
    status, delay = pl.col("status"), pl.col("arr_delay")
    return movements.sort("source_row").select(
        "flight_id",
        "day",
        "origin",
        "carrier",
        "status",
        delay.cast(pl.Int32),
        costs.disrupted(status, delay).alias("disrupted"),
        costs.loss_cents(status, delay).alias("loss_cents"),
        "outcome_known_at",
        "source_row",
    )


def score(decisions: pl.DataFrame, flights: pl.DataFrame) -> pl.DataFrame:
    """Score decisions (`entity` is the flight_id) against the outcomes of their flights; see `outcomes.scorecard`.

    The origin of each decision, which the quotas of the legacy rule need, is taken from the outcomes.
    """
    known = flights.rename({"flight_id": "entity"})
    return scorecard(decisions.drop("origin", "carrier", strict=False), known, ECONOMICS, bad="disrupted")
