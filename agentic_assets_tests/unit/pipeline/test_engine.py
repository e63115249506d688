from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import pytest

from agentic_assets.errors import SourceUnreadable
from agentic_assets.pipeline import Batch, Engine, PartitionResult, State
from agentic_assets_tests.unit.pipeline.conftest import CALENDAR, Toy


def _run_all(
    engine: Engine, days: tuple[str, ...] = CALENDAR.days(), *, refresh: bool = False
) -> dict[str, list[PartitionResult]]:
    found: dict[str, list[PartitionResult]] = {}
    fallen: dict[str, frozenset[str]] = {}
    for node in engine.graph.nodes:
        partitions = CALENDAR.partitions(node.cut, days)
        found[node.asset] = engine.run(node, partitions, run_id="run-1", fallen=fallen, refresh=refresh)
        fallen[node.asset] = frozenset(result.partition for result in found[node.asset] if not result.stands)
    return found


def _versions(engine: Engine, asset: str) -> dict[str, str]:
    return {name: entry.data_version for name, entry in engine.manifest.current(asset).items()}


def _states(results: list[PartitionResult]) -> set[State]:
    return {result.state for result in results}


def test_a_second_run_computes_nothing_and_changes_no_version(toy: Toy) -> None:
    first = toy.engine()
    _run_all(first)
    before = _versions(first, "features/totals")
    toy.computed.clear()
    second = toy.engine()
    assert _states(_run_all(second)["features/totals"]) == {State.UNCHANGED}
    assert toy.computed == []
    assert _versions(second, "features/totals") == before


def test_one_day_at_a_time_gives_the_same_versions_as_the_range_at_once(
    toy: Toy, tmp_path: pytest.TempPathFactory
) -> None:
    at_once = toy.engine()
    _run_all(at_once)
    expected = _versions(at_once, "features/totals")
    other = Toy(toy.home.root.parent / "other")
    one_by_one = other.engine()
    for day in CALENDAR.days():
        _run_all(one_by_one, (day,))
    assert _versions(one_by_one, "features/totals") == expected
    one_by_one.store.close()


def test_a_bad_row_goes_to_quarantine_and_the_rest_of_its_day_is_published(toy: Toy) -> None:
    toy.rows = toy.rows.with_columns(
        value=pl.when((pl.col("day") == "2013-01-03") & (pl.col("meter") == "m05"))
        .then(pl.lit("-4"))
        .otherwise("value")
    )
    engine = toy.engine()
    results = _run_all(engine)
    third = results["sources/readings"][2]
    assert third.entry is not None
    assert (third.state, third.entry.rows, third.entry.quarantined) == (State.PUBLISHED, 39, 1)
    kept = engine.lake.open("quarantine/sources/readings").scan(["2013-01-03"]).collect()
    assert kept.get_column("value").to_list() == ["-4"]


def test_a_repaired_row_leaves_quarantine_and_reopens_only_the_days_that_read_it(toy: Toy) -> None:
    good = toy.rows
    toy.rows = good.with_columns(
        value=pl.when((pl.col("day") == "2013-01-03") & (pl.col("meter") == "m05")).then(pl.lit("x")).otherwise("value")
    )
    _run_all(toy.engine())
    toy.rows = good
    toy.computed.clear()
    engine = toy.engine()
    _run_all(engine)
    assert dict(toy.computed)["features/totals"] == ("2013-01-03", "2013-01-04", "2013-01-05")
    assert engine.lake.open("quarantine/sources/readings").scan(["2013-01-03"]).collect().height == 0


def test_a_refused_day_is_not_published_and_blocks_only_what_requires_it(toy: Toy) -> None:
    toy.rows = toy.rows.with_columns(
        value=pl.when(pl.col("day") == "2013-01-03").then(pl.lit("many")).otherwise("value")
    )
    results = _run_all(toy.engine())
    fallen = {asset: [(r.partition, r.state) for r in found if not r.stands] for asset, found in results.items()}
    assert fallen["sources/readings"] == [("2013-01-03", State.REFUSED)]
    assert fallen["features/totals"] == [("2013-01-03", State.BLOCKED)]
    assert "many" in results["sources/readings"][2].message


def test_a_day_that_is_refused_later_keeps_its_earlier_version_current(toy: Toy) -> None:
    engine = toy.engine()
    _run_all(engine)
    before = _versions(engine, "sources/readings")
    toy.rows = toy.rows.with_columns(
        value=pl.when(pl.col("day") == "2013-01-03").then(pl.lit("many")).otherwise("value")
    )
    again = toy.engine()
    results = _run_all(again)
    assert results["sources/readings"][2].state is State.REFUSED
    assert _versions(again, "sources/readings") == before


def test_changed_code_makes_every_partition_anew_but_equal_rows_keep_their_data_version(toy: Toy) -> None:
    _run_all(toy.engine())
    changed = toy.engine(code="code-2")
    before = _versions(changed, "features/totals")
    assert _states(_run_all(changed)["features/totals"]) == {State.PUBLISHED}
    assert _versions(changed, "features/totals") == before
    history = changed.manifest.history("features/totals", "2013-01-01")
    assert [entry.code_version for entry in history] == ["code-1", "code-2"]


def test_the_recorded_inputs_are_the_versions_that_were_read(toy: Toy) -> None:
    engine = toy.engine()
    _run_all(engine)
    entry = engine.manifest.current("features/totals")["2013-01-04"]
    sources = _versions(engine, "sources/readings")
    days = ("2013-01-02", "2013-01-03", "2013-01-04")
    assert entry.inputs == {"sources/readings": {day: sources[day] for day in days}}


def test_an_unreadable_source_refuses_its_node_with_the_reason_and_raises_nothing(toy: Toy) -> None:
    def unreadable(batch: Batch) -> Mapping[str, pl.DataFrame]:
        raise SourceUnreadable("readings.csv ends in the middle of line 7", hint="deliver it again")

    results = _run_all(toy.engine(compute=unreadable))
    assert _states(results["features/totals"]) == {State.REFUSED}
    assert "line 7" in results["features/totals"][0].message


def test_rows_read_are_rows_published_plus_rows_quarantined(toy: Toy) -> None:
    toy.rows = toy.rows.with_columns(
        value=pl.when(pl.int_range(pl.len()) % 97 == 0).then(pl.lit("?")).otherwise("value")
    )
    engine = toy.engine()
    entries = [result.entry for result in _run_all(engine)["sources/readings"]]
    assert sum(entry.rows + entry.quarantined for entry in entries if entry) == toy.rows.height
    assert sum(entry.quarantined for entry in entries if entry) == 5


def test_what_the_stored_table_cannot_hold_is_refused_before_anything_is_computed(toy: Toy) -> None:
    _run_all(toy.engine())
    before = _versions(toy.engine(), "sources/readings")
    toy.retype("readings", "integer", "number")
    toy.computed.clear()
    results = _run_all(toy.engine())
    assert toy.computed == []
    assert _states(results["sources/readings"]) == {State.REFUSED}
    assert "`value` is stored as Int64 and was asked for as Float64" in results["sources/readings"][0].message
    assert _states(results["features/totals"]) == {State.BLOCKED}
    assert _versions(toy.engine(), "sources/readings") == before
