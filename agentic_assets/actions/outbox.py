"""The outbox: actions wait in the store until an actuator has carried them out, and so does what takes them back."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, Row, case, func, select, update

from agentic_assets.actions.action import Action, Entry
from agentic_assets.actions.actuator import Actuator
from agentic_assets.actions.reconcile import Because, compared, reconcile, selected
from agentic_assets.actions.relay import Relayed, relay, within
from agentic_assets.actions.rounds import EXECUTE, OPEN, Difference, Slot
from agentic_assets.store import Store
from agentic_assets.store.schema import outbox

__all__ = ["Outbox"]

_AT_ONCE = 500  # values of one IN
_STATES = ("done", "failed", "pending", "withdrawn", "compensated")


class Outbox:
    """Keep allowed actions in `store`, each key once; have them executed once, and compensated once.

    A `scope` (`scope_of`) names the actions of one agent of a domain.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def difference(self, scope: str, wanted: Mapping[str, pl.DataFrame]) -> Difference:
        """Say what `reconcile` would do now, and do nothing: for plans. Of `wanted`, entity and action are read."""
        return compared(self._store, scope, wanted)

    def reconcile(
        self, scope: str, wanted: Mapping[str, pl.DataFrame], actuator: Actuator, *, because: Because
    ) -> Difference:
        """Make exactly the `wanted` actions of some partitions stand; see `agentic_assets.actions.reconcile`."""
        return reconcile(self._store, scope, wanted, actuator, because)

    def of_entity(self, scope: str, partition: str, entity: str) -> tuple[Entry, ...]:
        """Give every action on one entity and what took it back, whatever the state, in the order of their ids."""
        return self._entries(scope, outbox.c.partition == partition, outbox.c.entity == entity)

    def failed(self, scope: str) -> tuple[Entry, ...]:
        """Give what an agent wanted done, or taken back, and was given up, in the order of their ids."""
        return self._entries(scope, outbox.c.state == "failed")

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

    def redrive(self, entries: Iterable[Entry]) -> int:
        """Let what failed be attempted anew, once its cause is mended, also what ended the process; give how many."""
        table, ids, redriven = outbox.c, [entry.id for entry in entries], 0
        with self._store.transaction() as connection:
            for start in range(0, len(ids), _AT_ONCE):
                failed = (table.id.in_(ids[start : start + _AT_ONCE]), table.state == "failed")
                again = update(outbox).where(*failed).values(state="pending", attempts=0, settled_at=None)
                redriven += connection.execute(again).rowcount
        return redriven

    def _entries(self, scope: str, *wanted: ColumnElement[bool]) -> tuple[Entry, ...]:
        query = select(outbox).where(*wanted, within(scope)).order_by(outbox.c.id)
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
