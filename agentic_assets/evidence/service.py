"""How the promises about delivery stand: what is late, what is past its retention, what ends or has ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from agentic_assets.contracts import Contract, ServiceLevel
from agentic_assets.evidence.domain import Domain
from agentic_assets.pipeline import Calendar, Entry, Manifest, Node
from agentic_assets.pipeline.result import recorded_checks

__all__ = ["Standing", "last_moment", "service_standing"]


@dataclass(frozen=True)
class Standing:
    """One promise and how it stands: `kept`, `late`, `past` (an end or a retention), `ahead`, or `not measured`."""

    asset: str
    contract: str
    promise: str
    state: str
    detail: str
    partitions: tuple[str, ...] = ()
    """The partitions that are lacking or past their retention."""

    def to_dict(self) -> dict[str, Any]:
        """Give one JSON object."""
        return asdict(self)


def last_moment(calendar: Calendar) -> datetime:
    """Give the moment at which promises are judged: now, or the end of the last day where that lies in the past."""
    end = datetime(calendar.last.year, calendar.last.month, calendar.last.day, tzinfo=ZoneInfo(calendar.zone))
    return min(datetime.now(UTC), (end + timedelta(days=1)).astimezone(UTC))


def service_standing(domain: Domain, manifest: Manifest, as_of: datetime) -> list[Standing]:
    """Judge every service level of a domain as of a moment, by what the manifest says is published."""
    found = []
    for node in domain.graph.nodes:
        contract = node.contract
        if contract is not None and contract.service_levels:
            entries = manifest.current(node.asset)
            found += [
                _judged(level, node, contract, entries, domain.graph.calendar, as_of)
                for level in contract.service_levels
            ]
    return found


def _judged(
    level: ServiceLevel,
    node: Node,
    contract: Contract,
    entries: Mapping[str, Entry],
    calendar: Calendar,
    as_of: datetime,
) -> Standing:
    state, detail = "not measured", level.held or "nothing measures it"
    partitions: tuple[str, ...] = ()
    period, moment = level.period, level.moment
    if level.kind in ("endOfSupport", "endOfLife") and moment:
        state, detail = ("past" if moment <= as_of else "ahead"), f"{moment:%Y-%m-%d}"
    elif level.kind in ("frequency", "freshness") and str(level.value).strip().lower() == "once":
        state, detail = ("kept", "it is published") if entries else ("late", "it is not published")
    elif level.kind == "generalAvailability" and moment:
        state, detail = ("kept" if moment <= as_of else "ahead"), f"{moment:%Y-%m-%d}"
    elif level.kind == "retention" and period:
        state, detail, partitions = _retained(level, node, entries, as_of, calendar)
    elif level.kind == "latency" and level.since:
        state, detail = _in_rows(f"latency({level.column})", entries)
    elif level.kind in ("latency", "frequency", "freshness") and period:
        allowed = period.length
        if level.kind == "frequency":
            lengths = [
                one.period.length
                for one in contract.service_levels
                if one.kind == "latency" and one.period and not one.since
            ]
            allowed = min(lengths, default=timedelta(0))
        state, detail, partitions = _there(node, entries, calendar, as_of, allowed)
    return Standing(node.asset, f"{contract.name}@{contract.version}", level.text, state, detail, partitions)


def _there(
    node: Node, entries: Mapping[str, Entry], calendar: Calendar, as_of: datetime, allowed: timedelta
) -> tuple[str, str, tuple[str, ...]]:
    """Name the partitions that should be published by now and are not."""
    closed = {name: calendar.closes_at(name, node.cut) for name in calendar.all(node.cut)}
    due = [name for name, at in closed.items() if at is not None and at + allowed <= as_of]
    lacking = tuple(name for name in due if name not in entries)
    if not due:
        return "kept", "nothing is due yet", ()
    if lacking:
        return (
            "late",
            f"{len(lacking):,} of {len(due):,} due partitions are not published, from {lacking[0]} on",
            lacking,
        )
    return "kept", f"all {len(due):,} due partitions are published", ()


def _retained(
    level: ServiceLevel, node: Node, entries: Mapping[str, Entry], as_of: datetime, calendar: Calendar
) -> tuple[str, str, tuple[str, ...]]:
    assert level.period is not None
    first = level.period.before(as_of.astimezone(ZoneInfo(calendar.zone)).date()).isoformat()
    old = tuple(name for name in sorted(entries) if name and name < first[: len(name)])
    if not old:
        return "kept", f"nothing is older than {first}", ()
    return "past", f"{len(old):,} partitions are older than {first}; nothing is deleted by itself", old


def _in_rows(rule: str, entries: Mapping[str, Entry]) -> tuple[str, str]:
    late = 0
    for entry in entries.values():
        for check in recorded_checks(entry):
            late += sum(
                int(found["count"]) for found in check.metadata.get("rules_broken", ()) if found["rule"] == rule
            )
    rows = sum(entry.rows for entry in entries.values())
    return ("late" if late else "kept"), f"{late:,} of {rows:,} rows came late"
