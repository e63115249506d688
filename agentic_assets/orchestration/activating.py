"""Put a release into force, and tell Dagster, so that exactly what it changes is stale; nothing is made by it."""

import dagster as dg

from agentic_assets.evidence import Domain
from agentic_assets.home import Home
from agentic_assets.orchestration.instance import open_instance
from agentic_assets.orchestration.jobs import job_of
from agentic_assets.orchestration.ordering import ordering
from agentic_assets.orchestration.releasing import tell_release
from agentic_assets.orchestration.resources import HomeResource
from agentic_assets.orchestration.tables import table
from agentic_assets.releases import InForce
from agentic_assets.releases.activation import ACTIVATE
from agentic_assets.releases.rollback import Plan, order
from agentic_assets.store import Store

__all__ = ["ACTIVATE_JOB", "ActivationConfig", "activate_job", "announce"]

ACTIVATE_JOB = "activate"


class ActivationConfig(dg.Config):
    """Which release to put into force, for which days, and why."""

    release: str
    """The release, as `agentic release list` names it: r2."""
    reason: str
    """Why; it is sealed with the activation."""
    by: str = ""
    """Who orders it; a run from the UI is signed `Dagster UI` when nobody is named."""
    partitions: list[str] = []  # noqa: RUF012  (a field of a Dagster config, copied for each run)
    """The days to put it into force for, as YYYY-MM-DD; everything when there are none."""


def activate_job(domain: Domain, name: str = ACTIVATE_JOB) -> dg.JobDefinition:
    """Give the job that puts a release into force, as `agentic release activate` does."""

    @dg.op(
        name=f"{domain.name}_activation",
        description="Put a release into force, for all days or some, and say what becomes stale by it. Nothing is made "
        "again yet. One that is in force already stays so: running again records nothing.",
    )
    def _activate(context: dg.OpExecutionContext, config: ActivationConfig, home: HomeResource) -> None:
        place = home.open()
        with ordering(
            context,
            domain,
            place,
            config.release,
            what="an activation",
            tag="agentic/activates",
            reason=config.reason,
            by=config.by,
            days=config.partitions,
        ) as wanted:
            planned, by, reason = wanted.planned, wanted.by, wanted.reason
            made = order(wanted.releases, planned, author=by, reason=reason, kind=ACTIVATE)
            tell_release(context.instance, InForce(domain, place, wanted.store))
        done = "is in force already, nothing was recorded" if made is None else f"is in force now, by {by}: {reason}"
        context.log.info(f"{planned.to} {done}")
        context.add_output_metadata(
            {"release": planned.to.name, "recorded": made is not None, "stale": table(_stale(planned))}
        )

    return job_of(_activate, name, domain)


def _stale(planned: Plan) -> list[dict[str, str | int]]:
    return [
        {
            "asset": asset,
            "partitions": len(names),
            "come back as recorded": planned.by_asset[asset][0],
            "made anew": planned.by_asset[asset][1],
            "from": min(names),
            "to": max(names),
        }
        for asset, names in planned.only.items()
    ]


def announce(working: Domain, home: Home) -> tuple[str, ...]:
    """Tell the Dagster of a home what is in force in a domain now, and give the assets that it makes stale there.

    Where it is not called, such as on a machine without that Dagster, the next run or the sensor `DOMAIN_releases`
    makes up for it.
    """
    store = Store(home.store_url)
    try:
        with open_instance(home) as instance:
            return tell_release(instance, InForce(working, home, store))
    finally:
        store.close()
