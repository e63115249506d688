"""Carry pending actions out, and take back what is to be compensated, each once, whatever crashes in between.

An attempt is counted before it is made. A crash therefore charges every action of the group that was under way, not
only the one that caused it: so what was charged once is run in small groups, and what was charged twice alone. Then
one action that kills the process exhausts its own attempts and nobody else's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, func, select, update

from agentic_assets.actions.action import Action, Result
from agentic_assets.actions.actuator import Actuator
from agentic_assets.actions.rounds import COMPENSATE, EXECUTE
from agentic_assets.store import Store
from agentic_assets.store.schema import outbox
from agentic_assets.versions.fingerprint import canonical_json

__all__ = ["MOST_CRASHES", "MOST_ERRORS", "Relayed", "relay", "stamp", "within"]

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
    verb: str
    undoes: int | None
    action: Action
    """For a compensation, the action that it undoes, under the key under which that was executed."""


@dataclass
class _Outcome:
    done: dict[int, Result] = field(default_factory=dict)
    failed: dict[int, Result] = field(default_factory=dict)
    later: dict[int, Result] = field(default_factory=dict)


def relay(store: Store, actuator: Actuator, *, partition: str | None = None, scope: str = "") -> Relayed:
    """Execute and compensate what is pending in the order of ids, one attempt each, and mark what was confirmed.

    `scope` is what the keys begin with that the actuator carries out; everything when it is empty.
    An error of one action never keeps the others from running: it waits for the next relay, and is marked failed with
    the reason after three attempts. An error of `confirm` ends the relay with its group unmarked.
    """
    relayed = Relayed()
    with store.reading() as connection:
        if not _waiting(connection, (partition, scope), 0, lock=False):
            return relayed
    with actuator.session():
        after = 0
        while True:
            with store.transaction() as connection:
                group, after = _claim(connection, actuator, (partition, scope), after, relayed)
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
    connection: Connection, actuator: Actuator, of: tuple[str | None, str], after: int, relayed: Relayed
) -> tuple[list[_Waiting], int]:
    """Count an attempt for the next group and give it, with the last id that is dealt with."""
    while waiting := _waiting(connection, of, after, lock=True):
        known = _known(actuator, waiting)
        group: list[_Waiting] = []
        most = _GROUPS[0]
        done: dict[int, Result] = {}
        hopeless: dict[int, Result] = {}
        for row in waiting:
            if row.id in known:
                done[row.id] = known[row.id]
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


def _known(actuator: Actuator, waiting: Sequence[_Waiting]) -> dict[int, Result]:
    """Give the results of rows that took effect and were not marked."""
    known: dict[int, Result] = {}
    for verb, ask in ((EXECUTE, actuator.executed), (COMPENSATE, actuator.compensated)):
        rows = {row.action.key: row.id for row in waiting if row.verb == verb}
        if rows:
            known |= {rows[key]: result for key, result in ask(rows).items()}
    return known


def within(scope: str) -> ColumnElement[bool]:
    """Select the rows whose keys begin with a scope: the actions of one agent of a domain."""
    # Not LIKE, for which SQLite takes small and capital letters for the same.
    return func.substr(outbox.c.key, 1, len(scope) + 1) == f"{scope}|"


def _waiting(connection: Connection, of: tuple[str | None, str], after: int, *, lock: bool) -> list[_Waiting]:
    table, (partition, scope) = outbox.c, of
    query = (
        select(
            table.id,
            table.attempts,
            table.verb,
            table.undoes,
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
    if scope:
        query = query.where(within(scope))
    if lock:
        query = query.with_for_update()  # SQLite's transaction holds the write lock already
    rows = [_Waiting(*row[:4], Action(*row[4:])) for row in connection.execute(query)]
    undone = [row.undoes for row in rows if row.undoes is not None]
    if not undone:
        return rows
    keys = {row.id: row.key for row in connection.execute(select(table.id, table.key).where(table.id.in_(undone)))}
    return [
        row if row.undoes is None else replace(row, action=replace(row.action, key=keys[row.undoes])) for row in rows
    ]


def stamp() -> str:
    """Give the moment, for people."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _charge(connection: Connection, group: Sequence[_Waiting], attempts: int) -> None:
    ids = [row.id for row in group]
    connection.execute(update(outbox).where(outbox.c.id.in_(ids)).values(attempts=outbox.c.attempts + attempts))


def _most(row: _Waiting) -> int:
    return _GROUPS[min(row.attempts, len(_GROUPS) - 1)]


def _attempt(actuator: Actuator, group: Sequence[_Waiting]) -> _Outcome:
    outcome = _Outcome()
    for row in group:
        try:
            carry_out = actuator.compensate if row.verb == COMPENSATE else actuator.execute
            outcome.done[row.id] = carry_out(row.action)
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
        .values(state=state, result=bindparam("outcome"), settled_at=None if state == "pending" else stamp())
    )
    rows: list[dict[str, Any]] = [{"row_id": row, "outcome": canonical_json(result)} for row, result in results.items()]
    connection.execute(statement, rows)
