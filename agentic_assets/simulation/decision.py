"""Replay one decision: everything of its partition on the path to it, its record, and the proof that it was sealed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from agentic_assets.errors import LedgerBroken, NotFound
from agentic_assets.evidence.domain import Subject
from agentic_assets.evidence.locating import beginning_of, locate, locate_sealed
from agentic_assets.evidence.reading import Reading
from agentic_assets.ledger import Ledger
from agentic_assets.pipeline import Entry
from agentic_assets.pipeline.making import Made
from agentic_assets.simulation.replaying import Progress, replay
from agentic_assets.simulation.result import Replayed, State
from agentic_assets.simulation.scope import path_of

__all__ = ["DecisionReplayed", "replay_decision"]


@dataclass(frozen=True)
class DecisionReplayed:
    """One decision computed again: `record` is its text, the exact bytes that are sealed; None where it has none.

    `sealed` says where its proof places it; `problem` why the record is not that of the ledger, '' when it is.
    """

    decision_id: str
    agent: str
    partition: str
    superseded: bool
    record: str | None
    sealed: str
    problem: str
    steps: tuple[Replayed, ...]

    @property
    def identical(self) -> bool:
        """Whether the record, and all on the path to it, came out the same."""
        return not self.problem and all(step.state is State.IDENTICAL for step in self.steps)

    def to_dict(self) -> dict[str, Any]:
        """Give one JSON object."""
        return {**asdict(self), "identical": self.identical}


@dataclass(frozen=True)
class _Place:
    subject: Subject
    decision_id: str
    entry: Entry
    generation: int | None
    """The seal in which it stands; None for a decision that is not sealed."""
    superseded: bool


def replay_decision(reading: Reading, decision_id: str, *, progress: Progress | None = None) -> DecisionReplayed:
    """Compute one decision again, named by its id or an unambiguous beginning, also one that was superseded."""
    place = _find(reading, decision_id)
    rows: list[str] = []

    def keep(entry: Entry, made: Made) -> None:
        if entry is place.entry:
            found = made.frame.filter(pl.col("decision_id") == place.decision_id)
            rows.extend(found.get_column("record"))

    steps = replay(reading, _path(reading, place), progress=progress, recomputed=keep)
    record = next(iter(rows), None)
    sealed, problem = _proven(reading, place, record)
    return DecisionReplayed(
        place.decision_id,
        place.subject.agent.id,
        place.entry.partition,
        place.superseded,
        record,
        sealed,
        problem,
        steps,
    )


def _find(reading: Reading, decision_id: str) -> _Place:
    sealed = locate_sealed(reading, beginning_of(decision_id))  # no table of decisions is read for it
    if sealed is None:  # decided, and not sealed yet
        unsealed = locate(reading, decision_id)
        return _Place(unsealed.subject, unsealed.row["decision_id"], unsealed.entry, None, False)
    subject, found, entry = sealed
    return _Place(subject, found.decision_id, entry, found.generation, found.superseded)


def _path(reading: Reading, place: _Place) -> list[Entry]:
    """Give the entries of the decision's own partition on the path to it, each at the version that was read then."""
    path = set(path_of(reading.domain.graph, place.subject))
    found, waiting = {place.entry.asset: place.entry}, [place.entry]
    while waiting:
        entry = waiting.pop()
        for asset, versions in entry.inputs.items():
            if asset in path and asset not in found and entry.partition in versions:
                found[asset] = reading.entry(asset, entry.partition, versions[entry.partition])
                waiting.append(found[asset])
    return [found[node.asset] for node in reading.domain.graph.nodes if node.asset in found]


def _proven(reading: Reading, place: _Place, record: str | None) -> tuple[str, str]:
    """Say where the recomputed record is sealed, and what is wrong with that."""
    if record is None:
        return "", "no such decision comes out when its partition is computed again"
    if place.generation is None:
        return "", "it is not sealed yet"
    ledger = Ledger(reading.store, reading.home.keys, place.subject.log)
    try:
        proof = ledger.proof(place.entry.partition, place.decision_id, generation=place.generation)
        ledger.check(proof, record.encode())
    except (LedgerBroken, NotFound) as error:
        return "", error.what
    return f"record {proof.index} of {proof.partition}, entry {proof.log_index} of the log {place.subject.log}", ""
