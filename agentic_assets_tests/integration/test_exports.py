"""Every contract of the departures domain in every language: what was published passes, what the gate refuses fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl
import pytest

from agentic_assets.contracts import Contract
from agentic_assets.contracts.export import to_json_schema, to_pandera_module, to_sql
from agentic_assets.domains.departures import domain
from agentic_assets.errors import NotFound
from agentic_assets.evidence import Reading
from agentic_assets.home import Home
from agentic_assets.pipeline import Cut
from agentic_assets_tests.homes import copied
from agentic_assets_tests.integration import exported

DAY = "2013-01-02"
Published = Mapping[str, tuple[Contract, pl.DataFrame]]


@pytest.fixture(scope="module")
def published(two_days: Path, tmp_path_factory: pytest.TempPathFactory) -> Published:
    """A few rows of every dataset that a day of the domain published, with its contract."""
    reading = Reading(domain(), Home.at(copied(two_days, tmp_path_factory.mktemp("published") / "home")))
    found = {}
    try:
        for node in reading.domain.graph.nodes:
            if node.contract is None:
                continue
            try:
                frame = reading.current(node.asset, [DAY] if node.cut is Cut.DAY else None)
            except NotFound:
                continue
            found[node.contract.name] = (node.contract, frame.select(*node.contract.schema).head(300))
    finally:
        reading.close()
    return {name: case for name, case in found.items() if case[1].height}


def agree(
    published: Published,
    verdict: Callable[[pl.DataFrame, Contract], list[bool]],
    text: Callable[[Contract], str],
) -> int:
    """Hold odd rows of every dataset against the gate and an export; give how many rows both refused."""
    refused = 0
    for name, (contract, frame) in published.items():
        alone = exported.row_by_row(contract)
        rows = exported.mutated(frame.head(12))
        expected = exported.by_gate(rows, alone, without=exported.unsaid(text(alone)))
        found = verdict(rows, alone)
        odd = [row for row, a, b in zip(rows.rows(), expected, found, strict=True) if a != b]
        assert not odd, (name, odd[0])
        refused += found.count(False)
    return refused


def test_a_run_publishes_most_contracts(published: Published) -> None:
    assert len(published) >= 10


def test_published_rows_pass_everywhere(published: Published) -> None:
    for contract, frame in published.values():
        assert all(exported.by_json_schema(frame, contract)), contract.name
        assert all(exported.by_duckdb(frame, contract)), contract.name
        assert all(exported.by_pandera(frame, contract)), contract.name
        assert all(exported.by_module(frame, contract)), contract.name


def test_json_schema_refuses_what_the_gate_refuses(published: Published) -> None:
    assert agree(published, exported.by_json_schema, lambda c: str(to_json_schema(c).get("$comment", ""))) > 300


def test_duckdb_refuses_what_the_gate_refuses(published: Published) -> None:
    assert agree(published, exported.by_duckdb, lambda c: to_sql(c, dialect="duckdb")) > 300


def test_pandera_refuses_what_the_gate_refuses(published: Published) -> None:
    assert agree(published, exported.by_module, to_pandera_module) > 300
    assert agree(published, exported.by_pandera, lambda _: "") > 300


@pytest.mark.postgres
def test_postgres_takes_what_was_published_and_refuses_what_the_gate_refuses(
    published: Published, postgres_url: str
) -> None:
    for contract, frame in published.values():
        assert all(exported.by_postgres(frame, contract, postgres_url)), contract.name

    def verdict(frame: pl.DataFrame, contract: Contract) -> list[bool]:
        return exported.by_postgres(frame, contract, postgres_url)

    assert agree(published, verdict, lambda c: to_sql(c, dialect="postgres")) > 300


def test_rows_with_the_same_key_are_refused_by_every_engine_that_sees_more_than_one(published: Published) -> None:
    contract, frame = published["departures/weather"]
    twice = pl.concat([frame.head(1), frame.head(1)])
    assert exported.by_duckdb(twice, contract) == [True, False]
    assert exported.by_pandera(twice, contract) == [False, False]
    assert exported.by_module(twice, contract) == [False, False]


def test_references_become_foreign_keys(published: Published) -> None:
    (airlines, carriers), (schedule, flights) = published["departures/airlines"], published["departures/schedule"]
    connection = duckdb.connect()
    connection.execute(to_sql(airlines))
    alone = replace(
        schedule,
        rules=tuple(
            rule for rule in schedule.rules if rule.reference is None or rule.reference.dataset == airlines.dataset
        ),
    )
    assert 'FOREIGN KEY ("carrier") REFERENCES "airlines" ("carrier")' in to_sql(alone)
    connection.execute(to_sql(alone))
    connection.register("carriers", carriers.head(15).to_arrow())
    connection.execute("INSERT INTO airlines SELECT * FROM carriers")
    insert = f"INSERT INTO schedule VALUES ({', '.join('?' * flights.width)})"
    known = flights.filter(pl.col("carrier").is_in(carriers["carrier"].head(15).implode()))
    connection.execute(insert, known.row(0))
    connection.execute("DELETE FROM airlines WHERE carrier NOT IN (SELECT carrier FROM schedule)")
    with pytest.raises(duckdb.ConstraintException):
        connection.execute(insert, known.filter(pl.col("carrier") != known["carrier"][0]).row(0))
    connection.close()
