"""Say where Dagster's private interfaces differ from those that the tuned storages were written for."""

import inspect
from collections.abc import Mapping, Sequence
from typing import Any, Literal

__all__ = ["differences"]

Database = Literal["sqlite", "postgres"]

_SQL: Mapping[str, str] = {
    "store_event_batch": "self events",
    "has_table": "self table_name",
    "index_transaction": "self",
    "store_asset_check_event": "self event event_id",
    "_event_to_row": "self event",
    "_has_asset_key_col_on_connection": "self conn column_name",
    "_store_asset_event_tags": "self conn events event_ids",
    "_store_asset_event": "self conn event event_id",
    "_update_asset_check_evaluation": "self event event_id",
    "_store_asset_check_evaluation_planned": "self event event_id",
}
_SQLITE: Mapping[str, str] = {
    "__init__": "self base_dir inst_data",
    "_connect": "self shard",
    "_initdb": "self engine for_index_shard",
    "conn_string_for_shard": "self shard_name",
    "run_connection": "self run_id",
    "index_connection": "self",
    "watch": "self run_id cursor callback",
    "end_watch": "self run_id handler",
    "wipe": "self",
    "dispose": "self",
}
_POSTGRES: Mapping[str, str] = {"_connect": "self", "store_event": "self event", "dispose": "self"}
_TABLES: Mapping[str, str] = {
    "event_logs": "id run_id event dagster_event_type timestamp step_key asset_key partition",
    "asset_event_tags": "id event_id asset_key key value event_timestamp",
    "asset_keys": "id asset_key last_materialization last_run_id asset_details wipe_timestamp "
    "last_materialization_timestamp tags create_timestamp cached_status_data",
    "asset_check_executions": "id asset_key check_name partition run_id execution_status evaluation_event "
    "evaluation_event_timestamp evaluation_event_storage_id materialization_event_storage_id create_timestamp",
}


def differences(database: Database) -> list[str]:
    """List the methods and tables that are not as expected; empty when the tuned storage may be used."""
    try:
        from dagster._core.storage.event_log import SqlEventLogStorage
        from dagster._core.storage.event_log.schema import SqlEventLogStorageMetadata

        found = [*_methods(SqlEventLogStorage, _SQL), *_tables(SqlEventLogStorageMetadata)]
        if database == "sqlite":
            from dagster._core.storage.event_log import SqliteEventLogStorage
            from dagster._core.storage.runs import SqliteRunStorage
            from dagster._core.storage.sqlite_storage import DagsterSqliteStorage

            from agentic_assets.orchestration.instance import sqlite as _tuned_sqlite  # noqa: F401

            local = {"from_local": "base_dir inst_data"}
            files = {"__init__": "self conn_string inst_data", "connect": "self", **local}
            found += _methods(SqliteEventLogStorage, _SQLITE)
            found += _methods(SqliteRunStorage, files)
            found += _methods(DagsterSqliteStorage, {"__init__": "self base_dir inst_data", **local})
        else:
            from dagster_postgres import PostgresEventLogStorage, PostgresRunStorage, PostgresScheduleStorage

            from agentic_assets.orchestration.instance import postgres as _tuned_postgres  # noqa: F401

            opened = {"__init__": "self postgres_url should_autocreate_tables inst_data token_provider"}
            found += _methods(PostgresEventLogStorage, {**_POSTGRES, **opened})
            found += _methods(PostgresRunStorage, opened)
            found += _methods(PostgresScheduleStorage, opened)
    except ImportError as error:
        return [str(error)]
    return found


def _methods(owner: type, expected: Mapping[str, str]) -> list[str]:
    found = []
    for name, parameters in expected.items():
        method = getattr(owner, name, None)
        if method is None:
            found.append(f"{owner.__name__}.{name} is gone")
        elif (actual := " ".join(inspect.signature(method).parameters)) != parameters:
            found.append(f"{owner.__name__}.{name} takes ({actual}), not ({parameters})")
    return found


def _tables(metadata: Any) -> Sequence[str]:
    found = []
    for name, columns in _TABLES.items():
        table = metadata.tables.get(name)
        actual = " ".join(column.name for column in table.columns) if table is not None else "nothing"
        if actual != columns:
            found.append(f"table {name} has ({actual}), not ({columns})")
    return found
