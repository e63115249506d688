from __future__ import annotations

import contextlib
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentic_assets.actions import JournalActuator, Outbox, Relayed
from agentic_assets.actions.relay import MOST_CRASHES, MOST_ERRORS
from agentic_assets.store import Store
from agentic_assets_tests.unit.actions.samples import (
    SCOPE,
    Died,
    DyingAt,
    Failing,
    actions,
    counted,
    entries,
    put,
    repeated,
    written,
)


def test_pending_actions_are_executed_in_their_order_and_marked_with_the_result(
    outbox: Outbox, journal: JournalActuator, path: Path
) -> None:
    put(outbox, actions(1200)[::-1])
    assert outbox.relay(journal) == Relayed(done=1200)
    assert written(path) == [action.key for action in actions(1200)[::-1]]
    (entry,) = entries(outbox, actions(1))
    assert (entry.state, entry.attempts) == ("done", 1)
    assert entry.result == journal.executed([entry.action.key])[entry.action.key]


def test_a_second_relay_does_nothing(outbox: Outbox, journal: JournalActuator, path: Path) -> None:
    put(outbox, actions(10))
    outbox.relay(journal)
    assert outbox.relay(journal) == Relayed()
    put(outbox, actions(11))
    assert outbox.relay(JournalActuator(path)) == Relayed(done=1)
    assert repeated(path) == []


def test_nothing_pending_touches_no_journal(outbox: Outbox, journal: JournalActuator, path: Path) -> None:
    assert outbox.relay(journal) == Relayed()
    assert not path.exists()


def test_an_action_that_was_executed_but_not_marked_is_marked_and_not_executed(
    outbox: Outbox, journal: JournalActuator, path: Path
) -> None:
    put(outbox, actions(3))
    journal.execute(actions(3)[1])
    assert outbox.relay(journal) == Relayed(done=2, found=1)
    assert outbox.counts() == counted(done=3)
    assert repeated(path) == []


def test_an_action_that_errs_is_tried_three_times_and_blocks_nobody(
    outbox: Outbox, journal: JournalActuator, path: Path
) -> None:
    put(outbox, actions(50))
    bad = actions(50)[7]
    failing = Failing(journal, [bad.key], ValueError("no such gate " + "x" * 5000))
    assert outbox.relay(failing) == Relayed(done=49, later=1)
    (waiting,) = entries(outbox, [bad])
    assert (waiting.action, waiting.state, waiting.attempts) == (bad, "pending", 1)
    assert outbox.relay(failing) == Relayed(later=1)
    assert outbox.relay(failing) == Relayed(failed=1)
    assert outbox.relay(failing) == Relayed()
    (entry,) = entries(outbox, [bad])
    assert (entry.state, entry.attempts, failing.tried[bad.key]) == ("failed", MOST_ERRORS, MOST_ERRORS)
    assert entry.result["error"].startswith("ValueError: no such gate xxx")
    assert len(entry.result["error"]) < 600
    assert bad.key not in written(path)


def test_a_failed_action_is_redriven_on_demand(outbox: Outbox, journal: JournalActuator, path: Path) -> None:
    put(outbox, actions(4))
    failing = Failing(journal, [actions(4)[2].key], ValueError("outage"))
    for _ in range(MOST_ERRORS):
        outbox.relay(failing)
    assert outbox.counts()["failed"] == 1
    [failed] = outbox.failed(SCOPE)
    assert (outbox.redrive([failed]), outbox.redrive([failed]), outbox.failed(SCOPE)) == (1, 0, ())
    assert outbox.relay(journal) == Relayed(done=1)
    assert len(written(path)) == 4


def test_a_payload_that_is_no_json_fails_alone(outbox: Outbox, journal: JournalActuator) -> None:
    good, bad = actions(2)
    put(outbox, [good, replace(bad, payload="{")])
    assert outbox.relay(journal) == Relayed(done=1, later=1)
    assert "JSONDecodeError" in entries(outbox, [bad])[0].result["error"]


def test_when_the_actuator_cannot_confirm_nothing_is_marked_and_nobody_is_charged(
    outbox: Outbox, journal: JournalActuator, monkeypatch: pytest.MonkeyPatch, path: Path
) -> None:
    put(outbox, actions(600))

    def full() -> None:
        raise OSError("disk full")

    for _ in range(MOST_CRASHES + 1):
        with monkeypatch.context() as patch:
            patch.setattr(journal, "confirm", full)
            with pytest.raises(OSError, match="disk full"):
                outbox.relay(journal)
    assert {(entry.state, entry.attempts) for entry in entries(outbox, actions(600))} == {("pending", 0)}
    assert outbox.relay(journal) == Relayed(done=600)
    assert repeated(path) == []


def test_actions_that_kill_the_process_are_given_up_and_take_no_other_with_them(
    outbox: Outbox, journal: JournalActuator, path: Path
) -> None:
    put(outbox, actions(700))
    poison = [actions(700)[position].key for position in (3, 250, 699)]
    killing = Failing(journal, poison, Died())
    for _ in range(100):
        try:
            outbox.relay(killing)
        except Died:
            continue
        break
    assert outbox.counts() == counted(done=697, failed=3)
    assert repeated(path) == []
    assert not set(poison) & set(written(path))
    assert all(1 < killing.tried[key] <= MOST_CRASHES for key in poison)
    (entry,) = entries(outbox, [actions(700)[250]])
    assert entry.result == {"error": "10 attempts were begun, and none was ever confirmed"}


@settings(derandomize=True, max_examples=12, deadline=None)
@given(deaths=st.lists(st.integers(0, 700), max_size=8))
def test_wherever_the_process_dies_each_action_is_written_once(deaths: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = Store("sqlite://")  # in memory: the deaths are of the relay, the disk has its test elsewhere
        path = Path(folder) / "journal.jsonl"
        outbox = Outbox(store)
        put(outbox, actions(600))
        for step in deaths:
            with contextlib.suppress(Died):
                outbox.relay(DyingAt(JournalActuator(path), step))
        outbox.relay(JournalActuator(path))
        assert outbox.counts() == counted(done=600)
        assert written(path) == [action.key for action in actions(600)]
        store.close()
