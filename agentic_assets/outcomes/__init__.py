"""Truth that arrives later: scorecards, intervals and operating figures of decisions."""

from agentic_assets.outcomes.economics import Economics, grant
from agentic_assets.outcomes.interval import Interval, mean_interval
from agentic_assets.outcomes.kpis import Timing, daily_kpis, timing
from agentic_assets.outcomes.scorecard import AGENT, JUDGED, LEGACY, NOTHING, scorecard, share_bp

__all__ = [
    "AGENT",
    "JUDGED",
    "LEGACY",
    "NOTHING",
    "Economics",
    "Interval",
    "Timing",
    "daily_kpis",
    "grant",
    "mean_interval",
    "scorecard",
    "share_bp",
    "timing",
]
