"""Refusals: which partitions were not published, why, and since when; so that more than a run's log tells."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import func, insert, select

from agentic_assets.pipeline.result import PartitionResult
from agentic_assets.store import Store
from agentic_assets.store.schema import refusals
from agentic_assets.versions import Pin
from agentic_assets.versions.fingerprint import canonical_json

__all__ = ["Refusal", "Refusals"]

_STANDS: Final = "stands"
_LONGEST: Final = 8_000


@dataclass(frozen=True)
class Refusal:
    """A partition that was refused, or blocked behind another one, as the last run left it."""

    asset: str
    partition: str
    state: str
    message: str
    findings: tuple[Mapping[str, Any], ...]
    rulings: tuple[Mapping[str, Any], ...]
    ruled: str
    """The digest of the rulings under which it was refused; '' without any."""
    run_id: str
    recorded_at: str


class Refusals:
    """Read and extend the append-only table of partitions that were not published."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def standing(self, asset: str) -> dict[str, Refusal]:
        """Give the partitions of an asset that the last run over them did not publish."""
        newest = select(func.max(refusals.c.id)).where(refusals.c.asset == asset).group_by(refusals.c.partition)
        query = select(refusals).where(refusals.c.id.in_(newest.scalar_subquery()), refusals.c.state != _STANDS)
        with self._store.reading() as connection:
            rows = connection.execute(query.order_by(refusals.c.partition)).all()
        found = {}
        for row in rows:
            details = json.loads(row.details)
            found[row.partition] = Refusal(
                asset=row.asset,
                partition=row.partition,
                state=row.state,
                message=row.message,
                findings=tuple(details["findings"]),
                rulings=tuple(details["rulings"]),
                ruled=details["ruled"],
                run_id=row.run_id,
                recorded_at=row.recorded_at,
            )
        return found

    def note(
        self,
        asset: str,
        results: Iterable[PartitionResult],
        *,
        run_id: str,
        ruled: Mapping[str, Sequence[Pin]] | None = None,
    ) -> None:
        """Note what was refused or blocked, and what stands again; what is known already is not noted twice.

        `ruled` pins the rulings in force by partition.
        """
        known = self.standing(asset)
        rows = []
        for result in results:
            before = known.get(result.partition)
            if result.stands:
                if before is not None:
                    rows.append(_row(asset, result.partition, _STANDS, "", {}, run_id))
                continue
            message = result.message[:_LONGEST]
            pins = (ruled or {}).get(result.partition, ())
            details = {
                "findings": list(result.findings),
                "rulings": list(result.rulings),
                "ruled": pins[0].digest if pins else "",
            }
            said = (result.state.value, message, canonical_json(details))
            if before is None or said != (before.state, before.message, _told(before)):
                rows.append(_row(asset, result.partition, result.state.value, message, details, run_id))
        if rows:
            with self._store.transaction() as connection:
                connection.execute(insert(refusals), rows)


def _told(refusal: Refusal) -> str:
    return canonical_json(
        {"findings": list(refusal.findings), "rulings": list(refusal.rulings), "ruled": refusal.ruled}
    )


def _row(asset: str, partition: str, state: str, message: str, details: Any, run_id: str) -> dict[str, Any]:
    return {
        "asset": asset,
        "partition": partition,
        "state": state,
        "message": message,
        "details": canonical_json(details),
        "run_id": run_id,
        "recorded_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
    }
