"""The rule that served before: how often the same carrier was disrupted from this airport at this hour."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from agentic_assets.domains.departures.costs import NONE, NOTIFY, STANDBY

__all__ = [
    "ANY",
    "ANY_HOUR",
    "NOTIFY_FROM_BP",
    "PRIOR_FLIGHTS",
    "STANDBY_FROM_BP",
    "legacy_action",
    "legacy_risk_bp",
    "legacy_table",
]

PRIOR_FLIGHTS = 20
"""A cell with this many flights counts half for itself and half for the overall rate."""

ANY, ANY_HOUR = "*", -1
"""The key of the row that holds the overall rate, used for a cell without history."""

STANDBY_FROM_BP, NOTIFY_FROM_BP = 4_000, 1_750
"""From which rate on it proposes an action: the best of a grid on April to June, each month by its own table."""

_CELL = ("carrier", "origin", "hour")


def legacy_table(flights: pl.DataFrame, outcomes: pl.DataFrame, *, month: str, cut: datetime) -> pl.DataFrame:
    """Count disruptions per carrier, origin and scheduled hour, over the outcomes known before the cut.

    `flights`: flight_id, carrier, origin, hour; `outcomes`: flight_id, disrupted, outcome_known_at. Gives month,
    carrier, origin, hour (Int32), flights, disrupted (Int64), rate_bp (Int32: basis points, drawn towards the overall
    rate), sorted, with a first row for any cell. Without history the table is that row alone, with rate 0.
    """
    known = outcomes.filter(pl.col("outcome_known_at") < cut).select("flight_id", "disrupted")
    counted = flights.select("flight_id", *_CELL).join(known, on="flight_id", how="inner", validate="1:1")
    total = counted.select(pl.len().cast(pl.Int64).alias("flights"), pl.col("disrupted").sum().cast(pl.Int64)).row(0)
    cells = counted.group_by(_CELL).agg(
        pl.len().cast(pl.Int64).alias("flights"), pl.col("disrupted").sum().cast(pl.Int64)
    )
    overall = pl.DataFrame(
        {"carrier": [ANY], "origin": [ANY], "hour": [ANY_HOUR], "flights": [total[0]], "disrupted": [total[1]]},
        schema={**{name: flights.schema[name] for name in _CELL}, "flights": pl.Int64, "disrupted": pl.Int64},
    )
    # Integers throughout: (disrupted + prior x overall rate) / (flights + prior), times 10,000, rounded half up.
    part = pl.col("disrupted") * total[0] + PRIOR_FLIGHTS * total[1]
    whole = (pl.col("flights") + PRIOR_FLIGHTS) * total[0]
    return (
        pl.concat([overall, cells])
        .sort(_CELL)
        .with_columns(
            pl.lit(month).alias("month"),
            pl.col("hour").cast(pl.Int32),
            rate_bp=pl.when(whole > 0).then((part * 20_000 + whole) // (2 * whole)).otherwise(0).cast(pl.Int32),
        )
        .select("month", *_CELL, "flights", "disrupted", "rate_bp")
    )


def legacy_risk_bp(flights: pl.DataFrame, table: pl.DataFrame) -> pl.Series:
    """Look each flight (carrier, origin, hour) up: a series `legacy_bp` (Int32) in the order of the frame."""
    overall = table.filter(pl.col("carrier") == ANY).get_column("rate_bp").item()
    cells = table.select(*_CELL, "rate_bp")
    keys = flights.select("carrier", "origin", pl.col("hour").cast(pl.Int32))
    found = keys.join(cells, on=_CELL, how="left", maintain_order="left", validate="m:1")
    return found.get_column("rate_bp").fill_null(overall).alias("legacy_bp")


def legacy_action(risk_bp: pl.Expr, *, standby_from_bp: int, notify_from_bp: int) -> pl.Expr:
    """Propose an action by threshold; quotas are applied by whoever grants it."""
    return (
        pl.when(risk_bp >= standby_from_bp)
        .then(pl.lit(STANDBY))
        .when(risk_bp >= notify_from_bp)
        .then(pl.lit(NOTIFY))
        .otherwise(pl.lit(NONE))
    )
