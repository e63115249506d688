"""One promise about delivery, as a contract states it, and what can be read of it."""

from __future__ import annotations

import builtins
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

from agentic_assets.contracts.service.period import Period, read_period

__all__ = ["ServiceLevel"]

# The short names are those of the standard's "periodic table" of data quality of service.
_KINDS: Final = {
    "frequency": ("frequencyofupdate", "fy"),
    "freshness": ("datafreshness",),
    "latency": ("ly", "la"),
    "retention": ("re",),
    "timeOfAvailability": ("toa",),
    "generalAvailability": ("ga",),
    "endOfSupport": ("es",),
    "endOfLife": ("el",),
    "availability": ("av",),
    "throughput": ("th",),
    "errorRate": ("er",),
    "timeToDetect": ("td",),
    "timeToNotify": ("tn",),
    "timeToRepair": ("tr",),
}
_KIND: Final = {other: kind for kind, others in _KINDS.items() for other in (kind.lower(), *others)}
_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::[0-5]\d)?(Z|[+-](?:0\d|1[0-4]):?[0-5]\d)?")
_CRON_FIELD: Final = r"[0-9A-Za-z*/,\-?#L]+"
_CRON: Final = re.compile(rf"{_CRON_FIELD}(?: {_CRON_FIELD}){{4}}")


@dataclass(frozen=True)
class ServiceLevel:
    """One promise about delivery, e.g. latency of 2 h measured on a column; `held` says in words what holds it."""

    property: str
    value: str | float | bool | None
    unit: str | None
    column: str | None
    description: str | None
    driver: str | None = None
    extended: str | float | bool | None = None
    scheduler: str | None = None
    schedule: str | None = None
    declared: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    held: str = ""

    @builtins.property
    def kind(self) -> str:
        """Give the standard's name of the property, whatever short name the file uses."""
        return _KIND.get(re.sub(r"[\s_-]", "", self.property).lower(), self.property)

    @builtins.property
    def period(self) -> Period | None:
        """Give the length of time that is promised; None where the value is none, such as `once`."""
        return read_period(self.value, self.unit)

    @builtins.property
    def moment(self) -> datetime | None:
        """Give the point in time that is promised, in UTC where the value names no zone; None where it is none."""
        try:
            moment = datetime.fromisoformat(str(self.value))
        except ValueError:
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    @builtins.property
    def since(self) -> str | None:
        """Name the column with the moment from which a latency counts; None where it counts from the partition."""
        since = self.declared.get("since")
        return since if isinstance(since, str) else None

    @builtins.property
    def cron(self) -> tuple[str, str | None] | None:
        """Give the deadline as a cron expression of five fields and its zone; None for the zone leaves it open."""
        if self.kind == "timeOfAvailability" and (match := _CLOCK.fullmatch(str(self.value).strip())):
            hour, minute, offset = int(match[1]), int(match[2]), match[3]
            if offset in (None, "Z"):
                return f"{minute} {hour} * * *", None if offset is None else "UTC"
            digits = offset.replace(":", "")
            shift = (int(digits[1:3]) * 60 + int(digits[3:5])) * (-1 if digits[0] == "-" else 1)
            hour, minute = divmod((hour * 60 + minute - shift) % 1_440, 60)
            return f"{minute} {hour} * * *", "UTC"
        if self.schedule and (self.scheduler or "cron").lower() == "cron":
            text = " ".join(self.schedule.split())
            return (text, None) if _CRON.fullmatch(text) and _possible(text) else None
        return None

    @builtins.property
    def text(self) -> str:
        """Say the promise in a few words, such as `latency 1 h on known_at since observed_at`."""
        value = "" if self.value is None else str(self.value)
        said = f"{value} {self.unit}" if self.unit else value
        where = f" on {self.column}" if self.column else ""
        since = f" since {self.since}" if self.since else ""
        at = f", by {self.scheduler or 'the schedule'} {self.schedule}" if self.schedule else ""
        return f"{self.property} {said}{where}{since}{at}"


def _possible(expression: str) -> bool:
    """Refuse what no clock shows, such as hour 30 of the standard's own example."""
    for part, highest in zip(expression.split(), (59, 23, 31, 12, 7), strict=True):
        if any(int(number) > highest for number in re.findall(r"(?<!/)\d+", part)):
            return False
    return True
