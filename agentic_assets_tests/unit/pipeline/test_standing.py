"""What people ordered for a partition remakes that partition, and no other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from agentic_assets.pipeline import Batch, Engine, Graph, Node, Ordered, Standing
from agentic_assets.store import Store
from agentic_assets.versions import Pin, of_json
from agentic_assets_tests.unit.pipeline.conftest import CALENDAR, Toy
from agentic_assets_tests.unit.pipeline.ruling import made_anew, run_all, values

READINGS = "sources/readings"
DAY, OTHER = "2013-01-03", "2013-01-04"


def _ordering(orders: Mapping[str, int]) -> Ordered:
    def standing(_: Store, partitions: Sequence[str]) -> Mapping[str, Standing]:
        return {
            name: Standing((Pin("order", name, "1", of_json(orders[name])),), orders[name])
            for name in partitions
            if name in orders
        }

    return standing


def _engine(toy: Toy, orders: Mapping[str, int]) -> Engine:
    """Open an engine whose readings are raised by what was ordered for their day."""
    engine = toy.engine()
    readings = engine.graph[READINGS]

    def compute(batch: Batch) -> Mapping[str, pl.DataFrame]:
        made = readings.compute(batch)
        added = {name: batch.standing[name].content if name in batch.standing else 0 for name in made}
        return {
            name: frame.with_columns(pl.col("value").cast(pl.Int64) + added[name]) if added[name] else frame
            for name, frame in made.items()
        }

    ordered: Node = replace(readings, compute=compute, standing=_ordering(orders))
    nodes = tuple(ordered if node.asset == READINGS else node for node in engine.graph.nodes)
    changed = Engine(Graph(CALENDAR, nodes), toy.home)
    toy.engines.append(changed)
    return changed


def test_an_order_remakes_the_partition_it_touches_and_what_reads_it(toy: Toy) -> None:
    run_all(_engine(toy, {}))
    again = run_all(_engine(toy, {DAY: 5}))
    assert made_anew(again, READINGS) == [DAY]
    assert made_anew(again, "features/totals") == [DAY, "2013-01-04", "2013-01-05"]


def test_the_function_is_given_what_was_ordered(toy: Toy) -> None:
    engine = _engine(toy, {DAY: 5})
    run_all(engine)
    assert values(engine, DAY)["m00"] == 12
    assert values(engine, OTHER)["m00"] == 7


def test_an_order_is_recorded_among_the_pins_of_its_partition_only(toy: Toy) -> None:
    engine = _engine(toy, {DAY: 5})
    run_all(engine)
    pinned = {
        name: engine.manifest.pins_of(entry.pins).named("order")
        for name, entry in engine.manifest.current(READINGS).items()
    }
    assert pinned[DAY] == Pin("order", DAY, "1", of_json(5))
    assert pinned[OTHER] is None


def test_an_order_taken_back_gives_the_bytes_of_before(toy: Toy) -> None:
    first = _engine(toy, {})
    run_all(first)
    before = first.manifest.current(READINGS)[DAY]
    run_all(_engine(toy, {DAY: 5}))
    last = _engine(toy, {})
    run_all(last)
    after = last.manifest.current(READINGS)[DAY]
    assert (after.data_version, after.fingerprint) == (before.data_version, before.fingerprint)
