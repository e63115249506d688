"""The agent `station_brief`: should an airport's duty manager be briefed this morning, and why, in one sentence.

A small language model reads a coarse description of the morning in words. Coarse on purpose: a year of mornings needs
few distinct prompts (104 in 2013), so that every answer can be recorded, reviewed and replayed.

How good it is, on all of 2013: it would have briefed on 368 of 1,095 mornings, on which 16.4 % of the flights were then
disrupted (cancelled, diverted or more than an hour late), against 8.4 % on the others. Of the 150 mornings of days with
more than a quarter disrupted it names 90. Answers about 12 mornings are refused. The buckets were chosen looking at how
often they occur in that year, not at what came of them; the examples of the prompt were written by hand.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

import polars as pl

from agentic_assets.agents import Spec, load_spec
from agentic_assets.agents.llm import Answer, LlmAgent, Prompt, Recordings, load_prompt
from agentic_assets.policy import RuleSet, load_ruleset

__all__ = ["agent", "context", "objection", "policy", "prompt", "situations", "spec"]

_HERE: Final = Path(__file__).parent
_RECORDINGS: Final = _HERE / "recordings" / "station_brief.jsonl"

# Shares in percent of the flights of the 24 h before, speeds in mph, inches of water in 3 h, miles, flights.
_CANCELLED: Final = ((5, "many cancellations"), (2, "some cancellations"))
_VERY_LATE: Final = ((20, "severe delays"), (10, "some delays"))
_STRONG_WIND, _HEAVY_PRECIPITATION, _POOR_VISIBILITY = 20, 0.1, 3
_BUSY, _LIGHT = 345, 250

# How a word of a reason begins, and the words of the situation of which one must be there for it.
_GROUNDS: Final = {
    "cancel": ("cancellations",),
    "delay": ("delays",),
    "many": ("many",),
    "severe": ("severe",),
    "some": ("some",),
    "normal": ("normal",),
    "calm": ("calm",),
    "wind": ("wind",),
    "precipitation": ("precipitation",),
    "rain": ("precipitation",),
    "snow": ("precipitation",),
    "heav": ("heavy",),
    "light": ("light",),
    "poor": ("poor",),
    "visib": ("visibility",),
    "busy": ("busy",),
}
# Strong wind may delay departures: what follows from a cause is no claim about the day before.
_FORECAST: Final = re.compile(r"\b(may|might|could|can|will) (\w+ )?delay")


@cache
def spec() -> Spec:
    """Load the agent's spec."""
    return load_spec(_HERE / "station_brief.agent.yaml")


@cache
def prompt() -> Prompt:
    """Load the prompt: the model asked, its settings, the words and the examples."""
    return load_prompt(_HERE / "station_brief.prompt.yaml")


@cache
def policy() -> RuleSet:
    """Load the policy that judges what the agent proposes."""
    return load_ruleset(_HERE / "briefings.policy.yaml")


def agent() -> LlmAgent:
    """Give the agent that replays the recordings in the domain's folder."""
    return LlmAgent(spec(), prompt(), Recordings(_RECORDINGS), situations, objection)


def context(features: pl.DataFrame) -> pl.DataFrame:
    """Give what the policy may look at beside the proposals, in the order of the features."""
    return features.select("origin")


def situations(features: pl.DataFrame) -> pl.DataFrame:
    """Put each morning into words: the columns `yesterday`, `weather` and `today`, in the order of the features."""
    return features.select(_yesterday().alias("yesterday"), _weather().alias("weather"), _today().alias("today"))


def objection(asked: str, answer: Answer) -> str | None:
    """Refuse a reason that claims what the situation does not say."""
    claimed, told = _FORECAST.sub("", answer.reason.lower()), asked.lower()
    for word, grounds in _GROUNDS.items():
        if re.search(rf"\b{word}", claimed) and not any(ground in told for ground in grounds):
            return f"its reason speaks of {word!r}, which is not in the situation"
    return None


def _yesterday() -> pl.Expr:
    cancelled = pl.col("cancelled_24h") * 100
    flights = pl.col("departures_24h")
    shares = [(cancelled >= percent * flights, said) for percent, said in _CANCELLED]
    late = [(pl.col("very_late_24h") * 100 >= percent, said) for percent, said in _VERY_LATE]
    told = pl.concat_str(_first(shares), _first(late), separator=" and ", ignore_nulls=True)
    return (
        pl.when(flights == 0).then(pl.lit("no flights known")).when(told != "").then(told).otherwise(pl.lit("normal"))
    )


def _weather() -> pl.Expr:
    precipitation = [
        (pl.col("wx_precip_3h") >= _HEAVY_PRECIPITATION, "heavy precipitation"),
        (pl.col("wx_precip_3h") > 0, "light precipitation"),
    ]
    told = pl.concat_str(
        _first([(pl.col("wx_wind_speed") >= _STRONG_WIND, "strong wind")]),
        _first(precipitation),
        _first([(pl.col("wx_visib") < _POOR_VISIBILITY, "poor visibility")]),
        separator=" and ",
        ignore_nulls=True,
    )
    unknown = pl.all_horizontal(pl.col("wx_wind_speed", "wx_precip_3h", "wx_visib").is_null())
    return pl.when(unknown).then(pl.lit("not known")).when(told != "").then(told).otherwise(pl.lit("calm"))


def _today() -> pl.Expr:
    planned = pl.col("departures_planned")
    return (
        pl.when(planned >= _BUSY)
        .then(pl.lit("busy"))
        .when(planned < _LIGHT)
        .then(pl.lit("light traffic"))
        .otherwise(pl.lit("usual traffic"))
    )


def _first(cases: list[tuple[pl.Expr, str]]) -> pl.Expr:
    """Give the words of the first case that holds, null when none does."""
    return pl.coalesce(*(pl.when(holds).then(pl.lit(said)) for holds, said in cases))
