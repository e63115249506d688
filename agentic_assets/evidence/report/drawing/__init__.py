"""Charts as SVG text: numbers in, a drawing out, no knowledge of where the numbers come from."""

from agentic_assets.evidence.report.drawing.curves import Band, Spot, calibration, curve
from agentic_assets.evidence.report.drawing.daily import Layer, Panel, daily
from agentic_assets.evidence.report.drawing.estimates import Estimate, estimates
from agentic_assets.evidence.report.drawing.lines import Mark, Track, tracks
from agentic_assets.evidence.report.drawing.months import Measure, monthly
from agentic_assets.evidence.report.drawing.watched import Gauge, watched

__all__ = [
    "Band",
    "Estimate",
    "Gauge",
    "Layer",
    "Mark",
    "Measure",
    "Panel",
    "Spot",
    "Track",
    "calibration",
    "curve",
    "daily",
    "estimates",
    "monthly",
    "tracks",
    "watched",
]
