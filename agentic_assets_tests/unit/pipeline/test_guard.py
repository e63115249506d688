"""A partition that its judge holds back is out of sight until it is delivered again or accepted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl
import pytest

from agentic_assets.pipeline import (
    Acceptance,
    Acceptances,
    Batch,
    Check,
    Cut,
    Engine,
    Graph,
    Input,
    Node,
    PartitionResult,
    State,
    Window,
    waited_for,
)
from agentic_assets_tests.unit.pipeline.conftest import CALENDAR, Toy

THIRD = "2013-01-03"


def judge(batch: Batch) -> Mapping[str, pl.DataFrame]:
    """Hold back a day whose readings exceed 900; warn of one above 500."""
    found = {}
    for name in batch.partitions:
        highest = batch.read("sources/readings", name).get_column("value").max()
        high = int(highest) if isinstance(highest, int) else 0
        batch.check("statistics", name, passed=high <= 500, mild=high <= 900, description=f"the highest is {high}")
        found[name] = pl.DataFrame({"highest": [high]}, schema={"highest": pl.Int64})
    return found


JUDGE = Node(
    asset="quality/readings",
    group="quality",
    cut=Cut.DAY,
    contract=None,
    raw_schema={"highest": pl.Int64()},
    compute=judge,
    code_version="judge-1",
    inputs=(Input("sources/readings"),),
    checks=(Check("statistics", "Not too high.", blocking=False, holds=True),),
    judges="sources/readings",
)


def guarded(toy: Toy) -> Engine:
    engine = toy.engine()
    landed, readings, totals = engine.graph.nodes
    made = Engine(Graph(CALENDAR, (landed, readings, JUDGE, totals)), toy.home)
    toy.engines.append(made)
    return made


def deliver(toy: Toy, value: str) -> None:
    toy.rows = toy.rows.with_columns(value=pl.when(pl.col("day") == THIRD).then(pl.lit(value)).otherwise("value"))


def run(engine: Engine, *assets: str, days: tuple[str, ...] = CALENDAR.days()) -> dict[str, list[PartitionResult]]:
    return {
        node.asset: engine.run(node, CALENDAR.partitions(node.cut, days), run_id="run-1")
        for node in engine.graph.nodes
        if not assets or node.asset in assets
    }


def not_standing(results: list[PartitionResult]) -> list[tuple[str, State]]:
    return [(result.partition, result.state) for result in results if not result.stands]


def test_a_held_partition_stays_published_and_blocks_only_who_requires_it(toy: Toy) -> None:
    deliver(toy, "950")
    results = run(guarded(toy))
    assert not_standing(results["sources/readings"]) == []
    assert not_standing(results["quality/readings"]) == []
    assert not_standing(results["features/totals"]) == [(THIRD, State.BLOCKED)]
    message = results["features/totals"][2].message
    assert "sources/readings 2013-01-03 is held by quality/readings: the highest is 950" in message
    assert "agentic quality accept sources/readings 2013-01-03 --by YOU --reason WHY" in message


def test_windows_that_reach_over_a_held_partition_are_read_without_it(toy: Toy) -> None:
    deliver(toy, "950")
    engine = guarded(toy)
    run(engine)
    entry = engine.manifest.current("features/totals")["2013-01-04"]
    assert [*entry.inputs["sources/readings"]] == ["2013-01-02", "2013-01-04"]


def test_a_broken_expectation_that_only_warns_holds_nothing(toy: Toy) -> None:
    deliver(toy, "600")
    assert not_standing(run(guarded(toy))["features/totals"]) == []


def test_what_was_not_judged_is_not_read(toy: Toy) -> None:
    engine = guarded(toy)
    run(engine, "raw/readings", "sources/readings")
    results = run(engine, "features/totals", days=(THIRD,))
    assert not_standing(results["features/totals"]) == [(THIRD, State.BLOCKED)]
    assert "not judged yet: materialize quality/readings" in results["features/totals"][0].message


def test_a_verdict_is_about_one_version_and_a_new_delivery_waits_for_its_own(toy: Toy) -> None:
    deliver(toy, "950")
    run(guarded(toy))
    deliver(toy, "8")
    engine = guarded(toy)
    run(engine, "raw/readings", "sources/readings")
    assert not_standing(run(engine, "features/totals")["features/totals"]) == [(THIRD, State.BLOCKED)]
    assert not_standing(run(engine)["features/totals"]) == []


def accept(engine: Engine) -> None:
    version = engine.entries("sources/readings")[THIRD].data_version
    Acceptances(engine.store).record(Acceptance("sources/readings", THIRD, version, "a heat wave", "kim"))


def test_an_accepted_partition_is_read_and_reopens_exactly_what_had_done_without_it(toy: Toy) -> None:
    deliver(toy, "950")
    run(guarded(toy))
    accept(guarded(toy))
    toy.computed.clear()
    results = run(guarded(toy))
    assert not_standing(results["features/totals"]) == []
    assert dict(toy.computed)["features/totals"] == (THIRD, "2013-01-04", "2013-01-05")


def test_an_acceptance_shows_on_the_judge_and_its_failure_only_warns(toy: Toy) -> None:
    deliver(toy, "950")
    run(guarded(toy))
    accept(guarded(toy))
    [check] = run(guarded(toy))["quality/readings"][2].checks
    assert (check.passed, check.mild) == (False, True)
    assert "accepted by kim" in check.description
    assert "a heat wave" in check.description


def test_an_acceptance_does_not_cover_the_next_delivery(toy: Toy) -> None:
    deliver(toy, "950")
    run(guarded(toy))
    accept(guarded(toy))
    deliver(toy, "960")
    assert not_standing(run(guarded(toy))["features/totals"]) == [(THIRD, State.BLOCKED)]


def test_a_judge_that_stands_behind_a_reader_is_refused(toy: Toy) -> None:
    landed, readings, totals = toy.engine().graph.nodes
    with pytest.raises(ValueError, match="quality/readings guards sources/readings and stands after features/totals"):
        Graph(CALENDAR, (landed, readings, totals, JUDGE))


def test_only_those_wait_who_require_a_partition(toy: Toy) -> None:
    landed, readings, totals = toy.engine().graph.nodes
    looking_back = replace(
        totals, asset="features/past", inputs=(Input("sources/readings", Window(3, before_only=True)),)
    )
    graph = Graph(CALENDAR, (landed, readings, JUDGE, totals, looking_back))
    assert [node.asset for node in waited_for(graph, totals)] == ["quality/readings"]
    assert waited_for(graph, looking_back) == ()
    assert waited_for(graph, JUDGE) == ()


def test_two_judges_that_hold_the_same_asset_are_refused(toy: Toy) -> None:
    landed, readings, totals = toy.engine().graph.nodes
    other = replace(JUDGE, asset="quality/more")
    with pytest.raises(ValueError, match="quality/more guards sources/readings, which quality/readings guards already"):
        Graph(CALENDAR, (landed, readings, JUDGE, other, totals))
