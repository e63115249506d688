"""The queue of escalated decisions: what waits for whom, until when, what was answered, and how people answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import polars as pl

from agentic_assets.errors import NotFound
from agentic_assets.evidence.domain import Subject
from agentic_assets.evidence.reading import Reading
from agentic_assets.pipeline import Entry
from agentic_assets.policy import Verdict
from agentic_assets.policy.escalation import Resolution, Resolutions
from agentic_assets.policy.rollout import SERVING

__all__ = ["EXPIRED", "OPEN", "RESOLVED", "Item", "Reviewer", "find_item", "queue", "reviewers"]

OPEN, EXPIRED, RESOLVED = "open", "expired", "resolved"
_COLUMNS = (
    "decision_id",
    "entity",
    "day",
    "decided_at",
    "proposed_action",
    "confidence_bp",
    "benefit_cents",
    "cost_cents",
    "reason",
    "rule",
)
_FEWEST = 6


@dataclass(frozen=True)
class Item:
    """One escalated decision. Moments are UTC: `opened_at` is when it was put before people, `due_at` the limit.

    Past it the policy's default `on_expiry` stands. `resolution` is what was said, None until then.
    """

    decision_id: str
    agent: str
    day: str
    entity: str
    decided_at: str
    proposed_action: str
    confidence_bp: int
    benefit_cents: int
    cost_cents: int
    reason: str
    rule: str
    message: str
    role: str
    opened_at: str
    due_at: str
    on_expiry: str
    state: str
    resolution: Resolution | None = None

    def to_dict(self) -> dict[str, Any]:
        """Give one JSON object."""
        return asdict(self)


@dataclass(frozen=True)
class Reviewer:
    """How one person answers: how much is approved, and how fast. Approving all at once is no review."""

    identity: str
    role: str
    answered: int
    approved: int
    approved_bp: int
    median_seconds: int | None


def queue(reading: Reading, *, now: datetime, agent: str = "", days: Sequence[str] | None = None) -> tuple[Item, ...]:
    """Give the escalated decisions of all agents, or of one (a name), in the order of their moments.

    `now` (UTC) says which are past their time. Answered ones stand as they were put before people.
    """
    said = {one.decision_id: one for one in Resolutions(reading.store).of(reading.domain.name)}
    found: list[Item] = []
    for subject in reading.domain.subjects:
        if agent in ("", subject.agent.name, subject.agent.id):
            found += _of(reading, subject, said, now, days)
    return tuple(sorted(found, key=lambda item: (item.decided_at, item.agent, item.entity)))


def find_item(items: Sequence[Item], decision_id: str) -> Item:
    """Find one by its id or by an unambiguous beginning of at least 6 characters; NotFound says what to do."""
    wanted = decision_id.strip().lower()
    matches = [item for item in items if item.decision_id.startswith(wanted)] if len(wanted) >= _FEWEST else []
    if len(matches) != 1:
        what = f"{len(matches)} escalations begin with" if matches else "there is no escalation"
        raise NotFound(
            f"{what} {decision_id[:40]!r}",
            hint="give more digits" if matches else "`agentic escalation list --state all` names them",
        )
    return matches[0]


def reviewers(reading: Reading) -> tuple[Reviewer, ...]:
    """Measure how people answer, by their names; defaults of expired escalations are listed as nobody's."""
    by_person: dict[tuple[str, str], list[Resolution]] = defaultdict(list)
    for one in Resolutions(reading.store).of(reading.domain.name):
        by_person[one.identity, one.role].append(one)
    found = []
    for (identity, role), given in sorted(by_person.items()):
        approved = sum(one.verdict is Verdict.ALLOW for one in given)
        seconds = [_seconds(one) for one in given if one.opened_at]
        share = (approved * 20_000 + len(given)) // (2 * len(given))
        found.append(Reviewer(identity, role, len(given), approved, share, int(median(seconds)) if seconds else None))
    return tuple(found)


def _of(
    reading: Reading, subject: Subject, said: Mapping[str, Resolution], now: datetime, days: Sequence[str] | None
) -> list[Item]:
    try:
        scanned = reading.scan(subject.decisions, days)
    except NotFound:
        return []
    # Nobody is asked about what would have no effect, such as the proposals of an agent in shadow.
    asked = (pl.col("verdict") == Verdict.ESCALATE.value) & pl.col("phase").is_in(list(SERVING))
    waiting = scanned.filter(asked).select(_COLUMNS).collect()
    items = []
    history: dict[str, list[Entry]] = {}
    for row in waiting.iter_rows(named=True):
        day = row["day"].isoformat()
        if day not in history:
            history[day] = reading.manifest.history(subject.decisions, day)
        items.append(_item(subject, row, _opened(history[day], subject.proposals), said.get(row["decision_id"]), now))
    # An answered decision is no longer in the table: it was superseded.
    answered = [one for one in said.values() if one.agent == subject.agent.id and (days is None or one.day in days)]
    shown = {item.decision_id for item in items}
    return items + _answered(reading, subject, [one for one in answered if one.decision_id not in shown], now)


def _answered(reading: Reading, subject: Subject, answers: Sequence[Resolution], now: datetime) -> list[Item]:
    """Read the decisions that were superseded out of the days as they were when they were put before people."""
    items: list[Item] = []
    by_day: dict[str, dict[str, Resolution]] = defaultdict(dict)
    for one in answers:
        by_day[one.day][one.decision_id] = one
    for day, missing in by_day.items():
        for entry in reading.manifest.history(subject.decisions, day):
            if not missing:
                break
            rows = reading.lake.open(subject.decisions).scan_files([entry.file]).select(_COLUMNS)
            for row in rows.filter(pl.col("decision_id").is_in(list(missing))).collect().iter_rows(named=True):
                said = missing.pop(row["decision_id"])
                items.append(_item(subject, row, said.opened_at or entry.recorded_at, said, now))
    return items


def _item(subject: Subject, row: Mapping[str, Any], opened: str, said: Resolution | None, now: datetime) -> Item:
    escalation = subject.policy.escalation
    assert escalation is not None
    due = _moment(opened) + timedelta(minutes=escalation.within_minutes)
    state = RESOLVED if said is not None else EXPIRED if now > due else OPEN
    message = next((entry.message for entry in subject.policy.entries if entry.id == row["rule"]), "")
    return Item(
        agent=subject.agent.id,
        message=message,
        role=escalation.role,
        opened_at=opened,
        due_at=due.isoformat(timespec="milliseconds"),
        on_expiry=escalation.on_expiry.value,
        state=state,
        resolution=said,
        **{name: row[name] for name in _COLUMNS if name not in ("day", "decided_at")},
        day=row["day"].isoformat(),
        decided_at=f"{row['decided_at']:%Y-%m-%dT%H:%M:%SZ}",
    )


def _opened(history: Sequence[Entry], proposals: str) -> str:
    """Give when decisions about the proposals as they stand were first published: an answer opens no other anew."""
    newest = history[-1].inputs.get(proposals)
    return next(entry.recorded_at for entry in history if entry.inputs.get(proposals) == newest)


def _seconds(said: Resolution) -> float:
    return (_moment(said.resolved_at) - _moment(said.opened_at)).total_seconds()


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
