"""What was decided and done, day by day."""

from __future__ import annotations

from datetime import date

import polars as pl

from agentic_assets.evidence.report.blocks import Figure, Section, Table, number, text
from agentic_assets.evidence.report.drawing import Layer, Panel, daily
from agentic_assets.evidence.report.material import Material
from agentic_assets.evidence.report.sections.periods import by_period, period_name, period_words
from agentic_assets.evidence.report.wording import count, day_words, listed, plural, share
from agentic_assets.evidence.summary import Summary

__all__ = ["activity"]

_HELD = {"escalate": "put before a person", "deny": "denied"}
_ABSTAINED = "abstained"


def activity(material: Material, summary: Summary) -> Section:
    """Show decisions, actions, and what policy held back, by day."""
    if material.decided.is_empty():
        return Section("activity", "Activity", "What it did", "Nothing was decided on these days.", ())
    days = _counted(material)
    totals = {name: int(days.get_column(name).sum()) for name in days.columns if name != "day"}
    acted = sum(totals[action] for action in material.actions)
    actions = listed([f"{count(totals[action])} {action}" for action in material.actions])
    takeaway = f"The agent acted on none of {plural(summary.decisions, 'decision')}."
    if acted:
        takeaway = (
            f"The agent acted on {count(acted)} of {plural(summary.decisions, 'decision')} "
            f"({share(acted, summary.decisions)}): {actions}."
        )
    if any(totals[verdict] for verdict in _HELD):
        takeaway += (
            f" Of its proposals to act, policy put {count(totals['escalate'])} before a person "
            f"and denied {count(totals['deny'])}."
        )
    if totals[_ABSTAINED]:
        takeaway += f" {plural(totals[_ABSTAINED], 'decision')} proposed nothing and {_were(totals[_ABSTAINED])}."
    return Section("activity", "Activity", "What it did", takeaway, (_figure(material, days, totals),))


def _were(many: int) -> str:
    return "was denied, so that nothing could happen" if many == 1 else "were denied, so that nothing could happen"


def _counted(material: Material) -> pl.DataFrame:
    """Count per day: decisions, each action, proposals to act that were held back, and denials of nothing."""
    proposed = pl.col("proposed_action") != material.idle
    return (
        material.decided.group_by("day")
        .agg(
            pl.len().alias("decisions"),
            *((pl.col("effective_action") == action).sum().alias(action) for action in material.actions),
            *(((pl.col("verdict") == verdict) & proposed).sum().alias(verdict) for verdict in _HELD),
            ((pl.col("verdict") == "deny") & ~proposed).sum().alias(_ABSTAINED),
        )
        .sort("day")
    )


def _figure(material: Material, days: pl.DataFrame, totals: dict[str, int]) -> Figure:
    def layer(name: str, title: str, css: str) -> Layer:
        return Layer(title, css, dict(days.select("day", name).iter_rows()))

    panels = [Panel("Decisions", (layer("decisions", "decisions", "quiet"),))]
    if any(totals[action] for action in material.actions):
        actions = [layer(action, action, f"action{place + 1}") for place, action in enumerate(material.actions)]
        panels.append(Panel("Actions", tuple(actions)))
    if any(totals[verdict] for verdict in _HELD):
        held = [layer(verdict, title, verdict) for verdict, title in _HELD.items()]
        panels.append(Panel("Proposals to act that policy held back", tuple(held)))
    busiest = days.with_columns(acted=pl.sum_horizontal(material.actions)).sort(
        ["acted", "day"], descending=[True, False]
    )
    acted, when = busiest.item(0, "acted"), busiest.item(0, "day")
    said = f"Busiest day: {day_words(when)}, {plural(acted, 'action')}." if acted else "No action was taken."

    def draw(*, compact: bool) -> str:
        return daily(
            panels,
            first=material.days[0],
            days=len(material.days),
            label=f"Decisions, actions and proposals held back, by day. {said}",
            absent=material.missing,
            hints=None if compact else _hints(days, material),
            compact=compact,
        )

    return Figure(
        "Decisions, actions, and what policy held back, by day",
        said,
        draw(compact=False),
        draw(compact=True),
        legend=tuple((one.name, one.css) for panel in panels[1:] for one in panel.layers),
        numbers=_by_period(days, material),
        note="Hatched days have no decisions." if material.missing else "",
    )


def _hints(days: pl.DataFrame, material: Material) -> dict[date, str]:
    return {
        row["day"]: "\n".join(
            [
                day_words(row["day"]),
                plural(row["decisions"], "decision"),
                *(f"{count(row[action])} {action}" for action in material.actions),
                *(f"{count(row[verdict])} {title}" for verdict, title in _HELD.items()),
            ]
        )
        for row in days.iter_rows(named=True)
    }


def _by_period(days: pl.DataFrame, material: Material) -> Table:
    names = ("decisions", *material.actions, *_HELD)
    found = by_period(days, material.days).group_by("period").agg(pl.col(names).sum()).sort("period")
    return Table(
        caption="The numbers of this chart",
        columns=(
            period_name(material.days),
            "Decisions",
            *(action.capitalize() for action in material.actions),
            *(title.capitalize() for title in _HELD.values()),
        ),
        rows=tuple(
            (text(period_words(row["period"], material.days)), *(number(count(row[name])) for name in names))
            for row in found.iter_rows(named=True)
        ),
        folded=True,
    )
