"""Find a decision by its id: among those that stand, and among those that were superseded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from agentic_assets.errors import NotFound
from agentic_assets.evidence.domain import Subject
from agentic_assets.evidence.reading import Reading
from agentic_assets.ledger import Found, find_sealed
from agentic_assets.pipeline import Entry

__all__ = ["Located", "beginning_of", "locate", "locate_sealed", "row_of"]


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


def locate(reading: Reading, decision_id: str) -> Located:
    """Find a decision and where it lies, by its id or an unambiguous beginning of at least 6 characters.

    One that stands goes before those that were superseded.
    """
    wanted = beginning_of(decision_id)
    matches: list[tuple[Subject, dict[str, Any]]] = []
    for subject in reading.domain.subjects:
        hits = reading.scan(subject.decisions).filter(pl.col("decision_id").str.starts_with(wanted)).collect()
        matches += [(subject, row) for row in hits.to_dicts()]
    _refuse_several(wanted, [row["decision_id"] for _, row in matches])
    if matches:
        subject, row = matches[0]
        return Located(subject, row, reading.entry(subject.decisions, row["day"].isoformat()))
    sealed = locate_sealed(reading, wanted)
    if sealed is None:
        raise NotFound(f"no decision {decision_id} is recorded", hint="check the id, and that its day was run")
    subject, found, entry = sealed
    return Located(subject, row_of(reading, entry, found.decision_id), entry, found.generation)


def beginning_of(decision_id: str) -> str:
    """Give an id, or its beginning, as ids are written. Raises NotFound for what is none."""
    wanted = decision_id.strip().lower()
    if len(wanted) < 6 or not set(wanted) <= set("0123456789abcdef"):
        raise NotFound(
            f"{decision_id!r} is not a decision id: 32 hexadecimal digits, or at least the first 6",
            hint="ids stand in the report and in the table of the decisions asset",
        )
    return wanted


def locate_sealed(reading: Reading, wanted: str) -> tuple[Subject, Found, Entry] | None:
    """Find a decision by its seals, whether or not it stands: its seal, and the entry of the decisions it seals.

    None when no seal holds it. Raises NotFound for several, and when nothing says which entry was sealed.
    """
    sealed = [
        (subject, found)
        for subject in reading.domain.subjects
        for found in find_sealed(reading.store, subject.log, wanted)
    ]
    _refuse_several(wanted, [found.decision_id for _, found in sealed])
    if not sealed:
        return None
    subject, found = sealed[0]
    for seal in reversed(reading.manifest.history(subject.ledger, found.partition)):
        if seal.details.get("generation") == found.generation:
            version = seal.inputs[subject.decisions][found.partition]
            return subject, found, reading.entry(subject.decisions, found.partition, version)
    raise NotFound(
        f"decision {found.decision_id} is sealed, and the manifest does not say from which data",
        hint="run `agentic run` for its day: it finishes what was cut off",
    )


def row_of(reading: Reading, entry: Entry, decision_id: str) -> dict[str, Any]:
    """Read a decision's row in an entry of decisions, in the columns of the version that is read under."""
    rows = reading.at(entry.asset, {entry.partition: entry.data_version})
    return rows.row(by_predicate=pl.col("decision_id") == decision_id, named=True)


def _refuse_several(wanted: str, found: list[str]) -> None:
    if len(found) > 1:
        raise NotFound(f"{len(found)} decisions begin with {wanted}: {', '.join(found[:3])}", hint="give more digits")
