from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, text

from agentic_assets.actions import Action, JournalActuator, Outbox, Relayed
from agentic_assets.actions.relay import MOST_CRASHES, MOST_ERRORS
from agentic_assets.actions.rounds import key_of, undo_of
from agentic_assets.errors import PartitionRefused
from agentic_assets.store import Store
from agentic_assets.store.migrations import configuration
from agentic_assets.store.schema import outbox as table
from agentic_assets_tests.unit.actions.samples import SCOPE, Died, DyingAt, Failing, counted, written
from agentic_assets_tests.unit.actions.wanting import DAY, decision, remade, replaced_by, standing, wanting

NEXT = "2013-02-09"


def test_an_action_that_is_no_longer_wanted_is_compensated_and_says_why(
    outbox: Outbox, journal: JournalActuator, path: Path
) -> None:
    remade(outbox, journal, wanting("a notify", "b notify"))
    found = remade(outbox, journal, wanting("a notify", version=2), version=2)
    assert found.counts() == {"execute": 0, "compensate": 1, "withdraw": 0, "keep": 1}
    assert standing(path) == ["a notify"]
    assert outbox.counts() == counted(done=1, compensated=1)
    done, undone = outbox.of_entity(SCOPE, DAY, "b")
    assert (undone.verb, undone.undoes, undone.state, undone.cause) == ("compensate", done.id, "done", replaced_by(2))
    assert undone.result == journal.compensated([done.action.key])[done.action.key]
    assert undone.settled_at >= undone.recorded_at >= done.settled_at > ""


def test_the_same_wanted_again_changes_nothing(outbox: Outbox, journal: JournalActuator, path: Path) -> None:
    remade(outbox, journal, wanting("a notify", "b standby"))
    before = path.read_bytes()
    found = remade(outbox, journal, wanting("b standby", "a notify", version=2))
    assert found.counts() == {"execute": 0, "compensate": 0, "withdraw": 0, "keep": 2}
    assert path.read_bytes() == before
    kept = [*outbox.of_entity(SCOPE, DAY, "a"), *outbox.of_entity(SCOPE, DAY, "b")]
    assert [entry.action.decision_id for entry in kept] == [decision("a", 1), decision("b", 1)]


def test_going_back_and_forth_puts_an_action_in_rounds_and_takes_each_back_once(
    outbox: Outbox, journal: JournalActuator, path: Path
) -> None:
    for version in range(1, 6):
        remade(outbox, journal, wanting(*(["a notify"] if version % 2 else []), version=version))
    key = f"{SCOPE}|a|notify"
    assert written(path) == [key, f"{key}#2", f"{key}#3"]
    assert written(path, "compensate") == [key, f"{key}#2"]
    assert standing(path) == ["a notify"]
    assert outbox.standing(SCOPE, [DAY]) == {DAY: {("a", "notify"): "done"}}


def test_another_action_on_an_entity_follows_the_compensation_of_the_first(
    outbox: Outbox, journal: JournalActuator, path: Path
) -> None:
    remade(outbox, journal, wanting("a standby"))
    remade(outbox, journal, wanting("a notify", version=2))
    done = [line for line in path.read_text().splitlines() if "compensate" in line or "notify" in line]
    assert ["compensate" in line for line in done] == [True, False]
    assert standing(path) == ["a notify"]


def test_a_day_that_wants_nothing_any_more_takes_everything_back(
    outbox: Outbox, journal: JournalActuator, path: Path
) -> None:
    remade(outbox, journal, wanting("a notify", "b notify"))
    assert remade(outbox, journal, wanting()).counts()["compensate"] == 2
    assert standing(path) == []


def test_what_waits_and_is_no_longer_wanted_is_withdrawn_and_never_executed(
    outbox: Outbox, journal: JournalActuator, path: Path
) -> None:
    outbox.reconcile(SCOPE, {DAY: wanting("a notify", "b notify")}, journal, because=lambda *_: {})
    assert remade(outbox, journal, wanting("b notify"), version=2).counts()["withdraw"] == 1
    assert standing(path) == ["b notify"]
    (entry,) = outbox.of_entity(SCOPE, DAY, "a")
    assert (entry.state, entry.attempts, entry.cause) == ("withdrawn", 0, replaced_by(2))
    remade(outbox, journal, wanting("a notify", "b notify"))
    assert written(path) == [f"{SCOPE}|b|notify", f"{SCOPE}|a|notify#2"]


def test_what_was_executed_and_not_marked_is_compensated_not_withdrawn(
    outbox: Outbox, journal: JournalActuator, path: Path
) -> None:
    outbox.reconcile(SCOPE, {DAY: wanting("a notify")}, journal, because=lambda *_: {})
    with contextlib.suppress(Died):
        outbox.relay(DyingAt(journal, 2), scope=SCOPE)  # dies between the confirmation and the mark
    assert written(path) == [f"{SCOPE}|a|notify"]
    assert outbox.counts() == counted(pending=1)
    assert remade(outbox, journal, wanting()).counts() == {"execute": 0, "compensate": 1, "withdraw": 0, "keep": 0}
    assert standing(path) == []
    assert outbox.counts() == counted(compensated=1)


def test_a_failed_action_has_nothing_to_compensate_and_is_not_redriven_once_it_is_unwanted(
    outbox: Outbox, journal: JournalActuator, path: Path
) -> None:
    failing = Failing(journal, [f"{SCOPE}|a|notify"], ValueError("no such gate"))
    for _ in range(MOST_ERRORS):
        remade(outbox, failing, wanting("a notify", "b notify"))
    assert outbox.counts() == counted(done=1, failed=1)
    remade(outbox, failing, wanting("b notify"))
    (entry,) = outbox.of_entity(SCOPE, DAY, "a")
    assert (entry.state, entry.result) == ("withdrawn", {"error": "ValueError: no such gate"})
    assert outbox.failed(SCOPE) == ()
    assert standing(path) == ["b notify"]


def test_a_compensation_that_waits_is_spared_when_its_action_is_wanted_again_and_taken_up_once_it_is_not(
    outbox: Outbox, journal: JournalActuator, path: Path
) -> None:
    remade(outbox, journal, wanting("a notify"))
    outbox.reconcile(SCOPE, {DAY: wanting()}, journal, because=lambda *_: {})
    assert outbox.counts() == counted(pending=1)
    remade(outbox, journal, wanting("a notify"))
    assert outbox.counts() == counted(done=1)
    assert standing(path) == ["a notify"]
    assert written(path, "compensate") == []
    remade(outbox, journal, wanting(), version=4)
    assert standing(path) == []
    assert outbox.of_entity(SCOPE, DAY, "a")[1].cause == replaced_by(4)


def test_a_compensation_that_was_carried_out_and_not_marked_is_known_when_its_action_is_wanted_again(
    outbox: Outbox, journal: JournalActuator, path: Path
) -> None:
    remade(outbox, journal, wanting("a notify"))
    outbox.reconcile(SCOPE, {DAY: wanting()}, journal, because=lambda *_: {})
    with contextlib.suppress(Died):
        outbox.relay(DyingAt(journal, 2), scope=SCOPE)
    assert outbox.counts() == counted(pending=1)
    remade(outbox, journal, wanting("a notify"))
    assert standing(path) == ["a notify"]
    assert written(path) == [f"{SCOPE}|a|notify", f"{SCOPE}|a|notify#2"]


def test_a_compensation_that_errs_leaves_its_action_standing_and_is_redriven_on_demand(
    outbox: Outbox, journal: JournalActuator, path: Path
) -> None:
    remade(outbox, journal, wanting("a notify"))
    failing = Failing(journal, [f"{SCOPE}|a|notify"], ValueError("closed"), verb="compensate")
    for _ in range(MOST_ERRORS):
        remade(outbox, failing, wanting())
    assert outbox.counts() == counted(failed=1)
    assert outbox.undoing(SCOPE, [DAY]) == {DAY: {"failed": 1}}
    assert standing(path) == ["a notify"]
    assert outbox.redrive(outbox.failed(SCOPE)) == 1
    outbox.relay(journal)
    assert standing(path) == []
    assert outbox.counts() == counted(compensated=1)


def test_a_day_made_again_gives_new_attempts_to_what_failed_but_not_to_what_ended_the_process(
    outbox: Outbox, journal: JournalActuator, path: Path
) -> None:
    remade(outbox, journal, wanting("a notify"))
    wanted = wanting("b notify", "c notify")
    failing = Failing(
        Failing(journal, [f"{SCOPE}|a|notify"], ValueError("closed"), verb="compensate"),
        [f"{SCOPE}|b|notify"],
        ValueError("closed"),
    )
    outbox.reconcile(SCOPE, {DAY: wanted}, journal, because=lambda *_: {})
    for _ in range(MOST_ERRORS):
        outbox.relay(failing, scope=SCOPE)
    assert outbox.counts() == counted(failed=2, done=1)
    remade(outbox, journal, wanted)
    assert standing(path) == ["b notify", "c notify"]
    deadly = Failing(journal, [f"{SCOPE}|d|notify"], Died())
    outbox.reconcile(SCOPE, {DAY: wanting("d notify")}, journal, because=lambda *_: {})
    while outbox.counts()["pending"]:
        with contextlib.suppress(Died):
            outbox.relay(deadly, scope=SCOPE)
    for _ in range(2):
        remade(outbox, deadly, wanting("d notify"))
    assert (standing(path), outbox.counts()["failed"], deadly.tried.total()) == ([], 1, MOST_CRASHES)


def test_the_difference_is_told_and_nothing_is_done(outbox: Outbox, journal: JournalActuator, path: Path) -> None:
    remade(outbox, journal, wanting("a notify", "b notify"))
    waits = {DAY: wanting("a notify", "b notify", "c notify")}
    outbox.reconcile(SCOPE, waits, journal, because=lambda *_: {})
    before = path.read_bytes()
    found = outbox.difference(SCOPE, {DAY: wanting("a notify", "d standby")})
    assert found.counts() == {"execute": 1, "compensate": 1, "withdraw": 1, "keep": 1}
    assert [(row.entity, row.decision_id) for row in found.compensate] == [("b", decision("b", 1))]
    assert [row.entity for row in found.withdraw] == ["c"]
    assert found.execute == ((("d", "standby"), 1),)
    assert (path.read_bytes(), outbox.counts()) == (before, counted(done=2, pending=1))


def test_the_actions_of_other_agents_domains_and_days_are_left_alone(
    outbox: Outbox, journal: JournalActuator, path: Path, tmp_path: Path
) -> None:
    remade(outbox, journal, {DAY: wanting("a notify"), NEXT: wanting("b notify", day=NEXT)})
    other = JournalActuator(tmp_path / "other.jsonl")
    mine = wanting("a notify")
    theirs = mine.with_columns(key=mine["key"].str.replace("delay_risk", "Delay_risk"))
    outbox.reconcile("departures|Delay_risk", {DAY: theirs}, other, because=lambda *_: {})
    assert outbox.relay(journal, scope=SCOPE).done == 0
    assert outbox.relay(other, scope="departures|Delay_risk").done == 1
    remade(outbox, journal, wanting())
    assert standing(path) == ["b notify"]
    assert standing(other.path) == ["a notify"]


def test_an_entity_that_moves_to_another_day_keeps_its_action(
    outbox: Outbox, journal: JournalActuator, path: Path
) -> None:
    remade(outbox, journal, {DAY: wanting("a notify"), NEXT: wanting(day=NEXT)})
    remade(outbox, journal, {DAY: wanting(), NEXT: wanting("a notify", day=NEXT)})
    assert written(path) == [f"{SCOPE}|a|notify"]
    assert outbox.standing(SCOPE, [DAY, NEXT]) == {DAY: {}, NEXT: {("a", "notify"): "done"}}
    remade(outbox, journal, {NEXT: wanting(day=NEXT)})
    assert standing(path) == []


def test_an_entity_whose_first_day_was_made_anew_before_is_acted_on_in_a_further_round(
    outbox: Outbox, journal: JournalActuator, path: Path
) -> None:
    remade(outbox, journal, wanting("a notify"))
    remade(outbox, journal, wanting())
    for _ in range(2):
        remade(outbox, journal, {NEXT: wanting("a notify", day=NEXT)})
        assert standing(path) == ["a notify"]
        remade(outbox, journal, {NEXT: wanting(day=NEXT)})
        assert standing(path) == []
    remade(outbox, journal, wanting("a notify"))
    assert written(path)[-1] == f"{SCOPE}|a|notify#4"


@pytest.mark.parametrize(
    "days",
    [
        {NEXT: wanting("a notify", "c notify", day=NEXT)},
        {DAY: wanting("a notify"), NEXT: wanting("a notify", day=NEXT)},
    ],
)
def test_an_action_that_two_days_want_is_refused_and_nothing_changes(
    outbox: Outbox, journal: JournalActuator, path: Path, days: dict[str, object]
) -> None:
    remade(outbox, journal, wanting("a notify", "b notify"))
    before = [outbox.of_entity(SCOPE, DAY, entity) for entity in "abc"]
    with pytest.raises(PartitionRefused, match=r"notify.* 'a'.*2013-02-0"):
        remade(outbox, journal, days)  # type: ignore[arg-type]
    assert [outbox.of_entity(SCOPE, DAY, entity) for entity in "abc"] == before
    assert not any(outbox.of_entity(SCOPE, NEXT, entity) for entity in "abc")
    assert standing(path) == ["a notify", "b notify"]


def test_an_action_of_a_home_older_than_compensations_is_kept_or_taken_back_like_any_other(
    store: Store, journal: JournalActuator, path: Path
) -> None:
    frame = wanting("a notify", "b notify")
    with store.transaction() as connection:
        command.downgrade(configuration(connection), "0007")
        rows = [{**row, "state": "done", "attempts": 1, "result": "{}"} for row in frame.to_dicts()]
        names = ", ".join(rows[0])
        connection.execute(text(f"INSERT INTO outbox ({names}) VALUES (:{names.replace(', ', ', :')})"), rows)
    for row in rows:
        journal.execute(Action(**{name: row[name] for name in frame.columns}))
    grown = Store(store.url)
    outbox = Outbox(grown)
    assert outbox.counts() == counted(done=2)
    remade(outbox, journal, wanting("b notify", version=2))
    assert standing(path) == ["b notify"]
    assert outbox.counts() == counted(done=1, compensated=1)
    grown.close()


def test_a_compensation_that_was_carried_out_and_not_marked_is_marked_and_not_carried_out_again(
    outbox: Outbox, journal: JournalActuator, path: Path
) -> None:
    remade(outbox, journal, wanting("a notify"))
    outbox.reconcile(SCOPE, {DAY: wanting()}, journal, because=lambda *_: {})
    with contextlib.suppress(Died):
        outbox.relay(DyingAt(journal, 2), scope=SCOPE)  # dies between the confirmation and the mark
    refusing = Failing(journal, [f"{SCOPE}|a|notify"], ValueError("taken back already"), verb="compensate")
    assert outbox.relay(refusing, scope=SCOPE) == Relayed(found=1)
    assert (refusing.tried.total(), outbox.counts(), standing(path)) == (0, counted(compensated=1), [])


@pytest.mark.parametrize("length", [10, 193, 200])
def test_keys_of_rounds_and_compensations_fit_and_differ_however_long_the_key_is(length: int) -> None:
    first, second = "k" * length, "k" * (length - 1) + "j"
    keys = [first, second, *(make(key) for key in (first, second) for make in (lambda key: key_of(key, 2), undo_of))]
    assert max(map(len, keys)) <= 200
    assert len(set(keys)) == 6


SLOTS = ("a notify", "a standby", "b notify", "c notify")
WANTED = st.frozensets(st.sampled_from(SLOTS))
STEPS = st.lists(st.tuples(WANTED, st.integers(0, 8)), min_size=1, max_size=6)


@pytest.fixture(scope="module")
def shared() -> Iterator[Store]:
    store = Store("sqlite://")  # in memory: the deaths are of the relay
    yield store
    store.close()


@settings(derandomize=True, max_examples=40, deadline=None)
@given(steps=STEPS, last=WANTED)
def test_whatever_was_wanted_before_and_wherever_it_died_the_world_is_what_the_last_decisions_want(
    shared: Store, steps: list[tuple[frozenset[str], int]], last: frozenset[str]
) -> None:
    with shared.transaction() as connection:
        connection.execute(delete(table))
    outbox = Outbox(shared)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.jsonl"
        for version, (wanted, death) in enumerate(steps):
            with contextlib.suppress(Died):
                frame = wanting(*sorted(wanted), version=version)
                remade(outbox, DyingAt(JournalActuator(path), death), frame, version)
            standing(path)  # nothing done or undone twice, at any time
        remade(outbox, JournalActuator(path), wanting(*sorted(last)))
        assert standing(path) == sorted(last)
        counts = outbox.counts()
        assert (counts["pending"], counts["failed"], counts["done"]) == (0, 0, len(last))
