"""A table of a database as a system of record: read whole, in one snapshot, typed exactly, in the order of its key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
import sqlalchemy as db

from agentic_assets.errors import ConfigInvalid
from agentic_assets.sources.database import Database
from agentic_assets.sources.source import SOURCE_ROW, Snapshot, numbered, require_columns
from agentic_assets.sources.typed import TYPES, typed
from agentic_assets.versions import of_code, of_frame, of_json

__all__ = ["Table"]

_BATCH = 50_000
_HINT = "declare the columns as they are now, with a new version of the contract, or name those wanted in a query"


@dataclass(frozen=True)
class Table:
    """A table or view, or a query, of PostgreSQL or SQLite; its URL is in the environment variable `url_from`.

    Everything is read in one read-only transaction at one snapshot, whose statements may take `seconds` each. Rows are
    ordered by `key`, then by the other columns, whatever the server's order and collation; `source_row` is their place
    in it. `columns` are exactly those of the table or query. `zone` says where timestamps without a time zone are
    local; without it they are refused.

    The version digests the rows, so finding it out costs as much as reading them. A `version_query`, such as
    `SELECT max(changed_at), count(*) FROM bookings`, spares that where its answer changes whenever a row does.
    """

    url_from: str
    columns: Mapping[str, pl.DataType]
    key: tuple[str, ...]
    table: str = ""
    query: str = ""
    version_query: str = ""
    zone: str | None = None
    seconds: float = 300.0

    def __post_init__(self) -> None:
        if bool(self.table) == bool(self.query):
            raise ConfigInvalid("a Table needs either a table or a query")
        if "://" in self.url_from or not self.url_from.isidentifier():
            # What was given may be the URL itself, and hold a password: it is not repeated.
            raise ConfigInvalid(
                "`url_from` is not the name of an environment variable",
                hint="put the URL into a variable, such as BOOKINGS_URL, and name that",
            )
        lacking = [name for name in self.key if name not in self.columns]
        if not self.key or lacking or SOURCE_ROW in self.columns:
            raise ConfigInvalid(
                f"a Table needs a key among its columns, none of which is `{SOURCE_ROW}`"
                + (f"; {lacking[0]!r} is not one of them" if lacking else "")
            )
        strange = [f"{name!r} {dtype}" for name, dtype in self.columns.items() if dtype not in TYPES]
        if strange:
            raise ConfigInvalid(
                f"a Table cannot have the column {strange[0]}", hint=f"use {', '.join(str(dtype) for dtype in TYPES)}"
            )

    @property
    def kinds(self) -> tuple[str, ...]:
        """SQL."""
        return ("sql",)

    @property
    def location(self) -> str:
        """The table and the variable that names its database; never the URL."""
        return f"{self.table or 'a query'} in the database of ${self.url_from}"

    @property
    def code_version(self) -> str:
        """Digest this code, the query and the types."""
        columns = [[name, str(dtype)] for name, dtype in self.columns.items()]
        return of_json([of_code(Table), columns, list(self.key), self.table, self.query, self.zone])

    @property
    def has_places(self) -> bool:
        """A row of a table has no place: another one may be put before it at any time."""
        return False

    def version(self) -> str:
        """Ask the version query, or digest the rows."""
        with self._database().snapshot() as connection:
            return self._version(connection) if self.version_query else of_frame(self._rows(connection))

    def read(self) -> Snapshot:
        """Read the rows and their version in one snapshot.

        Raises SourceUnreadable for a server that cannot be reached or refuses, a table that is not there or may not be
        read, other columns or values than declared, and a statement that takes too long.
        """
        with self._database().snapshot() as connection:
            frame = self._rows(connection)
            version = self._version(connection) if self.version_query else of_frame(frame)
        return Snapshot(numbered(frame), version)

    def _database(self) -> Database:
        return Database(self.url_from, self.table or "a query", self.seconds)

    def _version(self, connection: db.Connection) -> str:
        rows = connection.execution_options(no_parameters=True).exec_driver_sql(self.version_query).fetchmany(1_000)
        return of_json([self.version_query, [[_text(value) for value in row] for row in rows]])

    def _rows(self, connection: db.Connection) -> pl.DataFrame:
        where = self._database().where
        # Not pl.read_database: it takes the text '2' for an integer and cuts 1.234 to Decimal(10, 2) without a word.
        result = connection.execution_options(no_parameters=True, stream_results=True).exec_driver_sql(
            self.query or _select(self.table, connection)
        )
        names = list(result.keys())
        require_columns(names, list(self.columns), where, "what was read", _HINT)
        schema = {name: self.columns[name] for name in names}
        parts = [pl.DataFrame(schema=schema)]
        before = 0
        while rows := result.fetchmany(_BATCH):
            parts.append(
                pl.DataFrame(
                    [
                        typed(name, values, schema[name], zone=self.zone, where=where, before=before)
                        for name, values in zip(names, zip(*rows, strict=True), strict=True)
                    ]
                )
            )
            before += len(rows)
        rest = [name for name in self.columns if name not in self.key]
        return pl.concat(parts).select(list(self.columns)).sort([*self.key, *rest])


def _select(name: str, connection: db.Connection) -> str:
    schema, _, table = name.rpartition(".")
    statement = db.select(db.text("*")).select_from(db.table(table, schema=schema or None))
    return str(statement.compile(dialect=connection.dialect))


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
