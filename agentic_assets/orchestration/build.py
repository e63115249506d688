"""Turn a domain into Dagster definitions."""

import warnings

import dagster as dg
from dagster_shared.utils.warnings import BetaWarning, PreviewWarning

from agentic_assets.evidence import Domain
from agentic_assets.orchestration.alerting import alert_sensor, failed_run_sensor
from agentic_assets.orchestration.assets import asset_of, external_assets
from agentic_assets.orchestration.load import load_job
from agentic_assets.orchestration.resources import HomeResource, Observer

__all__ = ["definitions_of"]


def definitions_of(domain: Domain) -> dg.Definitions:
    """Give the assets, checks, jobs and sensors of a domain."""
    with warnings.catch_warnings():
        # Partitioned checks and code references are what people see of a contract; Dagster is pinned below 1.14 and
        # both are tested, so that its notices about their status would only hide others.
        warnings.simplefilter("ignore", BetaWarning)
        warnings.simplefilter("ignore", PreviewWarning)
        return dg.Definitions(
            assets=[
                *(asset_of(node, domain) for node in domain.graph.nodes),
                *external_assets(domain.graph.nodes, domain),
            ],
            jobs=[load_job(domain)],
            sensors=[alert_sensor(domain), failed_run_sensor(domain)],
            resources={"home": HomeResource(), "observer": dg.ResourceDefinition.hardcoded_resource(Observer())},
            executor=dg.in_process_executor,
        )
