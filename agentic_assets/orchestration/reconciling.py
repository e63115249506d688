"""The scheduled reconciliation: a sample of what is published, computed again; a difference alarms people."""

import dagster as dg

from agentic_assets.evidence import Domain, Reading
from agentic_assets.home import Home
from agentic_assets.orchestration.jobs import job_of
from agentic_assets.orchestration.resources import HomeResource
from agentic_assets.oversight.notifying import Alert, notifiers_of, tell
from agentic_assets.releases import InForce
from agentic_assets.simulation.reconciling import SAMPLE, Reconciled, reconcile
from agentic_assets.simulation.replaying import Progress
from agentic_assets.store import Store

__all__ = [
    "RECONCILIATION_JOB",
    "ReconciliationConfig",
    "reconcile_and_tell",
    "reconciliation_job",
    "reconciliation_schedule",
]

RECONCILIATION_JOB = "reconciliation"

_HOURLY = "23 * * * *"
_LONGEST = 2_000


class ReconciliationConfig(dg.Config):
    """How many partitions a round computes again."""

    sample: int = SAMPLE


def reconcile_and_tell(
    domain: Domain, home: Home, size: int, *, run_id: str = "", progress: Progress | None = None
) -> tuple[Reconciled, dict[str, str]]:
    """Do a round, tell people of the first difference, and say by notifier why one of them could not be told."""
    store = Store(home.store_url)
    try:
        general = InForce(domain, home, store).general
    finally:
        store.close()
    reading = Reading(general, home)
    try:
        found = reconcile(reading, size, run_id=run_id, progress=progress)
    finally:
        reading.close()
    return found, tell(_alert(domain, found, run_id), notifiers_of(home)) if found.wrong else {}


def _alert(domain: Domain, found: Reconciled, run_id: str) -> Alert:
    first = found.wrong[0]
    title = f"{first.place} is not as it was recorded"
    fields = {"run_id": run_id, "differences": len(found.wrong), "first": first.to_dict()}
    return Alert(
        f"{first.asset} {first.partition} {first.recorded}"[:200],
        "mismatch",
        domain.name,
        title,
        f"{title}\n{found.text()}"[:_LONGEST],
        fields,
    )


def reconciliation_job(domain: Domain, name: str = RECONCILIATION_JOB) -> dg.JobDefinition:
    """Give the job that computes a sample again and fails on the first difference."""

    @dg.op(
        name=f"{domain.name}_reconciling",
        description="Compute a sample of what is published again, from what it was made from, and compare data "
        "versions. What was never computed again comes first, then what was so longest ago. Nothing is published.",
    )
    def _reconcile(context: dg.OpExecutionContext, config: ReconciliationConfig, home: HomeResource) -> None:
        found, told = reconcile_and_tell(domain, home.open(), config.sample, run_id=context.run_id)
        for notifier, why in told.items():
            if why:
                context.log.error(f"{notifier} could not be told: {why}")
        if found.wrong:
            raise dg.Failure(description=found.text(), metadata={"differences": len(found.wrong)}, allow_retries=False)
        context.log.info(f"{found.text()}; {found.of:,} can be computed again")

    return job_of(_reconcile, name, domain)


def reconciliation_schedule(domain: Domain, job: str) -> dg.ScheduleDefinition:
    """Give the schedule: a round an hour."""
    return dg.ScheduleDefinition(
        name=f"{domain.name}_reconciliation",
        job_name=job,
        cron_schedule=_HOURLY,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"Computes {SAMPLE} published partitions again each hour, and alarms people of a difference.",
    )
