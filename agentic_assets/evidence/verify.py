"""Check all that is recorded: sealed records against signed trees, columns against records, files against versions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from agentic_assets.decisions import mismatches
from agentic_assets.errors import AgenticError
from agentic_assets.evidence.domain import Subject
from agentic_assets.evidence.reading import Reading
from agentic_assets.ledger import Break, Ledger
from agentic_assets.pipeline import Entry
from agentic_assets.versions import of_frame

__all__ = ["Verification", "verify_all"]

_MOST = 1000


@dataclass
class Verification:
    """What was checked and what differs; `problems` names each record, bounded in number."""

    records: int = 0
    partitions: int = 0
    log_size: int = 0
    files: int = 0
    problems: list[str] = field(default_factory=list)
    checkpoint: str = ""
    verifier: str = ""

    @property
    def sound(self) -> bool:
        """Whether nothing differs."""
        return not self.problems

    def to_dict(self) -> dict[str, Any]:
        """Give one JSON object."""
        return {**asdict(self), "sound": self.sound}

    def text(self) -> str:
        """Say it in one paragraph for people."""
        if not self.records and self.sound:
            return "nothing is sealed yet: run `agentic run` first"
        verdict = "all sound" if self.sound else f"{len(self.problems)} problems"
        return (
            f"{self.records:,} sealed decisions in {self.partitions} partitions, a log of {self.log_size} checkpoints, "
            f"{self.files:,} published files: {verdict}\n"
            f"verifier key: {self.verifier}\n{self.checkpoint.strip()}"
        )


def verify_all(reading: Reading, progress: Callable[[int, int], None] | None = None) -> Verification:
    """Verify every subject's ledger and every published file of the domain."""
    found = Verification()
    nodes = reading.domain.graph.nodes
    total = len(nodes) + len(reading.domain.subjects)
    for done, subject in enumerate(reading.domain.subjects):
        if progress:
            progress(done, total)
        _ledger(reading, subject, found)
    for done, node in enumerate(nodes, start=len(reading.domain.subjects)):
        if progress:
            progress(done, total)
        _files(reading, node.asset, found)
    found.problems = found.problems[:_MOST]
    return found


def _ledger(reading: Reading, subject: Subject, found: Verification) -> None:
    ledger = Ledger(reading.store, reading.home.keys, subject.log)
    head = ledger.head()
    found.verifier = str(ledger.verifier) if head else ""
    found.log_size += head.size if head else 0
    found.checkpoint = head.checkpoint if head else ""
    found.problems += [f"{subject.ledger}: {_said(problem)}" for problem in ledger.verify_log()]
    current = reading.manifest.current(subject.decisions)
    sealed = reading.manifest.current(subject.ledger)
    for partition in sorted(set(sealed) - set(current)):
        found.problems.append(f"{subject.decisions} {partition}: sealed, but no decisions are published")
    for partition, entry in current.items():
        try:
            frame = reading.lake.open(subject.decisions).scan_files([entry.file]).collect()
        except AgenticError as error:
            found.problems.append(f"{subject.decisions} {partition}: {error.what}")
            continue
        records = [record.encode() for record in frame.get_column("record")]
        problems = ledger.verify(partition, records, frame.get_column("decision_id").to_list())
        found.problems += [f"{subject.decisions} {partition}: {_said(problem)}" for problem in problems]
        found.problems += [
            f"{subject.decisions} {partition}: {row['decision_id']}: the column {row['field']} says {row['column']}, "
            f"its record {row['record']}"
            for row in mismatches(frame).to_dicts()
        ]
        found.records += frame.height
        found.partitions += 1


def _said(problem: Break) -> str:
    place = "" if problem.position is None else f" at position {problem.position}"
    return f"{problem.kind} {problem.decision_id}{place}: {problem.detail}"


def _files(reading: Reading, asset: str, found: Verification) -> None:
    for partition, entry in reading.manifest.current(asset).items():
        problem = _file(reading, entry)
        if problem:
            found.problems.append(f"{asset} {partition}".strip() + f": {problem}")
        found.files += 1


def _file(reading: Reading, entry: Entry) -> str:
    try:
        frame = reading.lake.open(entry.asset).scan_files([entry.file]).collect()
    except AgenticError as error:
        return error.what
    if of_frame(frame) != entry.data_version:
        return f"the rows have another digest than the recorded data version {entry.data_version[:12]}"
    return ""
