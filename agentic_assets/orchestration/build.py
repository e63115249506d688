"""Turn a domain into Dagster definitions."""

import dagster as dg

from agentic_assets.evidence import Domain
from agentic_assets.orchestration.assets import asset_of, external_specs
from agentic_assets.orchestration.load import load_job
from agentic_assets.orchestration.resources import HomeResource, Observer

__all__ = ["definitions_of"]


def definitions_of(domain: Domain) -> dg.Definitions:
    """Give the assets, checks and jobs of a domain."""
    return dg.Definitions(
        assets=[*(asset_of(node, domain) for node in domain.graph.nodes), *external_specs(domain.graph.nodes, domain)],
        jobs=[load_job(domain)],
        resources={"home": HomeResource(), "observer": dg.ResourceDefinition.hardcoded_resource(Observer())},
        executor=dg.in_process_executor,
    )
