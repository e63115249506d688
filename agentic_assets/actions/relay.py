"""Carry pending actions out, each once, whatever crashes in between.

An attempt is counted before it is made. A crash therefore charges every action of the group that was under way, not
only the one that caused it: so what was charged once is run in small groups, and what was charged twice alone. Then
one action that kills the process exhausts its own attempts and nobody else's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from agentic_assets.actions.action import Action, Result
from agentic_assets.actions.actuator import Actuator
from agentic_assets.store import Store
from agentic_assets.store.schema import outbox
from agentic_assets.versions.fingerprint import canonical_json

__all__ = ["MOST_CRASHES", "MOST_ERRORS", "Relayed", "relay"]

MOST_ERRORS = 3
"""An action whose attempt ends in an error is given up from this attempt on."""

MOST_CRASHES = 10
"""An action that was begun so often and neither confirmed nor refused is given up: it takes the process with it."""

_GROUPS = (500, 16, 1)  # the most actions of a group, by the attempts that were begun before


@dataclass
class Relayed:
    """What one relay did: actions `done` now, `found` done though not marked, `failed` for good, left for `later`."""

    done: int = 0
    found: int = 0
    failed: int = 0
    later: int = 0


@dataclass(frozen=True)
class _Waiting:
    id: int
    attempts: int
    action: Action


@dataclass
class _Outcome:
    done: dict[int, Result] = field(default_factory=dict)
    failed: dict[int, Result] = field(default_factory=dict)
    later: dict[int, Result] = field(default_factory=dict)


def relay(store: Store, actuator: Actuator, *, partition: str | None = None) -> Relayed:
    """Execute pending actions in the order of their ids, one attempt each, and mark what the actuator confirmed.

    An error of one action never keeps the others from running: it waits for the next relay, and is marked failed with
    the reason after three attempts. An error of `confirm` ends the relay with its group unmarked.
    """
    relayed = Relayed()
    with store.reading() as connection:
        if not _waiting(connection, partition, 0, lock=False):
            return relayed
    with actuator.session():
        after = 0
        while True:
            with store.transaction() as connection:
                group, after = _claim(connection, actuator, partition, after, relayed)
            if not group:
                return relayed
            outcome = _attempt(actuator, group)
            try:
                actuator.confirm()
            except Exception:
                with store.transaction() as connection:
                    _charge(connection, group, -1)  # a full disk is no fault of these actions
                raise
            with store.transaction() as connection:
                _mark(connection, "done", outcome.done)
                _mark(connection, "failed", outcome.failed)
                _mark(connection, "pending", outcome.later)
            relayed.done += len(outcome.done)
            relayed.failed += len(outcome.failed)
            relayed.later += len(outcome.later)


def _claim(
    connection: Connection, actuator: Actuator, partition: str | None, after: int, relayed: Relayed
) -> tuple[list[_Waiting], int]:
    """Count an attempt for the next group and give it, with the last id that is dealt with."""
    while waiting := _waiting(connection, partition, after, lock=True):
        known = actuator.executed(row.action.key for row in waiting)
        group: list[_Waiting] = []
        most = _GROUPS[0]
        done: dict[int, Result] = {}
        hopeless: dict[int, Result] = {}
        for row in waiting:
            if row.action.key in known:
                done[row.id] = known[row.action.key]
            elif row.attempts >= MOST_CRASHES:
                hopeless[row.id] = {"error": f"{row.attempts} attempts were begun, and none was ever confirmed"}
            elif len(group) >= (most := min(most, _most(row))):
                break
            else:
                group.append(row)
            after = row.id
        _mark(connection, "done", done)
        _mark(connection, "failed", hopeless)
        relayed.found += len(done)
        relayed.failed += len(hopeless)
        if group:
            _charge(connection, group, 1)
            return group, after
    return [], after


def _waiting(connection: Connection, partition: str | None, after: int, *, lock: bool) -> list[_Waiting]:
    table = outbox.c
    query = (
        select(
            table.id,
            table.attempts,
            table.key,
            table.decision_id,
            table.partition,
            table.agent,
            table.entity,
            table.action,
            table.payload,
        )
        .where(table.state == "pending", table.id > after)
        .order_by(table.id)
        .limit(_GROUPS[0] if lock else 1)
    )
    if partition is not None:
        query = query.where(table.partition == partition)
    if lock:
        query = query.with_for_update()  # SQLite's transaction holds the write lock already
    return [_Waiting(row[0], row[1], Action(*row[2:])) for row in connection.execute(query)]


def _charge(connection: Connection, group: Sequence[_Waiting], attempts: int) -> None:
    ids = [row.id for row in group]
    connection.execute(update(outbox).where(outbox.c.id.in_(ids)).values(attempts=outbox.c.attempts + attempts))


def _most(row: _Waiting) -> int:
    return _GROUPS[min(row.attempts, len(_GROUPS) - 1)]


def _attempt(actuator: Actuator, group: Sequence[_Waiting]) -> _Outcome:
    outcome = _Outcome()
    for row in group:
        try:
            outcome.done[row.id] = actuator.execute(row.action)
        except Exception as error:  # noqa: BLE001 - whatever one action raises, the others must run
            reason = {"error": f"{type(error).__name__}: {str(error)[:500]}"}
            (outcome.failed if row.attempts + 1 >= MOST_ERRORS else outcome.later)[row.id] = reason
    return outcome


def _mark(connection: Connection, state: str, results: dict[int, Result]) -> None:
    if not results:
        return
    statement = (
        update(outbox)
        .where(outbox.c.id == bindparam("row_id"), outbox.c.state == "pending")
        .values(state=state, result=bindparam("outcome"))
    )
    rows: list[dict[str, Any]] = [{"row_id": row, "outcome": canonical_json(result)} for row, result in results.items()]
    connection.execute(statement, rows)
