"""Dagster's entry point: walk the domains, build each, merge them."""

import dagster as dg

from agentic_assets.domains import load_domains
from agentic_assets.orchestration import definitions_of

defs = dg.Definitions.merge(*(definitions_of(domain) for domain in load_domains()))
