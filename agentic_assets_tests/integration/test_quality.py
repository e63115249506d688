"""The second level of the gate on real deliveries: judged, held back, accepted; in Dagster and by command."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from click.testing import CliRunner, Result

import agentic_assets.domains
from agentic_assets.cli import cli
from agentic_assets.domains.departures import domain
from agentic_assets.evidence import Domain, Reading
from agentic_assets.home import Home
from agentic_assets.orchestration import HomeResource, Loaded, definitions_of, open_instance, run_load
from agentic_assets.orchestration.keys import asset_key
from agentic_assets.pipeline import Cut, State
from agentic_assets_tests.integration.deliveries import Deliveries, Rows

pytestmark = pytest.mark.slow

KINDS = dg.AssetsDefinition | dg.SourceAsset
FIRST, HELD, LAST = date(2013, 1, 1), "2013-01-02", date(2013, 1, 3)


def without_times(rows: Rows) -> Rows:
    """Deliver 2 January without a single departure: a feed without its times."""
    for row in [row for row in rows if row["day"] == "2"]:
        row.update(dict.fromkeys(("dep_time", "dep_delay", "arr_time", "arr_delay", "air_time"), "NA"))
    return rows


@dataclass
class Ran:
    """A home after a load in which one day is held back."""

    made: Domain
    home: Home
    loaded: Loaded
    deliveries: Deliveries

    def agentic(self, *arguments: str) -> Result:
        """Run the command in this process, on the deliveries of this test."""
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(agentic_assets.domains, "load_domain", lambda name: self.made)
            environ = {"AGENTIC_HOME": str(self.home.root), "AGENTIC_USER": "ada"}
            return CliRunner().invoke(cli, list(arguments), env=environ)

    def fallen(self) -> dict[str, list[str]]:
        results = self.loaded.outcome.of(State.REFUSED, State.BLOCKED)
        found: dict[str, list[str]] = {}
        for result in results:
            found.setdefault(result.asset, []).append(result.partition)
        return found


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    deliveries = Deliveries(tmp_path_factory.mktemp("deliveries"))
    deliveries.change("flights", without_times)
    made, home = domain(deliveries.folder), Home.at(tmp_path_factory.mktemp("home"))
    return Ran(made, home, run_load(made, home, since=FIRST, until=LAST), deliveries)


def test_a_held_day_stays_published_and_stops_only_what_requires_it(ran: Ran) -> None:
    fallen = ran.fallen()
    assert {day for days in fallen.values() for day in days if len(day) == len(HELD)} == {HELD}
    assert "features/departure_delay" in fallen
    assert "outcomes/flights" in fallen
    assert "sources/movements" not in fallen
    assert "quality/movements" not in fallen
    reading = Reading(ran.made, ran.home)
    try:
        assert HELD in reading.manifest.current("sources/movements")
    finally:
        reading.close()


def test_the_message_names_who_holds_it_why_and_what_to_do(ran: Ran) -> None:
    [result] = [one for one in ran.loaded.outcome.of(State.BLOCKED) if one.asset == "features/departure_delay"]
    assert f"sources/movements {HELD} is held by quality/movements" in result.message
    assert "some-flights-left: 1, expected at most 0.9" in result.message
    assert f"agentic quality accept sources/movements {HELD}" in result.message


def evaluated(record: Any) -> dg.AssetCheckEvaluation:
    evaluation = record.event.dagster_event.event_specific_data
    assert isinstance(evaluation, dg.AssetCheckEvaluation)
    return evaluation


def test_dagster_knows_the_failed_check_as_an_error_and_the_others_as_passed(ran: Ran) -> None:
    with open_instance(ran.home) as instance:
        key = dg.AssetCheckKey(asset_key("quality/movements"), "statistics")
        records = instance.event_log_storage.get_asset_check_execution_history(key, limit=10)
    by_day = {evaluation.partition: evaluation for evaluation in map(evaluated, records)}
    passed = {day: evaluation.passed for day, evaluation in by_day.items()}
    assert passed == {"2013-01-01": True, HELD: False, "2013-01-03": True}
    held = by_day[HELD]
    assert held.severity is dg.AssetCheckSeverity.ERROR
    assert str(held.metadata["docs"].value).endswith("/data_docs/movements/2013-01.html")


def test_in_dagster_the_step_of_the_judge_fails_and_nothing_downstream_is_made(ran: Ran, tmp_path: Path) -> None:
    home = Home.at(tmp_path / "single")
    assets = [asset for asset in definitions_of(ran.made).assets or () if isinstance(asset, KINDS)]
    names = ["sources/schedule", "sources/movements", "sources/weather", "outcomes/flights"]
    names += ["quality/schedule", "quality/movements", "quality/weather"]

    def materialize(selection: list[str], partition: str | None) -> dg.ExecuteInProcessResult:
        return dg.materialize(
            assets,
            selection=[asset_key(name) for name in selection],
            partition_key=partition,
            resources={"home": HomeResource(root=str(home.root))},
            raise_on_error=False,
        )

    static = [node.asset for node in ran.made.graph.nodes if node.cut is Cut.STATIC]
    assert materialize(static, None).success
    result = materialize(names, HELD)
    assert not result.success
    made = {event.asset_key.to_user_string() for event in result.get_asset_materialization_events() if event.asset_key}
    assert made == {*names} - {"outcomes/flights"}
    [failed] = [one for one in result.get_asset_check_evaluations() if not one.passed]
    assert (failed.asset_key, failed.blocking) == (asset_key("quality/movements"), True)
    # A later run of what is downstream alone is refused with the reason.
    alone = materialize(["outcomes/flights"], HELD)
    assert not alone.success
    [failure] = [event for event in alone.all_events if event.is_step_failure]
    assert "is held by quality/movements" in str(failure.step_failure_data)


def test_the_command_lists_shows_and_accepts_and_then_everything_is_made(ran: Ran) -> None:
    listed = json.loads(ran.agentic("quality", "list", "--held", "--json").stdout)
    assert [(one["asset"], one["partition"], one["state"]) for one in listed["partitions"]] == [
        ("sources/movements", HELD, "held")
    ]
    shown = ran.agentic("quality", "show", "sources/movements", HELD)
    assert "some-flights-left" in shown.stdout
    nameless = ran.agentic("quality", "accept", "sources/movements", HELD)
    assert (nameless.exit_code, "--reason" in nameless.stderr) == (2, True)
    wrong = ran.agentic("quality", "accept", "sources/movements", "2013-01-03", "--reason", "x")
    assert "is not held back" in str(wrong.exception)
    nobody = ran.agentic("quality", "accept", "sources/airlines", "--reason", "x")
    assert "nobody judges" in str(nobody.exception)
    accepted = ran.agentic(
        *("quality", "accept", "sources/movements", HELD, "--by", "kim", "--reason", "strike: nothing flew"),
        *("--downstream", "--json"),
    )
    assert accepted.exit_code == 0, accepted.stderr
    said = json.loads(accepted.stdout)
    assert (said["identity"], said["reason"], said["downstream"]) == ("kim", "strike: nothing flew", True)
    shown = json.loads(ran.agentic("quality", "show", "sources/movements", HELD, "--json").stdout)
    assert shown["state"] == "accepted"
    assert shown["acceptance"]["identity"] == "kim"
    with open_instance(ran.home) as instance:
        key = dg.AssetCheckKey(asset_key("quality/movements"), "statistics")
        [newest] = instance.event_log_storage.get_asset_check_execution_history(key, limit=1)
    evaluation = evaluated(newest)
    assert evaluation.severity is dg.AssetCheckSeverity.WARN
    assert "accepted by kim" in str(evaluation.description)
    again = run_load(ran.made, ran.home, since=FIRST, until=LAST)
    assert again.outcome.complete


def test_the_docs_of_the_run_lie_in_the_home(ran: Ran) -> None:
    page = (ran.home.data_docs / "movements" / "2013-01.html").read_text()
    assert "some-flights-left" in page
    assert HELD in page
    assert 'href="movements/2013-01.html"' in (ran.home.data_docs / "index.html").read_text()


def test_the_code_location_loads_neither_great_expectations_nor_pandas() -> None:
    heavy = ["great_expectations", "pandas", "altair", "pandera"]
    program = f"import agentic_assets.definitions, sys; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout == "[]\n"
