"""The resolutions of a store: appended, never changed, one for a decision, and held to their digests when read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, insert, select, text
from sqlalchemy.engine import Row

from agentic_assets.errors import LedgerBroken, PolicyInvalid, RulingRefused
from agentic_assets.policy.escalation.resolution import Resolution
from agentic_assets.policy.verdict import Verdict
from agentic_assets.store import Store
from agentic_assets.store.schema import resolutions

__all__ = ["Resolutions"]


class Resolutions:
    """Read and extend the append-only table of resolutions."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, domain: str) -> tuple[Resolution, ...]:
        """Give every resolution of a domain, oldest first.

        Raises LedgerBroken when one was edited, or taken out from between others.
        """
        with self._store.reading() as connection:
            return _read(connection, domain)

    def append(self, given: Sequence[Resolution]) -> tuple[Resolution, ...]:
        """Append resolutions of one domain in one transaction, and give them with their numbers.

        Raises RulingRefused, and nothing is recorded, when one of the decisions is resolved already.
        """
        domains = {one.domain for one in given}
        if not given:
            return ()
        if len(domains) != 1:
            raise ValueError(f"resolutions of {len(domains)} domains at once")
        with self._store.transaction() as connection:
            if self._store.dialect == "postgresql":  # SQLite's transaction holds the write lock already
                connection.execute(text("LOCK TABLE resolutions IN SHARE ROW EXCLUSIVE MODE"))
            before = _read(connection, domains.pop())
            known = {one.decision_id: one for one in before}
            for one in given:
                rival = known.get(one.decision_id)
                if rival is not None:
                    raise RulingRefused(
                        f"decision {one.decision_id[:12]} is resolved already: {rival.verdict} by {rival.identity} "
                        f"({rival.role}), {rival.resolved_at}",
                        hint="nothing was recorded; `agentic escalation show` tells what was said",
                    )
                known[one.decision_id] = one
            made = tuple(replace(one, number=place) for place, one in enumerate(given, start=len(before) + 1))
            connection.execute(insert(resolutions), [_row(one) for one in made])
        return made


def _read(connection: Connection, domain: str) -> tuple[Resolution, ...]:
    query = select(resolutions).where(resolutions.c.domain == domain).order_by(resolutions.c.number)
    rows = list(connection.execute(query))
    for expected, row in enumerate(rows, start=1):
        if row.number != expected:
            raise LedgerBroken(
                f"the resolutions of {domain} lack number {expected}: the next one stored is {row.number}",
                hint="restore the store; until then nobody can say what was resolved",
            )
    return tuple(_resolution(row) for row in rows)


def _row(resolution: Resolution) -> dict[str, Any]:
    for_people = {name: getattr(resolution, name) for name in ("opened_at", "resolved_at", "host")}
    return {**resolution.content, **for_people, "digest": resolution.digest}


def _resolution(row: Row[Any]) -> Resolution:
    names = [name for name in Resolution.__dataclass_fields__ if name != "verdict"]
    try:
        found = Resolution(verdict=Verdict(row.verdict), **{name: getattr(row, name) for name in names})
    except (ValueError, PolicyInvalid) as error:
        raise _edited(row) from error
    if found.digest != row.digest:
        raise _edited(row)
    return found


def _edited(row: Row[Any]) -> LedgerBroken:
    return LedgerBroken(
        f"resolution {row.number} of {row.domain} is not the one that was recorded",
        hint="restore the store: a decision rests on it",
    )
