"""When an asset is late: freshness policies of assets and the delivery check of partitions, from their contracts."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import dagster as dg
from dagster._utils.schedules import get_smallest_cron_interval, is_valid_cron_string

from agentic_assets.contracts import ServiceLevel
from agentic_assets.pipeline import Calendar, CheckResult, Cut, Entry, Node

__all__ = ["DELIVERY", "delivery_check", "freshness_policy", "has_delivery_check", "is_live"]

DELIVERY = "delivery"

_LENGTH = {Cut.DAY: timedelta(days=1), Cut.MONTH: timedelta(days=31), Cut.STATIC: timedelta(0)}
_LEAST = timedelta(minutes=1)


def is_live(calendar: Calendar, promised: timedelta, *, now: datetime | None = None) -> bool:
    """Say whether a promise of this length can still be kept.

    A domain whose last day lies further back is history: a clock could only ever call it late.
    """
    today = (now or datetime.now(UTC)).astimezone(ZoneInfo(calendar.zone)).date()
    return today - calendar.last <= promised + timedelta(days=1)


def freshness_policy(node: Node, calendar: Calendar, *, now: datetime | None = None) -> dg.FreshnessPolicy | None:
    """Give the freshness policy that a contract asks for; None for one that asks for none, and for history.

    A deadline by the clock (`timeOfAvailability`, a cron schedule) counts before a length; `freshness` before
    `frequency`, which allows the latency on top. No asset can be newer than its partitions are long.
    """
    levels = node.contract.service_levels if node.contract else ()
    timely = [level for kind in ("freshness", "frequency") for level in levels if level.kind == kind]
    promised = [level for level in timely if level.period]
    deadlines = [
        level.cron for level in [*(one for one in levels if one.kind == "timeOfAvailability"), *timely] if level.cron
    ]
    if not promised and not deadlines:
        return None
    lengths = [level.period.length for level in promised if level.period]
    window = max(lengths[0] if lengths else timedelta(days=1), _LENGTH[node.cut], _LEAST)
    if promised and promised[0].kind == "frequency":
        window += promised_latency(levels) or timedelta(0)
    if not is_live(calendar, window, now=now):
        return None
    for cron, zone in deadlines:
        if is_valid_cron_string(cron):
            delta = min(get_smallest_cron_interval(cron), window)
            return dg.FreshnessPolicy.cron(deadline_cron=cron, lower_bound_delta=delta, timezone=zone or calendar.zone)
    return dg.FreshnessPolicy.time_window(fail_window=window)


def promised_latency(levels: Sequence[ServiceLevel]) -> timedelta | None:
    """Give how long after its end a partition may be published; a latency between moments of a row is a rule."""
    found = [level.period.length for level in levels if level.kind == "latency" and level.period and not level.since]
    return min(found, default=None)


def has_delivery_check(node: Node, calendar: Calendar, *, now: datetime | None = None) -> bool:
    """Say whether the partitions of a node are checked for lateness: it is promised, and can be kept."""
    latency = promised_latency(node.contract.service_levels) if node.contract else None
    return latency is not None and node.cut is not Cut.STATIC and is_live(calendar, latency, now=now)


def delivery_check(
    node: Node, partition: str, history: Sequence[Entry], calendar: Calendar, *, now: datetime | None = None
) -> CheckResult | None:
    """Say whether a partition was first published in time; None for what promises nothing.

    The clock is looked at here and nowhere in what shapes data: lateness warns, it refuses nothing.
    """
    latency = promised_latency(node.contract.service_levels) if node.contract else None
    closed = calendar.closes_at(partition, node.cut)
    if latency is None or closed is None:
        return None
    first = next((entry.recorded_at for entry in history if entry.recorded_at), "")
    published = datetime.fromisoformat(first) if first else (now or datetime.now(UTC))
    due = (closed.astimezone(UTC) + latency).replace(microsecond=0)
    late = published - due
    passed = late <= timedelta(0)
    said = f"due {due:%Y-%m-%d %H:%M} UTC, first published {published:%Y-%m-%d %H:%M} UTC"
    return CheckResult(
        DELIVERY,
        partition,
        passed,
        said if passed else f"late: {said}",
        {"due": due.isoformat(), "published": published.isoformat(timespec="seconds")},
    )
