"""The contracts of the departures domain, held against the real files of 2013; their facts are in test_traps."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from agentic_assets.contracts import Contract, GateResult, gate_all, load_folder
from agentic_assets.domains.departures import sources

SOURCES = ("airlines", "airports", "movements", "planes", "schedule", "weather")


@pytest.fixture(scope="module")
def contracts() -> dict[str, Contract]:
    return load_folder(Path(__file__).parents[3] / "contracts" / "departures")


@pytest.fixture(scope="module")
def year(contracts: Mapping[str, Contract]) -> dict[str, dict[str, GateResult]]:
    """Gate every partition of every source of the year: dataset -> partition -> result."""
    flights, airports = sources.land("flights"), sources.land("airports")
    frames = {
        "schedule": sources.schedule(flights, airports),
        "movements": sources.movements(flights, airports),
        "weather": sources.weather(sources.land("weather")),
        "planes": sources.planes(sources.land("planes")),
        "airports": sources.airports(airports),
        "airlines": sources.airlines(sources.land("airlines")),
    }
    parts = {
        name: {str(day): part for (day,), part in frame.partition_by("day", as_dict=True, maintain_order=True).items()}
        if "day" in frame.columns
        else {"": frame}
        for name, frame in frames.items()
    }
    return {
        name: gate_all(days, contracts[name], references=dict.fromkeys(days, frames)) for name, days in parts.items()
    }


@pytest.mark.parametrize("name", SOURCES)
def test_everything_that_a_contract_says_is_enforced(contracts: Mapping[str, Contract], name: str) -> None:
    # The registry of aircraft is the future to every flight, so that nothing of 2013 may rest on it, a check neither.
    declared = ("the relationship tailnum -> planes(tailnum): the contract only declares it (enforced: false)",)
    assert contracts[name].unenforced == (declared if name == "schedule" else ())


def test_no_day_breaks_a_relationship_of_the_sources(year: Mapping[str, Mapping[str, GateResult]]) -> None:
    found = [
        finding.message
        for results in year.values()
        for result in results.values()
        for finding in result.findings
        if "foreign" in finding.rule
    ]
    assert found == []


@pytest.mark.parametrize("name", SOURCES)
def test_a_contract_says_who_owns_the_data_and_what_each_column_is(
    contracts: Mapping[str, Contract], name: str
) -> None:
    contract = contracts[name]
    assert contract.name == f"departures/{name}"
    assert contract.owner == "airport_operations"
    assert contract.usage
    assert contract.limitations
    assert contract.service_levels
    assert contract.primary_key
    for column in contract.columns:
        assert column.description.endswith((".", "null")), column.name
        assert column.examples, column.name
        assert column.classification == "public", column.name


@pytest.mark.parametrize(
    ("name", "partitions", "read", "quarantined"),
    [
        ("schedule", 365, 336_776, 0),
        ("movements", 365, 336_776, 0),
        ("weather", 364, 26_115, 2),
        ("planes", 1, 3_322, 0),
        ("airports", 1, 1_458, 3),
        ("airlines", 1, 16, 0),
    ],
)
def test_the_real_year_passes_with_only_the_impossible_in_quarantine(
    year: Mapping[str, Mapping[str, GateResult]], name: str, partitions: int, read: int, quarantined: int
) -> None:
    results = year[name].values()
    assert not [result.message() for result in results if result.refused]
    assert len(results) == partitions
    assert sum(result.read for result in results) == read
    assert sum(result.quarantined.height for result in results) == quarantined
    assert sum(result.valid.height for result in results) == read - quarantined


def test_a_wind_of_1048_miles_an_hour_is_impossible(year: Mapping[str, Mapping[str, GateResult]]) -> None:
    refused = year["weather"]["2013-02-12"].quarantined
    assert refused.select("source_row", "rule", "value").rows() == [(1010, "range(wind_speed)", "1048.36058")]


def test_a_hard_frost_in_may_is_impossible(year: Mapping[str, Mapping[str, GateResult]]) -> None:
    refused = year["weather"]["2013-05-08"].quarantined
    assert refused.select("source_row", "rule").rows() == [(11768, "no-hard-frost-in-summer")]


def test_airports_in_the_wrong_half_of_the_world_are_impossible(year: Mapping[str, Mapping[str, GateResult]]) -> None:
    refused = year["airports"][""].quarantined
    codes = refused["row"].str.json_path_match("$.faa").to_list()
    assert dict(zip(codes, refused["rule"], strict=True)) == {
        "DVT": "in-america",
        "EEN": "range(lat)",
        "MYF": "in-america",
    }


def test_a_thin_day_of_weather_warns(year: Mapping[str, Mapping[str, GateResult]]) -> None:
    warned = {day: result.findings[0].message for day, result in year["weather"].items() if result.findings}
    assert warned.pop("2013-12-30") == "the number of rows must be at least 60, there are 57"
    assert set(warned) == {"2013-02-12", "2013-05-08"}


def test_what_is_only_known_afterwards_is_declared(contracts: Mapping[str, Contract]) -> None:
    late = {name: [c.name for c in contracts[name].columns if c.after_the_fact] for name in ("schedule", "movements")}
    assert late["schedule"] == ["tailnum"]
    assert set(late["movements"]) == {
        *("status", "dep_time", "dep_delay", "arr_time", "arr_delay", "air_time", "departed_at", "arrived_at"),
    }
    assert contracts["planes"].declared["futureSnapshot"] is True
