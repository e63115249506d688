"""Dagster's SQLite storages with connections that stay open, and batches."""

import os
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as db
from dagster._core.event_api import EventHandlerFn
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.polling_event_watcher import SqlPollingEventWatcher
from dagster._core.storage.event_log.schema import SqlEventLogStorageTable
from dagster._core.storage.runs import SqliteRunStorage
from dagster._core.storage.schedules import SqliteScheduleStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._core.storage.sqlite_storage import (
    DagsterSqliteStorage,
    _event_logs_directory,
    _runs_directory,
    _schedule_directory,
)
from dagster._serdes import ConfigurableClassData
from sqlalchemy.engine import Connection, Engine

from agentic_assets.orchestration.instance.batch import BatchWriting, Build

__all__ = ["TunedSqliteStorage"]

_OPEN_SHARDS = 8
"""How many databases stay open; every run has its own, and a long-lived web server reads many."""


class _Engines:
    """Keep one engine a database, the least recently used closed first."""

    def __init__(self) -> None:
        self._engines: OrderedDict[tuple[int, str], Engine] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, url: str) -> Engine:
        key = (os.getpid(), url)  # a SQLite connection must not be carried across a fork
        with self._lock:
            if key not in self._engines:
                self._engines[key] = _open(url)
            self._engines.move_to_end(key)
            while len(self._engines) > _OPEN_SHARDS:
                self._engines.popitem(last=False)[1].dispose()
            return self._engines[key]

    def close(self) -> None:
        with self._lock:
            for (pid, _url), engine in self._engines.items():
                engine.dispose(close=pid == os.getpid())
            self._engines.clear()


def _open(url: str) -> Engine:
    # One connection stays; a second, which Dagster takes while it makes the tables, is closed after its use.
    engine = db.create_engine(url, pool_size=1, connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS})

    @db.event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        # A power cut may lose the last commits of the log, never break it: the lake, not the log, is the truth.
        connection.execute("PRAGMA synchronous=NORMAL")

    return engine


class _EventLog(BatchWriting, SqliteEventLogStorage):
    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines = _Engines()
        self._watcher: SqlPollingEventWatcher | None = None
        super().__init__(base_dir, inst_data)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engines.get(self.conn_string_for_shard(shard))
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.connect() as conn, conn.begin():
                yield conn

    def write_batch(self, count: int, build: Build) -> None:
        """Store events with ids that rise in their order: one transaction for the index, one for each run."""
        if not count:
            return
        with self.index_connection() as conn:
            # The write lock comes first, so that nobody else can take the ids between their reading and their use.
            conn.exec_driver_sql("BEGIN IMMEDIATE")
            last = conn.execute(db.select(db.func.coalesce(db.func.max(SqlEventLogStorageTable.c.id), 0))).scalar_one()
            ids = range(last + 1, last + 1 + count)
            events = build(ids)
            rows = [self._event_to_row(event) for event in events]
            conn.execute(SqlEventLogStorageTable.insert(), [{"id": i, **row} for i, row in zip(ids, rows, strict=True)])
            self._write_index(conn, events, rows, ids)
        for run_id in dict.fromkeys(event.run_id for event in events):
            with self.run_connection(run_id) as conn:
                conn.execute(SqlEventLogStorageTable.insert(), [row for row in rows if row["run_id"] == run_id])

    def watch(self, run_id: str, cursor: str | None, callback: EventHandlerFn) -> None:
        # Dagster watches the file of the run, which a writer that keeps its connection open rarely touches.
        if self._watcher is None:
            self._watcher = SqlPollingEventWatcher(self)
        self._watcher.watch_run(run_id, cursor, callback)

    def end_watch(self, run_id: str, handler: EventHandlerFn) -> None:
        if self._watcher:
            self._watcher.unwatch_run(run_id, handler)

    def wipe(self) -> None:
        self._engines.close()
        super().wipe()

    def dispose(self) -> None:
        if self._watcher:
            self._watcher.close()
            self._watcher = None
        super().dispose()
        self._engines.close()


class _Runs(SqliteRunStorage):
    def __init__(self, conn_string: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines = _Engines()
        super().__init__(conn_string, inst_data)

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        with self._engines.get(self._conn_string).connect() as conn, conn.begin():
            yield conn

    def dispose(self) -> None:
        super().dispose()
        self._engines.close()


class TunedSqliteStorage(DagsterSqliteStorage):
    """Hold Dagster's three storages in the files and tables of `DagsterSqliteStorage`.

    The log of events and the runs are written faster; the schedules, which no run writes, are Dagster's own.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        # Dagster's own constructor would open its three storages, only to have them replaced here.
        super(DagsterSqliteStorage, self).__init__()  # type: ignore[no-untyped-call]
        self.base_dir = base_dir
        self._inst_data = inst_data
        self._run_storage = _Runs.from_local(_runs_directory(base_dir))
        self._event_log_storage = _EventLog(_event_logs_directory(base_dir))
        self._schedule_storage = SqliteScheduleStorage.from_local(_schedule_directory(base_dir))
