from __future__ import annotations

from dataclasses import asdict, replace

import polars as pl
import pytest

from agentic_assets.actions import JournalActuator, Outbox
from agentic_assets.errors import PartitionRefused
from agentic_assets_tests.unit.actions.samples import actions, counted


def test_what_is_put_waits_in_its_order(outbox: Outbox) -> None:
    assert outbox.put(actions(700)) == 700
    pending = outbox.pending()
    assert [entry.action for entry in pending] == actions(700)
    assert {(entry.state, entry.attempts) for entry in pending} == {("pending", 0)}
    assert outbox.counts() == counted(pending=700)


def test_a_key_that_is_there_is_not_put_again(outbox: Outbox) -> None:
    assert outbox.put(actions(3)) == 3
    assert outbox.put(actions(5)) == 2
    assert outbox.put(actions(5)) == 0
    assert outbox.put([]) == 0
    assert outbox.counts()["pending"] == 5


def test_a_key_twice_in_one_call_is_put_once_and_the_first_wins(outbox: Outbox) -> None:
    (first,) = actions(1)
    assert outbox.put([first, replace(first, action="standby")]) == 1
    assert [entry.action.action for entry in outbox.pending()] == ["notify"]


def test_a_frame_is_put_by_its_columns_whatever_their_order(outbox: Outbox) -> None:
    frame = pl.DataFrame([asdict(action) for action in actions(4)]).with_columns(more=pl.lit(1))
    assert outbox.put(frame.select(sorted(frame.columns))) == 4
    assert [entry.action for entry in outbox.pending()] == actions(4)
    assert outbox.put(frame.clear()) == 0


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (pl.lit(None, dtype=pl.String).alias("key"), "`key` is null in 4 rows"),
        (pl.lit(3).alias("decision_id"), "`decision_id` is Int32, not String"),
        (pl.lit("x" * 81).alias("action"), "`action` is longer than 80 characters in 4 rows"),
        (pl.lit("a").alias("more"), None),
    ],
)
def test_a_frame_with_unusable_values_is_refused_whole(outbox: Outbox, change: pl.Expr, problem: str | None) -> None:
    frame = pl.DataFrame([asdict(action) for action in actions(4)]).with_columns(change)
    if problem is None:
        assert outbox.put(frame) == 4
        return
    with pytest.raises(PartitionRefused, match=f"the outbox refused 4 actions: {problem}"):
        outbox.put(frame)
    assert outbox.counts()["pending"] == 0


def test_a_frame_without_a_column_is_refused_by_name(outbox: Outbox) -> None:
    frame = pl.DataFrame([asdict(action) for action in actions(4)])
    with pytest.raises(PartitionRefused, match="no column `agent`; there is no column `payload`"):
        outbox.put(frame.drop("payload", "agent"))


def test_the_actions_of_a_decision_and_of_a_partition_are_found(outbox: Outbox, journal: JournalActuator) -> None:
    outbox.put(actions(3, "2013-02-08"))
    outbox.put(actions(2, "2013-02-09", start=10))
    (entry,) = outbox.of_decision(f"{11:032x}")
    assert entry.action == actions(2, "2013-02-09", start=10)[1]
    assert len(outbox.pending("2013-02-09")) == outbox.counts("2013-02-09")["pending"] == 2
    assert outbox.relay(journal, partition="2013-02-09").done == 2
    assert outbox.counts() == counted(done=2, pending=3)
    assert outbox.counts("2013-02-08")["pending"] == 3
    assert [entry.state for entry in outbox.of_partition("2013-02-09")] == ["done", "done"]
    assert [entry.action for entry in outbox.of_partition("2013-02-08")] == actions(3, "2013-02-08")
    assert outbox.of_decision("f" * 32) == ()
