"""Restorations: partitions that people set back to earlier bytes, and keep there until they say otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.engine import Row

from agentic_assets.errors import VersionVacuumed
from agentic_assets.pipeline.vacuumed import said_of
from agentic_assets.store import Store
from agentic_assets.store.schema import restorations, vacuumed

__all__ = ["Restoration", "Restorations"]


@dataclass(frozen=True)
class Restoration:
    """One person's order that a partition is to hold an earlier data version; an empty one lifts the order before."""

    asset: str
    partition: str
    data_version: str
    reason: str
    identity: str
    host: str = ""
    recorded_at: str = ""

    @property
    def lifts(self) -> bool:
        """Whether it ends the order before, so that the partition is computed again."""
        return not self.data_version


class Restorations:
    """Read and extend the append-only table of restorations; the newest of a partition counts."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, asset: str) -> dict[str, Restoration]:
        """Give what is in force for an asset, by partition."""
        return {name: one for name, one in self._newest(restorations.c.asset == asset).items() if not one.lifts}

    def newest(self, asset: str, partition: str) -> Restoration | None:
        """Give the last order about a partition, which may be one that lifts; None when there never was any."""
        where = (restorations.c.asset == asset) & (restorations.c.partition == partition)
        return self._newest(where).get(partition)

    def record(self, order: Restoration, *, file: str = "") -> None:
        """Append one order; `file` is the one that it brings back.

        Raises:
            VersionVacuumed: somebody vacuumed the file meanwhile; nothing was recorded.
        """
        row = {
            "asset": order.asset,
            "partition": order.partition,
            "data_version": order.data_version,
            "reason": order.reason,
            "identity": order.identity,
            "host": order.host,
            "recorded_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        }
        gone = select(vacuumed).where(vacuumed.c.asset == order.asset, vacuumed.c.file == file)
        with self._store.transaction() as connection:
            # Inserted before it is looked: whoever vacuums keeps others from inserting while it notes what goes.
            connection.execute(insert(restorations), [row])
            found = connection.execute(gone).first()
            if found is not None:
                where = f"{order.asset} {order.partition}".strip()
                raise VersionVacuumed(f"{where}: {said_of(found.recorded_at, found.identity)}; nothing was recorded")

    def _newest(self, where: Any) -> dict[str, Restoration]:
        newest = select(func.max(restorations.c.id)).where(where).group_by(restorations.c.partition)
        query = select(restorations).where(restorations.c.id.in_(newest.scalar_subquery()))
        with self._store.reading() as connection:
            return {row.partition: _restoration(row) for row in connection.execute(query)}


def _restoration(row: Row[Any]) -> Restoration:
    return Restoration(
        asset=row.asset,
        partition=row.partition,
        data_version=row.data_version,
        reason=row.reason,
        identity=row.identity,
        host=row.host,
        recorded_at=row.recorded_at,
    )
