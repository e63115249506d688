"""Orders as they stood when something was made: later ones do not enter, lost ones are noticed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.pipeline import Calendar, recall, together
from agentic_assets.policy import Verdict
from agentic_assets.policy.escalation import Answers, Resolution
from agentic_assets.policy.escalation.resolutions import Resolutions
from agentic_assets.policy.rollout import Control, Controls, Kind, Orders
from agentic_assets.store import Store
from agentic_assets.versions import Pins
from agentic_assets_tests.unit.decisions.plant import LIVE

DAYS = ("2024-01-01", "2024-01-02", "2024-01-03")
CALENDAR = Calendar("UTC", date(2024, 1, 1), date(2024, 1, 3))
ORDERS = Orders("plant", LIVE, CALENDAR)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(f"sqlite:///{tmp_path / 'store.sqlite'}")


def stop(store: Store, day: int, kind: Kind = Kind.STOP) -> None:
    Controls(store).append(Control("plant", kind, datetime(2024, 1, day, tzinfo=UTC), "ada", "foreman", "why"))


def recorded(store: Store) -> dict[str, Pins]:
    """Give the pins of orders that days would be made under now."""
    now = ORDERS(store, DAYS)
    return {day: Pins.of(*(now[day].pins if day in now else ())) for day in DAYS}


def answer(store: Store, decision: str, day: str = DAYS[0]) -> Resolution:
    given = Resolution(
        "plant", LIVE.id, day, "m1", decision, Verdict.ALLOW, "halt", identity="ada", role="foreman", reason="I looked"
    )
    return Resolutions(store).append([given])[0]


@settings(derandomize=True, max_examples=15, deadline=None)
@given(orders=st.lists(st.tuples(st.integers(1, 4), st.sampled_from([Kind.STOP, Kind.RESUME])), max_size=5))
def test_every_state_of_the_orders_is_recalled_after_all_later_ones(
    tmp_path_factory: pytest.TempPathFactory, orders: Sequence[tuple[int, Kind]]
) -> None:
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('recall') / 'store.sqlite'}")
    states = [recorded(store)]
    for at, kind in orders:
        stop(store, at, kind)
        states.append(recorded(store))
    for then in states:
        found = recall(ORDERS, store, then)
        for day in DAYS:
            standing = found[day].standing
            assert Pins.of(*(standing.pins if standing else ())).digest == then[day].digest
    store.close()


def test_days_under_other_orders_are_of_other_circles(store: Store) -> None:
    before = recorded(store)
    stop(store, 2)
    after = recorded(store)
    found = recall(ORDERS, store, {DAYS[0]: before[DAYS[0]], DAYS[1]: before[DAYS[1]], DAYS[2]: after[DAYS[2]]})
    assert found[DAYS[0]].circle == found[DAYS[2]].circle  # no order touches the first day, then as now
    assert found[DAYS[1]].circle != found[DAYS[2]].circle


def test_orders_that_are_no_longer_as_they_were_recall_nothing(store: Store, tmp_path: Path) -> None:
    stop(store, 2)
    other = Store(f"sqlite:///{tmp_path / 'other.sqlite'}")
    assert set(recall(ORDERS, other, recorded(store))) == {DAYS[0]}


def test_an_answer_given_later_does_not_enter_and_one_that_is_gone_is_noticed(store: Store, tmp_path: Path) -> None:
    answers = Answers("plant", LIVE.id)
    first = answer(store, "a" * 32)
    answer(store, "b" * 32)
    then = {DAYS[0]: Pins.of(first.pin), DAYS[1]: Pins()}
    found = recall(answers, store, then)
    standing = found[DAYS[0]].standing
    assert standing is not None
    assert standing.content == (first,)
    assert found[DAYS[1]].standing is None
    empty = Store(f"sqlite:///{tmp_path / 'empty.sqlite'}")
    assert set(recall(answers, empty, then)) == {DAYS[1]}


def test_orders_of_several_kinds_are_recalled_together_or_not_at_all(store: Store) -> None:
    stop(store, 1)
    given = answer(store, "a" * 32)
    both = together({"controls": ORDERS, "answers": Answers("plant", LIVE.id)})
    now = both(store, DAYS)
    found = recall(both, store, {DAYS[0]: Pins.of(*now[DAYS[0]].pins), DAYS[1]: Pins.of(given.pin)})
    assert found[DAYS[0]].standing == now[DAYS[0]]
    assert DAYS[1] in found  # nothing was ordered yet when it was answered
    assert found[DAYS[1]].circle != found[DAYS[0]].circle
