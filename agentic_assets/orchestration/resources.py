"""What a step is given: the home it works on, and someone who watches how far it got."""

import os
from pathlib import Path

import dagster as dg

from agentic_assets.home import Home
from agentic_assets.pipeline import PartitionResult

__all__ = ["HomeResource", "Observer"]


class HomeResource(dg.ConfigurableResource[Home]):
    """The home of this deployment; unset values are read from the environment at run time."""

    root: str = ""
    lake: str = ""
    store_url: str = ""
    region: str = ""

    def open(self) -> Home:
        """Lay out the home."""
        if not self.root:
            return Home.from_environment()
        return Home.at(
            Path(self.root),
            lake=Path(self.lake) if self.lake else None,
            store_url=self.store_url or None,
            region=self.region or os.environ.get("AGENTIC_REGION") or None,
        )


class Observer:
    """Watch a load; this one keeps silent, the command line draws a bar."""

    def started(self, asset: str, position: int, assets: int, partitions: int) -> None:
        """Hear that an asset is begun: the `position`-th of `assets`, with so many partitions."""

    def settled(self, asset: str, results: list[PartitionResult]) -> None:
        """Hear what became of the partitions of an asset."""
