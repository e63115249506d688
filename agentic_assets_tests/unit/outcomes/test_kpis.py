from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from agentic_assets.outcomes import daily_kpis, timing

DAY = date(2013, 2, 8)

#    id   verdict      proposed effective score confidence model pin
ROWS = [
    ("1", "allow", "small", "small", 3_000, 6_000, "m1"),
    ("2", "transform", "big", "small", 4_000, 6_000, "m1"),
    ("3", "deny", "big", "none", 5_000, 6_000, "m1"),
    ("4", "escalate", "big", "none", 6_000, 6_000, "m1"),
    ("5", "warn", "big", "big", None, 6_000, "m1"),
    ("6", "allow", "none", "none", 100, 6_000, None),
]
COLUMNS = [
    "decision_id",
    "verdict",
    "proposed_action",
    "effective_action",
    "score_bp",
    "confidence_bp",
    "model_digest",
]


def _kpis(
    *,
    outcomes: str = "123456",
    sealed: str = "123456",
    executed: str = "125",
    more: tuple[tuple[object, ...], ...] = (),
    superseding: int = 0,
) -> dict[str, object]:
    decisions = pl.DataFrame(
        [*ROWS, *more],
        schema=COLUMNS,
        orient="row",
    ).with_columns(entity=pl.col("decision_id"), day=pl.lit(DAY))
    waited = pl.int_range(pl.len()) < superseding
    decisions = decisions.with_columns(supersedes=pl.when(waited).then(pl.lit("0")))
    return daily_kpis(
        decisions,
        outcomes=pl.DataFrame({"entity": list(outcomes)}, schema={"entity": pl.String}),
        sealed=pl.DataFrame({"decision_id": list(sealed)}, schema={"decision_id": pl.String}),
        executed=pl.DataFrame({"decision_id": list(executed)}, schema={"decision_id": pl.String}),
        pins=["model_digest"],
        idle="none",
    ).row(0, named=True)


def test_a_day_is_counted_by_hand() -> None:
    assert _kpis() == {
        "day": DAY,
        "decisions": 6,
        "unscored": 1,
        "acted": 3,
        "undelivered": 0,
        "violations": 2,
        "escalated": 1,
        "complete": 5,
        "failure_bp": 0,
        "violation_bp": 3_333,
        "toil_bp": 1_667,
        "completeness_bp": 8_333,
    }


def test_a_denied_proposal_to_do_nothing_is_no_violation_but_an_abstention_is_unscored() -> None:
    kpis = _kpis(more=(("7", "deny", "none", "none", 0, 0, "m1"),))

    assert (kpis["violations"], kpis["unscored"]) == (2, 2)


def test_an_action_that_nothing_executed_is_a_failure() -> None:
    kpis = _kpis(executed="1")

    assert (kpis["undelivered"], kpis["failure_bp"]) == (2, 6_667)


def test_an_escalated_action_that_waits_is_no_failure() -> None:
    assert _kpis(executed="125")["undelivered"] == 0


@pytest.mark.parametrize(("missing", "complete"), [({"outcomes": "2346"}, 3), ({"sealed": ""}, 0)])
def test_the_trail_is_complete_only_with_outcome_leaf_and_pins(missing: dict[str, str], complete: int) -> None:
    assert _kpis(**missing)["complete"] == complete  # type: ignore[arg-type]


def test_timing_weighs_each_decision_by_its_own_batch() -> None:
    found = timing([(99, 0.000_99), (1, 0.5)])

    assert (found.decisions, found.p50_us, found.p99_us) == (100, 10, 10)
    assert timing([(98, 0.000_98), (2, 1.0)]).p99_us == 500_000
    assert found.decisions_per_second == pytest.approx(100 / 0.50099)


def test_timing_of_nothing_is_zero() -> None:
    assert timing([]).decisions_per_second == 0.0


def test_an_escalation_that_a_person_answered_was_toil_all_the_same() -> None:
    assert _kpis(superseding=1)["escalated"] == 2
