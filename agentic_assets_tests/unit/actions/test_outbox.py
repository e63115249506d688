from __future__ import annotations

import polars as pl
import pytest

from agentic_assets.actions import JournalActuator, Outbox
from agentic_assets.errors import PartitionRefused
from agentic_assets_tests.unit.actions.samples import SCOPE, actions, counted, entries, frame_of, put
from agentic_assets_tests.unit.actions.wanting import DAY


def wanted(outbox: Outbox, journal: JournalActuator, frame: pl.DataFrame) -> int:
    return len(outbox.reconcile(SCOPE, {DAY: frame}, journal, because=lambda *_: {}).execute)


def test_what_is_wanted_waits_with_all_that_it_says(outbox: Outbox) -> None:
    assert put(outbox, actions(30)) == 30
    waiting = entries(outbox, actions(30))
    assert [entry.action for entry in waiting] == actions(30)
    assert {(entry.state, entry.attempts) for entry in waiting} == {("pending", 0)}
    assert outbox.counts() == counted(pending=30)


def test_what_is_there_is_not_put_again(outbox: Outbox) -> None:
    assert [put(outbox, actions(number)) for number in (3, 5, 5)] == [3, 2, 0]
    assert put(outbox, []) == 0
    assert outbox.counts()["pending"] == 5


def test_a_frame_is_put_by_its_columns_whatever_their_order(outbox: Outbox, journal: JournalActuator) -> None:
    frame = frame_of(actions(4)).with_columns(more=pl.lit(1))
    assert wanted(outbox, journal, frame.select(sorted(frame.columns))) == 4
    assert [entry.action for entry in entries(outbox, actions(4))] == actions(4)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (pl.lit(None, dtype=pl.String).alias("key"), "`key` is null in 4 rows"),
        (pl.lit(3).alias("decision_id"), "`decision_id` is Int32, not String"),
        (pl.lit("x" * 81).alias("action"), "`action` is longer than 80 characters in 4 rows"),
    ],
)
def test_a_frame_with_unusable_values_is_refused_whole(
    outbox: Outbox, journal: JournalActuator, change: pl.Expr, problem: str
) -> None:
    with pytest.raises(PartitionRefused, match=f"the outbox refused 4 actions: {problem}"):
        wanted(outbox, journal, frame_of(actions(4)).with_columns(change))
    assert outbox.counts()["pending"] == 0


def test_a_frame_without_a_column_is_refused_by_name(outbox: Outbox, journal: JournalActuator) -> None:
    with pytest.raises(PartitionRefused, match="no column `agent`; there is no column `payload`"):
        wanted(outbox, journal, frame_of(actions(4)).drop("payload", "agent"))


def test_what_is_about_an_entity_is_found_and_a_day_is_counted_for_itself(
    outbox: Outbox, journal: JournalActuator
) -> None:
    first, second = actions(3, "2013-02-08"), actions(2, "2013-02-09", start=10)
    put(outbox, [*first, *second])
    [entry] = outbox.of_entity(SCOPE, "2013-02-09", second[1].entity)
    assert entry.action == second[1]
    assert outbox.of_entity(SCOPE, "2013-02-08", second[1].entity) == ()
    assert outbox.relay(journal, partition="2013-02-09").done == 2
    assert outbox.counts() == counted(done=2, pending=3)
    assert (outbox.counts("2013-02-08"), outbox.counts("2013-02-09")) == (counted(pending=3), counted(done=2))
    assert [entry.state for entry in entries(outbox, second)] == ["done", "done"]
