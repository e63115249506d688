"""The outbox: actions wait in the store until an actuator has carried them out, and so does what takes them back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from sqlalchemy import Row, case, func, select, update

from agentic_assets.actions.action import Action, Entry, columns_of
from agentic_assets.actions.actuator import Actuator
from agentic_assets.actions.reconcile import Because, compared, reconcile, selected
from agentic_assets.actions.relay import Relayed, relay, stamp, within
from agentic_assets.actions.rounds import EXECUTE, OPEN, Difference, Slot
from agentic_assets.store import Store
from agentic_assets.store.schema import outbox

__all__ = ["Outbox"]

_STATES = ("done", "failed", "pending", "withdrawn", "compensated")


class Outbox:
    """Keep allowed actions in `store`, each key once; have them executed once, and compensated once.

    A `scope` (`scope_of`) names the actions of one agent of a domain.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, rows: pl.DataFrame | Sequence[Action]) -> int:
        """Add actions whose key is not there yet, in one transaction; give how many were new.

        A frame needs the columns of `Action`, all String and without nulls; raises PartitionRefused otherwise.
        """
        fresh = {"state": "pending", "attempts": 0, "result": "{}", "recorded_at": stamp()}
        values = [{**row, **fresh} for row in columns_of(rows)]
        if not values:
            return 0
        statement = self._store.insert(outbox).on_conflict_do_nothing(index_elements=["key"]).returning(outbox.c.id)
        with self._store.transaction() as connection:
            return len(connection.execute(statement, values).all())

    def difference(self, scope: str, wanted: Mapping[str, pl.DataFrame]) -> Difference:
        """Say what `reconcile` would do now, and do nothing: for plans. Of `wanted`, entity and action are read."""
        return compared(self._store, scope, wanted)

    def reconcile(
        self, scope: str, wanted: Mapping[str, pl.DataFrame], actuator: Actuator, *, because: Because
    ) -> Difference:
        """Make exactly the `wanted` actions of some partitions stand; see `agentic_assets.actions.reconcile`."""
        return reconcile(self._store, scope, wanted, actuator, because)

    def pending(self, partition: str | None = None) -> tuple[Entry, ...]:
        """Give what waits, in the order in which it will be executed."""
        query = select(outbox).where(outbox.c.state == "pending").order_by(outbox.c.id)
        return self._entries(query if partition is None else query.where(outbox.c.partition == partition))

    def of_decision(self, decision_id: str) -> tuple[Entry, ...]:
        """Give every action of a decision and what took it back, whatever the state."""
        return self._entries(select(outbox).where(outbox.c.decision_id == decision_id).order_by(outbox.c.id))

    def of_partition(self, partition: str) -> tuple[Entry, ...]:
        """Give every action of a partition and what took it back, whatever the state."""
        return self._entries(select(outbox).where(outbox.c.partition == partition).order_by(outbox.c.id))

    def of_entity(self, scope: str, partition: str, entity: str) -> tuple[Entry, ...]:
        """Give every action on one entity and what took it back, whatever the state, in the order of their ids."""
        table = outbox.c
        query = select(outbox).where(table.partition == partition, table.entity == entity, within(scope))
        return self._entries(query.order_by(table.id))

    def counts(self, partition: str | None = None) -> dict[str, int]:
        """Count the actions that are done and stand, failed, pending, withdrawn before they were done, compensated.

        One whose compensation waits or failed counts as pending or failed.
        """
        undo = outbox.alias()
        state = case(
            (undo.c.state == "done", "compensated"), (undo.c.state.in_(OPEN), undo.c.state), else_=outbox.c.state
        ).label("standing")
        query = (
            select(state, func.count())
            .select_from(outbox.outerjoin(undo, undo.c.undoes == outbox.c.id))
            .where(outbox.c.verb == EXECUTE)
            .group_by(state)
        )
        if partition is not None:
            query = query.where(outbox.c.partition == partition)
        with self._store.reading() as connection:
            found = {row[0]: row[1] for row in connection.execute(query)}
        return {state: found.get(state, 0) for state in _STATES}

    def standing(self, scope: str, partitions: Sequence[str]) -> dict[str, dict[Slot, str]]:
        """Give, by partition, the state of the newest round of every action: done, pending, failed or withdrawn."""
        table, found = outbox.c, {name: dict[Slot, str]() for name in partitions}
        columns = (table.partition, table.entity, table.action, table.state, table.verb)
        with self._store.reading() as connection:
            for partition, entity, action, state, verb in selected(connection, columns, scope, partitions):
                if verb == EXECUTE:
                    found[partition][Slot(entity, action)] = state
        return found

    def undoing(self, scope: str, partitions: Sequence[str]) -> dict[str, dict[str, int]]:
        """Count, by partition and state, the compensations of an agent: done, pending, failed, withdrawn."""
        table = outbox.c
        query = (
            select(table.partition, table.state, func.count())
            .where(table.undoes.is_not(None), within(scope))
            .group_by(table.partition, table.state)
        )
        found: dict[str, dict[str, int]] = {name: {} for name in partitions}
        with self._store.reading() as connection:
            for partition, state, count in connection.execute(query):
                if partition in found:
                    found[partition][state] = count
        return found

    def relay(self, actuator: Actuator, *, partition: str | None = None, scope: str = "") -> Relayed:
        """Have what is pending executed or compensated, each one attempt; see `agentic_assets.actions.relay`."""
        return relay(self._store, actuator, partition=partition, scope=scope)

    def redrive(self, partition: str | None = None) -> int:
        """Let what failed be attempted anew, once its cause is mended; give how many."""
        statement = (
            update(outbox).where(outbox.c.state == "failed").values(state="pending", attempts=0, settled_at=None)
        )
        if partition is not None:
            statement = statement.where(outbox.c.partition == partition)
        with self._store.transaction() as connection:
            return connection.execute(statement).rowcount

    def _entries(self, query: Any) -> tuple[Entry, ...]:
        with self._store.reading() as connection:
            return tuple(_entry(row) for row in connection.execute(query))


def _entry(row: Row[Any]) -> Entry:
    action = Action(row.key, row.decision_id, row.partition, row.agent, row.entity, row.action, row.payload)
    return Entry(
        row.id,
        action,
        row.state,
        row.attempts,
        json.loads(row.result),
        row.verb,
        row.round,
        row.undoes,
        json.loads(row.cause),
        row.recorded_at or "",
        row.settled_at or "",
    )
