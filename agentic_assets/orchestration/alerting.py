"""Sensors that tell people: of runs that failed, of orders about agents, and of agents whose breaker trips."""

import dagster as dg

from agentic_assets.evidence import Domain, Reading
from agentic_assets.evidence.watching import watch
from agentic_assets.home import Home
from agentic_assets.orchestration.keys import asset_key
from agentic_assets.orchestration.resources import HomeResource
from agentic_assets.oversight import ControlLog, deliver
from agentic_assets.oversight.notifying import Alert, notifiers_of, tell

__all__ = ["alert_sensor", "failed_run_sensor", "watch_before"]

_SECONDS = 60
_LONGEST = 2_000


def watch_before(domain: Domain, home: Home) -> list[str]:
    """Trip the breakers that should be open before a batch is decided; give what tripped, in words."""
    if all(subject.policy.breaker is None for subject in domain.subjects):
        return []
    reading = Reading(domain, home)
    try:
        return [f"{one.agent}: {'; '.join(one.reasons)}" for one in watch(reading) if one.given]
    finally:
        reading.close()


def alert_sensor(domain: Domain) -> dg.SensorDefinition:
    """Give the sensor that judges the agents by their past days, and tells what nobody has been told yet."""

    @dg.sensor(
        name=f"{domain.name}_alerts",
        minimum_interval_seconds=_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Trips the circuit breaker of an agent that did too badly over the past days, seals orders about "
        "agents that were cut off before they were sealed, and tells people of each order once.",
    )
    def _alerts(context: dg.SensorEvaluationContext, home: HomeResource) -> dg.SkipReason:
        place = home.open()
        reading = Reading(domain, place)
        try:
            ControlLog(reading.store, place.keys, domain.name).seal()
            failed = deliver(reading.store, domain.name, notifiers_of(place))
        finally:
            reading.close()
        for name, why in failed.items():
            context.log.error(f"{name} could not be told: {why}")
        tripped = watch_before(domain, place)  # last: what it cannot measure keeps nobody from being told
        return dg.SkipReason("; ".join(f"tripped {one}" for one in tripped) or "no breaker trips")

    return _alerts


def failed_run_sensor(domain: Domain) -> dg.SensorDefinition:
    """Give the sensor that tells people of each failed run of a domain: of its load, or of some of its assets."""

    @dg.run_failure_sensor(
        name=f"{domain.name}_failed_runs",
        minimum_interval_seconds=_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Tells people of each run that failed, by the notifiers of the home.",
    )
    def _failed(context: dg.RunFailureSensorContext, home: HomeResource) -> dg.SkipReason | None:
        run = context.dagster_run
        if not _concerns(domain, run):
            return dg.SkipReason(f"the run is not one of {domain.name}")
        told = tell(alert_of(domain, run, context.failure_event), notifiers_of(home.open()))
        for name, why in told.items():
            if why:
                context.log.error(f"{name} could not be told: {why}")
        return None

    return _failed


def alert_of(domain: Domain, run: dg.DagsterRun, failure: dg.DagsterEvent) -> Alert:
    """Put a failed run into words."""
    title = f"the run {run.run_id[:8]} of {run.job_name} failed"
    why = (failure.message or "it gives no reason")[:_LONGEST]
    fields = {"run_id": run.run_id, "job": run.job_name, "tags": dict(run.tags)}
    return Alert(run.run_id, "failed_run", domain.name, title, f"{title}\n{why}", fields)


def _concerns(domain: Domain, run: dg.DagsterRun) -> bool:
    mine = {asset_key(node.asset) for node in domain.graph.nodes}
    return run.tags.get("domain") == domain.name or bool(mine & set(run.asset_selection or ()))
