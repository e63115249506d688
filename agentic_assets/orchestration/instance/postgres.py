"""Dagster's PostgreSQL storages on one small pool of connections, and batches."""

import sqlalchemy as db
from dagster._core.storage.event_log.schema import SqlEventLogStorageTable
from dagster._serdes import ConfigurableClassData
from dagster_postgres import (
    DagsterPostgresStorage,
    PostgresEventLogStorage,
    PostgresRunStorage,
    PostgresScheduleStorage,
)
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from agentic_assets.errors import ConfigInvalid
from agentic_assets.orchestration.instance.batch import BatchWriting, Build

__all__ = ["TunedPostgresStorage", "reach"]

_RESERVE = db.text("SELECT nextval(pg_get_serial_sequence('event_logs', 'id')) FROM generate_series(1, :count)")


def reach(url: str) -> None:
    """Connect once; raise `ConfigInvalid` that names the database, without its password, when that fails."""
    try:
        engine = db.create_engine(url, poolclass=db.NullPool)
        engine.connect().close()
    except (SQLAlchemyError, ImportError, ValueError) as error:
        reason = next(iter(str(getattr(error, "orig", None) or error).strip().splitlines()), type(error).__name__)
        raise ConfigInvalid(
            f"the PostgreSQL of the Dagster instance, {_without_password(url)}, cannot be reached: {reason}",
            hint="set AGENTIC_PG_URL to postgresql://USER:PASSWORD@HOST:PORT/DATABASE, or unset it to use SQLite",
        ) from error


def _without_password(url: str) -> str:
    try:
        return db.make_url(url).difference_update_query(["password"]).render_as_string(hide_password=True)
    except (SQLAlchemyError, ValueError):
        return "which is not a URL"


class _EventLog(BatchWriting, PostgresEventLogStorage):
    def write_batch(self, count: int, build: Build) -> None:
        """Store events with ids that rise in their order: first the events, then what is derived from them."""
        if not count:
            return
        with self._connect() as conn:
            ids = sorted(conn.execute(_RESERVE, {"count": count}).scalars())
            events = build(ids)
            rows = [self._event_to_row(event) for event in events]
            # Committed at once: in a long transaction, ids handed out later would become visible before these.
            conn.execute(SqlEventLogStorageTable.insert(), [{"id": i, **row} for i, row in zip(ids, rows, strict=True)])
        with self.index_transaction() as conn:
            self._write_index(conn, events, rows, ids)

    def dispose(self) -> None:
        """Stop watching, and close the connections that the three storages share."""
        super().dispose()
        self._engine.dispose()


class TunedPostgresStorage(DagsterPostgresStorage):
    """Hold Dagster's three storages in the tables of `DagsterPostgresStorage`, written faster."""

    def __init__(self, postgres_url: str, inst_data: ConfigurableClassData | None = None) -> None:
        # Dagster's own constructor would open its three storages, only to have them replaced here.
        super(DagsterPostgresStorage, self).__init__()  # type: ignore[no-untyped-call]
        self.postgres_url = postgres_url
        self.should_autocreate_tables = True
        self._inst_data = inst_data
        engine = _open(postgres_url)
        self._run_storage = PostgresRunStorage(postgres_url)
        self._event_log_storage = _EventLog(postgres_url)
        self._schedule_storage = PostgresScheduleStorage(postgres_url)
        # Dagster opens a connection for each operation; the tables exist by now, so that all may share these.
        for storage in (self._run_storage, self._event_log_storage, self._schedule_storage):
            storage._engine = engine


def _open(url: str) -> Engine:
    # Checked before use, so that a server that was restarted in between costs a connection and not a run.
    return db.create_engine(url, isolation_level="AUTOCOMMIT", pool_size=2, max_overflow=10, pool_pre_ping=True)
