"""The report of a range of days: one self-contained page for those who run agents and those who audit them."""

from agentic_assets.evidence.report.material import Material, PinUse, Source
from agentic_assets.evidence.report.page import build
from agentic_assets.evidence.report.writing import write_report

__all__ = ["Material", "PinUse", "Source", "build", "write_report"]
