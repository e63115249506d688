"""Bring the outbox to what the decisions want now, in one transaction: put, withdraw, and have taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, TypeVar

import polars as pl
from sqlalchemy import Connection, bindparam, insert, select, text, update

from agentic_assets.actions.action import Result, columns_of
from agentic_assets.actions.actuator import Actuator
from agentic_assets.actions.relay import MOST_CRASHES, stamp, within
from agentic_assets.actions.rounds import (
    COMPENSATE,
    EXECUTE,
    OPEN,
    Difference,
    Held,
    Slot,
    difference,
    key_of,
    slots_of,
    undo_of,
)
from agentic_assets.errors import PartitionRefused
from agentic_assets.store import Store
from agentic_assets.store.schema import outbox
from agentic_assets.versions.fingerprint import canonical_json

__all__ = ["Because", "compared", "reconcile", "selected"]

Because = Callable[[str, str], Mapping[str, Any]]
"""(partition, entity) -> why what was done about the entity does not stand, as a JSON object."""

_HELD = [outbox.c[name] for name in Held._fields]
_ASKED = 500  # values of one IN
_T = TypeVar("_T")


def compared(store: Store, scope: str, wanted: Mapping[str, pl.DataFrame]) -> Difference:
    """Say what `reconcile` would do, and do nothing."""
    with store.reading() as connection:
        return difference(_held(connection, scope, list(wanted)), _slots(wanted))


def reconcile(
    store: Store, scope: str, wanted: Mapping[str, pl.DataFrame], actuator: Actuator, because: Because
) -> Difference:
    """Make exactly the wanted actions of the partitions stand, once what waits has been relayed; give what changed.

    `wanted` gives for every partition the frame of its actions (columns of Action, all String), none included. What
    failed by errors, and is still to be done or taken back, gets new attempts. Raises PartitionRefused, and changes
    nothing, for a frame that cannot be put and for an action that stands in another partition.
    """
    # Checked in one piece: a frame for each of many days costs more than the rows.
    every = columns_of(pl.concat(list(wanted.values()))) if wanted else ()
    rows = {Slot(row["entity"], row["action"]): row for row in every}
    slots = _slots(wanted)
    with store.transaction() as connection:
        _take_turn(connection, store, scope)
        found = difference(_held(connection, scope, list(wanted)), slots)
        if not found.recalled:
            _apply(connection, store, found, rows, because)
            _encourage(connection, scope, list(wanted))
            return found
    # What a relay has begun may have taken effect: only when every relay is kept out does the actuator know for sure.
    with actuator.session(), store.transaction() as connection:
        _take_turn(connection, store, scope)
        held = _held(connection, scope, list(wanted))
        found = difference(held, slots)
        if _settle(connection, actuator, found.recalled, {row.id: row.key for row in held}):
            found = difference(_held(connection, scope, list(wanted)), slots)
        _apply(connection, store, found, rows, because)
        _encourage(connection, scope, list(wanted))
        return found


def selected(connection: Connection, columns: Sequence[Any], scope: str, partitions: Sequence[str]) -> Iterable[Any]:
    """Read columns of the rows of one agent in some partitions, by partition and id."""
    for names in _pieces(partitions):
        query = select(*columns).where(outbox.c.partition.in_(names), within(scope))
        yield from connection.execute(query.order_by(outbox.c.partition, outbox.c.id))


def _slots(wanted: Mapping[str, pl.DataFrame]) -> dict[Slot, str]:
    slots: dict[Slot, str] = {}
    for partition, frame in wanted.items():
        slots_of(partition, frame.select("entity", "action").iter_rows(), slots)
    return slots


def _held(connection: Connection, scope: str, partitions: Sequence[str]) -> list[Held]:
    return [Held._make(row) for row in selected(connection, _HELD, scope, partitions)]


def _take_turn(connection: Connection, store: Store, scope: str) -> None:
    """Let one reconciliation of an agent follow the other; on SQLite the transaction holds the write lock already."""
    if store.dialect == "postgresql":
        number = int.from_bytes(sha256(f"outbox {scope}".encode()).digest()[:8], signed=True)
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})


def _settle(connection: Connection, actuator: Actuator, recalled: Sequence[Held], keys: Mapping[int, str]) -> int:
    """Mark what took effect although nothing says so yet; give how many rows that were."""
    known: dict[int, Result] = {}
    for verb, ask in ((EXECUTE, actuator.executed), (COMPENSATE, actuator.compensated)):
        ids = {row.key if row.undoes is None else keys[row.undoes]: row.id for row in recalled if row.verb == verb}
        if ids:
            known |= {ids[key]: result for key, result in ask(ids).items()}
    for row, result in known.items():
        connection.execute(
            update(outbox)
            .where(outbox.c.id == row, outbox.c.state.in_(OPEN))
            .values(state="done", result=canonical_json(result), settled_at=stamp())
        )
    return len(known)


def _apply(
    connection: Connection, store: Store, found: Difference, rows: Mapping[Slot, Mapping[str, str]], because: Because
) -> None:
    now = stamp()
    for row in found.recalled:
        cause = {} if row.verb == COMPENSATE else because(row.partition, row.entity)
        connection.execute(
            update(outbox)
            .where(outbox.c.id == row.id, outbox.c.state.in_(OPEN))
            .values(state="withdrawn", cause=canonical_json(cause), settled_at=now)
        )
    for row, partition in found.move:
        moved = (outbox.c.id == row.id) | (outbox.c.undoes == row.id)
        connection.execute(update(outbox).where(moved).values(partition=partition))
    _compensate(connection, found.compensate, because, now)
    _put(connection, store, found.execute, rows, now)


def _encourage(connection: Connection, scope: str, partitions: Sequence[str]) -> None:
    """Let what failed be attempted anew, but for what ended the process again and again."""
    table = outbox.c
    for names in _pieces(partitions):
        failed = (table.state == "failed", table.attempts < MOST_CRASHES, table.partition.in_(names), within(scope))
        connection.execute(update(outbox).where(*failed).values(state="pending", attempts=0, settled_at=None))


def _compensate(connection: Connection, done: Sequence[Held], because: Because, now: str) -> None:
    """Put the rows that take executed actions back; one that was withdrawn for a while is taken up again."""
    again, rows = [], []
    for some in _pieces(done):
        ids = [row.id for row in some]
        table = outbox.c
        said = {
            row.id: row
            for row in connection.execute(select(table.id, table.agent, table.payload).where(table.id.in_(ids)))
        }
        there = set(connection.execute(select(table.undoes).where(table.undoes.in_(ids))).scalars())
        for row in some:
            cause = canonical_json(dict(because(row.partition, row.entity)))
            if row.id in there:
                again.append({"undone": row.id, "why": cause})
                continue
            rows.append(
                {
                    **_new(undo_of(row.key), now),
                    "decision_id": row.decision_id,
                    "partition": row.partition,
                    "agent": said[row.id].agent,
                    "entity": row.entity,
                    "action": row.action,
                    "payload": said[row.id].payload,
                    "verb": COMPENSATE,
                    "round": row.round,
                    "undoes": row.id,
                    "cause": cause,
                }
            )
    if again:
        fresh = {"state": "pending", "attempts": 0, "result": "{}", "recorded_at": now, "settled_at": None}
        statement = update(outbox).where(outbox.c.undoes == bindparam("undone"), outbox.c.state == "withdrawn")
        connection.execute(statement.values(**fresh, cause=bindparam("why")), again)
    if rows:
        connection.execute(insert(outbox), rows)


def _put(
    connection: Connection,
    store: Store,
    wanted: Sequence[tuple[Slot, int]],
    rows: Mapping[Slot, Mapping[str, str]],
    now: str,
) -> None:
    """Put actions to execute; one whose key another partition has is put in a further round, unless it stands there."""
    while wanted:
        keys = {key_of(rows[slot]["key"], number): (slot, number) for slot, number in wanted}
        values = [
            {**rows[slot], **_new(key, now), "verb": EXECUTE, "round": number, "undoes": None, "cause": "{}"}
            for key, (slot, number) in keys.items()
        ]
        statement = store.insert(outbox).on_conflict_do_nothing(index_elements=["key"]).returning(outbox.c.key)
        put = set(connection.execute(statement, values).scalars())
        taken = {slot: key for key, (slot, _) in keys.items() if key not in put}
        wanted = _elsewhere(connection, taken, rows) if taken else ()


def _elsewhere(
    connection: Connection, taken: Mapping[Slot, str], rows: Mapping[Slot, Mapping[str, str]]
) -> Sequence[tuple[Slot, int]]:
    held: list[Held] = []
    for keys in _pieces(list(taken.values())):
        owners = select(outbox.c.id).where(outbox.c.key.in_(keys)).scalar_subquery()
        query = select(*_HELD).where(outbox.c.id.in_(owners) | outbox.c.undoes.in_(owners))
        held += [Held._make(row) for row in connection.execute(query)]
    found = difference(held, {slot: rows[slot]["partition"] for slot in taken})
    if found.move:
        row, partition = found.move[0]
        raise PartitionRefused(
            f"{len(found.move):,} actions that {partition} wants stand in another partition, such as {row.action} on "
            f"{row.entity[:80]!r} in {row.partition}",
            hint=f"an entity that moved to another day: make {row.partition} together with {partition}; one that comes "
            "again every day: name the day in the entity",
        )
    return found.execute


def _new(key: str, now: str) -> dict[str, Any]:
    return {"key": key, "state": "pending", "attempts": 0, "result": "{}", "recorded_at": now}


def _pieces(rows: Sequence[_T]) -> Iterator[Sequence[_T]]:
    for start in range(0, len(rows), _ASKED):
        yield rows[start : start + _ASKED]
