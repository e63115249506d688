"""Open the store and hand out transactions."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, make_url, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from agentic_assets.errors import ConfigInvalid
from agentic_assets.store.migrations import HEAD, VERSION_TABLE, upgrade

__all__ = ["Store", "with_driver"]

_HINT = "set AGENTIC_STORE_URL to sqlite:///FILE or postgresql://USER@HOST/DATABASE"
_CONNECT_SECONDS = 10


class Store:
    """Own one database engine; every write happens inside `transaction()`."""

    def __init__(self, url: str) -> None:
        """Open the store and bring its tables to the newest revision; a current store costs one query.

        Raises:
            ConfigInvalid: the URL is not one, its database cannot be reached, or a newer release made it.
        """
        self.url = with_driver(url)
        parsed = _parsed(self.url)
        try:
            self._engine: Engine = _engine(parsed)
            # Connections are released when the store is forgotten, not only when it is closed.
            weakref.finalize(self, self._engine.dispose)
            with self._engine.connect() as connection:
                revision = _revision(connection)
            if revision != HEAD:
                with self._engine.connect() as connection:
                    upgrade(connection)
        except (SQLAlchemyError, ImportError) as error:
            secret = parsed.password
            told = _first_line(error)
            raise ConfigInvalid(
                f"the store at {_shown(parsed)} cannot be opened: {told.replace(secret, '***') if secret else told}",
                hint=_HINT,
            ) from (None if secret and secret in str(error) else error)

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
        if self.dialect == "sqlite":
            return sqlite.insert(table)
        from sqlalchemy.dialects import postgresql  # a home on SQLite never needs it

        return postgresql.insert(table)

    def close(self) -> None:
        """Release every pooled connection."""
        self._engine.dispose()


def with_driver(url: str) -> str:
    """Name psycopg2, which dagster-postgres brings, in a URL that names no driver."""
    # SQLAlchemy 2.1 reads bare postgresql:// as psycopg 3; postgres:// it does not read at all.
    for bare in ("postgresql://", "postgres://"):
        if url.startswith(bare):
            return "postgresql+psycopg2://" + url[len(bare) :]
    return url


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # What was given may hold a password in a place where nobody looks for one: it is not repeated.
        raise ConfigInvalid("the URL of the store is not one", hint=_HINT) from None
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise ConfigInvalid(f"the store cannot be kept in {parsed.get_backend_name()}", hint=_HINT)
    return parsed


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        engine = create_engine(url)
        _tune_sqlite(engine)
        return engine
    timeout = {} if "connect_timeout" in url.query else {"connect_timeout": _CONNECT_SECONDS}
    return create_engine(url, connect_args=timeout, pool_pre_ping=True)


def _tune_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions are opened by hand, see `transaction`
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout=60000")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.close()


def _revision(connection: Connection) -> str | None:
    try:
        return connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()
    except DBAPIError:
        return None  # no such table yet; whatever else is wrong, the upgrade meets it again


def _shown(url: URL) -> str:
    """Give the URL without what may be secret: the password, and options."""
    return url.set(query={}).render_as_string(hide_password=True)


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0][:300] if str(error).strip() else type(error).__name__
