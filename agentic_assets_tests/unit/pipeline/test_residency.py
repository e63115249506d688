from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agentic_assets.contracts import load
from agentic_assets.errors import ConfigInvalid, ContractInvalid, ResidencyRefused
from agentic_assets.home import Home
from agentic_assets.pipeline import STATIC, Engine, PartitionResult, State, open_lake
from agentic_assets.pipeline.residency import covers
from agentic_assets_tests.unit.pipeline.conftest import CONTRACT, Toy

DAY = "2013-01-02"


def keep_in(toy: Toy, tmp_path: Path, regions: Any, table: str = "readings") -> None:
    """Let the contract of a table of the toy name regions."""
    path = tmp_path / f"{table}.odcs.yaml"
    path.write_text(
        f"{CONTRACT.format(name=table)}\ncustomProperties:\n  - {{property: residency, value: {regions}}}\n"
    )
    toy.contracts[table] = load(path)


def run(engine: Engine, assets: Sequence[str] = ("raw/readings", "sources/readings")) -> list[PartitionResult]:
    return [
        result
        for asset in assets
        for result in engine.run(engine.graph[asset], [STATIC if asset.startswith("raw/") else DAY], run_id="run")
    ]


@pytest.mark.parametrize(
    ("allowed", "region", "expected"),
    [
        (("eu",), "eu", True),
        (("eu",), "eu-central-1", True),
        (("eu",), "EU-West-1 ", True),
        (("eu-central-1",), "eu", False),
        (("eu-central-1",), "eu-central-12", False),
        (("eu",), "europe", False),
        (("us", "eu"), "eu-west-1", True),
    ],
)
def test_a_region_is_covered_by_itself_and_by_what_it_lies_in(
    allowed: tuple[str, ...], region: str, expected: bool
) -> None:
    assert covers(allowed, region) is expected


@pytest.mark.parametrize("region", [None, "us-east-1"])
def test_elsewhere_not_a_byte_is_read_and_nothing_is_written(toy: Toy, tmp_path: Path, region: str | None) -> None:
    keep_in(toy, tmp_path, "eu")
    toy.home = replace(toy.home, region=region)
    results = run(toy.engine())
    assert [result.state for result in results] == [State.REFUSED, State.REFUSED]
    assert "toy/readings@1.0.0 may be held and read in eu only" in results[0].message
    assert toy.computed == []
    assert not toy.home.lake.exists()


def test_where_it_may_be_held_everything_is_as_without_a_limit(toy: Toy, tmp_path: Path) -> None:
    keep_in(toy, tmp_path, "[eu, us-east-1]")
    toy.home = replace(toy.home, region="eu-central-1")
    results = run(toy.engine(), ["raw/readings", "sources/readings", "features/totals"])
    assert [result.state for result in results] == [State.PUBLISHED] * 3


def test_what_reads_it_is_refused_even_where_it_stands_already(toy: Toy, tmp_path: Path) -> None:
    run(toy.engine())
    keep_in(toy, tmp_path, "eu")
    [result] = run(toy.engine(), ["features/totals"])
    assert result.state is State.REFUSED
    assert "does not say where it is" in result.message
    assert "AGENTIC_REGION=eu" in result.message


def test_without_a_limit_no_region_is_needed(toy: Toy) -> None:
    assert all(result.state is State.PUBLISHED for result in run(toy.engine()))


@pytest.mark.parametrize("table", ["sources/readings", "quarantine/sources/readings", "raw/readings"])
def test_the_lake_opens_neither_the_table_nor_its_quarantine_nor_what_was_delivered(
    toy: Toy, tmp_path: Path, table: str
) -> None:
    run(toy.engine())
    keep_in(toy, tmp_path, "eu")
    lake = open_lake(toy.engine().graph, replace(toy.home, region="us-east-1"))
    with pytest.raises(ResidencyRefused, match=rf"in eu only, and this deployment is in us-east-1: nothing of {table}"):
        lake.open(table)
    with pytest.raises(ResidencyRefused):
        lake.table(table, {}, partitioned=True)


@pytest.mark.parametrize("regions", ["[]", "7", "[eu, 7]", "'no where'", "true", "''"])
def test_a_limit_that_cannot_be_read_is_no_contract(toy: Toy, tmp_path: Path, regions: str) -> None:
    with pytest.raises(ContractInvalid, match="residency is"):
        keep_in(toy, tmp_path, regions)


def test_the_region_of_a_home_comes_from_the_environment(tmp_path: Path) -> None:
    assert Home.from_environment({"AGENTIC_HOME": str(tmp_path), "AGENTIC_REGION": "EU-West-1"}).region == "eu-west-1"
    assert Home.from_environment({"AGENTIC_HOME": str(tmp_path), "AGENTIC_REGION": ""}).region is None
    with pytest.raises(ConfigInvalid, match="cannot be one"):
        Home.from_environment({"AGENTIC_HOME": str(tmp_path), "AGENTIC_REGION": "eu; drop"})
