"""The whole year: `agentic run` against a plain script that computes the same decisions and keeps nothing."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import polars as pl

from agentic_assets.agents import propose
from agentic_assets.coordination import settle
from agentic_assets.coordination.bidding import bids_of
from agentic_assets.domains.departures import agent, domain, sources
from agentic_assets.domains.departures.feature_sets import DEPARTURE_DELAY
from agentic_assets.domains.departures.models import train_months
from agentic_assets.domains.departures.outcomes import outcomes
from agentic_assets.evidence import Reading
from agentic_assets.home import Home
from agentic_assets.orchestration import Observer, run_load
from agentic_assets.pipeline import Calendar, Cut, PartitionResult
from agentic_assets.policy import judge
from agentic_assets_tests.bench.replay import replayed
from agentic_assets_tests.bench.table import Row

__all__ = ["measure", "plain_script"]


def plain_script(calendar: Calendar) -> tuple[pl.DataFrame, float]:
    """Decide about every flight of the year: no Dagster, no contracts, no lake, no ledger.

    Gives entity and effective_action, and how many seconds of it were training.
    """
    flights, airports = sources.land("flights"), sources.airports(sources.land("airports"))
    types = {"dep_delay": pl.Int32, "arr_delay": pl.Int32, "sched_dep_time": pl.Int32, "distance": pl.Int32}
    schedule = sources.schedule(flights, airports).cast({"sched_dep_time": pl.Int32, "distance": pl.Int32})
    movements = sources.movements(flights, airports).cast({k: v for k, v in types.items() if "delay" in k})
    sky = sources.weather(sources.land("weather"))
    measured = [name for name in sky.columns if sky.schema[name] == pl.String and name != "origin"]
    sky = sky.with_columns(pl.col(measured).cast(pl.Float64)).with_columns(pl.col("wind_dir").cast(pl.Int32))
    # The two observations that the contract refuses: wind of 1,048 mph, and hard frost in May.
    frost = (pl.col("temp") < 28) & pl.col("day").dt.month().is_between(5, 9)
    sky = sky.filter(~((pl.col("wind_speed") > 500) | frost).fill_null(value=False))
    tables = {"sources/schedule": schedule, "sources/movements": movements, "sources/weather": sky}
    rows = DEPARTURE_DELAY.compute(tables, (calendar.first, calendar.last))
    truth = outcomes(movements)
    start = time.perf_counter()
    artefacts = train_months(calendar.all(Cut.MONTH), lambda _: (rows, truth))
    training = time.perf_counter() - start
    decided = []
    for month, artefact in artefacts.items():
        own = rows.filter(pl.col("day").dt.strftime("%Y-%m") == month)
        proposals = propose(agent.serving(artefact), own)
        told = proposals.hstack(own.select("day", "decided_at")).hstack(agent.context(own, artefact.kind))
        decided.append(_judged(told).select("entity", "effective_action"))
    return pl.concat(decided), training


def _judged(proposals: pl.DataFrame) -> pl.DataFrame:
    """Judge as the award and the decisions do, with nobody else who bids."""
    policy, spec = agent.departures_policy(), agent.delay_risk()
    (standby,) = policy.resources
    asked = policy.asked(spec)
    wanting = judge(proposals, policy.guardrails, agent=asked).filter(pl.col("effective_action") == standby.action)
    bids = bids_of(wanting.with_columns(binding=pl.lit(value=True)), standby, spec.id)
    settled = settle(bids, dict.fromkeys(bids.get_column("resource"), standby.capacity), standby.settle)
    granted = proposals.get_column("entity").is_in(settled.filter("granted").get_column("entity").implode())
    return judge(proposals, policy, agent=asked, granted={standby.id: granted})


class _Clock(Observer):
    """Note how long each asset took."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._start = 0.0

    def started(self, asset: str, position: int, assets: int, partitions: int) -> None:
        self._start = time.perf_counter()

    def settled(self, asset: str, results: list[PartitionResult]) -> None:
        self.seconds[asset] = time.perf_counter() - self._start


def measure() -> list[Row]:
    """Run the year once each way, check that the decisions are the same, and say where the time goes."""
    made = domain()
    start = time.perf_counter()
    decided, training = plain_script(made.graph.calendar)
    floor = time.perf_counter() - start
    with tempfile.TemporaryDirectory() as folder:
        home, clock = Home.at(Path(folder)), _Clock()
        loaded = run_load(made, home, observer=clock)
        again = run_load(made, home)
        reading = Reading(made, home)
        kept = reading.scan(made.subjects[0].decisions).select("entity", "effective_action").collect()
        reading.close()
        replays = replayed(made, home)
    same = kept.sort("entity").equals(decided.sort("entity"))
    if not same:
        raise AssertionError("the plain script and the run decided differently")
    name, what = "plain polars script", f"training {training:.1f} s of it"
    slowest = sorted(clock.seconds.items(), key=lambda item: -item[1])[:8]
    where = ", ".join(f"{asset} {seconds:.1f} s" for asset, seconds in slowest)
    rest = loaded.seconds - clock.seconds["models/delay_risk"]
    return [
        Row(
            "year",
            f"agentic run, 365 days, {len(made.graph.nodes)} assets",
            loaded.seconds,
            name,
            floor,
            note=f"{what}; {where}",
        ),
        Row("year", "the same without training", rest, f"{name} without training", floor - training),
        Row("year", "agentic run again", again.seconds, name, floor, note="nothing to do"),
        *replays,
    ]
