"""Read what was recorded: partitions at the versions that a decision saw, not at those of today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from agentic_assets.errors import LakeBroken, NotFound
from agentic_assets.evidence.domain import Domain
from agentic_assets.home import Home
from agentic_assets.pipeline import Entry, Manifest, open_lake
from agentic_assets.store import Store

__all__ = ["Reading"]


class Reading:
    """Give read access to one home: manifest, lake and store, current or as of recorded data versions."""

    def __init__(self, domain: Domain, home: Home) -> None:
        self.domain = domain
        self.home = home
        self.store = Store(home.store_url)
        self.lake = open_lake(domain.graph, home, self.store)
        self.manifest = Manifest(self.store)

    def under(self, domain: Domain) -> None:
        """Read under another version of the domain from now on: it knows other columns."""
        self.domain = domain
        self.lake = open_lake(domain.graph, self.home, self.store)

    def current(self, asset: str, partitions: Sequence[str] | None = None) -> pl.DataFrame:
        """Read the current rows of an asset, all partitions or those named, in partition order."""
        return self.scan(asset, partitions).collect()

    def scan(self, asset: str, partitions: Sequence[str] | None = None) -> pl.LazyFrame:
        """Scan the current rows of an asset; NotFound when nothing of it was published."""
        entries = self.manifest.current(asset, partitions)
        if not entries:
            raise NotFound(f"nothing of {asset} is published", hint="run `agentic run` first")
        return self.lake.open(asset).scan_files([entry.file for entry in entries.values()])

    def entry(self, asset: str, partition: str, data_version: str | None = None) -> Entry:
        """Give the entry of a partition: the current one, or the newest with a recorded data version."""
        history = self.manifest.history(asset, partition)
        found = [entry for entry in history if data_version in (None, entry.data_version)]
        if not found:
            version = f" at data version {data_version[:12]}" if data_version else ""
            raise NotFound(f"{asset} {partition} was never published{version}")
        return found[-1]

    def at(self, asset: str, versions: Mapping[str, str]) -> pl.DataFrame:
        """Read partitions at recorded data versions."""
        table = self.lake.open(asset)
        entries = [self.entry(asset, partition, version) for partition, version in sorted(versions.items())]
        if not entries:
            return pl.DataFrame(schema=table.schema)
        frame = table.scan_files([entry.file for entry in entries]).collect()
        if frame.height != sum(entry.rows for entry in entries):
            raise LakeBroken(
                f"{asset} holds {frame.height} rows where {sum(entry.rows for entry in entries)} are recorded",
                hint="run `agentic verify`",
            )
        return frame

    def close(self) -> None:
        """Release the store."""
        self.store.close()
