"""Compare what two versions promise about delivery: sooner or later, more or less often, for longer or shorter."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from agentic_assets.contracts.change.change import Change, Spot
from agentic_assets.contracts.change.direction import Direction
from agentic_assets.contracts.contract import Contract
from agentic_assets.contracts.service import ServiceLevel

__all__ = ["compare_service"]

_LESS_IS_MORE: Final = frozenset(
    {
        "latency",
        "freshness",
        "frequency",
        "errorRate",
        "timeToDetect",
        "timeToNotify",
        "timeToRepair",
        "timeOfAvailability",
        "generalAvailability",
    }
)
_MORE_IS_MORE: Final = frozenset({"availability", "throughput", "retention", "endOfSupport", "endOfLife"})
_VERBS: Final = {
    Direction.TIGHTER: "tightened",
    Direction.LOOSER: "loosened",
    Direction.DIFFERENT: "changed",
    Direction.NEUTRAL: "reworded",
}


def compare_service(old: Contract, new: Contract) -> list[Change]:
    """List the changes of service levels; what nobody can order by size counts as another promise."""
    before, after = _by_name(old), _by_name(new)
    changes: list[Change] = []
    for name, level in after.items():
        if name not in before:
            changes.append(_change("added", Direction.TIGHTER, None, level))
        elif _promised(before[name]) != _promised(level):
            direction = _direction(before[name], level)
            changes.append(_change(_VERBS[direction], direction, before[name], level))
        elif _said(before[name]) != _said(level):
            changes.append(_change("reworded", Direction.NEUTRAL, before[name], level, documentation=True))
    gone = [level for name, level in before.items() if name not in after]
    return changes + [_change("removed", Direction.LOOSER, level, None) for level in gone]


def _by_name(contract: Contract) -> dict[tuple[str, str | None, int], ServiceLevel]:
    named: dict[tuple[str, str | None, int], ServiceLevel] = {}
    for level in contract.service_levels:
        number = sum(key[:2] == (level.kind, level.column) for key in named)
        named[(level.kind, level.column, number)] = level
    return named


def _promised(level: ServiceLevel) -> tuple[Any, ...]:
    return (_size(level), level.extended, level.since, level.scheduler, level.schedule)


def _said(level: ServiceLevel) -> tuple[Any, ...]:
    return (level.property, level.value, level.unit, level.description, level.driver, level.declared)


def _size(level: ServiceLevel) -> timedelta | datetime | float | str:
    """Give what is promised as something that can be compared, as text where it is nothing of the kind."""
    if level.period is not None:
        return level.period.length
    if isinstance(level.value, int | float) and not isinstance(level.value, bool) and level.unit is None:
        return float(level.value)
    if level.moment is not None:
        return level.moment
    return " ".join(str(part) for part in (level.value, level.unit) if part is not None)


def _direction(old: ServiceLevel, new: ServiceLevel) -> Direction:
    before, after = _size(old), _size(new)
    rest = _promised(old)[1:] == _promised(new)[1:]
    ordered = type(before) is type(after) and not isinstance(before, str)
    if not rest or not ordered or new.kind not in _LESS_IS_MORE | _MORE_IS_MORE:
        return Direction.DIFFERENT
    less = bool(after < before)  # type: ignore[operator]
    return Direction.TIGHTER if less == (new.kind in _LESS_IS_MORE) else Direction.LOOSER


def _change(
    verb: str,
    direction: Direction,
    old: ServiceLevel | None,
    new: ServiceLevel | None,
    *,
    documentation: bool = False,
) -> Change:
    level = new or old
    assert level is not None
    before, after = (_text(one, with_words=documentation) if one else None for one in (old, new))
    return Change(
        f"service-{verb}",
        "service",
        direction,
        Spot(f"slaProperties.{level.property}"),
        before,
        after,
        documentation=documentation,
    )


def _text(level: ServiceLevel, *, with_words: bool) -> str:
    return f"{level.text}: {level.description}" if with_words and level.description else level.text
