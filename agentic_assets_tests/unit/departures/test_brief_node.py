"""Proposals of `station_brief` on a real lake: misses are counted, damage is refused, new answers remake days."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agentic_assets.agents.llm.recordings import append
from agentic_assets.pipeline import PartitionResult, State
from agentic_assets_tests.unit.departures.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Give the two days in a home of their own."""
    desk = Desk(tmp_path)
    yield desk
    desk.engine.store.close()


def _answered(result: PartitionResult) -> bool:
    return next(check.passed for check in result.checks if check.name == "every_prompt_is_answered")


def test_all_mornings_of_the_storm_rest_on_recorded_answers(desk: Desk) -> None:
    results = desk.run()
    assert [result.state for result in results] == [State.PUBLISHED] * 2
    assert all(_answered(result) for result in results)
    assert [result.state for result in desk.run()] == [State.UNCHANGED] * 2


def test_a_miss_is_told_by_a_check_and_stops_nothing_else(desk: Desk) -> None:
    desk.forget("2013-02-09/EWR")
    first, second = desk.run()
    assert (first.state, second.state) == (State.PUBLISHED, State.PUBLISHED)
    assert not _answered(first)


def test_a_new_recording_remakes_the_days_and_changes_the_version_of_those_it_touches(desk: Desk) -> None:
    line = desk.forget("2013-02-09/EWR")
    before = [result.entry.data_version for result in desk.run() if result.entry]
    kept = desk.path.read_text()
    desk.path.write_text("".join(sorted([*kept.splitlines(keepends=True), line])))
    append(desk.path, [])
    after = desk.run()
    assert all(_answered(result) for result in after)
    assert [
        result.entry.data_version != version for result, version in zip(after, before, strict=True) if result.entry
    ] == [
        True,
        False,
    ]


def test_an_edited_recording_refuses_every_day_and_says_which_line(desk: Desk) -> None:
    desk.path.write_text(desk.path.read_text().replace("may carry over", "will carry over", 1))
    results = desk.run()
    assert not any(result.stands for result in results)
    assert all("was edited" in result.message for result in results)
