"""A lake as it would be: what was computed lies over what is published, in memory; nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from agentic_assets.errors import LakeBroken, NotFound
from agentic_assets.home import Home
from agentic_assets.lake.staging import STAGING
from agentic_assets.lake.table import Table
from agentic_assets.pipeline import Graph
from agentic_assets.pipeline.residency import Residency, ResidentLake
from agentic_assets.store import Store

__all__ = ["OverlaidLake"]


class OverlaidLake(ResidentLake):
    """Give tables in which computed frames stand under names of their own beside the published files."""

    def __init__(self, graph: Graph, home: Home, store: Store) -> None:
        super().__init__(graph, home, Residency(graph, home.region), store)
        self._over: dict[str, _Overlaid] = {}

    def lay(self, name: str, schema: Mapping[str, pl.DataType], frames: Mapping[str, pl.DataFrame]) -> dict[str, str]:
        """Lay frames over a table, by partition, and give the file that each is found under."""
        if name not in self._over:
            try:
                below: Table | None = super().open(name)
            except NotFound:
                below = None
            self._over[name] = _Overlaid(name, self.root / name, schema, below)
        return self._over[name].lay(frames)

    def open(self, name: str) -> Table:
        """Open a table; raises what a resident lake raises."""
        return self._over[name] if name in self._over else super().open(name)

    def table(self, name: str, schema: Mapping[str, pl.DataType | type[pl.DataType]], *, partitioned: bool) -> Table:
        """Refuse: nothing is written here."""
        raise LakeBroken(f"{name} was to be written while nothing may be", hint="what computes must not publish")


class _Overlaid(Table):
    def __init__(self, name: str, path: Path, schema: Mapping[str, pl.DataType], below: Table | None) -> None:
        self.name = name
        self.path = path
        self.schema = dict(schema)
        self._below = below
        self._frames: dict[str, pl.DataFrame] = {}

    def lay(self, frames: Mapping[str, pl.DataFrame]) -> dict[str, str]:
        files = {name: f"{STAGING}/computed/{len(self._frames) + at}" for at, name in enumerate(frames)}
        self._frames |= {files[name]: frame for name, frame in frames.items()}
        return files

    def scan_files(self, files: Sequence[str]) -> pl.LazyFrame:
        parts: list[pl.LazyFrame] = []
        published: list[str] = []
        for file in files:
            if file in self._frames:
                parts += [*self._published(published), self._frames[file].lazy()]
                published = []
            else:
                published.append(file)
        parts += self._published(published)
        return pl.concat(parts) if parts else pl.LazyFrame(schema=self.schema)

    def _published(self, files: Sequence[str]) -> list[pl.LazyFrame]:
        if not files:
            return []
        if self._below is None:
            raise LakeBroken(f"{self.name}: the file {files[0]} is missing", hint="run `agentic run` first")
        known = self._below.schema
        columns = [
            pl.col(name) if name in known else pl.lit(None, dtype=dtype).alias(name)
            for name, dtype in self.schema.items()
        ]
        return [self._below.scan_files(files).select(columns)]
