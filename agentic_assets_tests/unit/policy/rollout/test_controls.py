"""The controls of a store: numbered without a gap whoever appends, and held to what was recorded."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from agentic_assets.errors import LedgerBroken
from agentic_assets.policy.rollout import Control, Controls, Kind, Phase, Stage
from agentic_assets.store import Store
from agentic_assets.store.schema import controls
from agentic_assets_tests.unit.policy.rollout.orders import control, staged


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.sqlite'}"
    return str(request.getfixturevalue("fresh_postgres_url"))


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = Store(url)
    yield store
    store.close()


def test_what_was_appended_is_read_as_it_was_recorded(store: Store) -> None:
    made = [
        Controls(store).append(one)
        for one in (
            control("stop", 5, host="yard-3"),
            staged("canary", 1_500, details={"days": 3, "saved": [1, None]}),
            control("reset", stage=Stage(Phase.SHADOW), agent="porter"),
        )
    ]
    assert [one.number for one in made] == [1, 2, 3]
    assert Controls(store).of("yard") == tuple(made)
    assert Controls(store).of("elsewhere") == ()


def test_each_domain_counts_for_itself(store: Store) -> None:
    Controls(store).append(control("stop"))
    assert Controls(store).append(replace(control("stop"), domain="harbour")).number == 1


def test_many_at_once_get_each_number_once(url: str, store: Store) -> None:
    def append(_: int) -> int:
        own = Store(url)  # each with connections of its own, as processes have
        try:
            return Controls(own).append(control("stop")).number
        finally:
            own.close()

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(append, range(24)))
    assert sorted(numbers) == list(range(1, 25))
    assert [one.number for one in Controls(store).of("yard")] == list(range(1, 25))


def test_of_many_who_look_first_only_one_orders(url: str, store: Store) -> None:
    def once(standing: tuple[Control, ...]) -> Control | None:
        return None if any(one.kind is Kind.TRIP for one in standing) else control("trip")

    def trip(_: int) -> bool:
        own = Store(url)
        try:
            return Controls(own).record("yard", once) is not None
        finally:
            own.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(trip, range(16))) == 1
    assert len(Controls(store).of("yard")) == 1


def test_an_order_that_cannot_be_made_leaves_nothing_behind(store: Store) -> None:
    def fail(_: tuple[Control, ...]) -> Control | None:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        Controls(store).record("yard", fail)
    assert Controls(store).of("yard") == ()


@pytest.mark.parametrize(
    "change", [{"kind": "resume"}, {"kind": "nonsense"}, {"reason": "none"}, {"effective_from": "tomorrow"}]
)
def test_an_edited_control_is_refused_and_named(store: Store, change: dict[str, str]) -> None:
    Controls(store).append(control("stop"))
    with store.transaction() as connection:
        connection.execute(update(controls).values(**change))
    with pytest.raises(LedgerBroken, match="control 1 of yard is not the one"):
        Controls(store).of("yard")


def test_a_control_that_was_taken_out_is_missed(store: Store) -> None:
    for _ in range(3):
        Controls(store).append(control("stop"))
    with store.transaction() as connection:
        connection.execute(delete(controls).where(controls.c.number == 2))
    with pytest.raises(LedgerBroken, match="lack number 2"):
        Controls(store).of("yard")
