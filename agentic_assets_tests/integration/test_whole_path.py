"""The whole path on real days: the same bytes in every home, on every store, and after every bad delivery."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from agentic_assets.domains.departures import domain
from agentic_assets.errors import NotFound
from agentic_assets.evidence import Reading, explain, locate, summarize, verify_all
from agentic_assets.home import Home
from agentic_assets.orchestration import Loaded, rule_and_run, run_load
from agentic_assets.pipeline import Choice, Said, State, Verdict
from agentic_assets_tests.homes import copied
from agentic_assets_tests.integration.deliveries import Deliveries, Rows

FIRST, LAST = date(2013, 1, 1), date(2013, 1, 2)


@pytest.fixture
def deliveries(tmp_path: Path) -> Deliveries:
    return Deliveries(tmp_path / "deliveries")


def _run(home: Home, folder: Path | None = None, *, until: date = LAST) -> Loaded:
    return run_load(domain(folder), home, since=FIRST, until=until)


def _versions(home: Home) -> dict[str, str]:
    reading = Reading(domain(), home)
    try:
        return {
            f"{node.asset} {partition}": entry.data_version
            for node in reading.domain.graph.nodes
            for partition, entry in reading.manifest.current(node.asset).items()
        }
    finally:
        reading.close()


@pytest.fixture(scope="module")
def finished(two_days: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home in which both days ran, in another process."""
    return Home.at(copied(two_days, tmp_path_factory.mktemp("finished") / "home"))


@pytest.fixture
def reading(finished: Home) -> Iterator[Reading]:
    opened = Reading(domain(), finished)
    yield opened
    opened.close()


def test_two_empty_homes_give_equal_data_versions_for_every_asset_and_partition(finished: Home, tmp_path: Path) -> None:
    other = Home.at(tmp_path / "other")
    assert _run(other).outcome.complete
    versions = _versions(finished)
    assert _versions(other) == versions
    assert {name.split(" ")[0] for name in versions} == {node.asset for node in domain().graph.nodes}


def test_a_second_run_leaves_everything_unchanged(finished: Home) -> None:
    before = _versions(finished)
    again = _run(finished)
    assert {result.state for results in again.outcome.results.values() for result in results} == {State.UNCHANGED}
    assert _versions(finished) == before


@pytest.mark.postgres
def test_a_run_on_postgresql_gives_the_same_data_versions(
    finished: Home, tmp_path: Path, fresh_postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENTIC_PG_URL", fresh_postgres_url)
    home = Home.at(tmp_path / "home", store_url=fresh_postgres_url)
    assert _run(home).outcome.complete
    assert _versions(home) == _versions(finished)
    assert not (home.dagster / "history").exists(), "Dagster's events went to SQLite"


def test_every_landed_flight_is_published_or_quarantined_once(reading: Reading) -> None:
    landed = reading.current("raw/flights").filter(year="2013", month="1").filter(pl.col("day").is_in(["1", "2"]))
    for asset in ("sources/schedule", "sources/movements"):
        rows = set(reading.current(asset).get_column("source_row"))
        try:
            aside = set(reading.lake.open(f"quarantine/{asset}").scan().collect().get_column("source_row"))
        except NotFound:
            aside = set()
        assert rows | aside == set(landed.get_column("source_row"))
        assert not rows & aside


def test_every_decision_is_sealed_and_everything_verifies(reading: Reading) -> None:
    result = verify_all(reading)
    assert result.problems == []
    assert result.records == sum(reading.current(one.decisions).height for one in reading.domain.subjects) > 3_500


def test_no_decision_before_the_first_model_takes_an_action(reading: Reading) -> None:
    decisions = reading.current("decisions/delay_risk")
    assert set(decisions.get_column("effective_action")) == {"none"}
    assert set(decisions.get_column("rule")) == {"no_model"}


def test_the_summary_counts_what_is_in_the_lake(reading: Reading) -> None:
    summary = summarize(reading, ("2013-01-01", "2013-01-02"), seconds=1.0)
    assert summary.decisions == summary.entities_in == reading.current("sources/schedule").height
    assert sum(summary.by_verdict.values()) == summary.decisions
    assert json.loads(json.dumps(summary.to_dict()))["ledger"]["size"] == 2


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reading]:
    """A home after a run over a delivery with a word for a number on each day, and one flight of the first day twice.

    So that rows 11 and 843 hold a word, and the key of row 6 comes again in row 2,700, after three days.
    """
    deliveries = Deliveries(tmp_path_factory.mktemp("deliveries"))

    def damage(rows: Rows) -> Rows:
        rows[10]["distance"] = "far"
        next(row for row in rows if row["day"] == "2")["distance"] = "far"
        return [*rows, rows[5]]

    deliveries.change("flights", damage)
    home = Home.at(tmp_path_factory.mktemp("damaged"))
    assert _run(home, deliveries.folder).outcome.complete
    opened = Reading(domain(deliveries.folder), home)
    yield opened
    opened.close()


def test_a_row_with_a_word_for_a_number_is_quarantined_with_its_value(damaged: Reading) -> None:
    aside = damaged.lake.open("quarantine/sources/schedule").scan().collect().sort("source_row")
    kept = aside.row(1, named=True)
    assert (kept["source_row"], kept["column"], kept["value"]) == (11, "distance", "far")
    assert json.loads(kept["row"])["flight"]


def test_the_summary_of_a_range_counts_the_quarantine_of_that_range_only(damaged: Reading) -> None:
    days = damaged.domain.graph.calendar.days(FIRST, LAST)
    first, second, both = (summarize(damaged, chosen, seconds=1.0) for chosen in (days[:1], days[1:], days))
    counted = [summary.quarantined["sources/schedule"] for summary in (first, second, both)]
    assert counted == [3, 1, 4]


def test_both_rows_of_a_duplicate_key_are_quarantined(damaged: Reading) -> None:
    entry = damaged.manifest.current("sources/schedule")["2013-01-01"]
    aside = damaged.lake.open("quarantine/sources/schedule").scan(["2013-01-01"]).collect().sort("source_row")
    assert entry.quarantined == 3
    assert aside.get_column("source_row").to_list() == [6, 11, 2_700]


def test_a_day_in_which_too_much_is_wrong_is_refused_and_only_what_rests_on_it_is_blocked(
    deliveries: Deliveries, tmp_path: Path
) -> None:
    def damage(rows: Rows) -> Rows:
        for row in rows:
            if row["day"] == "2":
                row["distance"] = "NaN"
        return rows

    deliveries.change("flights", damage)
    loaded = _run(Home.at(tmp_path / "home"), deliveries.folder, until=date(2013, 1, 3))
    fallen = {
        asset: {result.partition for result in results if not result.stands}
        for asset, results in loaded.outcome.results.items()
    }
    assert fallen["sources/schedule"] == fallen["features/departure_delay"] == {"2013-01-02"}
    assert fallen["decisions/delay_risk"] == fallen["outcomes/scorecard"] == {"2013-01-02"}
    assert fallen["sources/movements"] == {"2013-01-02"}  # its rows refer to those of the schedule
    assert fallen["sources/weather"] == fallen["quality/weather"] == set()
    message = loaded.outcome.of(State.REFUSED)[0].message
    assert "refused the partition 2013-01-02, nothing was published" in message
    assert "distance" in message


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda given: given.without_column("flights", "sched_dep_time"), "sched_dep_time"),
        (lambda given: given.write_text("flights", ""), "empty"),
        (lambda given: given.write_text("flights", given.text("flights")[:-20]), "truncated"),
        (lambda given: given.path("flights").write_bytes(given.path("flights").read_bytes()[:5_000]), "damaged"),
        (lambda given: given.path("flights").unlink(), "missing"),
    ],
    ids=["a missing column", "an empty file", "a cut CSV", "a cut archive", "no file"],
)
def test_an_unusable_file_is_refused_whole_with_its_name_and_blocks_what_rests_on_it(
    deliveries: Deliveries, tmp_path: Path, damage: object, said: str
) -> None:
    damage(deliveries)  # type: ignore[operator]
    loaded = _run(Home.at(tmp_path / "home"), deliveries.folder, until=FIRST)
    [refused] = loaded.outcome.results["raw/flights"]
    assert refused.state is State.REFUSED
    assert "flights.csv.zip" in refused.message
    assert said in refused.message
    assert {result.state for result in loaded.outcome.results["decisions/delay_risk"]} == {State.BLOCKED}
    assert {result.state for result in loaded.outcome.results["sources/weather"]} == {State.PUBLISHED}


def test_an_airport_in_an_unknown_time_zone_is_quarantined(deliveries: Deliveries, tmp_path: Path) -> None:
    def damage(rows: Rows) -> Rows:
        for row in rows:
            if row["faa"] == "ORD":
                row["tzone"] = "Mars/Olympus"
        return rows

    deliveries.change("airports", damage)
    home = Home.at(tmp_path / "home")
    run_load(domain(deliveries.folder), home, only=dict.fromkeys(["raw/airports", "sources/airports"], ("",)))
    reading = Reading(domain(deliveries.folder), home)
    kept = reading.lake.open("quarantine/sources/airports").scan().collect()
    reading.close()
    assert "Mars/Olympus" in kept.get_column("value").to_list()


def test_a_late_correction_reopens_its_day_alone_and_rulings_on_other_rows_hold(
    deliveries: Deliveries, tmp_path: Path
) -> None:
    def damage(rows: Rows) -> Rows:
        rows[10]["distance"], rows[12]["distance"] = "far", "away"
        return rows

    def correct(rows: Rows) -> Rows:
        rows[10]["distance"] = "1028"
        return rows

    deliveries.change("flights", damage)
    home, made = Home.at(tmp_path / "home"), domain(deliveries.folder)
    _run(home, deliveries.folder)
    said = Said(Verdict.RELEASE, "read from the ticket", "ada", {"distance": "2475"})
    done = rule_and_run(made, home, "sources/schedule", "2013-01-01", Choice((13,)), said)
    assert (done.state, done.waiting) == ("published", 1)
    assert set(done.stale) > {"features/departure_delay", "decisions/delay_risk"}
    before = _versions(home)
    deliveries.change("flights", correct)
    loaded = _run(home, deliveries.folder)
    made_again = [one.partition for one in loaded.outcome.results["sources/schedule"] if one.state is State.PUBLISHED]
    assert loaded.outcome.complete
    changed = {name for name, version in _versions(home).items() if version != before[name]}
    # A movement refers to its flight in the schedule, so that it comes back with it; other days keep their rows.
    of_sources = {name for name in changed if name.startswith("sources/")}
    assert of_sources == {"sources/schedule 2013-01-01", "sources/movements 2013-01-01"}
    assert "2013-01-01" in made_again
    reading = Reading(domain(deliveries.folder), home)
    entry = reading.manifest.current("sources/schedule")["2013-01-01"]
    distances = dict(reading.current("sources/schedule", ["2013-01-01"]).select("source_row", "distance").iter_rows())
    held = reading.lake.open("quarantine/sources/schedule").scan(["2013-01-01"]).collect()
    flight = reading.current("decisions/delay_risk", ["2013-01-01"]).get_column("decision_id")[0]
    [told] = [one for one in explain(reading, locate(reading, flight)).sources if one["asset"] == "sources/schedule"]
    reading.close()
    assert (distances[11], distances[13]) == (1028, 2475)
    assert held.is_empty()
    assert entry.details["rulings_counted"] == {"released": 1}
    assert [(one["row"], one["set"], one["by"]) for one in told["rulings"]] == [(13, "distance=2475", "ada")]
