"""Open the store and hand out transactions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from agentic_assets.errors import ConfigInvalid
from agentic_assets.store.schema import metadata

__all__ = ["Store"]


class Store:
    """Own one database engine; every write happens inside `transaction()`."""

    def __init__(self, url: str) -> None:
        self.url = _with_driver(url)
        try:
            self._engine: Engine = create_engine(self.url, future=True)
            if self._engine.dialect.name == "sqlite":
                _tune_sqlite(self._engine)
            metadata.create_all(self._engine)
        except (SQLAlchemyError, ImportError) as error:
            raise ConfigInvalid(
                f"the store at {_without_password(url)} cannot be opened: {_first_line(error)}",
                hint="set AGENTIC_STORE_URL to sqlite:///FILE or postgresql://USER@HOST/DATABASE",
            ) from error

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._engine.dialect.name

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Give a connection whose writes are committed together, or not at all.

        On SQLite the write lock is taken at the start, so that a read followed by a write cannot be overtaken.
        """
        with self._engine.connect() as connection:
            if self.dialect == "sqlite":
                connection.execute(text("BEGIN IMMEDIATE"))
                try:
                    yield connection
                except BaseException:
                    connection.rollback()
                    raise
                connection.commit()
            else:
                with connection.begin():
                    yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection for reads; nothing is committed."""
        with self._engine.connect() as connection:
            yield connection

    def insert(self, table: Table) -> Any:
        """Give an INSERT in this database's dialect, which knows `on_conflict_do_nothing`."""
        return (sqlite if self.dialect == "sqlite" else postgresql).insert(table)

    def close(self) -> None:
        """Release every pooled connection."""
        self._engine.dispose()


def _with_driver(url: str) -> str:
    # SQLAlchemy 2.1 maps bare postgresql:// to psycopg 3; dagster-postgres brings psycopg2.
    for bare in ("postgresql://", "postgres://"):
        if url.startswith(bare):
            return "postgresql+psycopg2://" + url[len(bare) :]
    return url


def _tune_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions are opened by hand, see `transaction`
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA busy_timeout=60000")
        cursor.close()


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


def _without_password(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://***@{rest.rpartition('@')[2]}" if "@" in rest else url
