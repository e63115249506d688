from __future__ import annotations

import json

import polars as pl

from agentic_assets.pipeline import Ruling, Rulings, State, Verdict
from agentic_assets_tests.unit.pipeline.conftest import CALENDAR, Toy
from agentic_assets_tests.unit.pipeline.ruling import (
    READINGS,
    bad,
    made_anew,
    quarantined,
    rule,
    run_all,
    values,
    versions,
)

DAY = "2013-01-03"


def test_a_row_released_with_a_correction_is_published_corrected_and_leaves_quarantine(toy: Toy) -> None:
    bad(toy, DAY, {"m05": "far"})
    engine = toy.engine()
    run_all(engine)
    rule(engine, DAY, "m05", Verdict.RELEASE, {"value": "12"})
    run_all(engine)
    assert values(engine, DAY)["m05"] == 12
    assert len(values(engine, DAY)) == 40
    assert quarantined(engine, DAY).is_empty()


def test_a_corrected_row_keeps_its_place_among_the_others(toy: Toy) -> None:
    bad(toy, DAY, {"m05": "far"})
    engine = toy.engine()
    run_all(engine)
    rule(engine, DAY, "m05", Verdict.RELEASE, {"value": "7"})
    run_all(engine)
    assert list(values(engine, DAY)) == [f"m{number:02d}" for number in range(40)]


def test_only_the_ruled_partition_and_what_reads_it_is_made_again(toy: Toy) -> None:
    bad(toy, DAY, {"m05": "far"})
    engine = toy.engine()
    run_all(engine)
    rule(engine, DAY, "m05", Verdict.RELEASE, {"value": "12"})
    again = run_all(engine)
    assert made_anew(again, READINGS) == [DAY]
    assert made_anew(again, "features/totals") == [DAY, "2013-01-04", "2013-01-05"]
    assert not made_anew(run_all(engine), READINGS)


def test_without_rulings_fingerprints_are_those_of_a_home_that_knows_none(toy: Toy) -> None:
    engine = toy.engine()
    run_all(engine)
    node = engine.graph[READINGS]
    entry = engine.manifest.current(READINGS)[DAY]
    assert entry.fingerprint == node.fingerprint(entry.inputs) == node.fingerprint(entry.inputs, ())
    assert "rulings" not in entry.details


def test_a_release_that_breaks_a_rule_still_changes_nothing_and_says_which(toy: Toy) -> None:
    bad(toy, DAY, {"m05": "far"})
    engine = toy.engine()
    run_all(engine)
    rule(engine, DAY, "m05", Verdict.RELEASE, {"value": "-4"})
    run_all(engine)
    entry = engine.manifest.current(READINGS)[DAY]
    assert (entry.rows, entry.quarantined) == (39, 1)
    [kept] = quarantined(engine, DAY).to_dicts()
    assert kept["rules"] == "range(value)"
    assert json.loads(kept["row"])["value"] == "far", "what is kept is the row as it was delivered"
    assert entry.details["rulings"][0]["effect"] == "refused again"


def test_a_dropped_row_counts_no_more_but_stays_to_be_seen(toy: Toy) -> None:
    bad(toy, DAY, {f"m{number:02d}": "far" for number in range(3)})
    engine = toy.engine()
    refused = run_all(engine)[READINGS][2]
    assert refused.state is State.REFUSED, "3 of 40 rows are more than 5 %"
    for number in range(3):
        rule(engine, DAY, f"m{number:02d}", Verdict.DROP)
    run_all(engine)
    entry = engine.manifest.current(READINGS)[DAY]
    assert (entry.rows, entry.quarantined) == (37, 3)
    assert quarantined(engine, DAY).get_column("source_row").to_list() == [0, 1, 2]
    assert entry.details["rulings_counted"] == {"dropped": 3}


def test_taking_a_row_out_shifts_no_other_rows_number(toy: Toy) -> None:
    bad(toy, DAY, {"m05": "far", "m09": "away"})
    engine = toy.engine()
    run_all(engine)
    rule(engine, DAY, "m05", Verdict.DROP)
    run_all(engine)
    assert quarantined(engine, DAY).select("source_row", "value").rows() == [(5, "far"), (9, "away")]


def test_dropping_one_of_two_equal_rows_lets_the_other_pass(toy: Toy) -> None:
    again = toy.rows.filter((pl.col("day") == DAY) & (pl.col("meter") == "m05"))
    toy.rows = pl.concat([toy.rows, again])
    engine = toy.engine()
    run_all(engine)
    assert quarantined(engine, DAY).height == 2
    rule(engine, DAY, "m05", Verdict.DROP, copy=1)
    run_all(engine)
    assert values(engine, DAY)["m05"] == 7
    assert quarantined(engine, DAY).get_column("source_row").to_list() == [40]


def test_a_later_ruling_on_the_same_row_replaces_the_earlier(toy: Toy) -> None:
    bad(toy, DAY, {"m05": "far"})
    engine = toy.engine()
    run_all(engine)
    rule(engine, DAY, "m05", Verdict.DROP)
    run_all(engine)
    rule(engine, DAY, "m05", Verdict.RELEASE, {"value": "3"})
    run_all(engine)
    assert values(engine, DAY)["m05"] == 3


def test_a_withdrawn_ruling_leaves_the_partition_as_if_nobody_had_ruled(toy: Toy) -> None:
    bad(toy, DAY, {"m05": "far"})
    engine = toy.engine()
    run_all(engine)
    before = engine.manifest.current(READINGS)[DAY]
    rule(engine, DAY, "m05", Verdict.RELEASE, {"value": "3"})
    run_all(engine)
    rule(engine, DAY, "m05", Verdict.WITHDRAW)
    run_all(engine)
    after = engine.manifest.current(READINGS)[DAY]
    assert (after.fingerprint, after.data_version, after.file) == (before.fingerprint, before.data_version, before.file)
    assert quarantined(engine, DAY).get_column("value").to_list() == ["far"]


def test_a_ruling_on_a_row_that_was_delivered_anew_is_obsolete_and_changes_nothing(toy: Toy) -> None:
    bad(toy, DAY, {"m05": "far"})
    engine = toy.engine()
    run_all(engine)
    rule(engine, DAY, "m05", Verdict.DROP)
    run_all(engine)
    bad(toy, DAY, {"m05": "31"})
    later = toy.engine()
    run_all(later)
    assert values(later, DAY)["m05"] == 31
    assert later.manifest.current(READINGS)[DAY].details["rulings"][0]["effect"] == "obsolete"


def test_a_drop_never_takes_away_a_row_that_keeps_the_contract_by_now(toy: Toy) -> None:
    here = (pl.col("day") == DAY) & (pl.col("meter") == "m05")
    good = toy.rows
    toy.rows = pl.concat([good, good.filter(here)])
    engine = toy.engine()
    run_all(engine)
    rule(engine, DAY, "m05", Verdict.DROP)
    run_all(engine)
    toy.rows = good  # the copy is gone: what the ruling names is now the only, good row
    later = toy.engine()
    run_all(later)
    assert values(later, DAY)["m05"] == 7


def test_a_ruling_holds_for_a_row_that_only_moved(toy: Toy) -> None:
    bad(toy, DAY, {"m05": "far"})
    engine = toy.engine()
    run_all(engine)
    rule(engine, DAY, "m05", Verdict.RELEASE, {"value": "12"})
    run_all(engine)
    first = toy.rows.filter(pl.col("day") == DAY).head(1).with_columns(meter=pl.lit("a00"))
    toy.rows = pl.concat([first, toy.rows])
    later = toy.engine()
    run_all(later)
    assert values(later, DAY)["m05"] == 12
    assert len(values(later, DAY)) == 41


def test_one_day_alone_and_all_days_at_once_give_equal_rows_under_rulings(toy: Toy) -> None:
    other = Toy(toy.home.root.parent / "other")
    for one in (toy, other):
        bad(one, DAY, {"m05": "far", "m06": "away"})
        engine = one.engine()
        run_all(engine)
        rule(engine, DAY, "m05", Verdict.RELEASE, {"value": "12"})
        rule(engine, DAY, "m06", Verdict.DROP)
    at_once, one_by_one = toy.engine(), other.engine()
    run_all(at_once)
    for day in CALENDAR.days():
        run_all(one_by_one, (day,))
    assert versions(at_once) == versions(one_by_one)
    assert versions(at_once, "features/totals") == versions(one_by_one, "features/totals")
    fingerprints = [engine.manifest.current(READINGS)[DAY].fingerprint for engine in (at_once, one_by_one)]
    assert fingerprints[0] == fingerprints[1]
    for engine in other.engines:
        engine.store.close()


def test_a_value_that_its_column_cannot_hold_is_not_guessed(toy: Toy) -> None:
    bad(toy, DAY, {"m05": "far"})
    engine = toy.engine()
    run_all(engine)
    rule(engine, DAY, "m05", Verdict.RELEASE, {"colour": "red"})
    run_all(engine)
    [said] = engine.manifest.current(READINGS)[DAY].details["rulings"]
    assert (said["effect"], said["why"]) == ("refused again", "`colour` cannot hold the value that it was given")


def test_the_pins_and_the_check_of_a_partition_say_that_people_ruled_on_it(toy: Toy) -> None:
    bad(toy, DAY, {"m05": "far", "m06": "away"})
    engine = toy.engine()
    run_all(engine)
    rule(engine, DAY, "m05", Verdict.RELEASE, {"value": "12"})
    rule(engine, DAY, "m06", Verdict.DROP)
    run_all(engine)
    entry = engine.manifest.current(READINGS)[DAY]
    pin = engine.manifest.pins_of(entry.pins).named("rulings")
    assert pin is not None
    assert (pin.name, pin.version) == (f"{READINGS} {DAY}", "2")
    assert entry.details["rulings"][0] | {"why": ""} == {
        "ruling": 1,
        "row": 5,
        "verdict": "release",
        "effect": "released",
        "set": "value=12",
        "by": "ada",
        "reason": "a test",
        "why": "",
    }
    assert entry.details["checks"][0]["description"].endswith("by rulings: 1 released, 1 dropped")


def test_a_refused_partition_is_remembered_with_its_reason_until_it_stands_again(toy: Toy) -> None:
    good = toy.rows
    bad(toy, DAY, {f"m{number:02d}": "far" for number in range(20)})
    engine = toy.engine()
    run_all(engine)
    [refusal] = engine.refusals.standing(READINGS).values()
    assert (refusal.partition, refusal.state, refusal.run_id) == (DAY, "refused", "run-1")
    assert "20 of 40 rows were refused" in refusal.message
    assert {finding["rule"] for finding in refusal.findings} == {"type(value)", "maxRefusedShare"}
    blocked = engine.refusals.standing("features/totals")
    assert {name: one.state for name, one in blocked.items()} == {DAY: "blocked"}
    toy.rows = good
    later = toy.engine()
    run_all(later)
    assert later.refusals.standing(READINGS) == later.refusals.standing("features/totals") == {}


def test_a_refusal_that_goes_on_is_noted_once(toy: Toy) -> None:
    bad(toy, DAY, {f"m{number:02d}": "far" for number in range(20)})
    run_all(toy.engine())
    first = toy.engine().refusals.standing(READINGS)[DAY]
    run_all(toy.engine())
    assert toy.engine().refusals.standing(READINGS)[DAY] == first


def test_a_partition_that_falls_back_to_its_earlier_version_stands(toy: Toy) -> None:
    good = toy.rows
    run_all(toy.engine())
    bad(toy, DAY, {f"m{number:02d}": "far" for number in range(20)})
    run_all(toy.engine())
    toy.rows = good
    engine = toy.engine()
    assert run_all(engine)[READINGS][2].state is State.UNCHANGED
    assert engine.refusals.standing(READINGS) == {}


def test_rulings_that_others_overtook_are_not_written(toy: Toy) -> None:
    rulings = Rulings(toy.engine().store)
    made = Ruling("d" * 64, 0, 1, Verdict.DROP, "because", "ada")
    assert rulings.record("a", "p", [made, made], after=0)
    assert not rulings.record("a", "p", [made], after=0)
    assert not rulings.record("a", "p", [made], after=1)
    assert [one.number for one in rulings.of("a")["p"]] == [1, 2]
    assert rulings.assets() == ("a",)
