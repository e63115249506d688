"""Damage the toy domain's readings, and rule on what its gate then holds back."""

from __future__ import annotations

import json
from collections.abc import Mapping

import polars as pl

from agentic_assets.pipeline import Engine, PartitionResult, Ruling, State, Verdict
from agentic_assets_tests.unit.pipeline.conftest import CALENDAR, Toy

__all__ = ["READINGS", "bad", "made_anew", "quarantined", "rule", "run_all", "values", "versions"]

READINGS = "sources/readings"


def bad(toy: Toy, day: str, cells: Mapping[str, str]) -> None:
    """Deliver other values for some meters of a day."""
    for meter, value in cells.items():
        here = (pl.col("day") == day) & (pl.col("meter") == meter)
        toy.rows = toy.rows.with_columns(value=pl.when(here).then(pl.lit(value)).otherwise("value"))


def rule(
    engine: Engine,
    day: str,
    meter: str,
    verdict: Verdict,
    correction: Mapping[str, str | None] | None = None,
    *,
    asset: str = READINGS,
    copy: int = 0,
) -> None:
    """Record a ruling on a held row of a meter."""
    held = engine.examine(engine.graph[asset], day)
    texts = held.rows.get_column("row").to_list()
    places = [place for place, text in enumerate(texts) if json.loads(text)["meter"] == meter]
    digest, nth = held.names[places[copy]]
    made = Ruling(digest, nth, held.rows.item(places[copy], "source_row"), verdict, "a test", "ada", correction or {})
    after = max((one.number for one in engine.rulings.of(asset).get(day, ())), default=0)
    assert engine.rulings.record(asset, day, [made], after=after)


def run_all(engine: Engine, days: tuple[str, ...] = CALENDAR.days()) -> dict[str, list[PartitionResult]]:
    """Run every node over the days."""
    engine.reload()
    found: dict[str, list[PartitionResult]] = {}
    fallen: dict[str, frozenset[str]] = {}
    for node in engine.graph.nodes:
        partitions = CALENDAR.partitions(node.cut, days)
        found[node.asset] = engine.run(node, partitions, run_id="run-1", fallen=fallen)
        fallen[node.asset] = frozenset(result.partition for result in found[node.asset] if not result.stands)
    return found


def made_anew(results: Mapping[str, list[PartitionResult]], asset: str) -> list[str]:
    """Name the partitions that a run published."""
    return [result.partition for result in results[asset] if result.state is State.PUBLISHED]


def values(engine: Engine, day: str) -> dict[str, int]:
    """Give what is published of a day: meter -> value."""
    entry = engine.manifest.current(READINGS)[day]
    frame = engine.lake.open(READINGS).scan_files([entry.file]).collect()
    return dict(frame.select("meter", "value").iter_rows())


def quarantined(engine: Engine, day: str) -> pl.DataFrame:
    """Give the quarantine of a day."""
    return engine.lake.open(f"quarantine/{READINGS}").scan([day]).collect()


def versions(engine: Engine, asset: str = READINGS) -> dict[str, str]:
    """Give the current data version of each partition."""
    return {name: entry.data_version for name, entry in engine.manifest.current(asset).items()}
