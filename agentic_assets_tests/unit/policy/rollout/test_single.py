"""The gate for one event gives what the gate for a batch gives."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.policy.rollout import Control, Gate, Phase, Stage, bucket, buckets, roll_out
from agentic_assets_tests.unit.policy.rollout.orders import AGENT, START, control, judged, staged

_law = settings(max_examples=120, derandomize=True, deadline=None)


@_law
@given(agent=st.text(max_size=20), entities=st.lists(st.text(max_size=40), max_size=8))
def test_an_entity_has_one_place_in_a_batch_and_alone(agent: str, entities: list[str]) -> None:
    together = buckets(agent, pl.Series(entities, dtype=pl.String)).tolist()
    assert [bucket(agent, entity) for entity in entities] == together


_ACTIONS = st.sampled_from(["none", "notify", "standby"])
_ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "hours": st.integers(0, 9),
            "action": _ACTIONS,
            "effective": _ACTIONS,
            "legacy": st.sampled_from(["none", "notify", None]),
        }
    ),
    max_size=10,
)
_ORDERS = st.lists(
    st.tuples(
        st.sampled_from(["stop", "resume", "trip", "reset", "canary", "shadow", "live"]),
        st.integers(0, 9),
        st.sampled_from(["*", "standby"]),
        st.sampled_from(["*", "porter", AGENT]),
    ),
    max_size=5,
)


def _controls(orders: list[tuple[str, int, str, str]]) -> list[Control]:
    made = []
    for number, (kind, hours, action, agent) in enumerate(orders, start=1):
        if kind in ("canary", "shadow", "live"):
            made.append(staged(kind, 3_000 if kind == "canary" else -1, hours, number, agent=agent, action=action))
        else:
            named = action if kind in ("stop", "resume") else "*"
            made.append(control(kind, hours, number, agent=agent, action=named))
    return made


@_law
@given(
    rows=_ROWS,
    orders=_ORDERS,
    born=st.sampled_from([Stage(Phase.LIVE), Stage(Phase.SHADOW), Stage(Phase.CANARY, 5_000)]),
    review_by=st.sampled_from([date.max, START.date(), date(2013, 1, 1)]),
)
def test_one_event_passes_the_gate_as_its_row_of_a_batch_does(
    rows: list[dict[str, Any]], orders: list[tuple[str, int, str, str]], born: Stage, review_by: date
) -> None:
    frame, controls = judged(rows), _controls(orders)
    batch = roll_out(frame, frame.get_column("legacy"), controls, born, agent=AGENT, review_by=review_by)
    gate = Gate(AGENT, born, controls, review_by)
    single = [
        gate.pass_(
            row["entity"],
            row["decided_at"],
            action=row["action"],
            judged_action=row["effective_action"],
            legacy_action=row["legacy"],
        )
        for row in frame.iter_rows(named=True)
    ]
    assert single == batch.rows()
