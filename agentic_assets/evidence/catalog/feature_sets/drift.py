"""The part of a feature set's page about drift: the verdict of each day, why, and which features moved farthest."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import polars as pl

from agentic_assets.evidence.catalog.feature_sets.drawing import times_words
from agentic_assets.evidence.catalog.feature_sets.material import Drift, ListedSet
from agentic_assets.evidence.catalog.naming import fragment
from agentic_assets.evidence.report.blocks import Block, Cell, Figure, Note, Section, Table, bar, number, prose, text
from agentic_assets.evidence.report.drawing import Gauge, watched
from agentic_assets.evidence.report.sections.periods import by_period, period_name, period_words
from agentic_assets.evidence.report.wording import count, day_words, listed, plural, shown
from agentic_assets.features.drift import DRIFT, INCIDENT, MEAN, PSI, STEADY, UNJUDGED

__all__ = ["drift"]

_TITLE: Final = "How it drifts"
_COLOURS: Final = {STEADY: "quiet", DRIFT: "escalate", INCIDENT: "deny"}
_ROWS: Final = 12
_REASON: Final = 600


def drift(one: ListedSet) -> Section | None:
    """Show the verdict of each day and what moved; None where nothing watches the set, or no home was read."""
    found = one.drift
    if found is None:
        return None
    if found.problem or not found.verdicts:
        why = shown(found.problem, 400) or "no day is judged"
        return Section("drift", "Drift", _TITLE, "No day is shown.", (Note(f"No verdict is shown: {why}.", "empty"),))
    blocks: list[Block] = [_figure(found)]
    # The reason of a day names means; where those may not be seen, the reason may not either.
    masked = any(measure == MEAN and name in one.masked for measure, name in found.moved)
    for verdict, caption in ((INCIDENT, "Incidents: data that broke"), (DRIFT, "Days that drifted, and why")):
        days = [day for day in found.reasons if found.verdicts.get(day) == verdict]
        if days and not masked:
            blocks.append(_reasons(caption, days, found, folded=verdict == DRIFT))
    if masked:
        blocks.append(Note("Why a day drifted is not shown: it would tell values that are masked."))
    farthest = _farthest(one, found)
    if farthest.rows:
        blocks.append(farthest)
    blocks.append(
        Note(
            f"Watched by the asset `{shown(found.asset)}`. {shown(found.policy, 400)} Below, bars beside each feature "
            "show how far it moved from the weeks before: in colour above the dashed line, the threshold that its own "
            "past sets; no bar is drawn higher than 3 times that."
        )
    )
    return Section("drift", "Drift", _TITLE, _lead(found), tuple(blocks))


def _lead(found: Drift) -> str:
    verdicts = [*found.verdicts.values()]
    parts = [
        f"{plural(many, 'day')} {one if many == 1 else others}"
        for verdict, one, others in (
            (STEADY, "was steady", "were steady"),
            (DRIFT, "drifted", "drifted"),
            (INCIDENT, "was an incident of the data", "were incidents of the data"),
            (UNJUDGED, "had too little history to be judged", "had too little history to be judged"),
        )
        if (many := verdicts.count(verdict))
    ]
    return f"{listed(parts)}."


def _figure(found: Drift) -> Figure:
    first, last = min(found.verdicts), max(found.verdicts)
    over = Gauge(
        "Distributions over their own thresholds", {day: float(many) for day, (many, _) in found.over.items()}, {}
    )
    named = " ".join(
        f"{title}: {listed([day_words(day) for day in days], 3)}."
        for title, verdict in (("Incident", INCIDENT), ("Drifted", DRIFT))
        if (days := [day for day, one in found.verdicts.items() if one == verdict])
    )
    named = named or "No day drifted, and none was an incident."
    hints = {day: _hint(day, found) for day in found.verdicts}

    def draw(*, compact: bool) -> str:
        return watched(
            {day: _COLOURS[verdict] for day, verdict in found.verdicts.items() if verdict in _COLOURS},
            [over],
            first=first,
            days=(last - first).days + 1,
            label=f"The verdict of each day, and how many distributions moved. {named}",
            strip="Verdict",
            hints=None if compact else hints,
            compact=compact,
        )

    return Figure(
        "The verdict of each day",
        named,
        draw(compact=False),
        draw(compact=True),
        legend=tuple(_COLOURS.items()),
        numbers=_by_period(found, [first + timedelta(days=place) for place in range((last - first).days + 1)]),
        note="Hatched days had no verdict." if UNJUDGED in found.verdicts.values() else "",
    )


def _hint(day: date, found: Drift) -> str:
    over, of = found.over.get(day, (0, 0))
    moved = f"\n{count(over)} of {plural(of, 'distribution')} over their thresholds" if of else ""
    return f"{day_words(day)}: {shown(found.verdicts[day], 40)}{moved}"


def _by_period(found: Drift, every: list[date]) -> Table:
    names = (STEADY, DRIFT, INCIDENT, UNJUDGED)
    days = pl.DataFrame({"day": list(found.verdicts)}, schema={"day": pl.Date})
    rows = by_period(days, every).with_columns(
        pl.Series(name, [verdict == name for verdict in found.verdicts.values()], dtype=pl.Boolean) for name in names
    )
    counted = rows.group_by("period").agg(pl.col(*names).sum()).sort("period")
    return Table(
        "The numbers of this chart: days by verdict",
        (period_name(every), *(name.capitalize() for name in names)),
        tuple(
            (text(period_words(row["period"], every)), *(number(count(row[name])) for name in names))
            for row in counted.iter_rows(named=True)
        ),
        folded=True,
    )


def _reasons(caption: str, days: list[date], found: Drift, *, folded: bool) -> Table:
    return Table(
        caption,
        ("Day", "Why"),
        tuple((text(day_words(day)), prose(shown(found.reasons[day], _REASON))) for day in sorted(days)),
        folded=folded,
        stacked=True,
    )


def _farthest(one: ListedSet, found: Drift) -> Table:
    """Name the features that were over their thresholds on most days: by chance, each is on some."""
    known = {feature["name"] for feature in one.card["features"]}
    counted = [
        (sum(times > 1 for _, times in days), len(days), max(days, key=lambda day: day[1]), feature)
        for (measure, feature), days in found.moved.items()
        if measure == PSI and feature in known and days
    ]
    ordered = sorted(counted, key=lambda row: (-row[0] / row[1], row[3]))
    most = max((over / of for over, of, _, _ in ordered), default=0.0) or 1.0
    rows = tuple(
        (
            Cell(shown(feature), "code", href=fragment("feature", feature)),
            bar(f"{100 * over / of:.1f} %", over / of / most, "escalate"),
            number(count(over)),
            text(f"{times_words(times)} its threshold, on {day_words(day)}"),
        )
        for over, of, (day, times), feature in ordered[:_ROWS]
        if over
    )
    caption = f"Features that moved most often: the first {len(rows)} of {plural(len(ordered), 'feature')}"
    return Table(caption, ("Feature", "Share of days", "Days", "Farthest"), rows, folded=True, stacked=True)
