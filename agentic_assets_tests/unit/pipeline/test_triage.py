from __future__ import annotations

from dataclasses import replace

import pytest

from agentic_assets.errors import NotFound, RulingRefused
from agentic_assets.pipeline import Choice, Engine, Ruling, Said, State, Verdict
from agentic_assets.pipeline.reach import resting_on
from agentic_assets.pipeline.triage import Recorded, rule_on
from agentic_assets_tests.unit.pipeline.conftest import CALENDAR, Toy
from agentic_assets_tests.unit.pipeline.ruling import READINGS, bad, quarantined, run_all, values

DAY = "2013-01-03"


def _said(verdict: Verdict, **correction: str | None) -> Said:
    return Said(verdict, "a test", "ada", correction)


def _rule(engine: Engine, choice: Choice, said: Said, day: str = DAY) -> Recorded:
    return rule_on(engine, engine.graph[READINGS], day, choice, said)


@pytest.fixture
def engine(toy: Toy) -> Engine:
    """An engine after a run in which row 5 held a word and row 9 a value out of range."""
    bad(toy, DAY, {"m05": "far", "m09": "5000"})
    made = toy.engine()
    run_all(made)
    return made


def test_a_release_that_would_break_a_rule_still_is_refused_with_the_rule_and_leaves_nothing(engine: Engine) -> None:
    with pytest.raises(RulingRefused, match=r"row 5: range\(value\)") as refused:
        _rule(engine, Choice((5,)), _said(Verdict.RELEASE, value="-4"))
    assert "nothing was recorded" in str(refused.value)
    assert engine.rulings.of(READINGS) == {}


def test_of_several_releases_all_are_recorded_or_none(engine: Engine) -> None:
    with pytest.raises(RulingRefused, match="row 9"):
        _rule(engine, Choice((5, 9)), _said(Verdict.RELEASE, meter="m77", value="3"))
    assert engine.rulings.of(READINGS) == {}


def test_a_release_that_would_cost_a_good_row_is_refused(engine: Engine) -> None:
    with pytest.raises(RulingRefused, match="row 5"):
        _rule(engine, Choice((5,)), _said(Verdict.RELEASE, value="3", meter="m01"))


def test_a_release_is_tried_together_with_the_rulings_that_stand(engine: Engine) -> None:
    recorded = _rule(engine, Choice((5,)), _said(Verdict.RELEASE, value="3"))
    assert [ruling.number for ruling in recorded.rulings] == [1]
    recorded = _rule(engine, Choice(rule="range(value)"), _said(Verdict.DROP))
    assert recorded.ruled.result.valid.height == 39
    run_all(engine)
    assert values(engine, DAY)["m05"] == 3
    assert quarantined(engine, DAY).get_column("source_row").to_list() == [9]


def test_all_means_what_still_waits(engine: Engine) -> None:
    _rule(engine, Choice((5,)), _said(Verdict.DROP))
    recorded = _rule(engine, Choice(everything=True), _said(Verdict.DROP))
    assert [ruling.source_row for ruling in recorded.rulings] == [9]
    with pytest.raises(NotFound, match="no row of sources/readings 2013-01-03 waits"):
        _rule(engine, Choice(everything=True), _said(Verdict.DROP))


def test_a_row_that_is_not_in_quarantine_is_refused_with_those_that_are(engine: Engine) -> None:
    with pytest.raises(NotFound, match=r"has no row 6 in quarantine\nhint: in quarantine: row 5, 9"):
        _rule(engine, Choice((6, 9)), _said(Verdict.DROP))


def test_a_day_without_quarantine_says_so(engine: Engine) -> None:
    with pytest.raises(NotFound, match="every row passes"):
        _rule(engine, Choice((6,)), _said(Verdict.DROP), "2013-01-04")


def test_withdrawing_needs_a_ruling(engine: Engine) -> None:
    with pytest.raises(NotFound, match="nobody ruled"):
        _rule(engine, Choice((5,)), _said(Verdict.WITHDRAW))


def test_an_obsolete_ruling_can_be_withdrawn(engine: Engine, toy: Toy) -> None:
    _rule(engine, Choice((5,)), _said(Verdict.DROP))
    bad(toy, DAY, {"m05": "31"})
    later = toy.engine()
    run_all(later)
    recorded = _rule(later, Choice((5,)), _said(Verdict.WITHDRAW))
    assert [(ruling.number, ruling.verdict) for ruling in recorded.rulings] == [(2, Verdict.WITHDRAW)]


@pytest.mark.parametrize(
    ("correction", "said"),
    [
        ({"colour": "red"}, "no column `colour`"),
        ({"source_row": "1"}, "no column `source_row`"),
    ],
)
def test_only_columns_of_the_contract_can_be_corrected(engine: Engine, correction: dict[str, str], said: str) -> None:
    with pytest.raises(RulingRefused, match=said):
        _rule(engine, Choice((5,)), _said(Verdict.RELEASE, **correction))


def test_a_ruling_cannot_move_a_row_into_another_partition(engine: Engine) -> None:
    with pytest.raises(RulingRefused, match="`day` says in which partition"):
        _rule(engine, Choice((5,)), _said(Verdict.RELEASE, day="2013-01-04", value="1"))


def test_nobody_rules_on_what_was_done_outside_of_the_lake(engine: Engine) -> None:
    with pytest.raises(RulingRefused, match="records what was done outside"):
        rule_on(engine, replace(engine.graph[READINGS], effects=True), DAY, Choice((5,)), _said(Verdict.DROP))


def test_a_refused_partition_passes_once_its_bad_rows_are_dropped(toy: Toy) -> None:
    bad(toy, DAY, {f"m{number:02d}": "far" for number in range(10)})
    engine = toy.engine()
    assert run_all(engine)[READINGS][2].state is State.REFUSED
    recorded = _rule(engine, Choice((0, 1, 2)), _said(Verdict.DROP))
    assert recorded.ruled.result.refused, "7 of 37 are still too many, and that is no reason to forget three rulings"
    assert not _rule(engine, Choice(everything=True), _said(Verdict.DROP)).ruled.result.refused
    found = run_all(engine)
    assert found[READINGS][2].state is State.PUBLISHED
    assert found["features/totals"][2].state is State.PUBLISHED
    assert engine.refusals.standing(READINGS) == {}


def test_somebody_elses_ruling_in_between_is_seen(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    record, calls = engine.rulings.record, list[int]()

    def overtaken(asset: str, partition: str, made: list[Ruling], *, after: int) -> bool:
        calls.append(after)
        if len(calls) == 1:
            other = engine.examine(engine.graph[READINGS], DAY).names[1]
            assert record(asset, partition, [Ruling(*other, 9, Verdict.DROP, "r", "eve")], after=after)
        return record(asset, partition, made, after=after)

    monkeypatch.setattr(engine.rulings, "record", overtaken)
    recorded = _rule(engine, Choice((5,)), _said(Verdict.RELEASE, value="3"))
    assert calls == [0, 1]
    assert recorded.rulings[0].number == 2
    assert recorded.ruled.result.valid.height == 39


def test_what_rests_on_a_partition_is_what_reads_it_and_was_made(engine: Engine) -> None:
    graph = engine.graph
    every = resting_on(graph, READINGS, [DAY], lambda asset: CALENDAR.days())
    assert every == {"features/totals": ("2013-01-03", "2013-01-04", "2013-01-05")}
    assert resting_on(graph, READINGS, [DAY], lambda asset: ("2013-01-04",)) == {"features/totals": ("2013-01-04",)}
    assert resting_on(graph, "features/totals", [DAY], lambda asset: CALENDAR.days()) == {}
