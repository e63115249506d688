"""Put the sections into one page: a single file that asks for nothing else."""

from __future__ import annotations

from agentic_assets.evidence.report.material import Material
from agentic_assets.evidence.report.sections import (
    activity,
    cases,
    drift,
    governance,
    headline,
    models,
    money,
    operations,
    quality,
    risk,
    rules,
)
from agentic_assets.evidence.report.templates import environment
from agentic_assets.evidence.report.wording import range_words
from agentic_assets.evidence.summary import Summary

__all__ = ["build"]

_SECTIONS = (money, activity, rules, risk, models, cases, quality, drift, operations, governance)


def build(material: Material, summary: Summary) -> str:
    """Give the report as HTML; the same material and summary give the same text."""
    page: str = (
        environment()
        .get_template("page.html.jinja")
        .render(
            material=material,
            summary=summary,
            range=range_words(summary.first_day, summary.last_day),
            headline=headline(material, summary),
            sections=[section(material, summary) for section in _SECTIONS],
        )
    )
    return page
