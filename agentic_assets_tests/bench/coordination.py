"""Bench: 30 standby aircraft at three airports over 2013, by the award and by leases, beside the upper bound of an LP.

What a flight would really have gained is known here, which no agent knew: the bench asks how well units are shared out,
not how well agents judge. An aircraft of another airport is worth $1,500 less, for the flight that brings it over.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl

from agentic_assets.coordination import BIDS, award, sweep
from agentic_assets.domains.departures import costs
from agentic_assets.domains.departures.outcomes import outcomes
from agentic_assets_tests.bench.table import Row, timed
from agentic_assets_tests.unit.departures.year import tables

__all__ = ["measure"]

_AIRPORTS = ("EWR", "JFK", "LGA")
_UNITS = 10
_FERRY_CENTS = 150_000
_LEAD = timedelta(hours=2)


def measure() -> list[Row]:
    """Give what the award takes beside the LP, and what leases of several patience reach of the optimum."""
    demands = _demands()
    everywhere = _bids(demands, _AIRPORTS)
    capacity = dict.fromkeys(everywhere.get_column("resource").unique().to_list(), _UNITS)
    bound, most = _bounds(everywhere), _worth(award(everywhere, capacity))
    if most != bound:
        raise AssertionError(f"the award reaches {most:,} cents, the upper bound is {bound:,}")
    highs = timed(lambda: _bounds(everywhere), 1)
    title = f"award 30 aircraft at 3 airports over 365 days, {demands.height:,} demands, {everywhere.height:,} bids"
    rows = [
        Row(
            "coordination",
            title,
            timed(lambda: award(everywhere, capacity)),
            "the same days as linear programs (HiGHS): their optimum is the upper bound",
            highs,
            1.0,
            f"{100 * most / bound:.6g} % of the upper bound",
        )
    ]
    at_home = _bids(demands, None)
    optimum = timed(lambda: award(at_home, capacity))
    best = _worth(award(at_home, capacity))
    for told, minutes in (("24 h", 1_440), ("60 min", 60), ("none: first come, first served", 0)):
        patient = at_home.with_columns(commits_at=pl.col("at") + timedelta(minutes=minutes))
        reached = _worth(sweep(patient, capacity))
        rows.append(
            Row(
                "coordination",
                f"the same demands by leases, 10 aircraft an airport, patience {told}",
                timed(lambda bids=patient: sweep(bids, capacity), 1),  # type: ignore[misc]
                "the award of the same bids",
                optimum,
                None,
                f"{100 * reached / best:.1f} % of the optimum",
            )
        )
    return rows


def _demands() -> pl.DataFrame:
    """Give the flights for which a standby would have paid: day, entity, origin, at, utility_cents."""
    known = outcomes(tables()["sources/movements"])
    departs = tables()["sources/schedule"].select("flight_id", pl.col("sched_dep_at").alias("departs_at"))
    standby = pl.lit(costs.STANDBY)
    gain = costs.saved_cents(standby, pl.col("status"), pl.col("arr_delay")) - costs.cost_cents(standby)
    return (
        known.join(departs, on="flight_id")
        .select(
            "day",
            pl.col("flight_id").alias("entity"),
            "origin",
            (pl.col("departs_at") - _LEAD).cast(BIDS["at"]).alias("at"),
            gain.alias("utility_cents"),
        )
        .filter(pl.col("utility_cents") > 0)
        .sort("at", "entity")
    )


def _bids(demands: pl.DataFrame, airports: tuple[str, ...] | None) -> pl.DataFrame:
    """Bid for the units of each of these airports, or of the flight's own only."""
    offers = [
        demands.with_columns(
            pl.lit(airport).alias("base"),
            (pl.col("utility_cents") - pl.when(pl.col("origin") == airport).then(0).otherwise(_FERRY_CENTS)).alias(
                "utility_cents"
            ),
        )
        for airport in airports or ()
    ] or [demands.with_columns(pl.col("origin").alias("base"))]
    bids = pl.concat(offers).filter(pl.col("utility_cents") > 0)
    return bids.select(
        pl.concat_str("entity", "base", separator="|").alias("bid_id"),
        pl.lit("bench@1.0.0").alias("agent"),
        "entity",
        pl.concat_str("base", "day", separator="/").alias("resource"),
        "at",
        pl.col("at").alias("commits_at"),
        pl.lit(None).alias("expires_at"),
        "utility_cents",
        pl.lit(0).alias("priority"),
        pl.lit(value=True).alias("binding"),
    ).select(pl.col(name).cast(dtype) for name, dtype in BIDS.items())


def _worth(settled: pl.DataFrame) -> int:
    return int(settled.filter("granted").get_column("utility_cents").sum())


def _bounds(bids: pl.DataFrame) -> int:
    """Solve each day as a linear program; its constraints are totally unimodular, so that the bound is reached."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_array

    total = 0.0
    for _, day in bids.group_by(pl.col("resource").str.split("/").list.last(), maintain_order=True):
        flights, pools = (day.get_column(name).rank("dense").to_numpy() - 1 for name in ("entity", "resource"))
        many, columns = int(flights.max()) + 1, np.arange(day.height)
        rows = np.concatenate([flights, many + pools]).astype(np.int64)
        limits = csr_array((np.ones(rows.size), (rows, np.concatenate([columns, columns]))))
        most = np.concatenate([np.ones(many), np.full(int(pools.max()) + 1, _UNITS)])
        found = linprog(  # type: ignore[call-overload]  # the stubs know no sparse matrix
            -day.get_column("utility_cents").to_numpy(), A_ub=limits, b_ub=most, bounds=(0, 1)
        )
        total -= found.fun
    return round(total)
