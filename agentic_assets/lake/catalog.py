"""The folder that holds the tables."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl

from agentic_assets.errors import LakeBroken, NotFound
from agentic_assets.lake.commits import exists
from agentic_assets.lake.durable import locked
from agentic_assets.lake.log import Log
from agentic_assets.lake.schema import Columns, from_delta, lacking, normalized, require_types
from agentic_assets.lake.staging import LOCK
from agentic_assets.lake.table import Table

__all__ = ["Lake"]

_NAME = re.compile(r"[a-z0-9][a-z0-9_]*(/[a-z0-9][a-z0-9_]*)*")


class Lake:
    """A folder of Delta tables, named by their paths in it, like `sources/schedule`."""

    def __init__(self, root: Path, *, vacuumed: Callable[[str, str], str] | None = None) -> None:
        """Open the folder; `vacuumed` says of a table's file that is missing who deleted it when, '' if nobody did."""
        self.root = root
        self._vacuumed = vacuumed
        self._tables: dict[str, Table] = {}
        self._guard = threading.RLock()

    def table(self, name: str, schema: Mapping[str, pl.DataType | type[pl.DataType]], *, partitioned: bool) -> Table:
        """Open a table as `schema` has it: create it when it is missing, let it grow by the columns that it lacks.

        Columns are known by name. New ones are stored after those that are there, wherever they stand in `schema`; of
        those that it leaves out nothing is seen, and what is published holds nulls in them for everybody else.

        Raises:
            LakeBroken: the stored table has another type for a column, or other partitioning.
        """
        columns = normalized(schema, where=f"the table {name}")
        with self._guard:
            known = self._known(name)
            if known is None:
                self._create(name, self._path(name), columns, partitioned=partitioned)
                known = self.open(name)
            _require(known, columns, partitioned=partitioned)
            if lacking(known.schema, columns):
                known = self._grow(name, columns)
                _require(known, columns, partitioned=partitioned)
            self._tables[name] = known
            return known.seen_as(columns)

    def require(self, name: str, schema: Mapping[str, pl.DataType | type[pl.DataType]], *, partitioned: bool) -> None:
        """Raise what `table` would of a table that is stored already; nothing is created, and nothing grows."""
        columns = normalized(schema, where=f"the table {name}")
        with self._guard:
            known = self._known(name)
            if known is not None:
                _require(known, columns, partitioned=partitioned)

    def open(self, name: str) -> Table:
        """Open a table that exists.

        Raises:
            NotFound: there is no such table.
        """
        with self._guard:
            known = self._known(name)
            if known is None:
                raise self._absent(name)
            return known

    def as_recorded(self, name: str, columns: Columns) -> Table:
        """Open a table for reading files that are known by name: its log, which says what is current, is not read.

        `columns` are those that the files have at most; a file without one of them gives nulls.

        Raises:
            NotFound: there is no such table.
        """
        path = self._path(name)
        if not exists(path):
            raise self._absent(name)
        schema = normalized(columns, where=f"the table {name}")
        return Table(name, path, Log(path, name, late=True), schema=schema, vacuumed=self._vacuumed)

    def names(self) -> tuple[str, ...]:
        """List the tables, sorted."""
        found: list[str] = []
        for folder, inside, _ in os.walk(self.root):
            if "_delta_log" in inside:
                if exists(Path(folder)):
                    found.append(Path(folder).relative_to(self.root).as_posix())
                inside.clear()
        return tuple(sorted(found))

    def _absent(self, name: str) -> NotFound:
        return NotFound(f"there is no table {name} in {self.root}", hint="materialize the asset first")

    def _known(self, name: str) -> Table | None:
        if name not in self._tables:
            path = self._path(name)
            if not exists(path):
                return None
            self._tables[name] = Table(name, path, Log(path, name), vacuumed=self._vacuumed)
        return self._tables[name]

    def _create(self, name: str, path: Path, columns: Columns, *, partitioned: bool) -> None:
        around = next((outer for outer in path.relative_to(self.root).parents if exists(self.root / outer)), None)
        if around is not None:
            raise LakeBroken(f"{name} would lie inside the table {around}", hint="give one of them another name")
        if any(other.startswith(f"{name}/") for other in self.names()):
            raise LakeBroken(f"{name} is a folder of tables, it cannot be one", hint="give it another name")
        with locked(path / LOCK):
            if not exists(path):
                Log.create(path, name, columns, partitioned=partitioned)

    def _grow(self, name: str, columns: Columns) -> Table:
        path = self._path(name)
        with locked(path / LOCK):
            log = Log(path, name)
            more = lacking(from_delta(log.columns(), where=f"the table {name}"), columns)
            if more:
                log.add_columns(more)
        return Table(name, path, log, vacuumed=self._vacuumed)

    def _path(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise LakeBroken(
                f"'{name[:100]}' cannot be the name of a table",
                hint="use lower-case letters, digits and '_', with '/' between folders, like sources/schedule",
            )
        return self.root / name


def _require(known: Table, columns: Columns, *, partitioned: bool) -> None:
    if known.partitioned != partitioned:
        raise LakeBroken(
            f"the table {known.name} is stored {'with' if known.partitioned else 'without'} partitions, "
            f"and was asked for {'with' if partitioned else 'without'} them",
            hint="give it another name, or move the stored table out of the lake",
        )
    require_types(known.schema, columns, where=f"the table {known.name}")
