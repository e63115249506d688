"""The versions that a partition has had: which it holds now, where each lies, and which can come back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from agentic_assets.errors import NotFound, VersionVacuumed
from agentic_assets.evidence.quarantine.places import node_of, require_partition
from agentic_assets.evidence.reading import Reading
from agentic_assets.pipeline import Entry, Restorations, Vacuumed

__all__ = ["PastVersion", "past_versions", "standing_order", "version_of"]

_SHORTEST = 6
_SHOWN = 6


@dataclass(frozen=True)
class PastVersion:
    """One publication of a partition; times are UTC."""

    recorded_at: str
    data_version: str
    rows: int
    quarantined: int
    run_id: str
    code_version: str
    current: bool
    restored: str
    """Who brought it back, and why; '' for what was computed."""
    gone: str
    """When its file was vacuumed, and by whom; '' while it is there."""

    def to_dict(self) -> dict[str, Any]:
        """Give one JSON object."""
        return asdict(self)


def past_versions(reading: Reading, asset: str, partition: str) -> list[PastVersion]:
    """List what a partition has held, oldest first.

    Raises:
        NotFound: no such asset or partition, or nothing of it was ever published.
    """
    require_partition(reading, node_of(reading, asset), partition)
    history = _history(reading, asset, partition)
    vacuumed, place = Vacuumed(reading.store).of(asset), reading.home.lake / asset
    return [
        PastVersion(
            recorded_at=entry.recorded_at,
            data_version=entry.data_version,
            rows=entry.rows,
            quarantined=entry.quarantined,
            run_id=entry.run_id,
            code_version=entry.code_version,
            current=entry is history[-1],
            restored=_restored(entry),
            gone="" if (place / entry.file).exists() else str(vacuumed.get(entry.file, "its file is missing")),
        )
        for entry in history
    ]


def version_of(reading: Reading, asset: str, partition: str, given: str) -> Entry:
    """Find the entry of a partition whose data version begins with `given`, 6 hexadecimal digits or more.

    Raises:
        NotFound: none begins so, or several do, with what there is.
        VersionVacuumed: its file was deleted since.
    """
    where, wanted = f"{asset} {partition}".strip(), given.strip().lower()
    history = _history(reading, asset, partition)
    if len(wanted) < _SHORTEST or not set(wanted) <= set("0123456789abcdef"):
        raise NotFound(
            f"{given[:80]!r} is no data version: write its first {_SHORTEST} hexadecimal digits or more",
            hint=f"{where} has had {_listed(history)}",
        )
    found = {entry.data_version: entry for entry in history if entry.data_version.startswith(wanted)}
    if not found:
        raise NotFound(f"{where} never had a data version {given[:80]}", hint=f"it has had {_listed(history)}")
    if len(found) > 1:
        some = ", ".join(version[:16] for version in list(found)[:3])
        raise NotFound(f"{len(found)} data versions of {where} begin with {given}: {some}", hint="give more digits")
    [entry] = found.values()
    if not (reading.home.lake / asset / entry.file).exists():
        gone = Vacuumed(reading.store).said(asset, entry.file)
        if gone:
            raise VersionVacuumed(
                f"{where} at data version {entry.data_version[:12]} {gone}",
                hint="choose one whose file is there; --list says which",
            )
    return entry


def standing_order(reading: Reading, asset: str, partition: str) -> str:
    """Say which order keeps a partition at earlier bytes; '' when none does."""
    order = Restorations(reading.store).of(asset).get(partition)
    if order is None:
        return ""
    return f"{order.identity}, {order.recorded_at[:16]}: {order.reason}"


def _history(reading: Reading, asset: str, partition: str) -> list[Entry]:
    history = reading.manifest.history(asset, partition)
    if not history:
        raise NotFound(f"{asset} {partition}".strip() + " was never published", hint="run `agentic run` for it first")
    return history


def _restored(entry: Entry) -> str:
    said = entry.details.get("restored")
    return f"{said['by']}: {said['reason']}" if said else ""


def _listed(history: Sequence[Entry]) -> str:
    versions = list(dict.fromkeys(entry.data_version[:12] for entry in reversed(history)))
    more = f" and {len(versions) - _SHOWN} more" if len(versions) > _SHOWN else ""
    return ", ".join(versions[:_SHOWN]) + more
