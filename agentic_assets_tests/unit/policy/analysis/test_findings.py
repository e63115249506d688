"""Each kind of finding: when it is made, when not, and that its row does what the finding says."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentic_assets.language import DTYPES
from agentic_assets.policy import RuleSet, judge, load_ruleset
from agentic_assets.policy.analysis import KINDS, Fact, Finding, analyse
from agentic_assets.policy.places import lines_of
from agentic_assets_tests.unit.policy.cases import policy, quota, rule, write


def _found(ruleset: RuleSet, *kinds: str, **options: Any) -> list[Finding]:
    return [finding for finding in analyse(ruleset, **options) if not kinds or finding.kind in kinds]


def _kinds(ruleset: RuleSet, entry: str, **options: Any) -> list[tuple[str, str]]:
    return [(one.kind, one.severity) for one in analyse(ruleset, **options) if one.entries[:1] == (entry,)]


def _judged(ruleset: RuleSet, row: Mapping[str, Any]) -> dict[str, Any]:
    """Judge a row by the rules alone; quotas look at other rows."""
    schema = {name: DTYPES[type_] for name, type_ in ruleset.reads.items()}
    frame = pl.DataFrame([dict(row)], schema=schema)
    return judge(frame, dataclasses.replace(ruleset, quotas=())).row(0, named=True)


def _conditions(ruleset: RuleSet, row: Mapping[str, Any]) -> dict[str, bool | None]:
    return {entry.id: entry.when.test(row) for entry in ruleset.rules}


def _does_what_it_says(finding: Finding, ruleset: RuleSet) -> bool:
    """Say whether the row of a finding shows it, by the backend for batches."""
    if finding.row is None:
        return True
    judged = _judged(ruleset, finding.row)
    fired = ruleset.fired_ids(judged["fired"])
    first = finding.entries[0] if finding.entries else None
    match finding.kind, finding.severity:
        case "gap", _:
            return judged["rule"] is None and finding.row["action"] != "none"
        case "overlap", _:
            return judged["rule"] == first and finding.entries[1] in fired
        case (("shadowed" | "contradiction"), _):
            return first in fired and judged["rule"] != first and any(one in fired for one in finding.entries[1:])
        case "transform-chain", _:
            proposed = next(one.to for one in ruleset.entries if one.id == first)
            would = _judged(ruleset, {**finding.row, "action": proposed})
            return judged["verdict"] not in ("deny", "escalate") and would["rule"] == finding.entries[1]
        case "never-true", "error":
            return first in fired and _conditions(ruleset, finding.row)[str(first)] is None
        case (("never-true" | "rounding"), _):
            return first in fired
        case "tautology", _:
            return first not in fired
        case _:
            return False


@pytest.mark.parametrize(
    "when",
    [
        "score > 2 AND score < 1",
        "minute > 3 AND minute < 4",
        "origin = 'EWR' AND origin IN ('JFK', 'LGA')",
        "action = 'notify' AND action = 'standby'",
        "day > DATE '2013-01-02' AND day < DATE '2013-01-01'",
        "late AND NOT late",
        "minute * 2 = 7",
        "minute IS NULL AND minute > 1",
        "action IS NULL",
        "FALSE",
    ],
)
def test_a_condition_that_can_never_be_true_is_an_error(tmp_path: Path, when: str) -> None:
    ruleset = policy(tmp_path, rule("r", when, "warn"))
    assert ("never-true", "error") in _kinds(ruleset, "r")


def test_a_rule_that_fires_on_null_only_is_shown_with_the_null(tmp_path: Path) -> None:
    ruleset = policy(tmp_path, rule("r", "score > 2 AND score < 1", "deny"))
    [finding] = _found(ruleset, "never-true")
    assert finding.row is not None
    assert finding.row["score"] is None
    assert "fires only where it is null, e.g. action = 'notify', score = null" in finding.message


@pytest.mark.parametrize(
    ("when", "verdict", "severity"),
    [
        ("score > 1 OR score <= 1 OR score IS NULL", "warn", "error"),
        ("score > 1 OR score <= 1", "deny", "error"),
        ("score > 1 OR score <= 1", "warn", "warning"),
        ("late OR NOT late", "warn", "warning"),
        ("action IN ('none', 'notify', 'standby')", "warn", "error"),
        ("action <> 'none' OR action = 'none'", "allow", "error"),
        ("minute < 5 OR minute > 4", "escalate", "error"),
    ],
)
def test_a_condition_that_is_always_true_is_found(tmp_path: Path, when: str, verdict: str, severity: str) -> None:
    ruleset = policy(tmp_path, rule("r", when, verdict))
    assert ("tautology", severity) in _kinds(ruleset, "r")


def test_a_last_rule_that_says_true_is_meant(tmp_path: Path) -> None:
    ruleset = policy(tmp_path, rule("late", "late", "deny"), rule("rest", "TRUE", "warn"))
    assert _kinds(ruleset, "rest") == []
    assert _found(ruleset, "gap") == []


def test_a_rule_that_an_earlier_one_covers_is_shadowed(tmp_path: Path) -> None:
    ruleset = policy(
        tmp_path, rule("wide", "score > 1", "warn"), rule("narrow", "score > 2 AND late", "deny", on_null="skip")
    )
    [finding] = _found(ruleset, "shadowed")
    assert (finding.severity, finding.entries) == ("error", ("narrow", "wide"))
    assert "`narrow` (deny) never wins: `wide` (warn) matches first" in finding.message


def test_a_rule_that_only_several_earlier_ones_cover_names_just_those(tmp_path: Path) -> None:
    ruleset = policy(
        tmp_path,
        rule("other", "origin = 'EWR'", "warn"),
        rule("low", "score < 1", "deny", on_null="skip"),
        rule("high", "score >= 1", "warn"),
        rule("never_wins", "score BETWEEN 0 AND 2", "escalate", on_null="skip"),
    )
    [finding] = _found(ruleset, "shadowed")
    assert finding.entries == ("never_wins", "low", "high")


def test_what_null_means_to_a_rule_decides_whether_it_is_shadowed(tmp_path: Path) -> None:
    # Of a null score the second rule fires and the first does not: it wins there.
    wins = policy(tmp_path, rule("warns", "score > 1", "warn"), rule("denies", "score > 2", "deny"))
    assert _found(wins, "shadowed") == []
    skips = policy(tmp_path, rule("warns", "score > 1", "warn"), rule("denies", "score > 2", "deny", on_null="skip"))
    assert len(_found(skips, "shadowed")) == 1


def test_a_shadowed_rule_of_the_same_verdict_is_a_warning(tmp_path: Path) -> None:
    ruleset = policy(tmp_path, rule("wide", "score > 1", "deny"), rule("narrow", "score > 2", "deny"))
    assert _kinds(ruleset, "narrow") == [("shadowed", "warning")]


def test_rules_that_match_the_same_rows_and_want_different_things_contradict_each_other(tmp_path: Path) -> None:
    ruleset = policy(tmp_path, rule("deny_late", "late", "deny"), rule("allow_late", "NOT (NOT late)", "escalate"))
    [finding] = _found(ruleset, "contradiction", "shadowed")
    assert (finding.kind, finding.severity, finding.entries) == ("contradiction", "error", ("allow_late", "deny_late"))


@pytest.mark.parametrize(
    ("first", "second", "severity"),
    [
        (("warn", {}), ("deny", {}), "warning"),
        (("transform", {"to": "notify"}), ("escalate", {}), "warning"),
        (("transform", {"to": "notify"}), ("transform", {"to": "none"}), "warning"),
        (("allow", {}), ("deny", {}), "note"),
        (("deny", {}), ("warn", {}), "note"),
        (("deny", {}), ("deny", {}), None),
    ],
)
def test_an_overlap_is_as_grave_as_the_milder_rule_comes_first(
    tmp_path: Path, first: Any, second: Any, severity: str | None
) -> None:
    ruleset = policy(tmp_path, rule("a", "score > 1", first[0], **first[1]), rule("b", "late", second[0], **second[1]))
    found = _found(ruleset, "overlap")
    assert [one.severity for one in found] == ([] if severity is None else [severity])
    assert all(one.entries == ("a", "b") for one in found)


def test_rules_that_exclude_each_other_do_not_overlap(tmp_path: Path) -> None:
    ruleset = policy(
        tmp_path,
        rule("a", "score > 1 AND action = 'notify'", "warn"),
        rule("b", "action = 'standby' AND late", "deny", on_null="skip"),
    )
    assert _found(ruleset, "overlap") == []


def test_rows_that_an_earlier_rule_settles_are_no_overlap_of_later_ones(tmp_path: Path) -> None:
    ruleset = policy(
        tmp_path,
        rule("first", "late", "deny"),
        rule("mild", "late AND score > 1", "deny"),
        rule("a", "NOT late AND score > 1", "warn"),
        rule("b", "late IS NULL OR late", "escalate", on_null="skip"),
    )
    assert [one.entries for one in _found(ruleset, "overlap") if one.severity == "warning"] == []


def test_a_gap_is_shown_with_a_row_that_no_rule_matches(tmp_path: Path) -> None:
    ruleset = policy(
        tmp_path,
        rule("notices", "action = 'notify'", "warn"),
        rule("low", "score < 1", "deny"),
        rule("high", "score > 1", "deny"),
    )
    [finding] = _found(ruleset, "gap")
    assert (finding.severity, finding.entries) == ("note", ())
    assert finding.row is not None
    assert (finding.row["action"], finding.row["score"]) == ("standby", 1.0)
    assert (
        "some proposals of standby: they are allowed as proposed, e.g. action = 'standby', score = 1" in finding.message
    )


@pytest.mark.parametrize("probing", [True, False])
def test_an_action_put_in_place_behind_the_back_of_a_rule_is_found(tmp_path: Path, probing: bool) -> None:
    ruleset = policy(
        tmp_path,
        rule("tell_instead", "action = 'standby' AND score < 2", "transform", to="notify"),
        rule("no_late_notice", "action = 'notify' AND score < 1", "deny"),
    )
    [finding] = _found(ruleset, "transform-chain", probing=probing)
    assert (finding.severity, finding.entries) == ("warning", ("tell_instead", "no_late_notice"))
    careful = policy(
        tmp_path,
        rule("tell_instead", "action = 'standby' AND score BETWEEN 1 AND 2", "transform", to="notify"),
        rule("no_late_notice", "action = 'notify' AND score < 1", "deny"),
    )
    assert _found(careful, "transform-chain", probing=probing) == []


def test_what_a_quota_puts_in_place_is_held_against_the_rules_too(tmp_path: Path) -> None:
    over = quota("q", "standby", 1, "transform", to="notify")
    ruleset = policy(tmp_path, rule("no_notice", "action = 'notify' AND late", "deny", on_null="skip"), quotas=(over,))
    [finding] = _found(ruleset, "transform-chain")
    assert finding.entries == ("q", "no_notice")
    denied = policy(
        tmp_path,
        rule("no_late", "late", "deny"),
        rule("no_notice", "action = 'notify' AND late", "deny"),
        quotas=(over,),
    )
    assert _found(denied, "transform-chain") == []


@pytest.mark.parametrize(
    ("rules", "quotas", "binds"),
    [
        ([], [quota("q", "standby", 8, "deny")], True),
        ([rule("r", "action = 'standby'", "deny")], [quota("q", "standby", 8, "deny")], False),
        ([rule("r", "action = 'standby' AND late", "deny")], [quota("q", "standby", 8, "deny")], True),
        (
            [rule("s", "action = 'standby'", "deny"), rule("r", "late", "transform", to="standby")],
            [quota("q", "standby", 8, "deny")],
            True,
        ),
        ([], [{**quota("q", "standby", 1, "deny"), "per": ["entity", "minute"]}], False),
        ([], [{**quota("q", "standby", 0, "deny"), "per": ["entity", "minute"]}], True),
        ([], [quota("other", "standby", 3, "deny"), quota("q", "standby", 8, "deny")], False),
        ([], [quota("other", "standby", 9, "deny"), quota("q", "standby", 8, "deny")], True),
        ([], [quota("other", "standby", 3, "warn"), quota("q", "standby", 8, "deny")], True),
        (
            [rule("r", "action = 'notify'", "deny")],
            [quota("other", "standby", 3, "transform", to="notify"), quota("q", "notify", 8, "deny")],
            True,
        ),
    ],
)
def test_a_quota_that_can_never_bind_is_an_error(tmp_path: Path, rules: Any, quotas: Any, binds: bool) -> None:
    ruleset = policy(tmp_path, *rules, quotas=tuple(quotas))
    assert [one.entries[0] for one in _found(ruleset, "quota-never-binds")] == ([] if binds else ["q"])


_RESOURCE: dict[str, Any] = {
    "id": "aircraft",
    "action": "standby",
    "capacity": 2,
    "per": ["origin", "day"],
    "utility": "minute * 100",
    "settle": {"by": "award"},
    "over": {"verdict": "transform", "to": "notify", "message": "none left"},
}


def test_a_resource_is_looked_at_as_a_quota_is(tmp_path: Path) -> None:
    denied = policy(tmp_path, rule("r", "action = 'standby'", "deny"), resources=[_RESOURCE])
    assert [one.entries for one in _found(denied, "quota-never-binds")] == [("aircraft",)]
    behind = policy(tmp_path, quotas=(quota("q", "standby", 2, "deny"),), resources=[_RESOURCE])
    assert [one.entries for one in _found(behind, "quota-never-binds")] == [("q", "aircraft")]
    chained = policy(tmp_path, rule("no_notice", "action = 'notify' AND late", "deny"), resources=[_RESOURCE])
    assert [one.entries for one in _found(chained, "transform-chain")] == [("aircraft", "no_notice")]
    assert "minute" not in _found(chained, "unused-read")[0].message


def test_columns_that_nothing_reads_and_escalations_that_nobody_causes_are_named(tmp_path: Path) -> None:
    ruleset = policy(tmp_path, rule("r", "late", "deny"), quotas=(quota("q", "notify", 1, "deny"),))
    unused = _found(ruleset, "unused-read", "unused-escalation")
    assert ["`score` must be given" in unused[0].message, "yard_master is to settle" in unused[1].message] == [
        True,
        True,
    ]


def test_a_rule_that_only_a_broken_promise_lets_fire_is_a_guard_and_no_mistake(tmp_path: Path) -> None:
    ruleset = policy(tmp_path, rule("guard", "minute < 0", "deny", on_null="skip"), rule("late", "late", "deny"))
    facts = {"minute": (Fact("yard/rows@1.0.0", required=True, minimum=0),)}
    assert _kinds(ruleset, "guard", facts=facts) == [("never-true", "note")]
    [finding] = _found(ruleset, "never-true", facts=facts)
    assert "only where a promise of yard/rows@1.0.0 is broken" in finding.message


def test_rows_that_are_shown_keep_what_is_promised(tmp_path: Path) -> None:
    ruleset = policy(tmp_path, rule("a", "score < 0.5", "warn"), rule("b", "late", "deny"))
    facts = {
        "origin": (Fact("c", required=True, values=("LGA", "JFK")),),
        "score": (Fact("c", minimum=0.25, maximum=1.0, open_left=True),),
        "day": (Fact("c", minimum=date(2014, 1, 1)),),
    }
    for finding in _found(ruleset, "gap", "overlap", facts=facts):
        assert finding.row is not None
        assert all(fact.admits(finding.row[name]) for name, told in facts.items() for fact in told)


def test_what_is_true_only_where_doubles_round_is_told_as_such(tmp_path: Path) -> None:
    ruleset = policy(tmp_path, rule("r", "score + 1 = score", "deny", on_null="skip"))
    [finding] = _found(ruleset, "rounding", "never-true")
    assert (finding.kind, finding.severity) == ("rounding", "warning")
    assert _does_what_it_says(finding, ruleset)


def test_a_proof_about_rules_that_compute_says_that_doubles_round(tmp_path: Path) -> None:
    computed = _found(policy(tmp_path, rule("r", "minute * 2 = 7", "warn")), "never-true")[0]
    compared = _found(policy(tmp_path, rule("r", "minute > 3 AND minute < 4", "warn")), "never-true")[0]
    assert (computed.exact, compared.exact) == (False, True)
    assert computed.message.endswith("proven for exact numbers, doubles can round")


def test_a_question_that_takes_too_many_steps_is_left_open_and_said_to_be(tmp_path: Path) -> None:
    hard = "minute * minute * minute + minute * minute = 123456789 AND score * score * score = 7 * minute + score"
    ruleset = policy(tmp_path, rule("r", hard, "deny", on_null="skip"))
    assert ("undecided", "note") in _kinds(ruleset, "r", limit=2_000)


def test_rows_that_nobody_would_try_are_found_by_the_solver(tmp_path: Path) -> None:
    hidden = "minute * 7 = 8642 + score * 2 AND score > 1000 AND score < 1003 AND origin > 'EWR' AND origin < 'EWRb'"
    ruleset = policy(tmp_path, rule("r", hidden, "warn"), rule("s", f"{hidden} AND late", "deny", on_null="skip"))
    [finding] = _found(ruleset, "shadowed")
    assert finding.row is not None
    assert finding.row["minute"] * 7 == 8642 + finding.row["score"] * 2
    assert _does_what_it_says(finding, ruleset)


def test_lines_stand_beside_rules_and_parts_of_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, rules=[rule("a", "late", "deny"), rule("b", "late", "deny")])
    lines = lines_of(path)
    text = path.read_text().splitlines()
    found = analyse(load_ruleset(path), lines=lines)
    shadowed = next(one for one in found if one.kind == "shadowed")
    assert [text[line - 1] for line in shadowed.lines] == ["- id: b", "- id: a"]
    assert f"`b` (deny, line {shadowed.lines[0]})" in shadowed.message
    unused = next(one for one in found if one.kind == "unused-read")
    assert [text[line - 1] for line in unused.lines] == ["reads:"]


_when = st.sampled_from(
    [
        "late",
        "score < 0.5",
        "score * 2 > minute",
        "minute / score > 3",
        "action = 'standby'",
        "action IN ('notify', 'standby') AND minute > 3",
        "origin <> 'EWR' OR late",
        "day > DATE '2013-02-01' AND score >= 0.5",
        "COALESCE(minute, 4) = 4",
        "NOT late AND ABS(score) > 0.25",
        "score > 1 AND score < 0",
        "minute IS NULL OR minute >= 0 OR minute < 0",
    ]
)
_then = st.sampled_from(
    [
        ("deny", {}),
        ("escalate", {}),
        ("warn", {}),
        ("warn", {"on_null": "fire"}),
        ("deny", {"on_null": "skip"}),
        ("allow", {}),
        ("transform", {"to": "notify"}),
    ]
)


_exact = _when.filter(lambda when: not any(sign in when for sign in "*/") and "ABS" not in when)


@given(st.lists(st.tuples(_exact, _then), min_size=1, max_size=4))
@settings(max_examples=15, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_solver_alone_finds_what_it_finds_with_rows_to_try(tmp_path: Path, rules: list[Any]) -> None:
    entries = [rule(f"r{place}", when, then[0], **then[1]) for place, (when, then) in enumerate(rules)]
    ruleset = policy(tmp_path, *entries, quotas=(quota("q", "standby", 2, "transform", to="notify"),))
    alone, trying = (
        {(one.kind, one.severity, one.entries[:1]) for one in analyse(ruleset, probing=probing)}
        for probing in (False, True)
    )
    assert alone == trying


@given(st.lists(st.tuples(_when, _then), min_size=1, max_size=5), st.booleans())
@settings(max_examples=15, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_row_does_what_its_finding_says_and_twice_the_same_is_found(
    tmp_path: Path, rules: list[Any], probing: bool
) -> None:
    entries = [rule(f"r{place}", when, then[0], **then[1]) for place, (when, then) in enumerate(rules)]
    ruleset = policy(tmp_path, *entries, quotas=(quota("q", "standby", 2, "transform", to="notify"),))
    found = analyse(ruleset, probing=probing)
    for finding in found:
        assert _does_what_it_says(finding, ruleset), finding
        assert finding.kind in KINDS
        assert len(finding.message) < 1_200
    assert analyse(ruleset, probing=probing) == found


def test_the_largest_policy_is_analysed(tmp_path: Path) -> None:
    entries = [rule(f"r{place}", f"minute = {place} AND score > {place}", "warn") for place in range(61)]
    found = analyse(policy(tmp_path, *entries, rule("last", "minute > 60", "deny")))
    assert {one.severity for one in found} == {"note", "warning"}
