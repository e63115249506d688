"""Reconciliation: compute a sample of what is published again, and record whether it is still as it was recorded.

The sample rolls: what was never computed again comes first, then what was so longest ago. As long as nothing new is
published, N partitions are all reached in N / sample rounds, rounded up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, insert, select

from agentic_assets.evidence.reading import Reading
from agentic_assets.pipeline import Entry
from agentic_assets.simulation.replaying import Progress, replay
from agentic_assets.simulation.result import Replayed, State
from agentic_assets.simulation.scope import Scope
from agentic_assets.store.schema import reconciliations
from agentic_assets.versions import of_json

__all__ = ["SAMPLE", "Reconciled", "Standing", "reconcile", "sampled", "standing_of"]

SAMPLE = 100
"""Partitions that a round computes again, unless told otherwise."""

_MESSAGE = 2_000


@dataclass(frozen=True)
class Reconciled:
    """One round: what was computed again, of how many published partitions that can be."""

    found: tuple[Replayed, ...]
    of: int

    @property
    def wrong(self) -> tuple[Replayed, ...]:
        """What did not come out as it was recorded, or could not be computed."""
        return tuple(one for one in self.found if one.state is not State.IDENTICAL)

    def text(self, most: int = 5) -> str:
        """Say in a few lines what came of it, the differences first."""
        lines = [f"{len(self.found) - len(self.wrong):,} of {len(self.found):,} partitions are as they were recorded"]
        lines += [one.text() for one in self.wrong[:most]]
        if len(self.wrong) > most:
            lines.append(f"... and {len(self.wrong) - most:,} more")
        if self.wrong:
            lines.append("hint: `agentic replay DAY --all` shows each difference and the version that it comes from")
        return "\n".join(lines)


@dataclass(frozen=True)
class Standing:
    """How much of what is published now was computed again since it was published, and what did not fit."""

    of: int
    checked: int
    wrong: tuple[str, ...]
    last: str


def reconcile(
    reading: Reading, size: int = SAMPLE, *, run_id: str = "", progress: Progress | None = None
) -> Reconciled:
    """Compute a sample of the published partitions again and record, for each, what came out.

    Only assets without effects that read no system of record can be computed again; `reading` has the version of the
    domain that is in force.
    """
    entries = _published(reading)
    chosen = sampled(entries, _rounds(reading), size)
    found = replay(reading, chosen, progress=progress) if chosen else ()
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    rows = [
        {
            "domain": reading.domain.name,
            "asset": entry.asset,
            "partition": entry.partition,
            "data_version": entry.data_version,
            "recomputed": one.recomputed,
            "message": "" if one.state is State.IDENTICAL else one.text()[:_MESSAGE],
            "run_id": run_id,
            "recorded_at": now,
        }
        for entry, one in zip(chosen, found, strict=True)
    ]
    if rows:
        with reading.store.transaction() as connection:
            connection.execute(insert(reconciliations), rows)
    return Reconciled(found, len(entries))


def sampled(entries: Sequence[Entry], rounds: dict[tuple[str, str, str], int], size: int) -> list[Entry]:
    """Choose `size` entries: those never computed again, then by the record of it; ties by a digest, so that a round
    reaches into all assets and days."""
    order = sorted(
        entries,
        key=lambda one: (
            rounds.get((one.asset, one.partition, one.data_version), 0),
            of_json([one.asset, one.partition, one.data_version]),
        ),
    )
    return order[:size]


def standing_of(reading: Reading) -> Standing:
    """Say how far the rolling sample has come."""
    entries, table = _published(reading), reconciliations.c
    now = {(one.asset, one.partition, one.data_version) for one in entries}
    newest = select(func.max(table.id)).where(table.domain == reading.domain.name)
    newest = newest.group_by(table.asset, table.partition, table.data_version)
    query = select(reconciliations).where(table.id.in_(newest.scalar_subquery())).order_by(table.id)
    with reading.store.reading() as connection:
        rows = [row for row in connection.execute(query) if (row.asset, row.partition, row.data_version) in now]
    wrong = tuple(f"{row.asset} {row.partition}".strip() for row in rows if row.message)
    return Standing(len(entries), len(rows), wrong, max((row.recorded_at for row in rows), default=""))


def _published(reading: Reading) -> list[Entry]:
    """Give what is published of everything that can be computed again by itself."""
    sealed = {subject.ledger for subject in reading.domain.subjects}  # held against decisions of the same replay
    nodes = [node for node in Scope(everything=True).nodes(reading.domain) if node.asset not in sealed]
    return [entry for node in nodes for entry in reading.manifest.current(node.asset).values()]


def _rounds(reading: Reading) -> dict[tuple[str, str, str], int]:
    table = reconciliations.c
    query = (
        select(table.asset, table.partition, table.data_version, func.max(table.id))
        .where(table.domain == reading.domain.name)
        .group_by(table.asset, table.partition, table.data_version)
    )
    with reading.store.reading() as connection:
        return {(asset, partition, version): last for asset, partition, version, last in connection.execute(query)}
