"""Turn a domain into Dagster definitions."""

import warnings

import dagster as dg
from dagster_shared.utils.warnings import BetaWarning, PreviewWarning

from agentic_assets.evidence import Domain
from agentic_assets.orchestration.activating import ACTIVATE_JOB, activate_job
from agentic_assets.orchestration.alerting import alert_sensor, failed_run_sensor
from agentic_assets.orchestration.assets import asset_of, external_assets
from agentic_assets.orchestration.automation import automation_sensor, observing_sensor
from agentic_assets.orchestration.load import LOAD_JOB, load_job
from agentic_assets.orchestration.reconciling import (
    RECONCILIATION_JOB,
    reconciliation_job,
    reconciliation_schedule,
)
from agentic_assets.orchestration.releasing import release_asset, release_sensor
from agentic_assets.orchestration.resources import HomeResource, Observer
from agentic_assets.orchestration.rolling_back import ROLLBACK_JOB, rollback_job
from agentic_assets.orchestration.sweeping import SWEEP_JOB, sweep_job, sweep_sensor

__all__ = ["definitions_of"]


# The same for all domains: Dagster merges no two resources of one name.
_RESOURCES = {"home": HomeResource(), "observer": dg.ResourceDefinition.hardcoded_resource(Observer())}


def definitions_of(domain: Domain, job: str = LOAD_JOB) -> dg.Definitions:
    """Give the assets, checks, jobs and sensors of a domain; `job` names the one that loads history.

    The others that belong to the domain, such as the one that goes back to a release, are named after it.
    """
    activate = activate_job(domain, job.replace(LOAD_JOB, ACTIVATE_JOB))
    rollback = rollback_job(domain, job.replace(LOAD_JOB, ROLLBACK_JOB))
    sweep = sweep_job(domain, job.replace(LOAD_JOB, SWEEP_JOB))
    again = reconciliation_job(domain, job.replace(LOAD_JOB, RECONCILIATION_JOB))
    with warnings.catch_warnings():
        # Partitioned checks and code references are what people see of a contract; Dagster is pinned below 1.14 and
        # both are tested, so that its notices about their status would only hide others.
        warnings.simplefilter("ignore", BetaWarning)
        warnings.simplefilter("ignore", PreviewWarning)
        return dg.Definitions(
            assets=[
                release_asset(domain),
                *(asset_of(node, domain) for node in domain.graph.nodes),
                *external_assets(domain.graph.nodes, domain),
            ],
            jobs=[load_job(domain, job), activate, rollback, sweep, again],
            schedules=[reconciliation_schedule(domain, again.name)],
            sensors=[
                alert_sensor(domain),
                failed_run_sensor(domain),
                release_sensor(domain),
                automation_sensor(domain),
                observing_sensor(domain),
                sweep_sensor(domain, sweep.name),
            ],
            resources=_RESOURCES,
            executor=dg.in_process_executor,
        )
