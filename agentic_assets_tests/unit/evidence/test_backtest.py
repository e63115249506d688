"""What a new version of a contract would have done to what is stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from agentic_assets.contracts import Contract, load
from agentic_assets.errors import NotFound
from agentic_assets.evidence import Backtest, Domain, Reading, backtest
from agentic_assets.pipeline import STATIC
from agentic_assets_tests.unit.pipeline.conftest import CONTRACT, Toy, toy

__all__ = ["toy"]  # the fixture, by its name

DAYS = ("2013-01-01", "2013-01-02", "2013-01-03")


@pytest.fixture
def reading(toy: Toy) -> Iterator[Reading]:
    """Give a home in which three days are stored: 40 rows each, values 0 to 39, one of them refused on the first."""
    values = [str(number) for number in range(40)]
    first = [*values[:-1], "5000"]
    toy.rows = toy.rows.with_columns(pl.Series("value", first + values * 9))
    toy.contracts["readings"] = replace(toy.contracts["readings"], max_refused_share=0.5)
    engine = toy.engine()
    engine.run(engine.graph["raw/readings"], [STATIC], run_id="one")
    engine.run(engine.graph["sources/readings"], list(DAYS), run_id="one")
    made = Reading(Domain("toy", "t", "d", "o", engine.graph, (), entries="sources/readings"), toy.home)
    yield made
    made.close()


def _changed(folder: Path, before: str, after: str) -> Contract:
    path = folder / "new.odcs.yaml"
    text = CONTRACT.format(name="readings")
    assert before in text
    path.write_text(text.replace(before, after) + "\ncustomProperties: [{property: maxRefusedShare, value: 0.5}]\n")
    return load(path)


def _tested(reading: Reading, new: Contract, days: tuple[str, ...] = DAYS) -> Backtest:
    old = reading.domain.graph["sources/readings"].contract
    assert old is not None
    [found] = backtest(reading, old, new, days)
    return found


def test_a_tighter_range_counts_the_rows_that_it_would_have_refused(reading: Reading, tmp_path: Path) -> None:
    found = _tested(reading, _changed(tmp_path, "maximum: 1000", "maximum: 36"))
    assert (found.partitions, found.rows, found.refused_rows, found.touched_partitions) == (3, 119, 8, 3)
    assert found.refused_partitions == ()
    [refusal] = found.refusals
    assert (refusal.rule, refusal.rows, refusal.partitions) == ("range(value)", 8, 3)
    assert "37" in refusal.example


def test_a_wider_range_releases_what_lies_in_quarantine(reading: Reading, tmp_path: Path) -> None:
    found = _tested(reading, _changed(tmp_path, "maximum: 1000", "maximum: 6000"))
    assert (found.refused_rows, found.quarantined_rows, found.released_rows) == (0, 1, 1)


def test_a_partition_refused_as_a_whole_counts_all_its_rows(reading: Reading, tmp_path: Path) -> None:
    found = _tested(reading, _changed(tmp_path, "maximum: 1000", "maximum: 10"))
    assert found.refused_partitions == DAYS
    assert found.refused_rows == 119


def test_a_new_column_is_null_in_what_is_older(reading: Reading, tmp_path: Path) -> None:
    column = "      - {name: note, logicalType: string}"
    found = _tested(reading, _changed(tmp_path, "maximum: 1000}}", f"maximum: 1000}}}}\n{column}"))
    assert found.refused_rows == 0
    required = column.replace("string}", "string, required: true}")
    found = _tested(reading, _changed(tmp_path, "maximum: 1000}}", f"maximum: 1000}}}}\n{required}"))
    assert found.refused_rows == 119


def test_the_same_version_refuses_and_releases_nothing(reading: Reading, tmp_path: Path) -> None:
    found = _tested(reading, _changed(tmp_path, "status: active", "status: draft"))
    assert (found.refused_rows, found.released_rows, found.refusals) == (0, 0, ())


def test_days_that_are_not_stored_are_named(reading: Reading, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="2013-01-07"):
        _tested(reading, _changed(tmp_path, "maximum: 1000", "maximum: 10"), ("2013-01-07",))


def test_progress_is_told_up_to_the_end(reading: Reading, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    new = _changed(tmp_path, "maximum: 1000", "maximum: 36")
    old = reading.domain.graph["sources/readings"].contract
    assert old is not None
    backtest(reading, old, new, DAYS, lambda done, total: told.append((done, total)))
    assert told[-1] == (3, 3)
