"""Laws that hold for any delivery and any sequence of rulings."""

from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from agentic_assets.contracts import Contract, load
from agentic_assets.contracts.gating.quarantine import row_digest
from agentic_assets.pipeline.holding import Held, hold
from agentic_assets.pipeline.overlay import Effect, Ruled, lay_over
from agentic_assets.pipeline.rulings import Ruling, Verdict, in_force, pins_of
from agentic_assets_tests.unit.pipeline.conftest import CONTRACT

LAWFUL = settings(derandomize=True, max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))

METERS = st.sampled_from(["m1", "m2", "m3", None])
VALUES = st.sampled_from(["7", "8", "-1", "far", "5000", None])
DELIVERED = st.lists(st.tuples(METERS, VALUES), min_size=1, max_size=10)
CORRECTIONS = st.dictionaries(st.sampled_from(["meter", "value"]), st.sampled_from(["m1", "m9", "7", "-1", None]))
RULED = st.lists(st.tuples(st.integers(0, 30), st.sampled_from(list(Verdict)), CORRECTIONS), max_size=12)


def _contract() -> Contract:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "readings.odcs.yaml"
        path.write_text(CONTRACT.format(name="readings"))
        return load(path)


READINGS = _contract()


def _held(rows: list[tuple[str | None, str | None]], *, numbered: bool) -> Held:
    frame = pl.DataFrame(
        {"day": ["2013-01-03"] * len(rows), "meter": [meter for meter, _ in rows], "value": [one for _, one in rows]},
        schema={"day": pl.String, "meter": pl.String, "value": pl.String},
    )
    if numbered:
        frame = frame.with_columns(source_row=pl.int_range(100, 100 + frame.height, dtype=pl.Int64))
    return hold({"p": frame}, {}, READINGS, {})["p"]


def _rulings(held: Held, ruled: list[tuple[int, Verdict, dict[str, str | None]]]) -> list[Ruling]:
    made = []
    for number, (place, verdict, correction) in enumerate(ruled, start=1):
        if held.rows.height:
            digest, copy = held.names[place % held.rows.height]
            made.append(Ruling(digest, copy, 0, verdict, "why", "ada", correction, number=number))
    return made


def _numbers(ruled: Ruled, held: Held) -> list[int]:
    """Give what is published and what is kept, each row by its number, through the place that the gate left it in."""
    kept = ruled.quarantine.get_column("source_row").to_list()
    every = range(100, 100 + held.frame.height) if "source_row" in held.frame.columns else range(held.frame.height)
    assert set(kept) <= set(every)
    assert len(set(kept)) == len(kept), "a row is kept once"
    return kept


@LAWFUL
@given(DELIVERED, RULED, st.booleans())
def test_published_and_quarantined_and_dropped_are_what_was_read(
    rows: list[tuple[str | None, str | None]],
    ruled: list[tuple[int, Verdict, dict[str, str | None]]],
    numbered: bool,
) -> None:
    held = _held(rows, numbered=numbered)
    after = lay_over(held, in_force(_rulings(held, ruled)))
    kept = _numbers(after, held)
    assert after.result.valid.height + len(kept) == held.frame.height
    assert after.result.valid.height + after.result.quarantined.height == held.frame.height - after.count(
        Effect.DROPPED
    )
    delivered = {row_digest(text) for text in held.rows.get_column("row")}
    rest = held.frame.drop("source_row", strict=False).to_dicts()
    for text in after.quarantine.get_column("row"):
        as_delivered = any(row_digest(pl.DataFrame([one]).write_ndjson().strip()) == row_digest(text) for one in rest)
        assert row_digest(text) in delivered or as_delivered, "what is kept is a row as it was delivered"


@LAWFUL
@given(DELIVERED, RULED)
def test_whether_rows_are_numbered_or_only_stand_in_order_changes_no_published_row(
    rows: list[tuple[str | None, str | None]], ruled: list[tuple[int, Verdict, dict[str, str | None]]]
) -> None:
    by_number, by_place = _held(rows, numbered=True), _held(rows, numbered=False)
    one = lay_over(by_number, in_force(_rulings(by_number, ruled)))
    other = lay_over(by_place, in_force(_rulings(by_place, ruled)))
    assert_frame_equal(one.result.valid, other.result.valid)
    numbers = [number - 100 for number in one.quarantine.get_column("source_row")]
    assert numbers == other.quarantine.get_column("source_row").to_list()


@LAWFUL
@given(DELIVERED, RULED)
def test_only_the_last_ruling_on_a_row_counts(
    rows: list[tuple[str | None, str | None]], ruled: list[tuple[int, Verdict, dict[str, str | None]]]
) -> None:
    held = _held(rows, numbered=True)
    made = _rulings(held, ruled)
    last = list({ruling.row: ruling for ruling in made}.values())
    whole, alone = lay_over(held, in_force(made)), lay_over(held, in_force(last))
    assert_frame_equal(whole.result.valid, alone.result.valid)
    assert_frame_equal(whole.quarantine, alone.quarantine)
    assert pins_of("a", "p", in_force(made)) == pins_of("a", "p", in_force(last))


@LAWFUL
@given(DELIVERED, DELIVERED, RULED)
def test_rulings_never_touch_a_row_that_the_new_delivery_holds_good(
    before: list[tuple[str | None, str | None]],
    after: list[tuple[str | None, str | None]],
    ruled: list[tuple[int, Verdict, dict[str, str | None]]],
) -> None:
    dropped: list[tuple[int, Verdict, dict[str, str | None]]] = [(place, Verdict.DROP, {}) for place, _, _ in ruled]
    made = in_force(_rulings(_held(before, numbered=True), dropped))
    delivered = _held(after, numbered=True)
    good = set(delivered.result.valid.rows())
    assert good <= set(lay_over(delivered, made).result.valid.rows())


@LAWFUL
@given(DELIVERED, RULED)
def test_withdrawing_everything_gives_what_was_there_before(
    rows: list[tuple[str | None, str | None]], ruled: list[tuple[int, Verdict, dict[str, str | None]]]
) -> None:
    held = _held(rows, numbered=True)
    undone = _rulings(held, [*ruled, *((place, Verdict.WITHDRAW, {}) for place in range(held.rows.height))])
    assert in_force(undone) == ()
    assert_frame_equal(lay_over(held, in_force(undone)).quarantine, held.rows)
