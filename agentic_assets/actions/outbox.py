"""The outbox: actions wait in the store until an actuator has carried them out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import polars as pl
from sqlalchemy import Row, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from agentic_assets.actions.action import Action, Entry, columns_of
from agentic_assets.actions.actuator import Actuator
from agentic_assets.actions.relay import Relayed, relay
from agentic_assets.store import Store
from agentic_assets.store.schema import outbox

__all__ = ["Outbox"]

_STATES = ("done", "failed", "pending")


class Outbox:
    """Keep allowed actions in `store`, each key once, and have them executed once."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, rows: pl.DataFrame | Sequence[Action]) -> int:
        """Add actions whose key is not there yet, in one transaction; give how many were new.

        A frame needs the columns of `Action`, all String and without nulls; raises PartitionRefused otherwise.
        """
        values = [{**row, "state": "pending", "attempts": 0, "result": "{}"} for row in columns_of(rows)]
        if not values:
            return 0
        insert = postgresql.insert if self._store.dialect == "postgresql" else sqlite.insert
        statement = insert(outbox).on_conflict_do_nothing(index_elements=["key"]).returning(outbox.c.id)
        with self._store.transaction() as connection:
            return len(connection.execute(statement, values).all())

    def pending(self, partition: str | None = None) -> tuple[Entry, ...]:
        """Give what waits, in the order in which it will be executed."""
        query = select(outbox).where(outbox.c.state == "pending").order_by(outbox.c.id)
        return self._entries(query if partition is None else query.where(outbox.c.partition == partition))

    def of_decision(self, decision_id: str) -> tuple[Entry, ...]:
        """Give every action of a decision, whatever its state."""
        return self._entries(select(outbox).where(outbox.c.decision_id == decision_id).order_by(outbox.c.id))

    def of_partition(self, partition: str) -> tuple[Entry, ...]:
        """Give every action of a partition, whatever its state."""
        return self._entries(select(outbox).where(outbox.c.partition == partition).order_by(outbox.c.id))

    def counts(self, partition: str | None = None) -> dict[str, int]:
        """Count the rows that are done, failed and pending."""
        query = select(outbox.c.state, func.count()).group_by(outbox.c.state)
        if partition is not None:
            query = query.where(outbox.c.partition == partition)
        with self._store.reading() as connection:
            found = {row[0]: row[1] for row in connection.execute(query)}
        return {state: found.get(state, 0) for state in _STATES}

    def relay(self, actuator: Actuator, *, partition: str | None = None) -> Relayed:
        """Have the pending actions executed, each one attempt; see `agentic_assets.actions.relay`."""
        return relay(self._store, actuator, partition=partition)

    def redrive(self, partition: str | None = None) -> int:
        """Let failed actions be attempted anew, once their cause is mended; give how many."""
        statement = update(outbox).where(outbox.c.state == "failed").values(state="pending", attempts=0)
        if partition is not None:
            statement = statement.where(outbox.c.partition == partition)
        with self._store.transaction() as connection:
            return connection.execute(statement).rowcount

    def _entries(self, query: Any) -> tuple[Entry, ...]:
        with self._store.reading() as connection:
            return tuple(_entry(row) for row in connection.execute(query))


def _entry(row: Row[Any]) -> Entry:
    action = Action(row.key, row.decision_id, row.partition, row.agent, row.entity, row.action, row.payload)
    return Entry(row.id, action, row.state, row.attempts, json.loads(row.result))
