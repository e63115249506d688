"""Write many asset events in few transactions, into the same tables as Dagster's own storages do."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as db
from dagster import DagsterEventType, DagsterInvariantViolationError, EventLogEntry
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster._core.storage.event_log import SqlEventLogStorage
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable
from sqlalchemy.engine import Connection

__all__ = ["BATCHED", "BatchWriting", "Build"]

Build = Callable[[Sequence[int]], Sequence[EventLogEntry]]
"""Make the events of a batch, given the storage ids that they will have."""

BATCHED = frozenset(
    {
        DagsterEventType.ASSET_MATERIALIZATION,
        DagsterEventType.ASSET_OBSERVATION,
        DagsterEventType.ASSET_MATERIALIZATION_PLANNED,
        DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED,
        DagsterEventType.ASSET_CHECK_EVALUATION,
    }
)
"""The kinds of event that a batch may hold; whatever else comes is stored one by one, as Dagster does."""

_CHECKS = (DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED, DagsterEventType.ASSET_CHECK_EVALUATION)
_Execution = tuple[str, str, str, str | None]  # asset key, check, run, partition


class BatchWriting(SqlEventLogStorage):
    """Add `write_batch` to a SQL event log; the subclass knows how its ids and its shards work."""

    _tables: frozenset[str] = frozenset()
    _key_columns: frozenset[str] = frozenset()

    @abstractmethod
    def write_batch(self, count: int, build: Build) -> None:
        """Store `count` events of the kinds in `BATCHED`, with ids that rise in their order."""

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Store events together when every one may be, else one by one."""
        if all(event.dagster_event_type in BATCHED for event in events):
            self.write_batch(len(events), lambda _ids: events)
        else:
            for event in events:
                self.store_event(event)

    def has_table(self, table_name: str) -> bool:
        """Say whether a table exists; asked per event, so that a yes is remembered."""
        if table_name not in self._tables and super().has_table(table_name):  # type: ignore[safe-super]
            self._tables |= {table_name}
        return table_name in self._tables

    def _has_asset_key_col_on_connection(self, conn: Connection, column_name: str) -> bool:
        if column_name not in self._key_columns and super()._has_asset_key_col_on_connection(conn, column_name):
            self._key_columns |= {column_name}
        return column_name in self._key_columns

    def _write_index(
        self, conn: Connection, events: Sequence[EventLogEntry], rows: Sequence[Any], ids: Sequence[int]
    ) -> None:
        """Update what Dagster derives from events: tags, the latest event of each asset, executions of checks."""
        stored = list(zip(events, rows, ids, strict=True))
        of_assets = [(event, event_id) for event, _, event_id in stored if event.dagster_event_type not in _CHECKS]
        if of_assets:
            self._store_asset_event_tags(conn, [event for event, _ in of_assets], [number for _, number in of_assets])
        # Only the last event of a kind is kept per asset: the others would be overwritten within this transaction.
        latest = {
            (event.get_dagster_event().asset_key, event.dagster_event_type): (event, number)
            for event, number in of_assets
        }
        for event, number in sorted(latest.values(), key=lambda item: item[1]):
            self._store_asset_event(conn, event, number)
        planned = [
            execution
            for event, row, event_id in stored
            if event.dagster_event_type == DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED
            for execution in self._planned(event, row, event_id)
        ]
        if planned:
            conn.execute(AssetCheckExecutionsTable.insert(), planned)
        evaluated = [
            self._evaluated(event, row, event_id)
            for event, row, event_id in stored
            if event.dagster_event_type == DagsterEventType.ASSET_CHECK_EVALUATION
        ]
        if evaluated:
            _store_evaluations(conn, evaluated)

    def _planned(self, event: EventLogEntry, row: Any, event_id: int) -> list[dict[str, Any]]:
        data = event.get_dagster_event().asset_check_planned_data
        partitions = data.partitions_subset.get_partition_keys() if data.partitions_subset else [None]
        return [
            {
                "asset_key": data.asset_key.to_string(),
                "check_name": data.check_name,
                "partition": partition,
                "run_id": event.run_id,
                "execution_status": AssetCheckExecutionRecordStatus.PLANNED.value,
                "evaluation_event": row["event"],
                "evaluation_event_timestamp": row["timestamp"],
                "evaluation_event_storage_id": event_id,
            }
            for partition in partitions
        ]

    def _evaluated(self, event: EventLogEntry, row: Any, event_id: int) -> dict[str, Any]:
        data = event.get_dagster_event().asset_check_evaluation_data
        status = AssetCheckExecutionRecordStatus.SUCCEEDED if data.passed else AssetCheckExecutionRecordStatus.FAILED
        target = data.target_materialization_data
        return {
            "asset_key": data.asset_key.to_string(),
            "check_name": data.check_name,
            "partition": data.partition,
            "run_id": event.run_id,
            "execution_status": status.value,
            "evaluation_event": row["event"],
            "evaluation_event_timestamp": row["timestamp"],
            "evaluation_event_storage_id": event_id,
            "materialization_event_storage_id": target.storage_id if target else None,
        }


def _execution(row: Any) -> _Execution:
    return row["asset_key"], row["check_name"], row["run_id"], row["partition"]


def _store_evaluations(conn: Connection, evaluated: Sequence[dict[str, Any]]) -> None:
    """Turn the planned executions of a run into evaluated ones; add those that nobody planned."""
    table = AssetCheckExecutionsTable.c
    known: dict[_Execution, list[int]] = {}
    runs = sorted({row["run_id"] for row in evaluated if row["run_id"]})
    keys = sorted({row["asset_key"] for row in evaluated})
    query = db.select(table.id, table.asset_key, table.check_name, table.run_id, table.partition)
    for found in conn.execute(query.where(table.run_id.in_(runs), table.asset_key.in_(keys))).mappings():
        known.setdefault(_execution(found), []).append(found["id"])
    doubled = [execution for execution in map(_execution, evaluated) if len(known.get(execution, ())) > 1]
    if doubled:
        asset, check, run, partition = doubled[0]
        raise DagsterInvariantViolationError(
            f"{len(doubled)} checks were planned twice in run {run}, e.g. {check} on {asset}, partition {partition}"
        )
    # A second evaluation of the same check in one run replaces the first, as it does when stored one by one.
    fresh: dict[_Execution, dict[str, Any]] = {}
    runless: list[dict[str, Any]] = []
    updates: list[dict[str, Any]] = []
    for row in evaluated:
        execution = _execution(row)
        if not row["run_id"]:
            runless.append(row)
        elif execution in known:
            updates.append({"known_id": known[execution][0], **row})
        else:
            fresh[execution] = row
    if updates:
        values: dict[str, Any] = {name: db.bindparam(name) for name in updates[0] if name != "known_id"}
        planned = table.id == db.bindparam("known_id")
        conn.execute(AssetCheckExecutionsTable.update().where(planned).values(values), updates)
    if runless or fresh:
        conn.execute(AssetCheckExecutionsTable.insert(), [*runless, *fresh.values()])
