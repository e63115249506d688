"""How the features moved: the verdict of each day, what it rests on, and how well it pointed at bad days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from agentic_assets.evidence.report.blocks import Block, Figure, Note, Section, Table, number, prose, text
from agentic_assets.evidence.report.drawing import Gauge, watched
from agentic_assets.evidence.report.material import Material
from agentic_assets.evidence.report.sections.periods import by_period, period_name, period_words
from agentic_assets.evidence.report.wording import GAP, count, day_words, listed, plural, shown
from agentic_assets.evidence.summary import Summary
from agentic_assets.features.drift import DRIFT, INCIDENT, MEAN, STEADY, UNJUDGED

__all__ = ["drift"]

_TITLE = "Did what it looks at change?"
_BAD = 0.3
"""A day on which a larger share turned out bad is a bad day: those that a warning would have been good for."""
_COLOURS = {STEADY: "quiet", DRIFT: "escalate", INCIDENT: "deny"}
_OVER = f"{_BAD * 100:.0f}{GAP}%"
_REASON = 600


def drift(material: Material, summary: Summary) -> Section:
    """Show the verdict on the features of each day beside the days that turned out bad."""
    if material.drift.is_empty():
        return Section("drift", "Drift", _TITLE, "No verdict on the features of these days is published.", ())
    days = material.drift.unique("day", keep="first", maintain_order=True).sort("day")
    verdicts: dict[date, str] = dict(days.select("day", "verdict").iter_rows())
    bad = _bad_days(material)
    blocks: list[Block] = [_figure(material, verdicts, bad)]
    incidents = days.filter(pl.col("verdict") == INCIDENT)
    if incidents.height:
        blocks.append(_reasons("Incidents: data that broke", incidents, folded=False))
    drifted = days.filter(pl.col("verdict") == DRIFT)
    if drifted.height:
        blocks.append(_reasons("Days that drifted, and why", drifted, folded=True))
    if material.drift_limitations:
        blocks.append(Note(material.drift_limitations))
    return Section("drift", "Drift", _TITLE, _takeaway(material, verdicts, bad), tuple(blocks))


def _bad_days(material: Material) -> set[date]:
    known = material.decided.filter(pl.col("bad").is_not_null())
    shares = known.group_by("day").agg(pl.col("bad").mean().alias("share")).filter(pl.col("share") > _BAD)
    return set(shares.get_column("day").to_list())


def _takeaway(material: Material, verdicts: Mapping[date, str], bad: set[date]) -> str:
    times = {name: sum(verdict == name for verdict in verdicts.values()) for name in (*_COLOURS, UNJUDGED)}
    parts = [
        f"{plural(times[name], 'day')} {said if times[name] == 1 else many}"
        for name, said, many in (
            (STEADY, "was steady", "were steady"),
            (DRIFT, "drifted", "drifted"),
            (INCIDENT, "was an incident of the data", "were incidents of the data"),
            (UNJUDGED, "had too little history to be judged", "had too little history to be judged"),
        )
        if times[name]
    ]
    said = f"{listed(parts)}."
    judged = [day for day in bad if verdicts.get(day, UNJUDGED) != UNJUDGED]
    if bad:
        hit = sum(verdicts.get(day) == DRIFT for day in bad)
        others = times[DRIFT] - hit
        said += (
            f" Of the {plural(len(bad), 'day')} on which more than {_OVER} of the {material.noun}s were "
            f"{material.label}, {count(hit)} had drifted"
        )
        said += f" ({count(len(bad) - len(judged))} could not be judged)" if len(judged) < len(bad) else ""
        said += f"; so had {plural(others, 'other day')}."
    return said


def _figure(material: Material, verdicts: Mapping[date, str], bad: set[date]) -> Figure:
    moved = material.drift.filter(pl.col("measure") != MEAN)
    counted = moved.group_by("day").agg(
        pl.col("over").sum().alias("over"), pl.col("threshold").is_not_null().sum().alias("compared")
    )
    counted = counted.filter(pl.col("compared") > 0)
    over: dict[date, int] = dict(counted.select("day", "over").iter_rows())
    means = material.drift.filter(pl.col("measure") == MEAN)
    gauges = [Gauge("Distributions over their own thresholds", {day: float(many) for day, many in over.items()}, {})]
    for name in means.get_column("feature").unique(maintain_order=True).to_list():
        own = means.filter(pl.col("feature") == name)
        values, thresholds = (
            dict(own.drop_nulls(column).select("day", column).iter_rows()) for column in ("value", "threshold")
        )
        gauges.append(Gauge(f"Daily mean of {shown(name)}", values, thresholds))
    named = " ".join(
        f"{title}: {listed([day_words(day) for day in flagged], 3)}."
        for title, which in (("Incident", INCIDENT), ("Drifted", DRIFT))
        if (flagged := [day for day, verdict in sorted(verdicts.items()) if verdict == which])
    )
    named = named or "No day drifted, and none was an incident."
    marks = f"Over {_OVER} {material.label}"

    def draw(*, compact: bool) -> str:
        return watched(
            {day: _COLOURS[verdict] for day, verdict in verdicts.items() if verdict in _COLOURS},
            gauges,
            first=material.days[0],
            days=len(material.days),
            label=f"The verdict of each day, what it rests on, and the bad days. {named}",
            strip="Verdict",
            marks=marks,
            marked=bad,
            hints=None if compact else _hints(verdicts, over, bad, material),
            compact=compact,
        )

    return Figure(
        "The verdict of each day, and what it rests on",
        f"{named} A dashed line is the threshold that the past set for each day; a dot is a value above it.",
        draw(compact=False),
        draw(compact=True),
        legend=tuple((name, css) for name, css in _COLOURS.items()),
        numbers=_by_period(material, verdicts, bad),
        note="Hatched days had no verdict."
        if any(verdicts.get(d, UNJUDGED) == UNJUDGED for d in material.days)
        else "",
    )


def _hints(
    verdicts: Mapping[date, str], over: Mapping[date, int], bad: set[date], material: Material
) -> dict[date, str]:
    return {
        day: "\n".join(
            [
                f"{day_words(day)}: {verdict}",
                *([f"{count(over[day])} distributions over their thresholds"] if day in over else []),
                *([f"more than {_OVER} {material.label}"] if day in bad else []),
            ]
        )
        for day, verdict in verdicts.items()
    }


def _by_period(material: Material, verdicts: Mapping[date, str], bad: set[date]) -> Table:
    names = (STEADY, DRIFT, INCIDENT, UNJUDGED)
    days = pl.DataFrame({"day": list(verdicts)}, schema={"day": pl.Date})
    rows = by_period(days, material.days).with_columns(
        *(pl.Series(name, [verdict == name for verdict in verdicts.values()]) for name in names),
        bad=pl.Series([day in bad for day in verdicts], dtype=pl.Boolean),
        hit=pl.Series([day in bad and verdict == DRIFT for day, verdict in verdicts.items()], dtype=pl.Boolean),
    )
    found = rows.group_by("period").agg(pl.col(*names, "bad", "hit").sum()).sort("period")
    return Table(
        caption="The numbers of this chart: days by verdict",
        columns=(
            period_name(material.days),
            *(name.capitalize() for name in names),
            f"Over {_OVER} {material.label}",
            "Of these drifted",
        ),
        rows=tuple(
            (
                text(period_words(row["period"], material.days)),
                *(number(count(row[name])) for name in (*names, "bad", "hit")),
            )
            for row in found.iter_rows(named=True)
        ),
        folded=True,
    )


def _reasons(caption: str, days: pl.DataFrame, *, folded: bool) -> Table:
    return Table(
        caption=caption,
        columns=("Day", "Why"),
        rows=tuple(
            (text(day_words(day)), prose(shown(reason, _REASON)))
            for day, reason in days.select("day", "reason").iter_rows()
        ),
        folded=folded,
        stacked=True,
    )
