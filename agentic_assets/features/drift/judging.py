"""Judge a day: steady, drifted with the world, or fed by data that broke; and say why."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from agentic_assets.features.definition import FeatureSet
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

    It is an **incident** when a view stopped: its newest fact is older than on any reference day. It is one, too, when
    features of a view vanished (are null as never before) or burst out of their range, unless operations explain it:
    they do when a mean is over its threshold and the view rests on the tables that the means rest on, as in a storm,
    when nothing leaves and nothing arrives; and so do so many moved distributions that no single feed can have broken.
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
    broken = _broken(definition, stretch, day, settings, explained=bool(high), many=many)
    drifted = _drifted(stretch, day, high, moved, distributions)
    if broken:
        operations = "" if not means else drifted if high else "operations as usual"
        reason, verdict = "; ".join([*broken, *([operations] if operations else [])]), INCIDENT
    elif high or many:
        reason, verdict = drifted, DRIFT
    else:
        reason, verdict = _counted(stretch, day, moved, distributions), STEADY
    return Verdict(verdict, reason, len(moved), len(distributions))


def _broken(
    definition: FeatureSet, stretch: Stretch, day: int, settings: Settings, *, explained: bool, many: bool
) -> list[str]:
    """Say of each view whose data broke how; nothing of those that operations explain."""
    busy = _tables(definition, settings.operations)
    times = stretch.times[:, day]
    nulls, most = stretch.nulls[:, day], stretch.most_nulls[:, day]
    outside = stretch.outside[:, day]
    said = []
    for view in definition.view_names:
        of_view = [at for at in stretch.places(PSI, AGE) if stretch.statistics[at].view == view]
        stopped = [
            at
            for at in of_view
            if stretch.statistics[at].measure == AGE and times[at] >= settings.burst and outside[at] >= settings.stopped
        ]
        own = [feature.name for feature in definition.features if feature.view == view]
        by_operations = many or (explained and bool(_tables(definition, own) & busy))
        features = [] if by_operations else [at for at in of_view if stretch.statistics[at].measure == PSI]
        vanished = [at for at in features if nulls[at] - most[at] >= settings.vanished]
        beyond = [at for at in features if times[at] >= settings.burst and outside[at] >= settings.beyond]
        parts = [
            f"its newest fact is older than on any of the days before in {_percent(outside[at])} of the rows "
            f"({_times(times[at])} its threshold)"
            for at in stopped
        ]
        if vanished and (stopped or not by_operations):
            parts.append(
                f"{_named(stretch, vanished)} null in up to {_percent(max(nulls[vanished]))} of the rows, before in at "
                f"most {_percent(max(most[vanished]))}"
            )
        parts += [
            f"{_named(stretch, [at])} outside of all days before in {_percent(outside[at])} of the rows "
            f"({_times(times[at])} its threshold)"
            for at in beyond[:_NAMED]
        ]
        if parts:
            said.append(f"view {view} {'stopped' if stopped else 'broke'}: {', '.join(parts)}")
    return said


def _drifted(stretch: Stretch, day: int, high: Sequence[int], moved: Sequence[int], every: Sequence[int]) -> str:
    parts = [
        f"`{stretch.statistics[at].feature}` is {stretch.value[at, day]:.3g} on average, over "
        f"{stretch.threshold[at, day]:.3g}"
        for at in high
    ]
    return "; ".join([*parts, _counted(stretch, day, moved, every)])


def _counted(stretch: Stretch, day: int, moved: Sequence[int], every: Sequence[int]) -> str:
    if not every:
        return "no distribution has a threshold yet"
    counted = f"{len(moved)} of {len(every)} distributions over their thresholds"
    if not moved:
        return counted
    times = stretch.times[:, day]
    first = sorted(moved, key=lambda at: (-times[at], at))[: _NAMED - 1]
    return f"{counted}, most of all " + ", ".join(f"{_named(stretch, [at])} ({_times(times[at])})" for at in first)


def _tables(definition: FeatureSet, features: Collection[str]) -> set[str]:
    """Name the tables that features rest on, without that of the entities: every feature may rest on that."""
    found = {
        column.rpartition(".")[0]
        for feature in definition.features
        if feature.name in features
        for column in feature.sources
    }
    return found - {definition.entities.table}


def _named(stretch: Stretch, places: Sequence[int]) -> str:
    names = [f"`{stretch.statistics[at].feature}`" for at in places]
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _percent(share: float) -> str:
    return f"{share * 100:.0f} %"


def _times(times: float) -> str:
    return f"{times:.0f} times" if times >= 10 else f"{times:.1f} times"
