"""The page as a whole: self-contained, escaped, accessible, the same for the same records."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise

import polars as pl
import pytest

from agentic_assets.evidence.report import Material, build
from agentic_assets.evidence.report.sections.cases import picked
from agentic_assets.policy.analysis import analyse
from agentic_assets_tests.unit.evidence.report_material import POLICY, bare, material, summary

_EMPTY = {"meta", "link", "br", "hr", "img", "input", "wbr"}


class _Seen(HTMLParser):
    """Walk a page, refuse tags that do not close in order, and keep what tests ask about."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "wbr":
            self.words.append(" ")
        if tag not in _EMPTY:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag
        self.words.append(" ")

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] not in ("style", "title"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def _page(of: Material) -> str:
    return build(of, summary(of))


@pytest.fixture(scope="module")
def page() -> str:
    return _page(material(40))


def test_the_page_is_one_file_that_asks_for_nothing_else(page: str) -> None:
    seen = _Seen(page)
    targets = [value for _, attributes in seen.tags for name, value in attributes.items() if name in ("href", "src")]
    assert targets
    assert all(target == "data:," or str(target).startswith("#") for target in targets)
    assert set(re.findall(r"url\(([^)]*)\)", page)) == {"#hatch"}
    assert "@import" not in page
    assert not {"script", "iframe", "img", "object", "form"} & {tag for tag, _ in seen.tags}
    assert "default-src 'none'" in page


def test_every_link_within_the_page_leads_somewhere_and_no_id_stands_twice(page: str) -> None:
    seen = _Seen(page)
    ids = [attributes["id"] for _, attributes in seen.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {str(link["href"])[1:] for link in seen.all("a")} <= set(ids)


def test_headings_go_down_one_level_at_a_time(page: str) -> None:
    levels = [int(tag[1]) for tag, _ in _Seen(page).tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))


def test_every_drawing_says_in_words_what_it_shows_and_every_table_has_a_caption(page: str) -> None:
    seen = _Seen(page)
    charts = [svg for svg in seen.all("svg") if "chart" in str(svg.get("class"))]
    assert len(charts) >= 8
    assert all(svg["role"] == "img" and len(str(svg["aria-label"])) > 20 for svg in charts)
    assert len(seen.all("caption")) == len(seen.all("table")) >= 8


def test_the_same_records_give_the_same_page() -> None:
    assert _page(material(12)) == _page(material(12))


def test_another_running_time_changes_only_what_is_called_measured() -> None:
    of = material(12)
    first, second = (build(of, summary(of, seconds=seconds)) for seconds in (3.0, 99.0))
    assert first != second
    stated = re.compile(r"<span data-measured>[^<]*</span>")
    assert stated.sub("", first) == stated.sub("", second)


@pytest.mark.parametrize("column", ["reason", "entity", "rule", "verdict", "decision_id", "proposed_action"])
def test_a_decision_cannot_smuggle_markup_into_the_page(column: str) -> None:
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
    whole = material(3)
    of = replace(whole, decided=whole.decided.with_columns(pl.lit(evil).alias(column)))
    seen = _Seen(_page(of))
    assert not {"script", "img"} & {tag for tag, _ in seen.tags}
    assert not [name for _, attributes in seen.tags for name in attributes if name.startswith("on")]
    assert "<script>alert(1)</script>" in seen.text


def test_a_refused_value_is_shown_escaped_bounded_and_with_hidden_characters_made_visible() -> None:
    whole = material(3)
    value = "<script>alert(1)</script>\u202etxt\x00" + "x" * 5_000
    of = replace(whole, quarantined=whole.quarantined.with_columns(value=pl.lit(value)))
    page = _page(of)
    assert "<script>alert(1)</script>\\u202etxt\\u0000" in _Seen(page).text
    assert "\u202e" not in page
    assert "\x00" not in page
    assert "x" * 500 not in page


def test_texts_of_the_declarations_cannot_smuggle_markup_into_the_page_either() -> None:
    evil = "<script>alert(1)</script>"
    rules = tuple(replace(rule, message=evil) for rule in POLICY.rules)
    of = replace(
        material(3),
        title=evil,
        description=evil,
        noun=evil,
        label=evil,
        assumptions=evil,
        policy=replace(POLICY, rules=rules),
    )
    assert not _Seen(_page(of)).all("script")


def test_the_headline_says_what_was_decided_done_and_saved() -> None:
    of = material(40)
    told = summary(of)
    agent, legacy = told.strategies[0], told.strategies[1]
    words = _Seen(_page(of)).text.replace("\u2060", "").replace("\N{MINUS SIGN}", "-")
    assert f"In 40 days the agent took 2,400 decisions and acted on {agent.acted:,}" in words
    assert f"compared with doing nothing it saved ${agent.net_saved_per_day_usd:,} a day" in words
    assert f"the legacy rule would have {'lost' if legacy.net_saved_usd < 0 else 'saved'}" in words
    assert "assumed costs" in words
    assert "a failure costs $20,000" in words


def test_a_loss_is_called_a_loss() -> None:
    of = material(10)
    worse = replace(
        summary(of).strategies[0],
        net_saved_usd=-5_000,
        net_saved_per_day_usd=-500,
        net_saved_per_day_low_usd=-900,
        net_saved_per_day_high_usd=-100,
    )
    words = _Seen(build(of, summary(of, strategies=[worse]))).text.replace("\u2060", "")
    assert "it lost $500 a day (net saved [\N{MINUS SIGN}$900; \N{MINUS SIGN}$100])" in words
    assert "The whole interval lies below zero" in words


def test_an_interval_around_zero_is_not_called_a_saving() -> None:
    of = material(10)
    unsure = replace(summary(of).strategies[0], net_saved_per_day_low_usd=-900, net_saved_per_day_high_usd=2_000)
    assert "cannot be told from doing nothing" in _page(replace(of)) or "cannot be told from doing nothing" in build(
        of, summary(of, strategies=[unsure])
    )


def _without_outcomes(of: Material) -> Material:
    unknown = of.decided.with_columns(bad=pl.lit(None, pl.Boolean), loss_cents=pl.lit(None, pl.Int64))
    return replace(of, decided=unknown, scorecard=of.scorecard.clear())


def _without_actions(of: Material) -> Material:
    return replace(of, decided=of.decided.with_columns(effective_action=pl.lit("none"), proposed_action=pl.lit("none")))


def _nobody_acted(of: Material) -> Material:
    idle = {name: pl.lit(0, pl.Int64) for name in ("acted", "cost_cents", "avoided_cents", "net_saved_cents")}
    return replace(_without_actions(of), scorecard=of.scorecard.with_columns(**idle))


def _without_scores(of: Material) -> Material:
    return replace(of, decided=of.decided.with_columns(score_bp=pl.lit(None, pl.Int32)))


def _without_legacy(of: Material) -> Material:
    return replace(
        of,
        decided=of.decided.with_columns(legacy_action=pl.lit(None, pl.String)),
        scorecard=of.scorecard.filter(pl.col("strategy") != "legacy"),
    )


def _with_one_outcome(of: Material) -> Material:
    return replace(of, decided=of.decided.with_columns(bad=pl.lit(value=False)))


def _without_models(of: Material) -> Material:
    return replace(of, models=of.models.with_columns(trees=pl.lit(0, pl.Int32)))


def test_what_the_analysis_finds_stands_below_the_rules_worst_first() -> None:
    of = replace(material(), findings=analyse(POLICY))
    page = _Seen(_page(of))
    assert "Gaps, overlaps and doubts that a solver finds in" in page.text
    assert "no rule matches some proposals of" in page.text
    said = page.text.partition("Gaps, overlaps and doubts")[2]
    worst = [
        said.index(grade) for grade in (" warning ", " note ") if grade.strip() in {one.severity for one in of.findings}
    ]
    assert worst == sorted(worst)
    assert "Gaps, overlaps and doubts" not in _page(material())


def _without_rules(of: Material) -> Material:
    return replace(of, policy=replace(POLICY, rules=(), quotas=(), escalation=None))


_DEGRADED: list[tuple[Callable[[Material], Material], str]] = [
    (_without_outcomes, "what came of them is not known yet"),
    (_without_actions, "No action was taken"),
    (_nobody_acted, "Nobody acted on these days, so there is nothing to draw"),
    (_nobody_acted, "and acted on none."),
    (_without_scores, "No model served on these days, so there was no risk to act on"),
    (_without_scores, "no decision carries a score"),
    (_without_legacy, "compared with doing nothing"),
    (_with_one_outcome, "Ranking cannot be judged: none of them was failed"),
    (_without_models, "without a model the agent proposed nothing"),
    (_without_rules, "Verdicts by rule"),
    (lambda of: replace(of, kpis=of.kpis.clear()), "No operating figures are published"),
    (lambda of: replace(of, models=of.models.clear()), "No month of this range has a row"),
    (lambda of: replace(of, sources=(), quarantined=of.quarantined.clear()), "No source was read"),
    (lambda of: replace(of, quarantined=of.quarantined.clear()), "The quarantine holds no row"),
    (lambda of: replace(of, pins=()), "No decision, so no versions"),
]


@pytest.mark.parametrize("days", [1, 40])
@pytest.mark.parametrize(("change", "said"), _DEGRADED)
def test_what_is_missing_is_said_in_words(change: Callable[[Material], Material], said: str, days: int) -> None:
    assert said in _Seen(_page(change(material(days)))).text


def test_a_range_in_which_nothing_was_published_still_gives_a_page() -> None:
    words = _Seen(_page(bare())).text
    assert "No decision is recorded for 20 to 21 January 2013." in words
    assert "Nothing is sealed" in words


def test_one_day_is_not_given_an_interval() -> None:
    words = _Seen(_page(material(1))).text
    assert "On 20 January 2013 the agent took 60 decisions" in words
    assert "One day is too little for an interval" in words


def test_days_without_decisions_are_named_and_hatched() -> None:
    whole = material(12)
    lost = date(2013, 1, 23)
    kept = {name: getattr(whole, name).filter(pl.col("day") != lost) for name in ("decided", "scorecard", "kpis")}
    of = replace(whole, **kept)
    page = _page(of)
    assert "1 day of 12 days without decisions: 23 January 2013" in _Seen(page).text
    assert page.count('class="missing"') > _page(whole).count('class="missing"')


def test_every_rule_is_listed_with_its_message_even_if_it_never_fired(page: str) -> None:
    words = _Seen(page).text
    for entry in POLICY.entries:
        assert entry.id in words
        assert entry.message.rstrip(".") in words


def test_decisions_judged_under_another_policy_are_pointed_out() -> None:
    whole = material(12)
    old = pl.when(pl.col("day") < date(2013, 1, 25)).then(pl.lit("plant@1.0.0")).otherwise("policy").alias("policy")
    words = _Seen(_page(replace(whole, decided=whole.decided.with_columns(old)))).text
    assert "Some decisions were judged under plant@1.0.0" in words


def test_picked_decisions_are_what_their_reason_says_and_stand_in_the_page_with_their_ids(page: str) -> None:
    found = dict(picked(material(40)))
    assert len({row["decision_id"] for row in found.values()}) == len(found) >= 8
    assert all(row["decision_id"] in page for row in found.values())
    assert found["Put before a person, with the most at stake"]["verdict"] == "escalate"
    assert found["Denied, with the most at stake"]["verdict"] == "deny"
    assert found["Decided while no model served"]["score_bp"] is None
    missed = found["Missed: the greatest loss at the lowest stated risk"]
    assert missed["bad"]
    assert missed["effective_action"] == "none"


def test_the_ledger_head_the_key_and_the_commands_to_check_are_given(page: str) -> None:
    assert "\N{EM DASH} example.com/plant Cx8bEvZ0aGlz" in page
    assert "example.com/plant+0a1b2c3d+AbCdEf==" in page
    assert "agentic verify" in page


def test_the_page_of_a_year_stays_small() -> None:
    assert len(_page(material(365, 30, first=date(2013, 1, 1))).encode()) < 1_000_000
