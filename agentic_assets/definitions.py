"""Dagster's entry point: walk the domains, build each, merge them."""

import dagster as dg

from agentic_assets.domains import folders, governed_domains
from agentic_assets.evidence import Domain
from agentic_assets.orchestration import definitions_of
from agentic_assets.orchestration.load import LOAD_JOB


def _job(domain: Domain) -> str:
    """Name the job that loads history: in one place no two may share a name, so that users' carry their domain's."""
    return LOAD_JOB if (folders()[0] / domain.name).is_dir() else f"{domain.name}_{LOAD_JOB}"


defs = dg.Definitions.merge(*(definitions_of(domain, _job(domain)) for domain in governed_domains()))
