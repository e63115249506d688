"""Acceptances: partitions that a person lets pass although their statistics are held to be wrong."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.engine import Row

from agentic_assets.store import Store
from agentic_assets.store.schema import acceptances

__all__ = ["Acceptance", "Acceptances"]


@dataclass(frozen=True)
class Acceptance:
    """One person's word that one version of one partition may be read, and why.

    It holds for that version only: what is delivered anew is judged anew. `verdict` is what was accepted, in words.
    """

    asset: str
    partition: str
    data_version: str
    reason: str
    identity: str
    verdict: str = ""
    host: str = ""
    recorded_at: str = ""


class Acceptances:
    """Read and extend the append-only table of acceptances."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, asset: str) -> dict[tuple[str, str], Acceptance]:
        """Give the newest acceptance of each (partition, data version) of an asset."""
        query = select(acceptances).where(acceptances.c.asset == asset).order_by(acceptances.c.id)
        with self._store.reading() as connection:
            found = [_acceptance(row) for row in connection.execute(query)]
        return {(one.partition, one.data_version): one for one in found}

    def record(self, accepted: Acceptance) -> None:
        """Append one acceptance."""
        row = {
            "asset": accepted.asset,
            "partition": accepted.partition,
            "data_version": accepted.data_version,
            "verdict": accepted.verdict,
            "reason": accepted.reason,
            "identity": accepted.identity,
            "host": accepted.host,
            "recorded_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        }
        with self._store.transaction() as connection:
            connection.execute(insert(acceptances), [row])


def _acceptance(row: Row[Any]) -> Acceptance:
    return Acceptance(
        asset=row.asset,
        partition=row.partition,
        data_version=row.data_version,
        reason=row.reason,
        identity=row.identity,
        verdict=row.verdict,
        host=row.host,
        recorded_at=row.recorded_at,
    )
