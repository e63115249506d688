from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from agentic_assets.evidence import Domain
from agentic_assets.evidence.service import Standing, last_moment, service_standing
from agentic_assets.home import Home
from agentic_assets.pipeline import Batch, Calendar, Cut, Engine, Graph, Node
from agentic_assets_tests.unit.contracts.written import contract

CALENDAR = Calendar("America/New_York", date(2013, 1, 1), date(2013, 1, 10))


@pytest.fixture
def engines() -> Iterator[list[Engine]]:
    made: list[Engine] = []
    yield made
    for engine in made:
        engine.store.close()


def standing(
    tmp_path: Path, engines: list[Engine], level: dict[str, Any], days: int, as_of: datetime | None = None
) -> Standing:
    """Publish the first days of a table with one promise, and judge it."""
    columns: list[dict[str, Any]] = [
        {"name": "seen_at", "logicalType": "timestamp", "primaryKey": True},
        {"name": "known_at", "logicalType": "timestamp"},
    ]
    promises = contract(tmp_path, columns, slaProperties=[level])
    row = {"seen_at": [datetime(2013, 1, 1, tzinfo=UTC)], "known_at": [datetime(2013, 1, 1, 3, tzinfo=UTC)]}

    def compute(batch: Batch) -> dict[str, pl.DataFrame]:
        return {name: pl.DataFrame(row, schema=promises.schema) for name in batch.partitions}

    node = Node("sources/things", "sources", Cut.DAY, promises, compute, "1")
    domain = Domain("toy", "Toy", "A toy.", "team", Graph(CALENDAR, (node,)), (), "sources/things")
    engine = Engine(domain.graph, Home.at(tmp_path / "home"))
    engines.append(engine)
    engine.run(node, CALENDAR.days()[:days], run_id="run")
    [found] = service_standing(domain, engine.manifest, as_of or last_moment(CALENDAR))
    return found


def test_history_is_judged_at_the_end_of_its_last_day() -> None:
    assert last_moment(CALENDAR) == datetime(2013, 1, 11, 5, tzinfo=UTC)


def test_a_whole_history_keeps_its_frequency(tmp_path: Path, engines: list[Engine]) -> None:
    found = standing(tmp_path, engines, {"property": "frequency", "value": 1, "unit": "d"}, 10)
    assert (found.state, found.detail) == ("kept", "all 10 due partitions are published")


def test_what_is_due_and_not_published_is_late_and_named(tmp_path: Path, engines: list[Engine]) -> None:
    found = standing(tmp_path, engines, {"property": "latency", "value": 2, "unit": "d"}, 6)
    assert (found.state, found.partitions) == ("late", ("2013-01-07", "2013-01-08"))


def test_a_retention_names_what_is_past_it(tmp_path: Path, engines: list[Engine]) -> None:
    found = standing(tmp_path, engines, {"property": "retention", "value": 7, "unit": "d"}, 10)
    assert (found.state, found.partitions) == ("past", ("2013-01-01", "2013-01-02", "2013-01-03"))


@pytest.mark.parametrize(("name", "state"), [("endOfLife", "past"), ("generalAvailability", "kept")])
def test_a_date_in_the_past_counts(tmp_path: Path, engines: list[Engine], name: str, state: str) -> None:
    assert standing(tmp_path, engines, {"property": name, "value": "2012-05-12"}, 1).state == state


@pytest.mark.parametrize("name", ["endOfSupport", "generalAvailability"])
def test_a_date_to_come_is_ahead(tmp_path: Path, engines: list[Engine], name: str) -> None:
    assert standing(tmp_path, engines, {"property": name, "value": "2032-05-12T09:30:10-08:00"}, 1).state == "ahead"


def test_late_rows_are_counted_from_the_recorded_checks(tmp_path: Path, engines: list[Engine]) -> None:
    level = {
        "property": "latency",
        "value": 1,
        "unit": "h",
        "element": "known_at",
        "customProperties": [{"property": "since", "value": "seen_at"}],
    }
    assert standing(tmp_path, engines, level, 2).detail == "2 of 2 rows came late"


def test_what_nothing_measures_says_so(tmp_path: Path, engines: list[Engine]) -> None:
    found = standing(tmp_path, engines, {"property": "throughput", "value": 3}, 1)
    assert (found.state, found.detail) == ("not measured", "nothing measures it")
