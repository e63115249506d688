"""Versioned tables on Delta Lake: stage, audit, publish, time travel, roll back."""

from agentic_assets.lake.catalog import Lake
from agentic_assets.lake.records import Published, Staged, Stored, Swept, Version
from agentic_assets.lake.table import Table

__all__ = ["Lake", "Published", "Staged", "Stored", "Swept", "Table", "Version"]
