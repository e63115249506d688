"""Put the sections into one page: a single file that asks for nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from agentic_assets.evidence.report.material import Material
from agentic_assets.evidence.report.sections import (
    activity,
    cases,
    governance,
    headline,
    models,
    money,
    operations,
    quality,
    risk,
    rules,
)
from agentic_assets.evidence.report.wording import range_words
from agentic_assets.evidence.summary import Summary

__all__ = ["build"]

_FOLDER = Path(__file__).parent
_CODE = re.compile(r"`([^`<>&]+)`")
_JOINT = re.compile(r"([_/])(?=\w)")
_SECTIONS = (money, activity, rules, risk, models, cases, quality, operations, governance)


def build(material: Material, summary: Summary) -> str:
    """Give the report as HTML; the same material and summary give the same text."""
    import jinja2
    from markupsafe import Markup, escape

    def prose(words: str) -> Markup:
        return Markup(_CODE.sub(r"<code>\1</code>", str(escape(words))))

    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        loader=jinja2.FileSystemLoader(_FOLDER),
    )

    def breakable(name: str) -> Markup:
        # A long name may go on to the next line after a separator; copied, it is still whole.
        return Markup(_JOINT.sub(r"\1<wbr>", str(escape(name))))

    environment.filters |= {"prose": prose, "breakable": breakable}
    return environment.get_template("page.html.jinja").render(
        material=material,
        summary=summary,
        range=range_words(summary.first_day, summary.last_day),
        headline=headline(material, summary),
        sections=[section(material, summary) for section in _SECTIONS],
        # The drawings escape every text themselves; the style sheet is a file of this package.
        drawing=Markup,
        style=Markup((_FOLDER / "style.css").read_text(encoding="utf-8")),
    )
