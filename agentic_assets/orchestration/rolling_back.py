"""Going back to a release, as one run: put it into force, make what it changes, hold that against the record."""

from collections.abc import Mapping, Sequence

import dagster as dg

from agentic_assets.evidence import Domain
from agentic_assets.home import Home
from agentic_assets.orchestration.jobs import job_of
from agentic_assets.orchestration.launch import Loaded, launch
from agentic_assets.orchestration.load import Emit, LoadResult, failure_text, load
from agentic_assets.orchestration.ordering import ordering
from agentic_assets.orchestration.resources import HomeResource, Observer
from agentic_assets.releases import Makers
from agentic_assets.releases.rollback import Plan, order

__all__ = ["ROLLBACK_JOB", "RollbackConfig", "rollback_job", "run_rollback"]

ROLLBACK_JOB = "rollback"


class RollbackConfig(dg.Config):
    """Which release to go back to, for which days, and why."""

    to: str
    """The release, as `agentic release list` names it: r1."""
    reason: str
    """Why; it is kept with the activation, in the ledger and on every partition that comes back."""
    by: str = ""
    """Who wants it; a run from the UI is signed `Dagster UI` when nobody is named."""
    days: list[str] = []  # noqa: RUF012  (a field of a Dagster config, copied for each run)
    """The days to go back for, as YYYY-MM-DD; everything when there are none."""


def rollback_job(domain: Domain, name: str = ROLLBACK_JOB) -> dg.JobDefinition:
    """Give the job that goes back to a release; the command line and the UI's launchpad run the same."""

    @dg.op(
        name=f"{domain.name}_going_back",
        description="Put an earlier release into force, for all days or some, and make what it changes: partitions "
        "come back with the data versions on record, the decisions that they replace are superseded in the ledger, "
        "actions that nobody wants any more are taken back. Running again finishes what was cut off.",
    )
    def _rollback(
        context: dg.OpExecutionContext,
        config: RollbackConfig,
        home: HomeResource,
        observer: dg.ResourceParam[Observer],
    ) -> None:
        place = home.open()
        with ordering(
            context,
            domain,
            place,
            config.to,
            what="a rollback",
            tag="agentic/rollback_to",
            reason=config.reason,
            by=config.by,
            days=config.days,
        ) as wanted:
            planned, by, reason = wanted.planned, wanted.by, wanted.reason
            context.log.info(f"going back to {planned.to}: {planned.counts}")
            order(wanted.releases, planned, author=by, reason=reason)
            makers = Makers(domain, place, store=wanted.store)
            outcome = LoadResult()
            if planned.remade:
                outcome = load(
                    makers,
                    makers.domain.graph.calendar.days(),
                    run_id=context.run_id,
                    emit=Emit(context, makers, {"rolled_back_to": planned.to.name, "reason": reason, "ordered_by": by}),
                    observer=observer,
                    only=planned.only,
                )
            _require(planned, outcome)

    return job_of(_rollback, name, domain)


def _require(planned: Plan, outcome: LoadResult) -> None:
    """Fail the run when anything did not come back as it was."""
    other = [
        f"{result.asset} {result.partition}: {wanted[:12]} is on record, {result.entry.data_version[:12]} came out"
        for results in outcome.results.values()
        for result in results
        if result.entry is not None
        and (wanted := planned.expected.get((result.asset, result.partition))) is not None
        and wanted != result.entry.data_version
    ]
    if other:
        more = f"; and {len(other) - 5} more" if len(other) > 5 else ""
        raise dg.Failure(
            description=f"{len(other)} partitions did not come back with the data version on record: "
            f"{'; '.join(other[:5])}{more}\nhint: `agentic replay` names what differs",
            allow_retries=False,
        )
    if not outcome.complete:
        raise dg.Failure(description=failure_text(outcome), allow_retries=False)


def run_rollback(
    domain: Domain,
    home: Home,
    *,
    to: str,
    reason: str,
    by: str,
    days: Sequence[str] | None = None,
    observer: Observer | None = None,
    tags: Mapping[str, str] | None = None,
) -> Loaded:
    """Go back to a release from a program: the same job that the UI's launchpad runs, in this process."""
    config = {"to": to, "reason": reason, "by": by, "days": list(days or ())}
    return launch(rollback_job(domain), f"{domain.name}_going_back", config, home, observer=observer, tags=tags)
