"""Check all that is recorded: sealed records against signed trees, columns against records, files against versions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

import polars as pl

from agentic_assets.decisions import mismatches
from agentic_assets.errors import AgenticError
from agentic_assets.evidence.domain import Subject
from agentic_assets.evidence.reading import Reading
from agentic_assets.ledger import Break, Ledger
from agentic_assets.oversight import ControlLog
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
    controls: int = 0
    releases: int = 0
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
        if not self.records and not self.controls and not self.releases and self.sound:
            return "nothing is sealed yet: run `agentic run` first"
        verdict = "all sound" if self.sound else f"{len(self.problems)} problems"
        return (
            f"{self.records:,} sealed decisions in {self.partitions} partitions, a log of {self.log_size} checkpoints, "
            f"{self.files:,} published files{self._ordered()}: {verdict}\n"
            f"verifier key: {self.verifier}\n{self.checkpoint.strip()}"
        )

    def _ordered(self) -> str:
        orders = f", {self.controls:,} sealed orders about agents" if self.controls else ""
        return orders + (f", {self.releases:,} sealed releases and activations" if self.releases else "")

    def hold(self, what: str, breaks: Iterable[Break]) -> None:
        """Add what is wrong with a log beside those of the decisions; `what` names its records."""
        self.problems += [f"{what} {problem.partition}".strip() + f": {_said(problem)}" for problem in breaks]
        self.problems = self.problems[:_MOST]


def verify_all(reading: Reading, progress: Callable[[int, int], None] | None = None) -> Verification:
    """Verify every published file of a domain, its decisions against their ledger, and the orders about its agents."""
    found = Verification()
    nodes = reading.domain.graph.nodes
    decided = {subject.decisions: subject for subject in reading.domain.subjects}
    for done, node in enumerate(nodes):
        if progress:
            progress(done, len(nodes))
        current = reading.manifest.current(node.asset)
        subject = decided.get(node.asset)
        ledger = None if subject is None else Ledger(reading.store, reading.home.keys, subject.log)
        if subject is not None and ledger is not None:
            _log(reading, subject, ledger, set(current), found)
        for partition, entry in current.items():
            where = f"{node.asset} {partition}".strip()
            found.files += 1
            try:
                frame = reading.lake.open(node.asset).read_file(entry.file)
            except AgenticError as error:
                found.problems.append(f"{where}: {error.what}")
                continue
            problems = [] if ledger is None else _decisions(ledger, partition, frame, found)
            if of_frame(frame) != entry.data_version:
                problems.append(
                    f"the rows have another digest than the recorded data version {entry.data_version[:12]}"
                )
            found.problems += [f"{where}: {problem}" for problem in problems]
    _controls(reading, found)
    found.problems = found.problems[:_MOST]
    return found


def _controls(reading: Reading, found: Verification) -> None:
    log = ControlLog(reading.store, reading.home.keys, reading.domain.name)
    head = log.head
    found.controls = head.size if head else 0
    found.hold("controls", log.verify())


def _log(reading: Reading, subject: Subject, ledger: Ledger, published: set[str], found: Verification) -> None:
    head = ledger.head()
    found.verifier = str(ledger.verifier) if head else ""
    found.log_size += head.size if head else 0
    found.checkpoint = head.checkpoint if head else ""
    found.problems += [f"{subject.ledger}: {_said(problem)}" for problem in ledger.verify_log()]
    for partition in sorted(set(reading.manifest.current(subject.ledger)) - published):
        found.problems.append(f"{subject.decisions} {partition}: sealed, but no decisions are published")


def _decisions(ledger: Ledger, partition: str, frame: pl.DataFrame, found: Verification) -> list[str]:
    records = [record.encode() for record in frame.get_column("record")]
    found.records += frame.height
    found.partitions += 1
    problems = [
        _said(problem) for problem in ledger.verify(partition, records, frame.get_column("decision_id").to_list())
    ]
    return problems + [
        f"{row['decision_id']}: the column {row['field']} says {row['column']}, its record {row['record']}"
        for row in mismatches(frame).to_dicts()
    ]


def _said(problem: Break) -> str:
    place = "" if problem.position is None else f" at position {problem.position}"
    return f"{problem.kind} {problem.decision_id}{place}: {problem.detail}"
