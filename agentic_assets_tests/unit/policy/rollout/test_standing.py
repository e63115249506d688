"""An order pins the days whose decisions it may change, and no other."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.agents import Spec
from agentic_assets.domains.departures.agent import delay_risk
from agentic_assets.pipeline import Calendar
from agentic_assets.policy.rollout import Control, Controls, Kind, Orders, Phase, Stage, resolve
from agentic_assets.store import Store
from agentic_assets_tests.unit.policy.rollout.orders import control

CALENDAR = Calendar("America/New_York", date(2013, 3, 1), date(2013, 3, 31))
SPEC: Spec = delay_risk()
ORDERS = Orders("yard", SPEC, CALENDAR, timedelta(hours=2))
DAYS = CALENDAR.days()


def _at(day: int, hour: int = 0) -> datetime:
    """Give local midnight of a day in March, or some hours later, minus the two hours of the lead."""
    start, _ = ORDERS.window(f"2013-03-{day:02d}")
    return start + timedelta(hours=hour)


def _control(kind: str, at: datetime, number: int = 1, stage: Stage | None = None, agent: str = SPEC.name) -> Control:
    return Control("yard", Kind(kind), at, "kim", "duty_manager", "why not", agent=agent, stage=stage, number=number)


def _pinned(*controls: Control) -> dict[str, str]:
    return {name: standing.pins[0].digest for name, standing in ORDERS.over(controls, DAYS).items()}


def test_a_days_window_follows_the_clock_change() -> None:
    assert ORDERS.window("2013-03-09") == (
        datetime(2013, 3, 9, 3, tzinfo=UTC),
        datetime(2013, 3, 10, 3, tzinfo=UTC),
    )
    start, end = ORDERS.window("2013-03-10")
    assert (start, end - start) == (datetime(2013, 3, 10, 3, tzinfo=UTC), timedelta(hours=23))


def test_without_controls_no_day_has_a_pin() -> None:
    assert _pinned() == {}
    assert _pinned(_control("stop", _at(5), agent="somebody_else")) == {}


def test_a_stop_pins_the_days_from_its_moment_on() -> None:
    assert list(_pinned(_control("stop", _at(5)))) == [day for day in DAYS if day >= "2013-03-05"]
    assert list(_pinned(_control("stop", _at(5, 1)))) == [day for day in DAYS if day >= "2013-03-05"]
    assert list(_pinned(_control("stop", _at(5, -1)))) == [day for day in DAYS if day >= "2013-03-04"]


def test_days_after_a_resume_have_no_pin_again() -> None:
    stop, resume = _control("stop", _at(5)), _control("resume", _at(7), 2)
    assert list(_pinned(stop, resume)) == ["2013-03-05", "2013-03-06"]


def test_days_of_one_state_have_one_version() -> None:
    pinned = _pinned(_control("stop", _at(5, 3)))
    assert pinned["2013-03-05"] != pinned["2013-03-06"]
    assert len({digest for day, digest in pinned.items() if day > "2013-03-05"}) == 1


def test_an_order_recorded_later_remakes_only_the_days_it_touches() -> None:
    before = _pinned(_control("stop", _at(20)))
    after = _pinned(_control("stop", _at(20)), _control("stop", _at(3), 2), _control("resume", _at(4), 3))
    assert {day for day in DAYS if before.get(day) != after.get(day)} == {"2013-03-03"}


def test_who_ordered_and_why_is_part_of_the_version() -> None:
    one = _control("stop", _at(5))
    other = Control("yard", Kind.STOP, _at(5), "lee", "duty_manager", "why not", agent=SPEC.name, number=1)
    assert _pinned(one) != _pinned(other)


def test_an_order_after_the_newest_days_touches_none_of_them() -> None:
    made = DAYS[:9]
    stop = _control("stop", ORDERS.after(made))
    assert set(ORDERS.over([stop], DAYS)) == set(DAYS[9:])
    assert ORDERS.after([]) == ORDERS.window(DAYS[0])[0]


def test_the_content_is_every_control_of_the_agent(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'store.sqlite'}")
    made = [Controls(store).append(one) for one in (_control("stop", _at(5)), _control("resume", _at(7)))]
    Controls(store).append(_control("stop", _at(1), agent="somebody_else"))
    standing = ORDERS(store, ["2013-03-05", "2013-03-20"])
    store.close()
    assert {name: one.content for name, one in standing.items()} == {"2013-03-05": tuple(made)}
    assert standing["2013-03-05"].pins[0].version == "1"


_moments = st.integers(0, 31 * 24).map(lambda hours: _at(1) + timedelta(hours=hours))


@st.composite
def _some(draw: st.DrawFn) -> list[Control]:
    kinds = draw(st.lists(st.sampled_from(["stop", "resume", "trip", "reset", "stage"]), max_size=5))
    stage = Stage(Phase.CANARY, 500)
    return [
        _control(kind, draw(_moments), number, stage if kind == "stage" else None)
        for number, kind in enumerate(kinds, start=1)
    ]


@given(_some())
@settings(max_examples=50, derandomize=True, deadline=None)
def test_a_day_has_a_pin_if_and_only_if_a_control_holds_at_some_moment_of_it(controls: list[Control]) -> None:
    pinned = _pinned(*controls)
    for day in DAYS:
        start, end = ORDERS.window(day)
        hours = [start + timedelta(hours=place) for place in range((end - start) // timedelta(hours=1))]
        held = any(
            resolve(controls, SPEC.id, Stage.born(SPEC.phase), at, review_by=SPEC.review_by).control for at in hours
        )
        assert (day in pinned) == held


def test_orders_of_an_agent_without_a_day_are_of_no_day() -> None:
    assert ORDERS.over([control("stop")], []) == {}


@pytest.mark.parametrize("day", ["2013-03-01", "2013-03-31"])
def test_the_first_and_the_last_day_have_windows_too(day: str) -> None:
    start, end = ORDERS.window(day)
    assert end - start == timedelta(days=1)
