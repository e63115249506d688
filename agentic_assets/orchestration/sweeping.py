"""The sweep: make again whatever the manifest knows to be made differently now, whoever missed it."""

import dagster as dg

from agentic_assets.evidence import Domain
from agentic_assets.orchestration.alerting import watch_before
from agentic_assets.orchestration.jobs import job_of
from agentic_assets.orchestration.load import Emit, failure_text, load
from agentic_assets.orchestration.resources import HomeResource, Observer
from agentic_assets.releases import Makers
from agentic_assets.versions import of_json

__all__ = ["SWEEP_JOB", "sweep_job", "sweep_sensor"]

SWEEP_JOB = "sweep"

_SECONDS = 900


def sweep_job(domain: Domain, name: str = SWEEP_JOB) -> dg.JobDefinition:
    """Give the job that makes every partition again that anybody made and that is not as it would be made now."""

    @dg.op(
        name=f"{domain.name}_sweeping",
        description="Make again whatever is not as it would be made now, of all that was ever made: asked of the "
        "manifest, so that it also finds what a tick lost, an order for some days, and what a crash left behind.",
    )
    def _sweep(context: dg.OpExecutionContext, home: HomeResource, observer: dg.ResourceParam[Observer]) -> None:
        place = home.open()
        for tripped in watch_before(domain, place):
            context.log.warning(f"the circuit breaker trips: {tripped}")
        makers = Makers(domain, place)
        try:
            graph, engine = makers.domain.graph, makers.engine
            known = {
                node.asset: sorted({*engine.entries(node.asset), *engine.refusals.standing(node.asset)})
                for node in graph.nodes
            }
            outcome = load(
                makers,
                graph.calendar.days(),
                run_id=context.run_id,
                emit=Emit(context, makers),
                observer=observer,
                only={asset: names for asset, names in known.items() if names},
            )
        finally:
            makers.close()
        if not outcome.complete:
            raise dg.Failure(description=failure_text(outcome), allow_retries=False)

    return job_of(_sweep, name, domain)


def sweep_sensor(domain: Domain, job: str) -> dg.SensorDefinition:
    """Give the sensor that starts the sweep when the manifest knows of something stale.

    What was found stale before and still is, such as a day that is refused, starts no second run.
    """

    @dg.sensor(
        name=f"{domain.name}_sweep",
        job_name=job,
        minimum_interval_seconds=_SECONDS,
        default_status=dg.DefaultSensorStatus.STOPPED,
        description="Asks the manifest, without computing anything, what would be made differently now, and starts the "
        "sweep when there is something new.",
    )
    def _swept(context: dg.SensorEvaluationContext, home: HomeResource) -> dg.RunRequest | dg.SkipReason:
        makers = Makers(domain, home.open())
        try:
            stale = makers.stale()
        finally:
            makers.close()
        if not stale:
            context.update_cursor("")
            return dg.SkipReason("everything that was made is as it would be made now")
        # Not a run key: that is unique for ever, and the same may become stale again.
        found = of_json(stale)
        if context.cursor == found:
            return dg.SkipReason("what is stale was swept before and still is, such as a day that is refused")
        context.update_cursor(found)
        context.log.info("stale: " + "; ".join(f"{len(parts)} of {asset}" for asset, parts in stale.items()))
        return dg.RunRequest(tags={"agentic/by": "sweep"})

    return _swept
