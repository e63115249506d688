"""Hold recomputed decisions against the ledger: the root over their records, without sealing anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import polars as pl
from sqlalchemy import select

from agentic_assets.evidence.domain import Subject
from agentic_assets.evidence.reading import Reading
from agentic_assets.ledger import root_of
from agentic_assets.ledger.merkle import leaf_hashes
from agentic_assets.ledger.node import SEALED
from agentic_assets.pipeline import Entry
from agentic_assets.pipeline.making import Made
from agentic_assets.simulation.result import Difference, Replayed, State
from agentic_assets.store.schema import ledger_partitions
from agentic_assets.versions import of_frame

__all__ = ["Seals"]


@dataclass
class Seals:
    """Remember the roots of recomputed decisions, and compare them with those that were sealed."""

    reading: Reading
    subjects: dict[str, Subject] = field(init=False)
    """Who decides, by the asset of the ledger."""
    _roots: dict[tuple[str, str, str], tuple[int, str]] = field(default_factory=dict)
    _sealed: dict[str, dict[tuple[str, int], tuple[int, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.subjects = {subject.ledger: subject for subject in self.reading.domain.subjects}
        self._decisions = {subject.decisions for subject in self.subjects.values()}

    def made(self, entry: Entry, made: Made) -> None:
        """Note the root over the records of a partition that was computed again."""
        if entry.asset in self._decisions:
            records = [text.encode() for text in made.frame.get_column("record")]
            root = root_of(leaf_hashes(records)).hex()
            self._roots[entry.asset, entry.partition, entry.data_version] = len(records), root

    def held_against(self, entry: Entry) -> Replayed:
        """Compare what a partition of a ledger holds, and what is sealed, with the recomputed root."""
        subject = self.subjects[entry.asset]
        sealed = entry.inputs.get(subject.decisions, {}).get(entry.partition, "")
        made = self._roots.get((subject.decisions, entry.partition, sealed))
        if made is None:
            why = f"the decisions that it seals ({subject.decisions} at {sealed[:12]}) were not computed again"
            return _result(entry, State.GONE, why=why)
        size, root = made
        frame = pl.DataFrame(
            {"day": [date.fromisoformat(entry.partition)], "log": [subject.log], "size": [size], "root": [root]},
            schema=SEALED,
        )
        stored = self._stored(subject.log).get((entry.partition, int(entry.details.get("generation", 0))))
        if stored is None:
            return _result(entry, State.GONE, why=f"its seal is no longer in the log {subject.log}")
        version = of_frame(frame)
        if stored != made:
            place = 0 if stored[0] != size else 1
            key, column = f"{subject.log} {entry.partition}", ("size", "root")[place]
            differs = Difference(key, column, str(stored[place]), str(made[place]))
            why = f"the records of {subject.decisions}, computed again, are not those that were sealed"
            return _result(entry, State.DIFFERENT, version, differs, why)
        if version != entry.data_version:
            why = f"the records of {subject.decisions} are as they were sealed; what is recorded of the seal is not"
            return _result(entry, State.DIFFERENT, version, why=why)
        return _result(entry, State.IDENTICAL, entry.data_version)

    def _stored(self, log: str) -> dict[tuple[str, int], tuple[int, str]]:
        """Read sizes and roots of a log by partition and generation."""
        if log not in self._sealed:
            table = ledger_partitions.c
            query = select(table.partition, table.generation, table.size, table.root).where(table.log == log)
            with self.reading.store.reading() as connection:
                self._sealed[log] = {(row[0], row[1]): (row[2], row[3]) for row in connection.execute(query)}
        return self._sealed[log]


def _result(
    entry: Entry, state: State, recomputed: str = "", difference: Difference | None = None, why: str = ""
) -> Replayed:
    same = entry.rows if state is State.IDENTICAL else 0
    return Replayed(
        entry.asset, entry.partition, state, entry.rows, same, entry.data_version, recomputed, difference, why
    )
