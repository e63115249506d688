"""The only floor that knows Dagster: it turns nodes into assets, checks and jobs."""

from agentic_assets.orchestration.build import definitions_of
from agentic_assets.orchestration.load import LoadResult, load
from agentic_assets.orchestration.resources import HomeResource, Observer

__all__ = ["HomeResource", "LoadResult", "Observer", "definitions_of", "load"]
