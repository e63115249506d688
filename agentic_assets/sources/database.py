"""Open a database for reading only, at one snapshot, and say what is wrong with it without saying a secret."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import sqlalchemy as db
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from agentic_assets.errors import SourceUnreadable
from agentic_assets.store.database import with_driver

__all__ = ["Database"]

_CONNECT_SECONDS = 10
_PROGRESS_STEPS = 10_000
_READ_HINT = "nothing of it was landed; run again when the database can be read"
# SQLSTATE of PostgreSQL (appendix A of its manual) -> what it means here, and what to do.
_STATES = {
    "42P01": ("there is no such table", "name the table with its schema, or create it"),
    "42703": ("a column that the query names is not there", "write the query for the columns as they are now"),
    "42501": ("the user may not read it", "GRANT SELECT on the table to the user of the URL"),
    "57014": ("it took longer than {seconds:g} s", "raise `seconds`, or read less in a query"),
    "25006": ("the query wants to write, and may only read", "use a query that only reads"),
    "57P01": ("the server closed the connection", _READ_HINT),
}


@dataclass(frozen=True)
class Database:
    """The database that an environment variable names, and what is to be read of it."""

    url_from: str
    what: str
    seconds: float

    @property
    def where(self) -> str:
        """Say what is read from where: server and database, never a user, a password or an option."""
        url = self._url()
        server = f"{url.host or 'localhost'}{f':{url.port}' if url.port else ''}/" if _served(url) else ""
        return f"{self.what} of {url.get_backend_name()}://{server}{url.database or ''} (${self.url_from})"

    @contextmanager
    def snapshot(self) -> Iterator[db.Connection]:
        """Give a connection whose every statement sees the same state and none of which can write."""
        url, where = self._url(), self.where
        engine = _served_engine(url) if _served(url) else _file_engine(url, self.seconds)
        try:
            with engine.connect() as connection:
                if _served(url):
                    connection = connection.execution_options(  # noqa: PLW2901
                        isolation_level="REPEATABLE READ", postgresql_readonly=True
                    )
                    connection.exec_driver_sql(f"SET LOCAL statement_timeout = {int(self.seconds * 1000)}")
                else:
                    connection.exec_driver_sql("BEGIN")
                yield connection
                connection.rollback()
        except (SQLAlchemyError, ImportError, ValueError, OverflowError) as error:
            # The cause is left out: it repeats the statement, and may repeat the URL.
            raise self._refusal(error, where, url) from None
        finally:
            engine.dispose()

    def _url(self) -> URL:
        given = os.environ.get(self.url_from)
        if not given:
            raise SourceUnreadable(
                f"{self.what}: the environment variable {self.url_from} is not set",
                hint="set it to postgresql://USER:PASSWORD@HOST/DATABASE or sqlite:///FILE",
            )
        try:
            url = db.make_url(with_driver(given))
            backend = url.get_backend_name()
        except (ArgumentError, ValueError, SQLAlchemyError):
            # What was given may hold a password in a place where nobody looks for one: it is not repeated.
            raise SourceUnreadable(
                f"{self.what}: what the environment variable {self.url_from} holds is not the URL of a database",
                hint="set it to postgresql://USER:PASSWORD@HOST/DATABASE or sqlite:///FILE",
            ) from None
        if backend not in ("postgresql", "sqlite") or (backend == "sqlite" and url.database in (None, "", ":memory:")):
            raise SourceUnreadable(
                f"{self.what}: ${self.url_from} names a database of {backend} that cannot be read",
                hint="a table is read from PostgreSQL, or from a file of SQLite",
            )
        return url

    def _refusal(self, error: BaseException, where: str, url: URL) -> SourceUnreadable:
        cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
        state = getattr(cause, "pgcode", None)
        told = _first_line(cause)
        if state in _STATES:
            what, hint = _STATES[state]
            return SourceUnreadable(f"{where}: {what.format(seconds=self.seconds)}", hint=hint)
        if told.startswith("no such table"):
            what, hint = _STATES["42P01"]
        elif told.startswith("server closed the connection"):
            what, hint = _STATES["57P01"]
        elif told == "interrupted":
            what, hint = _STATES["57014"]
        elif told.startswith("unable to open database file"):
            what, hint = "there is no such file, or it may not be read", "name the file of an existing database"
        else:
            what, hint = f"it cannot be read ({_without_secrets(told, url)})", _READ_HINT
        return SourceUnreadable(f"{where}: {what.format(seconds=self.seconds)}", hint=hint)


def _served(url: URL) -> bool:
    return url.get_backend_name() == "postgresql"


def _served_engine(url: URL) -> db.Engine:
    timeout = {} if "connect_timeout" in url.query else {"connect_timeout": _CONNECT_SECONDS}
    return db.create_engine(url, poolclass=db.NullPool, connect_args=timeout)


def _file_engine(url: URL, seconds: float) -> db.Engine:
    """Open the file read-only, so that a wrong name creates nothing, and stop statements that take too long."""
    import sqlite3

    def connect() -> sqlite3.Connection:
        file = f"file:{quote(str(url.database))}?mode=ro"
        connection = sqlite3.connect(file, uri=True, timeout=seconds, isolation_level=None)
        end = time.monotonic() + seconds
        connection.set_progress_handler(lambda: time.monotonic() > end, _PROGRESS_STEPS)
        return connection

    return db.create_engine("sqlite://", creator=connect, poolclass=db.NullPool)


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]


def _without_secrets(told: str, url: URL) -> str:
    secrets: list[Any] = [url.password, *(value for name, value in url.query.items() if "pass" in name.lower())]
    for secret in secrets:
        if isinstance(secret, str) and secret:
            told = told.replace(secret, "***").replace(quote(secret, safe=""), "***")
    return told
