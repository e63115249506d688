"""Find a decision by its id: among those that stand, and among those that were superseded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from agentic_assets.errors import NotFound
from agentic_assets.evidence.domain import Subject
from agentic_assets.evidence.reading import Reading
from agentic_assets.ledger import find_sealed
from agentic_assets.pipeline import Entry

__all__ = ["Located", "find", "locate"]


@dataclass(frozen=True)
class Located:
    """A decision's row, the entry of the manifest in which it lies, and for a superseded one its seal."""

    subject: Subject
    row: dict[str, Any]
    entry: Entry
    generation: int | None = None

    @property
    def superseded(self) -> bool:
        """Whether its day was decided again without it."""
        return self.generation is not None


def find(reading: Reading, decision_id: str) -> tuple[Subject, dict[str, Any]]:
    """Find a decision by its id, or by an unambiguous beginning of at least 6 characters."""
    found = locate(reading, decision_id)
    return found.subject, found.row


def locate(reading: Reading, decision_id: str) -> Located:
    """Find a decision and where it lies; one that stands goes before those that were superseded."""
    wanted = decision_id.strip().lower()
    if len(wanted) < 6 or not set(wanted) <= set("0123456789abcdef"):
        raise NotFound(
            f"{decision_id!r} is not a decision id: 32 hexadecimal digits, or at least the first 6",
            hint="ids stand in the report and in the table of the decisions asset",
        )
    matches: list[tuple[Subject, dict[str, Any]]] = []
    for subject in reading.domain.subjects:
        hits = reading.scan(subject.decisions).filter(pl.col("decision_id").str.starts_with(wanted)).collect()
        matches += [(subject, row) for row in hits.to_dicts()]
    _refuse_several(decision_id, [row["decision_id"] for _, row in matches])
    if not matches:
        return _superseded(reading, decision_id, wanted)
    subject, row = matches[0]
    return Located(subject, row, reading.entry(subject.decisions, row["day"].isoformat()))


def _superseded(reading: Reading, decision_id: str, wanted: str) -> Located:
    sealed = [
        (subject, found)
        for subject in reading.domain.subjects
        for found in find_sealed(reading.store, subject.log, wanted)
    ]
    _refuse_several(decision_id, [found.decision_id for _, found in sealed])
    for subject, found in sealed:
        for seal in reversed(reading.manifest.history(subject.ledger, found.partition)):
            if seal.details.get("generation") == found.generation:
                version = seal.inputs[subject.decisions][found.partition]
                rows = reading.at(subject.decisions, {found.partition: version})
                row = rows.row(by_predicate=pl.col("decision_id") == found.decision_id, named=True)
                entry = reading.entry(subject.decisions, found.partition, version)
                return Located(subject, row, entry, found.generation)
    raise NotFound(f"no decision {decision_id} is recorded", hint="check the id, and that its day was run")


def _refuse_several(decision_id: str, found: list[str]) -> None:
    if len(found) > 1:
        raise NotFound(
            f"{len(found)} decisions begin with {decision_id}: {', '.join(found[:3])}", hint="give more digits"
        )
