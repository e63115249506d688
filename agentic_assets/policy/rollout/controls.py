"""The controls of a store: appended one after the other, never changed, and held to their digests when read."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, text
from sqlalchemy.engine import Row

from agentic_assets.errors import LedgerBroken, PolicyInvalid
from agentic_assets.policy.rollout.control import Control, Kind, Phase, Stage
from agentic_assets.store import Store
from agentic_assets.store.schema import controls
from agentic_assets.versions.fingerprint import canonical_json

__all__ = ["Controls"]

_MOMENT = "%Y-%m-%dT%H:%M:%S.%fZ"


class Controls:
    """Read and extend the append-only table of controls."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, domain: str) -> tuple[Control, ...]:
        """Give every control of a domain, oldest first.

        Raises LedgerBroken when one was edited, or taken out from between others: nobody could say any more what is
        stopped. That the newest is missing shows in the ledger only.
        """
        with self._store.reading() as connection:
            return _read(connection, domain)

    def append(self, control: Control) -> Control:
        """Append one and give it as it is recorded, with its number."""
        recorded = self.record(control.domain, lambda _: control)
        assert recorded is not None
        return recorded

    def record(self, domain: str, order: Callable[[tuple[Control, ...]], Control | None]) -> Control | None:
        """Append what `order` gives, which is told all that stands; while it is asked, nobody else appends.

        Gives the control as it is recorded, with its number, or None where there is nothing to order.
        """
        with self._store.transaction() as connection:
            if self._store.dialect == "postgresql":  # SQLite's transaction holds the write lock already
                connection.execute(text("LOCK TABLE controls IN SHARE ROW EXCLUSIVE MODE"))
            before = _read(connection, domain)
            wanted = order(before)
            if wanted is None:
                return None
            now = datetime.now(UTC).isoformat(timespec="milliseconds")
            made = replace(wanted, number=len(before) + 1, recorded_at=now)
            connection.execute(insert(controls), [_row(made)])
        return made


def _read(connection: Connection, domain: str) -> tuple[Control, ...]:
    query = select(controls).where(controls.c.domain == domain).order_by(controls.c.number)
    rows = list(connection.execute(query))
    for expected, row in enumerate(rows, start=1):
        if row.number != expected:
            raise LedgerBroken(
                f"the controls of {domain} lack number {expected}: the next one stored is {row.number}",
                hint="restore the store; until then nobody can say what is stopped",
            )
    return tuple(_control(row) for row in rows)


def _row(control: Control) -> dict[str, Any]:
    content = control.content
    return {
        **content,
        "effective_from": f"{control.effective_from:{_MOMENT}}",
        "details": canonical_json(dict(control.details)),
        "digest": control.digest,
        "host": control.host,
        "recorded_at": control.recorded_at,
    }


def _control(row: Row[Any]) -> Control:
    try:
        control = Control(
            domain=row.domain,
            kind=Kind(row.kind),
            effective_from=datetime.strptime(row.effective_from, _MOMENT).replace(tzinfo=UTC),
            identity=row.identity,
            role=row.role,
            reason=row.reason,
            agent=row.agent,
            action=row.action,
            stage=None if row.phase is None else Stage(Phase(row.phase), row.percent_bp),
            details=json.loads(row.details),
            number=row.number,
            host=row.host,
            recorded_at=row.recorded_at,
        )
        same = control.digest == row.digest
    except (ValueError, TypeError, PolicyInvalid) as error:
        raise _edited(row, f"{type(error).__name__}: {str(error)[:80]}") from error
    if not same:
        raise _edited(row, "it has another digest")
    return control


def _edited(row: Row[Any], why: str) -> LedgerBroken:
    return LedgerBroken(
        f"control {row.number} of {row.domain} is not the one that was recorded: {why}",
        hint="restore the store; `agentic verify` holds the controls against their ledger",
    )
