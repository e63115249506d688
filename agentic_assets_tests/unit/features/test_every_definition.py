"""Laws that hold for whatever can be declared, over whatever is delivered."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentic_assets.features.proofs import oracle
from agentic_assets.features.retrieval import retrieve
from agentic_assets.testing import assert_proved
from agentic_assets.versions import of_frame
from agentic_assets_tests.unit.features.invented import Case, cases

slowly = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@given(cases())
@slowly
def test_every_law_holds_and_brute_force_says_the_same_of_every_entity(case: Case) -> None:
    assert_proved(case.definition, case.inputs, case.days, sample=1_000)


@given(case=cases(), chance=st.randoms(use_true_random=False))
@slowly
def test_at_any_moment_asked_about_retrieval_says_what_brute_force_says(case: Case, chance: Random) -> None:
    whole = case.definition.compute(case.inputs, case.days)
    own = retrieve(case.definition, case.inputs, whole.select("order"))
    assert of_frame(own.select(whole.columns)) == of_frame(whole)

    asked = pl.concat([whole.select("order", "day", "decided_at")] * 3).with_columns(
        decided_at=pl.col("decided_at")
        + pl.Series([chance.choice(_SHIFTS) for _ in range(3 * whole.height)], dtype=pl.Duration)
    )
    asked = asked.filter(pl.col("decided_at").dt.convert_time_zone(case.definition.zone).dt.date() == pl.col("day"))
    found = retrieve(case.definition, case.inputs, asked.select("order", "decided_at"))
    expected = oracle(case.definition, case.inputs, asked.get_column("order"), asked.get_column("decided_at"))
    assert of_frame(found.select(expected.columns)) == of_frame(expected)


_SHIFTS = [timedelta(hours=hours) for hours in (-20, -5, -1, 0, 1, 4, 23)]
