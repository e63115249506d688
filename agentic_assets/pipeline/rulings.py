"""Rulings: what people decided about quarantined rows, append-only, with reason and identity."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.engine import Row
from sqlalchemy.exc import IntegrityError

from agentic_assets.store import Store
from agentic_assets.store.schema import rulings
from agentic_assets.versions import Pin, of_json
from agentic_assets.versions.fingerprint import canonical_json

__all__ = ["KIND", "Ruling", "Rulings", "Verdict", "in_force", "in_force_then", "pins_of"]

KIND = "rulings"
"""The kind of the pins of rulings."""


class Verdict(StrEnum):
    """What becomes of a quarantined row: it passes the gate again, it is rightly refused, or nothing was ruled."""

    RELEASE = "release"
    DROP = "drop"
    WITHDRAW = "withdraw"


@dataclass(frozen=True)
class Ruling:
    """One ruling on one row of one partition.

    The row is named by what it says (`digest`, and `copy` among rows that say the same), so that a ruling never hits
    another row after a new delivery and still holds for a row that only moved; `source_row` says where it lay then.
    `correction` gives new values as text, None for no value. `number` counts the rulings of a partition; 0 until it
    is recorded.
    """

    digest: str
    copy: int
    source_row: int
    verdict: Verdict
    reason: str
    identity: str
    correction: Mapping[str, str | None] = field(default_factory=dict)
    rules: str = ""
    host: str = ""
    number: int = 0
    recorded_at: str = ""

    @property
    def row(self) -> tuple[str, int]:
        """Name the row."""
        return self.digest, self.copy


class Rulings:
    """Read and extend the rulings."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, asset: str) -> dict[str, tuple[Ruling, ...]]:
        """Give every ruling on rows of an asset by partition, oldest first."""
        query = select(rulings).where(rulings.c.asset == asset).order_by(rulings.c.partition, rulings.c.number)
        found: dict[str, list[Ruling]] = {}
        with self._store.reading() as connection:
            for row in connection.execute(query):
                found.setdefault(row.partition, []).append(_ruling(row))
        return {partition: tuple(made) for partition, made in found.items()}

    def assets(self) -> tuple[str, ...]:
        """Name the assets on whose rows anybody ruled."""
        with self._store.reading() as connection:
            return tuple(connection.execute(select(rulings.c.asset).distinct().order_by(rulings.c.asset)).scalars())

    def record(self, asset: str, partition: str, made: Sequence[Ruling], *, after: int) -> bool:
        """Append rulings in one transaction; False, and nothing is written, when others came after number `after`."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        rows = [
            {
                "asset": asset,
                "partition": partition,
                "number": number,
                "digest": ruling.digest,
                "copy": ruling.copy,
                "source_row": ruling.source_row,
                "rules": ruling.rules,
                "verdict": ruling.verdict.value,
                "correction": canonical_json(dict(ruling.correction)),
                "reason": ruling.reason,
                "identity": ruling.identity,
                "host": ruling.host,
                "recorded_at": now,
            }
            for number, ruling in enumerate(made, start=after + 1)
        ]
        mine = (rulings.c.asset == asset) & (rulings.c.partition == partition)
        try:
            with self._store.transaction() as connection:
                if (connection.execute(select(func.max(rulings.c.number)).where(mine)).scalar() or 0) != after:
                    return False
                if rows:
                    connection.execute(insert(rulings), rows)
        except IntegrityError:
            return False  # both had looked before either wrote: the numbers are unique
        return True


def in_force(made: Iterable[Ruling]) -> tuple[Ruling, ...]:
    """Keep the last ruling on each row, by number; a withdrawn one leaves nothing."""
    last = {ruling.row: ruling for ruling in sorted(made, key=lambda ruling: ruling.number)}
    kept = (ruling for ruling in last.values() if ruling.verdict is not Verdict.WITHDRAW)
    return tuple(sorted(kept, key=lambda ruling: ruling.number))


def pins_of(asset: str, partition: str, standing: Sequence[Ruling]) -> tuple[Pin, ...]:
    """Name the rulings in force by what they do, so that the same rulings give the same version in every home."""
    if not standing:
        return ()
    effects = sorted([[*ruling.row, ruling.verdict.value, dict(ruling.correction)] for ruling in standing], key=str)
    number = max(ruling.number for ruling in standing)
    return (Pin(KIND, f"{asset} {partition}".strip(), str(number), of_json(effects)),)


def in_force_then(
    asset: str, partition: str, made: Sequence[Ruling], recorded: Iterable[Pin]
) -> tuple[Ruling, ...] | None:
    """Give the rulings that were in force when pins were recorded; None when they are no longer known.

    A partition that pins no rulings was made under none, whatever was ruled since.
    """
    name = f"{asset} {partition}".strip()
    wanted = tuple(pin for pin in recorded if (pin.kind, pin.name) == (KIND, name))
    if not wanted:
        return ()
    for newest in sorted({ruling.number for ruling in made}, reverse=True):
        standing = in_force(ruling for ruling in made if ruling.number <= newest)
        if pins_of(asset, partition, standing) == wanted:
            return standing
    return None


def _ruling(row: Row[Any]) -> Ruling:
    return Ruling(
        digest=row.digest,
        copy=row.copy,
        source_row=row.source_row,
        verdict=Verdict(row.verdict),
        reason=row.reason,
        identity=row.identity,
        correction=json.loads(row.correction),
        rules=row.rules,
        host=row.host,
        number=row.number,
        recorded_at=row.recorded_at,
    )
