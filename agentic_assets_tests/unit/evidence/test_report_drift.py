"""The section on drift: every day's verdict, the reasons, and how well it pointed at the days that turned out bad."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from agentic_assets.evidence.report import Material, build
from agentic_assets.evidence.report.drawing import Gauge, watched
from agentic_assets.evidence.report.sections import drift
from agentic_assets.features.drift import SCHEMA
from agentic_assets_tests.e2e.browser import chromium, visit
from agentic_assets_tests.unit.evidence.report_material import bare, material, summary

REASON = "view sky stopped: `sky_age` <b>far</b> outside"


def with_verdicts(verdicts: Mapping[int, str], days: int = 40) -> Material:
    """Give a material whose days are steady but for those named by their place."""
    of = material(days)
    rows = []
    for place, day in enumerate(of.days):
        verdict = verdicts.get(place, "steady")
        judged = verdict != "unjudged"
        common = {"day": day, "view": "sky", "history": 20, "verdict": verdict, "reason": REASON}
        rows += [
            {
                **common,
                "measure": "psi",
                "feature": name,
                "value": 0.2,
                "threshold": 0.1 if judged else None,
                "over": judged,
            }
            for name in ("heat", "haze")
        ]
        rows.append(
            {
                **common,
                "measure": "mean",
                "feature": "waiting",
                "value": 1.0 + place,
                "threshold": 9.0,
                "over": place > 8,
            }
        )
    frame = pl.DataFrame(rows, schema=SCHEMA)
    return replace(of, drift=frame, drift_limitations="Chosen looking at one year.")


def bad_days(of: Material) -> list[int]:
    shares = of.decided.group_by("day").agg(pl.col("bad").mean()).filter(pl.col("bad") > 0.3)
    return [of.days.index(day) for day in shares.get_column("day")]


def test_the_takeaway_counts_days_by_verdict_and_the_bad_days_that_were_flagged() -> None:
    of = material(40)
    [hit, *_] = bad = bad_days(of)
    quiet = next(place for place in range(3, 40) if place not in bad)
    made = with_verdicts({0: "unjudged", hit: "drift", quiet: "drift", 39: "incident"})
    said = drift(made, summary(made)).takeaway
    assert said.startswith(
        "36 days were steady, 2 days drifted, 1 day was an incident of the data and 1 day had too little"
    )
    assert (
        f"Of the {len(bad)} days on which more than 30\N{NO-BREAK SPACE}% of the machines were failed, 1 had drifted"
        in said
    )
    assert said.endswith("so had 1 other day.")


def test_incidents_stand_open_with_their_reasons_escaped_and_code_marked() -> None:
    made = with_verdicts({30: "incident"})
    page = build(made, summary(made))
    assert "Incidents: data that broke" in page
    assert "view sky stopped: <code>sky_age</code> &lt;b&gt;far&lt;/b&gt; outside" in page
    assert "Chosen looking at one year." in page


def test_a_range_without_verdicts_says_so() -> None:
    section = drift(bare(), summary(bare()))
    assert section.takeaway == "No verdict on the features of these days is published."
    assert section.blocks == ()


def test_a_steady_month_says_that_nothing_was_flagged() -> None:
    made = with_verdicts({})
    assert "No day drifted, and none was an incident." in build(made, summary(made))


def test_each_value_above_its_threshold_is_a_dot_and_no_line_crosses_a_gap() -> None:
    first = date(2013, 1, 1)
    values = {date(2013, 1, day): float(day) for day in (1, 2, 5, 6)}
    gauge = Gauge("waiting", values, dict.fromkeys(values, 4.5))
    drawn = watched(
        {first: "quiet"}, [gauge], first=first, days=6, label="x", strip="Verdict", marks="Bad", marked=[first]
    )
    assert drawn.count("<circle") == 2
    assert len(re.findall(r'<path d="[^"]+" class="track thin line-agent"', drawn)) == 2
    assert drawn.count('class="fill-bad"') == 1


@pytest.mark.browser
def test_a_browser_shows_the_section_without_sideways_scrolling(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    made = with_verdicts({3: "unjudged", 20: "drift", 39: "incident"})
    path.write_text(build(made, summary(made)), encoding="utf-8")
    with chromium() as browser:
        for width in (360, 1280):
            with visit(browser, path.as_uri(), width=width) as opened:
                assert opened.page.locator("#drift svg >> visible=true").count() == 1
                assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
                assert opened.errors == []
