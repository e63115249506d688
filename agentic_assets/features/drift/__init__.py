"""Drift of a feature set: how far each day's features have moved, told apart from data that failed to come."""

from agentic_assets.features.drift.judging import DRIFT, INCIDENT, STEADY, UNJUDGED, Verdict, judge
from agentic_assets.features.drift.measuring import AGE, MEAN, PSI, Statistic, Stretch, measure
from agentic_assets.features.drift.node import SCHEMA, drift_node
from agentic_assets.features.drift.settings import Settings

__all__ = [
    "AGE",
    "DRIFT",
    "INCIDENT",
    "MEAN",
    "PSI",
    "SCHEMA",
    "STEADY",
    "UNJUDGED",
    "Settings",
    "Statistic",
    "Stretch",
    "Verdict",
    "drift_node",
    "judge",
    "measure",
]
