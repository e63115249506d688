"""One entry a feature, under its view: what it means, what it is made of, what it holds, who lives on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from agentic_assets.evidence.catalog.feature_sets import drawing
from agentic_assets.evidence.catalog.feature_sets.material import Figures, ListedSet, Spread, Top
from agentic_assets.evidence.catalog.material import Catalog
from agentic_assets.evidence.report.wording import count, day_words, plural, share, shown
from agentic_assets.features.drift import AGE, MEAN, PSI

__all__ = ["Entry", "View", "entries"]

# A model with 60 features has no reason to name those that hardly count; the figure says so.
_SMALL: Final = 0.001
_DAILY_MEAN: Final = "The daily mean"


@dataclass(frozen=True)
class Entry:
    """What is shown of one feature; drawings are markup, everything else plain text."""

    name: str
    anchor: str
    meaning: str
    traits: tuple[tuple[str, str], ...]
    made_of: tuple[tuple[str, str], ...]
    """Source columns with their links; a link may be empty."""
    used_by: tuple[tuple[str, str, str], ...]
    """(asset or agent, link, how much)."""
    masked: bool
    nulls: str
    null_drawing: str
    values: str
    value_drawing: str
    top: tuple[tuple[str, str, float], ...]
    """The most frequent values: (value, how often, its length as a bar from 0 to 1)."""
    drift: tuple[tuple[str, str], ...]
    """How far it moved from day to day: (drawing, what it says in words)."""


@dataclass(frozen=True)
class View:
    """Features that rest on the same facts."""

    name: str
    about: str
    entries: tuple[Entry, ...]
    drift: tuple[tuple[str, str], ...] = ()
    """How far the age of its newest fact moved."""


def entries(one: ListedSet, catalog: Catalog) -> tuple[View, ...]:
    """Give every feature in the order of the set, grouped by view."""
    return tuple(
        View(
            view["name"],
            _life(view["time_to_live"]),
            tuple(_entry(feature, one, catalog) for feature in one.card["features"] if feature["view"] == view["name"]),
            _moved(one, (AGE, f"{view['name']}_known_at", "The age of its newest fact")),
        )
        for view in one.card["views"]
    )


def _life(time_to_live: str | None) -> str:
    if time_to_live is None:
        return "Served online at any age."
    return f"Null online once its newest fact is older than {shown(time_to_live, 40)}."


def _entry(feature: dict[str, Any], one: ListedSet, catalog: Catalog) -> Entry:
    name = feature["name"]
    masked = name in one.masked
    figures = one.measured.figures.get(name) if one.measured else None
    spread = figures.spread if figures and not masked else None
    traits = [
        ("Unit", shown(feature["unit"] or "none", 60)),
        ("Type", shown(feature["type"], 80)),
        ("Kind", shown(feature["kind"], 40)),
        ("Owner", shown(one.owner or "nobody is named", 80)),
    ]
    if one.classes.get(name):
        traits.append(("Class", shown(one.classes[name], 40)))
    return Entry(
        name=shown(name, 120),
        anchor=f"feature-{name}",
        meaning=shown(feature["description"], 1_000),
        traits=tuple(traits),
        made_of=tuple((shown(column, 120), catalog.link(column)) for column in feature["sources"]),
        used_by=_users(name, one, catalog),
        masked=masked,
        nulls=_nulls(figures) if figures else "",
        null_drawing=drawing.nulls(figures) if figures else "",
        values=_values(spread, figures.unlike) if figures and spread else "",
        value_drawing=drawing.values(spread) if isinstance(spread, Spread) else "",
        top=_top(spread) if isinstance(spread, Top) else (),
        # How a mean moved says something about values, a divergence says nothing.
        drift=_moved(one, (PSI, name, "The distribution"), *([] if masked else [(MEAN, name, _DAILY_MEAN)])),
    )


def _moved(one: ListedSet, *wanted: tuple[str, str, str]) -> tuple[tuple[str, str], ...]:
    drift = one.drift
    if drift is None:
        return ()
    return tuple(
        (drawing.moved(days, drift.verdicts, f"{what} ({shown(column, 80)})"), _usual(days, what))
        for measure, column, what in wanted
        for days in (drift.moved.get((measure, column)),)
        if days
    )


def _usual(days: tuple[tuple[date, float], ...], what: str) -> str:
    over = sum(times > 1 for _, times in days)
    moved, farther = ("was", "higher") if what == _DAILY_MEAN else ("moved", "farther")
    if not over:
        return f"{what} {moved} no {farther} than usual on any of {plural(len(days), 'day')}"
    last, most = max(reversed(days), key=lambda one: one[1])
    return (
        f"{what} {moved} {farther} than usual on {count(over)} of {plural(len(days), 'day')}, at most "
        f"{drawing.times_words(most)} its threshold, on {day_words(last)}"
    )


def _users(name: str, one: ListedSet, catalog: Catalog) -> tuple[tuple[str, str, str], ...]:
    weights = {model.asset: model for model in one.models}
    found = [
        (shown(agent.id, 80), catalog.page_of(agent.decisions), "agent") for agent in one.agents if name in agent.reads
    ]
    for consumer in one.consumers:
        if not consumer.named or name not in consumer.features:
            continue
        model = weights.get(consumer.asset)
        said = ""
        if model is not None and name in model.gains:
            gain, splits = model.gains[name]
            said = f"{_gain(gain)} of the gain of {shown(model.name, 80)}" if splits else "no split rests on it"
        found.append((shown(consumer.asset, 80), catalog.page_of(consumer.asset), said))
    return tuple(found)


def _gain(gain: float) -> str:
    return f"under {100 * _SMALL:.1f} %" if gain < _SMALL else f"{100 * gain:.1f} %"


def _nulls(figures: Figures) -> str:
    if not figures.rows:
        return "no rows"
    if not figures.nulls:
        return "never null"
    if figures.nulls == figures.rows:
        return "always null"
    said = f"{share(figures.nulls, figures.rows, 2)} null"
    highest = max(nulls / rows for _, rows, nulls in figures.days if rows)
    # The last of equal days: what is so now counts more than what was.
    day, rows, nulls = next(one for one in reversed(figures.days) if one[1] and one[2] / one[1] == highest)
    return f"{said}, at most {share(nulls, rows)} on {shown(day, 40)}" if len(figures.days) > 1 else said


def _values(spread: Spread | Top, unlike: int) -> str:
    odd = f"; {count(unlike)} are no finite numbers" if unlike else ""
    if isinstance(spread, Top):
        if spread.distinct == 1:
            return f"one value{odd}"
        return f"{count(spread.distinct)} different values{odd}"
    if spread.lowest == spread.highest:
        return f"always {spread.lowest}{odd}"
    return f"{spread.lowest} to {spread.highest}, median {spread.median}{odd}"


def _top(top: Top) -> tuple[tuple[str, str, float], ...]:
    total = sum(times for _, times in top.values) + top.others
    longest = max((times for _, times in top.values), default=1)
    listed = [(shown(value, 60) or "(empty)", share(times, total), times / longest) for value, times in top.values]
    if top.others:
        others = top.distinct - len(top.values)
        listed.append((f"{count(others)} others", share(top.others, total), -1.0))
    return tuple(listed)
