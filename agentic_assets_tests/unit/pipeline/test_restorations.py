from __future__ import annotations

import polars as pl
import pytest

from agentic_assets.errors import RulingRefused
from agentic_assets.lake import Lake
from agentic_assets.pipeline import Choice, Engine, Restoration, Said, State, Verdict
from agentic_assets.pipeline.triage import rule_on
from agentic_assets_tests.unit.pipeline.conftest import Toy
from agentic_assets_tests.unit.pipeline.ruling import READINGS, bad, quarantined, run_all, values, versions

DAY, NEXT = "2013-01-03", "2013-01-04"
TOTALS = "features/totals"


def _delivered_twice(toy: Toy) -> tuple[Engine, str, str]:
    """Deliver a day, then deliver it otherwise: the engine, and the two data versions."""
    first = toy.engine()
    run_all(first)
    before = versions(first)[DAY]
    bad(toy, DAY, {"m05": "900", "m06": "5000"})
    second = toy.engine()
    run_all(second)
    return second, before, versions(second)[DAY]


def _order(engine: Engine, version: str, day: str = DAY) -> None:
    engine.restorations.record(Restoration(READINGS, day, version, "the second delivery was wrong", "ada"))


def test_earlier_bytes_come_back_without_being_computed_and_what_rests_on_them_is_made_again(toy: Toy) -> None:
    engine, before, _ = _delivered_twice(toy)
    old = engine.manifest.history(READINGS, DAY)[0]
    _order(engine, before)
    toy.computed.clear()
    results = run_all(engine)
    entry = engine.manifest.current(READINGS)[DAY]
    assert (entry.data_version, entry.file, entry.pins, entry.inputs) == (before, old.file, old.pins, old.inputs)
    assert entry.details["restored"]["by"] == "ada"
    assert [asset for asset, _ in toy.computed] == [TOTALS]
    assert [one.partition for one in results[TOTALS] if one.state is State.PUBLISHED] == [
        "2013-01-03",
        "2013-01-04",
        "2013-01-05",
    ]


def test_the_delta_table_shows_the_same_file_as_the_manifest(toy: Toy) -> None:
    engine, before, _ = _delivered_twice(toy)
    _order(engine, before)
    run_all(engine)
    assert Lake(toy.home.lake).open(READINGS).files()[DAY] == engine.manifest.current(READINGS)[DAY].file


def test_no_run_computes_it_while_the_order_stands_whatever_is_delivered(toy: Toy) -> None:
    engine, before, _ = _delivered_twice(toy)
    _order(engine, before)
    run_all(engine)
    bad(toy, DAY, {"m07": "800"})
    bad(toy, NEXT, {"m07": "801"})
    later = toy.engine()
    run_all(later)
    assert versions(later)[DAY] == before
    assert values(later, NEXT)["m07"] == 801
    later.run(later.graph[READINGS], [DAY], run_id="again", refresh=True)
    assert versions(later)[DAY] == before


def test_a_lifted_order_lets_the_partition_be_computed_again(toy: Toy) -> None:
    engine, before, after = _delivered_twice(toy)
    _order(engine, before)
    run_all(engine)
    _order(engine, "")
    run_all(engine)
    assert versions(engine)[DAY] == after
    assert "restored" not in engine.manifest.current(READINGS)[DAY].details


def test_what_was_refused_beside_those_bytes_comes_back_with_them(toy: Toy) -> None:
    engine, before, after = _delivered_twice(toy)
    assert quarantined(engine, DAY).height == 1
    _order(engine, before)
    run_all(engine)
    assert quarantined(engine, DAY).height == 0
    _order(engine, after)
    run_all(engine)
    assert quarantined(engine, DAY).get_column("value").to_list() == ["5000"]
    assert engine.manifest.current(READINGS)[DAY].quarantined == 1


def test_a_file_that_is_gone_refuses_the_partition_and_nothing_else(toy: Toy) -> None:
    engine, before, after = _delivered_twice(toy)
    (toy.home.lake / READINGS / engine.manifest.history(READINGS, DAY)[0].file).unlink()
    _order(engine, before)
    results = run_all(engine)
    fallen = {one.partition: one.message for one in results[READINGS] if not one.stands}
    assert list(fallen) == [DAY]
    assert "is missing" in fallen[DAY]
    assert versions(engine)[DAY] == after


def test_rows_that_are_not_those_recorded_are_never_brought_back(toy: Toy) -> None:
    engine, before, after = _delivered_twice(toy)
    path = toy.home.lake / READINGS / engine.manifest.history(READINGS, DAY)[0].file
    pl.read_parquet(path, hive_partitioning=False).head(3).write_parquet(path)
    _order(engine, before)
    [result] = [one for one in run_all(engine)[READINGS] if one.partition == DAY]
    assert result.state is State.REFUSED
    assert f"do not have the data version {before[:12]}" in result.message
    assert versions(engine)[DAY] == after


def test_a_crash_between_lake_and_manifest_is_finished_by_running_again(
    toy: Toy, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, before, _ = _delivered_twice(toy)
    _order(engine, before)
    with monkeypatch.context() as patch:
        patch.setattr(engine.manifest, "record", _crash)
        with pytest.raises(KeyboardInterrupt):
            run_all(engine)
    again = toy.engine()
    run_all(again)
    assert versions(again)[DAY] == before
    assert len([one for one in again.manifest.history(READINGS, DAY) if "restored" in one.details]) == 1


def test_nobody_rules_on_rows_that_an_order_keeps_as_they_are(toy: Toy) -> None:
    engine, _, after = _delivered_twice(toy)
    _order(engine, after)
    said = Said(Verdict.DROP, "a test", "ada")
    with pytest.raises(RulingRefused, match="kept at earlier bytes by ada"):
        rule_on(engine, engine.graph[READINGS], DAY, Choice(everything=True), said)


def _crash(*_: object) -> None:
    raise KeyboardInterrupt
