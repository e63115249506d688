"""People and breakers in charge of real days: what they order acts on the next batch, and shows wherever it matters."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import polars as pl
import pytest
from click.testing import CliRunner, Result

from agentic_assets.cli import cli
from agentic_assets.domains.departures import domain
from agentic_assets.errors import AgenticError
from agentic_assets.evidence import Domain, Reading, explain, locate, verify_all
from agentic_assets.evidence.overseeing import orders_of, standing_of
from agentic_assets.evidence.watching import watch
from agentic_assets.home import Home
from agentic_assets.language.condition import parse_condition
from agentic_assets.orchestration import run_load
from agentic_assets.orchestration.alerting import alert_sensor, failed_run_sensor
from agentic_assets.orchestration.instance import open_instance
from agentic_assets.orchestration.load import LOAD_JOB
from agentic_assets.orchestration.resources import HomeResource
from agentic_assets.policy.breaker import Breaker, Stale
from agentic_assets.policy.rollout import Controls, Kind
from agentic_assets_tests.homes import copied, without_proofs

DECISIONS = "decisions/delay_risk"
FIRST, SECOND, THIRD = "2013-01-01", "2013-01-02", "2013-01-03"
WHO = ("--by", "kim", "--role", "duty_manager", "--reason", "the weather feed is wrong")


@pytest.fixture(scope="module")
def ran(two_days: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which two days ran."""
    return copied(two_days, tmp_path_factory.mktemp("ran") / "home")


@pytest.fixture
def home(ran: Path, tmp_path: Path) -> Home:
    """A copy of that home, to give orders in."""
    return Home.at(copied(ran, tmp_path / "home"))


@contextmanager
def _reading(home: Home, of: Domain | None = None) -> Iterator[Reading]:
    reading = Reading(of or domain(), home)
    try:
        yield reading
    finally:
        reading.close()


def _agentic(home: Home, *arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(cli, ["agent", *arguments], env={"AGENTIC_HOME": str(home.root), "AGENTIC_USER": "kim"})
    assert result.exit_code == code, (result.output, result.exception)
    return result


def _refused(home: Home, *arguments: str) -> str:
    result = CliRunner().invoke(cli, ["agent", *arguments], env={"AGENTIC_HOME": str(home.root), "AGENTIC_USER": "kim"})
    assert result.exit_code != 0
    return str(result.exception) if isinstance(result.exception, AgenticError) else result.output


def _run(home: Home, *days: str, of: Domain | None = None) -> None:
    since, until = date.fromisoformat(days[0]), date.fromisoformat(days[-1])
    made = of or domain()
    only = without_proofs(made, made.graph.calendar.days(since, until))
    assert run_load(made, home, only=only).outcome.complete


def _phases(home: Home) -> dict[str, set[tuple[str, str | None]]]:
    with _reading(home) as reading:
        rows = reading.current(DECISIONS).select(pl.col("day").cast(pl.String), "phase", "control").unique().rows()
    return {day: {(phase, control) for at, phase, control in rows if at == day} for day, _, _ in rows}


def _touchy() -> Domain:
    """The domain with a breaker that no input is fresh enough for, on the agent `delay_risk` alone."""
    made = domain()
    always = Stale(parse_condition("score_bp >= 0", made.subjects[0].policy.reads, where="here"), 0)
    breaker = Breaker(window_days=5, at_least_days=2, stale_inputs=always)
    subjects = tuple(
        replace(one, policy=replace(one.policy, breaker=breaker if one.agent.name == "delay_risk" else None))
        for one in made.subjects
    )
    return replace(made, subjects=subjects)


def test_a_stop_acts_on_the_next_batch_and_changes_no_decision_that_was_made(home: Home) -> None:
    told = json.loads(_agentic(home, "stop", "delay_risk", *WHO, "--json").stdout)
    assert told["remakes"] == {}
    _run(home, FIRST, THIRD)
    assert _phases(home) == {
        FIRST: {("live", None)},
        SECOND: {("live", None)},
        THIRD: {("stopped", told["control"]["id"])},
    }
    with _reading(home) as reading:
        stopped = reading.current(DECISIONS, [THIRD]).get_column("decision_id")[0]
        order = explain(reading, locate(reading, stopped)).order
        assert order is not None
        assert (order["identity"], order["reason"]) == ("kim", "the weather feed is wrong")
        assert len(reading.manifest.history(DECISIONS, FIRST)) == len(reading.manifest.history(DECISIONS, SECOND)) == 1
        found = verify_all(reading)
        others = reading.current("decisions/turnaround").get_column("phase").unique().to_list()
    assert found.problems == []
    assert found.controls == 1
    assert others == ["shadow"]


def test_a_stop_from_a_day_in_the_past_says_what_it_remakes_and_remakes_that(home: Home) -> None:
    order = ("stop", "--all", "--from", SECOND, *WHO)
    refused = _agentic(home, *order, code=1)
    assert f"{DECISIONS} was decided already on 1 days that this changes: {SECOND}" in refused.output
    with _reading(home) as reading:
        assert Controls(reading.store).of("departures") == ()
    told = json.loads(_agentic(home, *order, "--yes", "--json").stdout)
    assert told["remakes"][DECISIONS] == told["remakes"]["decisions/turnaround"] == [SECOND]
    _run(home, FIRST, SECOND)
    assert _phases(home) == {FIRST: {("live", None)}, SECOND: {("stopped", told["control"]["id"])}}
    with _reading(home) as reading:
        assert [len(reading.manifest.history(DECISIONS, day)) for day in (FIRST, SECOND)] == [1, 2]
        assert verify_all(reading).problems == []


def test_who_stops_all_stops_each_agent_from_its_own_next_decision_on(home: Home) -> None:
    _agentic(home, "stop", "--all", *WHO)
    days = (FIRST, SECOND, THIRD)
    with _reading(home) as reading:
        made = Controls(reading.store).of("departures")
        for subject in domain().subjects:
            orders = orders_of(domain(), subject)
            begin, end = orders.window(THIRD)
            states = {standing_of(made, subject, at).phase for at in (begin, end - timedelta(microseconds=1))}
            assert states == {"stopped"}, subject.agent.id
            assert set(orders.over(made, days)) == {THIRD}, subject.agent.id
    _agentic(home, "resume", "--all", *WHO)
    with _reading(home) as reading:
        made = Controls(reading.store).of("departures")
        last = orders_of(domain(), domain().subjects[0]).window("2013-01-05")[0]
        assert {standing_of(made, subject, last).phase for subject in domain().subjects} == {"live", "shadow"}


def test_what_was_resumed_acts_again(home: Home) -> None:
    _agentic(home, "stop", "delay_risk", *WHO)
    _agentic(home, "resume", "delay_risk", *WHO)
    _run(home, THIRD)
    assert _phases(home)[THIRD] == {("live", None)}


def test_an_agent_is_staged_back_and_never_forward_without_a_promotion(home: Home) -> None:
    _agentic(home, "stage", "delay_risk", "canary", "--percent", "25", *WHO)
    _run(home, THIRD)
    assert {phase for phase, _ in _phases(home)[THIRD]} == {"canary", "legacy"}
    assert "moves it forward" in _refused(home, "stage", "delay_risk", "live", *WHO)
    listed = json.loads(_agentic(home, "controls", "--json").stdout)
    assert [(one["kind"], one["percent_bp"]) for one in listed["controls"]] == [("stage", 2_500)]
    phases = {one["agent"].partition("@")[0]: one["phase"] for one in listed["standing"]}
    assert (phases["delay_risk"], phases["turnaround"]) == ("canary", "shadow")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("stop", "delay_risk", "--role", "x"), "say why, with --reason"),
        (("stop", "delay_risk", "--reason", "x"), "say in which role"),
        (("stop", *WHO), "name an agent, or say --all"),
        (("stop", "delay_risk", "--all", *WHO), "name an agent, or say --all"),
        (("stop", "nobody", *WHO), "no agent 'nobody' decides"),
        (("stop", "delay_risk", "--action", "fly", *WHO), "takes the action 'fly'"),
        (("stop", "delay_risk", "--from", "tomorrow", *WHO), "is no day and no moment"),
        (("stop", "delay_risk", "--from", "2013-02-08T10:00", *WHO), "with a time zone"),
        (("resume", "delay_risk", *WHO), "nobody has stopped delay_risk"),
        (("reset", "delay_risk", *WHO), "has not tripped"),
        (("stage", "delay_risk", "canary", *WHO), "takes --percent"),
        (("stage", "delay_risk", "shadow", "--percent", "5", *WHO), "takes --percent"),
        (("stage", "delay_risk", "canary", "--percent", "101", *WHO), "is no share"),
        (
            ("promote", "turnaround", "canary", "--percent", "10", "--days", "2013-07-01..2013-07-09", *WHO),
            "9 of the 9 days are not published",
        ),
        (("promote", "turnaround", "live", "--days", "2013-01-01..2013-01-09", *WHO), "was fitted to days before"),
        (("promote", "delay_risk", "live", "--days", "2013-01-01..2013-01-09", *WHO), "was fitted to days before"),
    ],
)
def test_an_order_that_may_not_be_given_is_refused_and_leaves_nothing(
    ran: Path, arguments: tuple[str, ...], told: str
) -> None:
    assert told in _refused(Home.at(ran), *arguments)
    with _reading(Home.at(ran)) as reading:
        assert Controls(reading.store).of("departures") == ()


def test_a_breaker_trips_before_the_batch_and_stays_open_until_a_person_resets_it(home: Home) -> None:
    _run(home, THIRD, of=_touchy())
    with _reading(home) as reading:
        [trip] = Controls(reading.store).of("departures")
    assert (trip.kind, trip.agent, trip.identity) == (Kind.TRIP, domain().subjects[0].agent.id, "circuit breaker")
    assert trip.details["stale"] == trip.details["proposals"] > 1_500
    assert (trip.details["first"], trip.details["last"]) == (FIRST, SECOND)
    assert _phases(home) == {FIRST: {("live", None)}, SECOND: {("live", None)}, THIRD: {("tripped", trip.id)}}
    assert "trip" in (home.root / "alerts.jsonl").read_text()
    with _reading(home, _touchy()) as reading:
        [watched] = watch(reading)
    assert watched.reasons
    assert watched.given is None
    _agentic(home, "reset", "delay_risk", "--percent", "10", *WHO)
    with _reading(home, _touchy()) as reading:
        [after] = watch(reading)
    assert (after.figures.days, after.reasons) == (0, ())
    assert after.state.phase == "canary"


def test_the_command_watches_as_runs_do(home: Home) -> None:
    told = json.loads(_agentic(home, "watch", "--json").stdout)
    assert [one["agent"] for one in told["agents"]] == [
        one.agent.id for one in domain().subjects if one.policy.breaker is not None
    ]
    assert not any(one["reasons"] for one in told["agents"])
    assert told["agents"][0]["figures"]["days"] == 2


def _resource(home: Home) -> HomeResource:
    return HomeResource(root=str(home.root), lake=str(home.lake), store_url=home.store_url, region="")


def test_the_alert_sensor_trips_seals_and_tells(home: Home) -> None:
    with open_instance(home) as instance:
        context = dg.build_sensor_context(instance=instance, resources={"home": _resource(home)})
        skipped = alert_sensor(_touchy())(context)
        assert isinstance(skipped, dg.SkipReason)
        assert "tripped delay_risk" in str(skipped.skip_message)
        again = alert_sensor(_touchy())(dg.build_sensor_context(instance=instance, resources={"home": _resource(home)}))
        assert isinstance(again, dg.SkipReason)
        assert again.skip_message == "no breaker trips"
    alerts = [json.loads(line) for line in (home.root / "alerts.jsonl").read_text().splitlines()]
    assert [alert["kind"] for alert in alerts] == ["trip"]
    with _reading(home) as reading:
        assert verify_all(reading).problems == []


def test_people_are_told_of_a_run_that_failed(home: Home, tmp_path: Path) -> None:
    empty = domain(tmp_path / "nothing_delivered")
    assert not run_load(empty, home, since=date(2013, 1, 3), until=date(2013, 1, 3)).outcome.complete
    with open_instance(home) as instance:
        run = next(run for run in instance.get_runs() if run.is_failure)
        event = next(
            entry.dagster_event
            for entry in instance.all_logs(run.run_id)
            if entry.dagster_event and entry.dagster_event.event_type is dg.DagsterEventType.RUN_FAILURE
        )
        context = dg.build_run_status_sensor_context(
            sensor_name="departures_failed_runs",
            dagster_instance=instance,
            dagster_run=run,
            dagster_event=event,
            resources={"home": _resource(home)},
        ).for_run_failure()
        failed_run_sensor(empty)(context)
    [alert] = [json.loads(line) for line in (home.root / "alerts.jsonl").read_text().splitlines()]
    assert (alert["kind"], alert["key"], alert["domain"]) == ("failed_run", run.run_id, "departures")
    assert alert["fields"]["job"] == LOAD_JOB
