"""Judge a day: steady, drifted with the world, or fed by data that broke; and say why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from agentic_assets.features.definition import FeatureSet, Published
from agentic_assets.features.drift.measuring import AGE, MEAN, PSI, Stretch
from agentic_assets.features.drift.settings import Settings

__all__ = ["DRIFT", "INCIDENT", "STEADY", "UNJUDGED", "Verdict", "judge"]

STEADY: Final = "steady"
DRIFT: Final = "drift"
INCIDENT: Final = "incident"
UNJUDGED: Final = "unjudged"
"""No distribution has a threshold yet, and nothing else is over one; or the day has no rows."""

_NAMED = 4


@dataclass(frozen=True)
class Verdict:
    """What a day is, and why in words; `over` of `compared` distributions lie over their thresholds."""

    verdict: str
    reason: str
    over: int
    compared: int

    @property
    def bad(self) -> bool:
        """Whether the day is not as others."""
        return self.verdict in (DRIFT, INCIDENT)


def judge(definition: FeatureSet, stretch: Stretch, day: int, settings: Settings) -> Verdict:
    """Judge one day of a stretch, by its position.

    It is an **incident** when a view stopped: its newest fact is older than on any settled day. It is one, too, when
    features of a view vanished (are null as never before) or lie far beyond their range, unless operations explain it.
    They explain nulls of a view that rests on the tables of the operational means when one of these is high: in a storm
    nothing leaves and nothing arrives. They explain extremes of anything, such as of rain. And where most of a set has
    moved, no single feed has broken, unless it stopped. What is known by the calendar, such as a timetable, never does:
    it only seems older on the day that has 25 hours.
    Else it has **drifted** when a mean, or the declared share of all distributions, is over its threshold.
    """
    distributions = [at for at in stretch.places(PSI, AGE) if not np.isnan(stretch.threshold[at, day])]
    means = stretch.places(MEAN)
    over = stretch.over[:, day]
    moved = [at for at in distributions if over[at]]
    high = [at for at in means if over[at]]
    if not stretch.rows[day]:
        return Verdict(UNJUDGED, "the day has no rows", 0, 0)
    if not distributions and not high:
        history = int(stretch.history[stretch.places(PSI, AGE), day].max(initial=0))
        return Verdict(UNJUDGED, f"no threshold yet: {history} of the {settings.least} earlier days it needs", 0, 0)
    many = len(moved) >= max(1.0, settings.many * len(distributions))
    broken = _broken(definition, stretch, day, settings, high=bool(high), many=many)
    counted = _counted(stretch, day, moved, distributions)
    operations = [_high(stretch, day, at) for at in high]
    if broken:
        blind = any(view in _busy_views(definition, settings) for view, stopped, _ in broken if stopped)
        usual = ["what operations are like cannot be seen"] if blind else ["operations as usual"] if means else []
        said = [f"view {view} {'stopped' if stopped else 'broke'}: {how}" for view, stopped, how in broken]
        verdict, reason = INCIDENT, "; ".join([*said, *(operations or usual), counted])
    elif high or many:
        verdict, reason = DRIFT, "; ".join([*operations, counted])
    else:
        verdict, reason = STEADY, counted
    return Verdict(verdict, reason, len(moved), len(distributions))


def _broken(
    definition: FeatureSet, stretch: Stretch, day: int, settings: Settings, *, high: bool, many: bool
) -> list[tuple[str, bool, str]]:
    """Give each view whose data broke, whether it stopped, and how in words; nothing that operations explain."""
    times, outside, far = stretch.times[:, day], stretch.outside[:, day], stretch.far[:, day]
    nulls, most = stretch.nulls[:, day], stretch.most_nulls[:, day]
    known = ~np.isnan(stretch.threshold[:, day])  # with less history the settled days are too few, too
    busy, calendar = _busy_views(definition, settings), _calendar_views(definition)
    found = []
    for view in definition.view_names:
        ages, features = (
            [at for at in stretch.places(kind) if stretch.statistics[at].view == view and known[at]]
            for kind in (AGE, PSI)
        )
        old = [at for at in ages if times[at] >= settings.burst and outside[at] >= settings.stopped]
        stopped = [] if view in calendar else old
        explained = not stopped and (many or (high and view in busy))
        vanished = [at for at in features if nulls[at] - most[at] >= settings.vanished and not explained]
        few = stretch.rows[day] < settings.rows
        beyond = [at for at in features if far[at] >= settings.beyond and not (many or high or few)]
        parts = [
            f"its newest fact is older than on any day of the weeks before in {_percent(outside[at])} of the rows "
            f"({_times(times[at])} its threshold)"
            for at in stopped
        ]
        if vanished:
            parts.append(
                f"{_named(stretch, vanished)} null in up to {_percent(max(nulls[vanished]))} of the rows, before in at "
                f"most {_percent(max(most[vanished]))}"
            )
        if beyond:
            parts.append(
                f"{_named(stretch, beyond)} far outside of the weeks before in up to {_percent(max(far[beyond]))} of "
                "the rows"
            )
        if parts:
            found.append((view, bool(stopped), ", ".join(parts)))
    return found


def _busy_views(definition: FeatureSet, settings: Settings) -> set[str]:
    """Name the views that rest on a table of which the operational means are made, that of the entities aside."""
    tables: dict[str, set[str]] = {view: set() for view in definition.view_names}
    busy: set[str] = set()
    for feature in definition.features:
        own = {column.rpartition(".")[0] for column in feature.sources} - {definition.entities.table}
        tables[feature.view] |= own
        busy |= own if feature.name in settings.operations else set()
    return {view for view, own in tables.items() if own & busy}


def _calendar_views(definition: FeatureSet) -> set[str]:
    """Name the views that rest only on facts whose time of being known is declared by the calendar, not recorded."""
    declared = {source.table for source in definition.sources if isinstance(source.known_at, Published)}
    recorded = {source.table for source in definition.sources if not isinstance(source.known_at, Published)}
    tables: dict[str, set[str]] = {view: set() for view in definition.view_names}
    for feature in definition.features:
        tables[feature.view] |= {column.rpartition(".")[0] for column in feature.sources}
    return {view for view, own in tables.items() if own and own <= declared - recorded}


def _high(stretch: Stretch, day: int, at: int) -> str:
    value, threshold = stretch.value[at, day], stretch.threshold[at, day]
    return f"`{stretch.statistics[at].feature}` is {value:.3g} on average, over {threshold:.3g}"


def _counted(stretch: Stretch, day: int, moved: Sequence[int], every: Sequence[int]) -> str:
    if not every:
        return "no distribution has a threshold yet"
    counted = f"{len(moved)} of {len(every)} distributions over their thresholds"
    if not moved:
        return counted
    times = stretch.times[:, day]
    first = sorted(moved, key=lambda at: (-times[at], at))[: _NAMED - 1]
    return f"{counted}, most of all " + ", ".join(f"{_named(stretch, [at])} ({_times(times[at])})" for at in first)


def _named(stretch: Stretch, places: Sequence[int]) -> str:
    names = [f"`{stretch.statistics[at].feature}`" for at in places]
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def _times(times: float) -> str:
    return f"{times:.0f} times" if times >= 10 else f"{times:.1f} times"
