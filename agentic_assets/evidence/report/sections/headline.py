"""The answer in words, the key figures, and whether everything that was promised holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from agentic_assets.evidence.report.material import Material
from agentic_assets.evidence.report.wording import (
    count,
    day_words,
    interval,
    listed,
    percent,
    plural,
    range_words,
    share,
    usd,
)
from agentic_assets.evidence.summary import Strategy, Summary

__all__ = ["Check", "Headline", "Tile", "headline", "telling", "versus_nothing"]

_DAYS_FOR_AN_INTERVAL = 5


@dataclass(frozen=True)
class Check:
    """One promise: kept or not, in words."""

    kept: bool
    words: str


@dataclass(frozen=True)
class Tile:
    """One key figure, with what it means below."""

    name: str
    figure: str
    meaning: str
    tone: str = ""


@dataclass(frozen=True)
class Headline:
    """What stands on top of the page."""

    sentence: str
    further: str
    tiles: tuple[Tile, ...]
    checks: tuple[Check, ...]


def headline(material: Material, summary: Summary) -> Headline:
    """Say what was decided, what it was worth, and what is not in order."""
    if not summary.decisions:
        when = range_words(summary.first_day, summary.last_day)
        return Headline(
            f"No decision is recorded for {when}.",
            "Nothing was published that an agent could have decided on: see the data quality below.",
            (),
            (Check(False, f"0 of {plural(len(material.days), 'day')} have decisions"),),
        )
    return Headline(
        _sentence(material, summary), _further(material, summary), _tiles(material, summary), _checks(material, summary)
    )


def telling(summary: Summary) -> bool:
    """Whether there are days enough for an interval of a mean to say anything."""
    return summary.days >= _DAYS_FOR_AN_INTERVAL


def versus_nothing(strategy: Strategy, summary: Summary, *, would: bool = False) -> str:
    """Say what a strategy saved or lost a day against doing nothing."""
    value = strategy.net_saved_per_day_usd
    within = interval(strategy.net_saved_per_day_low_usd, strategy.net_saved_per_day_high_usd)
    have = "would have " if would else ""
    rate = " a day" if summary.days > 1 else ""
    if value >= 0:
        return f"{have}saved {usd(value)}{rate}" + (f" {within}" if telling(summary) else "")
    return f"{have}lost {usd(-value)}{rate}" + (f" (net saved {within})" if telling(summary) else "")


def _sentence(material: Material, summary: Summary) -> str:
    strategies = {strategy.name: strategy for strategy in summary.strategies}
    agent, legacy = strategies.get("agent"), strategies.get("legacy")
    acted = agent.acted if agent else sum(summary.by_action.get(action, 0) for action in material.actions)
    many = count(acted) if acted else "none"
    when = f"In {plural(summary.days, 'day')}" if summary.days > 1 else f"On {day_words(_only_day(material))}"
    said = f"{when} the agent took {plural(summary.decisions, 'decision')} and acted on {many}"
    if agent is None:
        return f"{said}; what came of them is not known yet."
    beside = f"the legacy rule {versus_nothing(legacy, summary, would=True)}" if legacy and legacy.acted else ""
    if not acted:
        return f"{said}; compared with doing nothing {beside}." if beside else f"{said}."
    said = f"{said}; compared with doing nothing it {versus_nothing(agent, summary)}"
    return f"{said}, {beside}." if beside else f"{said}."


def _further(material: Material, summary: Summary) -> str:
    agent = next((strategy for strategy in summary.strategies if strategy.name == "agent"), None)
    if material.decided.get_column("score_bp").null_count() == summary.decisions:
        return "No model served on these days, so there was no risk to act on: see the models below."
    if agent is None or not agent.acted:
        return ""
    if not telling(summary):
        few = "One day is" if summary.days == 1 else f"{plural(summary.days, 'day')} are"
        return f"{few} too little for an interval: read the amounts, which rest on assumed costs, as an example."
    brackets = "Amounts rest on assumed costs; in brackets the 95 % interval of the daily mean."
    if agent.net_saved_per_day_low_usd > 0:
        return f"{brackets} The whole interval lies above zero: the saving is not a matter of a few lucky days."
    if agent.net_saved_per_day_high_usd < 0:
        return f"{brackets} The whole interval lies below zero: on these days acting cost more than it avoided."
    return f"{brackets} The interval contains zero: on these days the agent cannot be told from doing nothing."


def _only_day(material: Material) -> date:
    return date.fromisoformat(str(material.decided.item(0, "day")))


def _tiles(material: Material, summary: Summary) -> tuple[Tile, ...]:
    strategies = {strategy.name: strategy for strategy in summary.strategies}
    agent, legacy = strategies.get("agent"), strategies.get("legacy")
    by_action = [f"{count(summary.by_action.get(name, 0))} {name}" for name in material.actions]
    escalated = summary.operations.get("escalated", summary.by_verdict.get("escalate", 0))
    tiles = [Tile("Decisions", count(summary.decisions), f"on {plural(summary.days, 'day')}")]
    if agent:
        net = usd(agent.net_saved_usd)
        beside = f"legacy rule {usd(legacy.net_saved_usd)}" if legacy else "against doing nothing"
        tone = "good" if agent.net_saved_usd > 0 else "bad" if agent.net_saved_usd < 0 else ""
        tiles.insert(0, Tile("Net saved", net, beside, tone))
    acted = sum(summary.by_action.get(action, 0) for action in material.actions)
    tiles.append(Tile("Actions", count(acted), ", ".join(by_action)))
    if agent and agent.precision_bp is not None:
        caught = f"{percent(agent.recall_bp)} of all {material.label} {material.noun}s"
        tiles.append(Tile("Actions that hit", percent(agent.precision_bp), f"they were {caught}"))
    tiles.append(
        Tile("Put before a person", count(escalated), f"{share(escalated, summary.decisions, 2)} of decisions")
    )
    complete = summary.operations.get("complete", 0)
    tiles.append(
        Tile(
            "Audit trail complete",
            share(complete, summary.decisions),
            f"{count(complete)} of {count(summary.decisions)}",
            "good" if complete == summary.decisions else "bad",
        )
    )
    return tuple(tiles)


def _checks(material: Material, summary: Summary) -> tuple[Check, ...]:
    absent = material.missing
    figures = summary.operations
    complete, undelivered = (figures.get(name, 0) for name in ("complete", "undelivered"))
    unscored = material.decided.get_column("score_bp").null_count()
    asked = plural(len(material.days), "day")
    every = f"Every one of {asked} has decisions" if len(material.days) > 1 else "The day has decisions"
    named = listed([day_words(day) for day in absent], 3)
    days = every if not absent else f"{plural(len(absent), 'day')} of {asked} without decisions: {named}"
    trail = (
        "Every decision has its outcome, its sealed record and all its versions"
        if complete == summary.decisions
        else f"{plural(summary.decisions - complete, 'decision')} lack an outcome, a sealed record or a version"
    )
    carried = (
        "Every allowed action was carried out"
        if not undelivered
        else f"{plural(undelivered, 'allowed action')} not carried out"
    )
    scored = (
        "A model served for every decision"
        if not unscored
        else f"{plural(unscored, 'decision')} without a model that served: see the models below"
    )
    size = summary.ledger.get("size", 0)
    sealed = f"The ledger's head is signed, over {plural(size, 'checkpoint')}" if size else "Nothing is sealed yet"
    return (
        Check(not absent, days),
        Check(complete == summary.decisions, trail),
        Check(not undelivered, carried),
        Check(not unscored, scored),
        Check(bool(size), sealed),
    )
