from __future__ import annotations

import polars as pl
import pytest

from agentic_assets.domains.departures import costs
from agentic_assets.outcomes import Economics

STATUS, DELAY, ACTION = pl.col("status"), pl.col("arr_delay"), pl.col("action")


def _value(expression: pl.Expr, *, status: str, delay: int | None, action: str = "none") -> int | None:
    frame = pl.DataFrame(
        {"status": [status], "arr_delay": [delay], "action": [action]},
        schema={"status": pl.String, "arr_delay": pl.Int32, "action": pl.String},
    )
    value = frame.select(expression).item()
    assert value is None or isinstance(value, int)
    return value


@pytest.mark.parametrize(
    ("status", "delay", "dollars"),
    [
        ("completed", -20, 0),
        ("completed", 15, 0),
        ("completed", 16, 100),
        ("completed", 75, 6_000),
        ("completed", 240, 22_500),
        ("completed", 1_272, 22_500),
        ("cancelled", None, 20_000),
        ("diverted", None, 20_000),
    ],
)
def test_the_loss_of_a_flight_by_hand(status: str, delay: int | None, dollars: int) -> None:
    assert _value(costs.loss_cents(STATUS, DELAY), status=status, delay=delay) == dollars * 100


@pytest.mark.parametrize(
    ("action", "status", "delay", "dollars"),
    [
        ("none", "cancelled", None, 0),
        ("notify", "completed", 75, 600),
        ("notify", "cancelled", None, 2_000),
        ("standby", "completed", 75, 3_000),
        ("standby", "completed", 5, 0),
        ("standby", "cancelled", None, 5_000),
        ("standby", "diverted", None, 5_000),
    ],
)
def test_what_an_action_avoids_by_hand(action: str, status: str, delay: int | None, dollars: int) -> None:
    avoided = _value(costs.saved_cents(ACTION, STATUS, DELAY), status=status, delay=delay, action=action)

    assert avoided == dollars * 100


@pytest.mark.parametrize(("action", "dollars"), [("none", 0), ("notify", 300), ("standby", 3_000)])
def test_what_an_action_costs_by_hand(action: str, dollars: int) -> None:
    assert _value(costs.cost_cents(ACTION), status="completed", delay=0, action=action) == dollars * 100


@pytest.mark.parametrize(
    ("status", "delay", "label"),
    [
        ("completed", 60, False),
        ("completed", 61, True),
        ("completed", -5, False),
        ("cancelled", None, True),
        ("diverted", None, True),
        ("completed", None, None),
    ],
)
def test_the_label_is_cancelled_diverted_or_more_than_60_minutes_late(
    status: str, delay: int | None, label: bool | None
) -> None:
    assert _value(costs.disrupted(STATUS, DELAY), status=status, delay=delay) == label


def test_an_unknown_action_or_status_has_no_price_instead_of_a_wrong_one() -> None:
    assert _value(costs.cost_cents(ACTION), status="completed", delay=0, action="reroute") is None
    assert _value(costs.saved_cents(ACTION, STATUS, DELAY), status="completed", delay=99, action="reroute") is None
    assert _value(costs.loss_cents(STATUS, DELAY), status="lost", delay=99) is None


def test_every_action_has_a_cost_and_every_quota_an_overflow() -> None:
    assert set(costs.ACTION_COST_CENTS) == set(costs.ACTIONS)
    assert set(costs.QUOTAS) == set(costs.OVERFLOW) == set(costs.ACTIONS) - {costs.NONE}


def test_the_terms_of_the_domain_can_be_granted() -> None:
    from agentic_assets.domains.departures.outcomes import ECONOMICS

    assert isinstance(ECONOMICS, Economics)
    assert ECONOMICS.idle == costs.NONE
