"""Rulings as they stood when a partition was made."""

from __future__ import annotations

from agentic_assets.pipeline import Ruling, Verdict
from agentic_assets.pipeline.rulings import in_force, in_force_then, pins_of

ASSET, DAY = "sources/readings", "2024-01-01"


def ruling(number: int, row: str, verdict: Verdict = Verdict.DROP) -> Ruling:
    return Ruling(row * 64, 0, 1, verdict, "why", "ada", number=number)


MADE = (ruling(1, "a"), ruling(2, "b"), ruling(3, "a", Verdict.WITHDRAW))


def test_each_state_of_the_rulings_is_found_again_by_its_pin() -> None:
    for newest in (1, 2, 3):
        then = in_force(one for one in MADE if one.number <= newest)
        assert in_force_then(ASSET, DAY, MADE, pins_of(ASSET, DAY, then)) == then


def test_a_partition_without_the_pin_was_made_under_no_ruling() -> None:
    assert in_force_then(ASSET, DAY, MADE, pins_of(ASSET, "2024-01-02", MADE[:1])) == ()


def test_rulings_that_are_gone_are_noticed() -> None:
    assert in_force_then(ASSET, DAY, MADE[:1], pins_of(ASSET, DAY, MADE[:2])) is None
