"""Orders: what may be given, what each leaves in the store, in the ledger and with those whom it concerns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from agentic_assets.errors import ControlRefused
from agentic_assets.home import Home
from agentic_assets.oversight import ControlLog, Word, deliver, give, reset, resume, stage, stop
from agentic_assets.oversight.notifying import Alert
from agentic_assets.policy.rollout import ANY, Control, Controls, Kind, Phase, Stage, State
from agentic_assets.store import Store
from agentic_assets.store.schema import controls
from agentic_assets_tests.unit.policy.rollout.orders import moment


def _word(hours: int = 0, reason: str = "the yard is flooded") -> Word:
    return Word("yard", "kim", "duty_manager", reason, moment(hours), "yard-3")


class Ear:
    """A notifier that hears, or does not."""

    def __init__(self, name: str, *, deaf: bool = False) -> None:
        self.name = name
        self.deaf = deaf
        self.heard: list[Alert] = []

    def send(self, alert: Alert) -> None:
        """Hear an alert."""
        if self.deaf:
            raise OSError("nobody answers")
        self.heard.append(alert)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Home:
    url = None if request.param == "sqlite" else request.getfixturevalue("fresh_postgres_url")
    return Home.at(tmp_path / "home", store_url=url)


@pytest.fixture
def store(home: Home) -> Iterator[Store]:
    store = Store(home.store_url)
    yield store
    store.close()


def _verified(home: Home, store: Store) -> list[str]:
    return [found.kind for found in ControlLog(store, home.keys, "yard").verify()]


def test_an_order_is_recorded_sealed_and_told(home: Home, store: Store) -> None:
    given = give(home, store, "yard", stop(_word(), "porter"))
    assert given is not None
    assert given.unreached == {}
    [recorded] = Controls(store).of("yard")
    assert (recorded, recorded.number, recorded.host) == (given.control, 1, "yard-3")
    log = ControlLog(store, home.keys, "yard")
    assert log.head is not None
    assert log.head.size == 1
    assert log.verify() == ()
    told = json.loads((home.root / "alerts.jsonl").read_text())
    assert told["key"] == given.control.id
    assert "the yard is flooded" in told["text"]


def test_a_sealed_order_can_be_proved_to_somebody_who_has_the_key_only(home: Home, store: Store) -> None:
    given = give(home, store, "yard", stop(_word(), "porter"))
    assert given is not None
    ledger = ControlLog(store, home.keys, "yard").ledger
    proof = ledger.proof("000001", given.control.id)
    record = json.dumps(
        {"form": "control/1", **given.control.content}, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    ledger.check(proof, record.encode())


def test_nothing_ordered_verifies(home: Home, store: Store) -> None:
    assert _verified(home, store) == []


def test_an_order_that_was_edited_is_found(home: Home, store: Store) -> None:
    give(home, store, "yard", stop(_word(), "porter"))
    [made] = Controls(store).of("yard")
    forged = Control(**{**made.__dict__, "reason": "none"})
    with store.transaction() as connection:
        connection.execute(update(controls).values(reason="none"))
    assert _verified(home, store) == ["flipped"]
    with store.transaction() as connection:
        connection.execute(update(controls).values(digest=forged.digest))
    assert _verified(home, store) == ["added", "dropped"]


def test_the_last_order_taken_out_is_missed(home: Home, store: Store) -> None:
    give(home, store, "yard", stop(_word(), "porter"))
    give(home, store, "yard", stop(_word(), "digger"))
    with store.transaction() as connection:
        connection.execute(delete(controls).where(controls.c.number == 2))
    assert _verified(home, store) == ["dropped"]


def test_what_was_recorded_and_not_sealed_is_shown_and_sealed_by_the_next_order(home: Home, store: Store) -> None:
    give(home, store, "yard", stop(_word(), "porter"))
    Controls(store).append(_word().control(Kind.STOP, "digger"))
    assert _verified(home, store) == ["unsealed"]
    give(home, store, "yard", resume(_word(1), "porter"))
    assert _verified(home, store) == []


def test_many_orders_at_once_are_all_sealed(home: Home, store: Store) -> None:
    def order(number: int) -> None:
        own = Store(home.store_url)
        try:
            give(home, own, "yard", stop(_word(), f"agent_{number}"), notifiers=())
        finally:
            own.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(order, range(12)))
    assert [one.number for one in Controls(store).of("yard")] == list(range(1, 13))
    assert _verified(home, store) == []


def test_what_is_stopped_cannot_be_stopped_again(home: Home, store: Store) -> None:
    give(home, store, "yard", stop(_word(), "porter"), ())
    with pytest.raises(ControlRefused, match="stopped already, by kim"):
        give(home, store, "yard", stop(_word(2), "porter"), ())
    give(home, store, "yard", stop(_word(2), ANY), ())
    give(home, store, "yard", stop(_word(2), "porter", "standby"), ())
    assert len(Controls(store).of("yard")) == 3


def test_only_what_is_stopped_can_be_resumed_and_those_that_are_are_named(home: Home, store: Store) -> None:
    give(home, store, "yard", stop(_word(), ANY), ())
    with pytest.raises(ControlRefused) as refused:
        give(home, store, "yard", resume(_word(1), "porter"), ())
    assert "every agent (control 1)" in str(refused.value)
    with pytest.raises(ControlRefused):
        give(home, store, "yard", resume(_word(-1), ANY), ())
    assert len(Controls(store).of("yard")) == 1


def test_only_a_tripped_breaker_can_be_reset(home: Home, store: Store) -> None:
    with pytest.raises(ControlRefused, match="has not tripped"):
        give(home, store, "yard", reset(_word(), "porter"), ())
    Controls(store).append(_word().control(Kind.TRIP, "porter"))
    given = give(home, store, "yard", reset(_word(), "porter", Stage(Phase.CANARY, 500)), ())
    assert given is not None
    assert given.control.stage == Stage(Phase.CANARY, 500)


@pytest.mark.parametrize(("to", "allowed"), [(Stage(Phase.SHADOW), True), (Stage(Phase.CANARY, 1_000), True)])
def test_a_stage_moves_back(home: Home, store: Store, to: Stage, allowed: bool) -> None:
    now = State(Phase.CANARY, 2_000)
    given = give(home, store, "yard", stage(_word(), "porter@1.0.0", to, lambda _: now), ())
    assert (given is not None) == allowed


@pytest.mark.parametrize("to", [Stage(Phase.LIVE), Stage(Phase.CANARY, 2_001)])
def test_a_stage_never_moves_forward(home: Home, store: Store, to: Stage) -> None:
    now = State(Phase.CANARY, 2_000)
    with pytest.raises(ControlRefused, match=r"canary for 20\.00 %"):
        give(home, store, "yard", stage(_word(), "porter@1.0.0", to, lambda _: now), ())
    assert Controls(store).of("yard") == ()


def test_each_notifier_is_told_once_and_again_only_what_it_missed(home: Home, store: Store) -> None:
    hears, deaf = Ear("a"), Ear("b", deaf=True)
    first = give(home, store, "yard", stop(_word(), "porter"), (hears, deaf))
    assert first is not None
    assert first.unreached == {"b": "OSError: nobody answers"}
    deaf.deaf = False
    give(home, store, "yard", resume(_word(1), "porter"), (hears, deaf))
    assert [alert.kind for alert in hears.heard] == ["stop", "resume"]
    assert [alert.kind for alert in deaf.heard] == ["stop", "resume"]
    assert deliver(store, "yard", (hears, deaf)) == {}
    assert len(hears.heard) == len(deaf.heard) == 2
