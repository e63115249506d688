"""A day decided anew takes back what its decisions no longer want, says so, and comes back as it was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from agentic_assets.actions import Action, JournalActuator, Outbox, Result, scope_of
from agentic_assets.cli import cli
from agentic_assets.domains import load_domain
from agentic_assets.evidence import Reading
from agentic_assets.home import Home
from agentic_assets.orchestration import run_load
from agentic_assets.pipeline import Entry, Manifest
from agentic_assets.store import Store
from agentic_assets_tests.integration.released import new_loans, standing, taken_back

DAYS = ("2024-01-01", "2024-01-02")
OUTBOX = "actions/loans_agent"
SCOPE = scope_of("loans", "loans_agent")


@dataclass(frozen=True)
class Made:
    """How the second day stood after it was run, after a stop reached back over it, and after that was lifted."""

    home: Home
    entries: list[Entry]
    stood: list[dict[tuple[str, str], int]]
    decisions: list[str]
    """Of one entity on which the agent acted: at first, and under the stop."""
    shown: list[str]
    """What `agentic explain` said of the first of them under the stop."""


def run(home: Home, *words: str) -> str:
    done = CliRunner().invoke(cli, words, env={"AGENTIC_HOME": str(home.root)}, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("loans")
        patch.chdir(folder)
        patch.delenv("AGENTIC_DOMAINS", raising=False)
        new_loans(folder, days=2, rows=4)
        home, domain = Home.at(folder / "home"), load_domain("loans")
        store = Store(home.store_url)
        found = Made(home, [], [], [], [])

        def keep() -> None:
            assert run_load(domain, home).outcome.complete
            found.entries.append(Manifest(store).current(OUTBOX)[DAYS[1]])
            found.stood.append(dict(standing(home)))

        keep()
        entity = min(entity for entity, _ in found.stood[0] if entity.startswith("q001"))
        [row] = Outbox(store).of_entity(SCOPE, DAYS[1], entity)
        orders = ("--domain", "loans", "--role", "loans_team", "--reason", "the feed is wrong", "--from", DAYS[1])
        run(home, "agent", "stop", "loans_agent", *orders, "--yes")
        keep()
        reading = Reading(domain, home)
        [instead] = reading.current("decisions/loans_agent", [DAYS[1]]).filter(entity=entity).to_dicts()
        reading.close()
        found.decisions.extend([row.action.decision_id, instead["decision_id"]])
        found.shown.extend(run(home, "explain", row.action.decision_id, "--domain", "loans").split())
        run(home, "agent", "resume", "loans_agent", *orders, "--yes")
        keep()
        yield found
        store.close()


def refused(patch: pytest.MonkeyPatch, *entities: str) -> None:
    """Have the world refuse whatever is done about some entities."""
    execute = JournalActuator.execute

    def refusing(world: JournalActuator, action: Action) -> Result:
        if action.entity in entities:
            raise OSError(f"the gate of {action.entity} is closed")
        return execute(world, action)

    patch.setattr(JournalActuator, "execute", refusing)


def test_what_failed_is_attempted_again_on_demand_and_a_day_that_still_says_so_is_made_again(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, domain = Home.at(tmp_path / "home"), load_domain("loans")
    entities = sorted(entity for entity, _ in made.stood[0])
    first, last = entities[0], entities[-1]
    with monkeypatch.context() as patch:
        refused(patch, first, last)
        assert run_load(domain, home).outcome.complete
    assert {entity for entity, _ in standing(home)} == {*entities} - {first, last}
    store = Store(home.store_url)
    box = Outbox(store)
    assert box.redrive(one for one in box.failed(SCOPE) if one.action.entity == first) == 1
    assert (
        box.relay(JournalActuator(home.journals / "loans.jsonl"), scope=SCOPE).done == 1
    )  # its day says that it failed

    with monkeypatch.context() as patch:
        refused(patch, last)
        again = ("run", "--domain", "loans", "--retry-actions")
        done = CliRunner().invoke(cli, again, env={"AGENTIC_HOME": str(home.root)})
    assert done.exit_code == 1
    assert "1 actions attempted again, 1 failed once more; made again: 2 partitions" in done.output
    assert f"execute accept on {last}: OSError: the gate of {last} is closed" in " ".join(done.output.split())
    told = json.loads(run(home, *again, "--json"))
    assert (told["attempted"], told["failed"], told["days"]) == (1, 0, [DAYS[1]])
    assert standing(home) == made.stood[0]
    assert "nothing to attempt again" in run(home, *again)

    entries = Manifest(store).current(OUTBOX)
    runs = {day: len(Manifest(store).history(OUTBOX, day)) for day in DAYS}
    store.close()
    assert entries[DAYS[1]].data_version == made.entries[0].data_version  # as if nothing had failed
    assert runs == {DAYS[0]: 2, DAYS[1]: 3}


def explained(made: Made, which: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(made.home, "explain", made.decisions[which], "--domain", "loans", "--json"))
    return found


def test_a_stop_that_reaches_back_takes_the_actions_of_its_days_back_and_a_resumption_does_them_again(
    made: Made,
) -> None:
    first, stopped, resumed = made.stood
    acted = {entity for entity, _ in first}
    assert {entity[:4] for entity in acted} == {"q000", "q001"}
    assert stopped == {slot: 1 for slot in first if slot[0].startswith("q000")}
    assert resumed == first
    assert set(taken_back(made.home).values()) == {1}


def test_the_rows_of_the_day_come_back_byte_for_byte(made: Made) -> None:
    first, stopped, resumed = made.entries
    assert stopped.rows == 0
    assert (resumed.data_version, resumed.rows) == (first.data_version, first.rows)


def test_each_making_of_the_day_says_what_it_took_back(made: Made) -> None:
    acted = made.entries[0].rows
    told = [
        {name: entry.details[name] for name in ("compensated", "compensated_in_all", "withdrawn")}
        for entry in made.entries
    ]
    assert told == [
        {"compensated": now, "compensated_in_all": ever, "withdrawn": 0}
        for now, ever in ((0, 0), (acted, acted), (0, acted))
    ]
    checks = [check for entry in made.entries for check in entry.details["checks"] if check["name"] == "carried_out"]
    assert all(check["passed"] for check in checks)
    assert [check["description"] for check in checks] == [
        f"{acted} of {acted} actions are carried out",
        f"0 of 0 actions are carried out; {acted} that no longer stand are compensated",
        f"{acted} of {acted} actions are carried out",
    ]


def test_the_counts_of_actions_tell_those_that_were_taken_back(made: Made) -> None:
    acted, all_acted = made.entries[0].rows, len(made.stood[0])
    counts = json.loads(run(made.home, "status", "--domain", "loans", "--json"))["actions"]
    assert counts == {"done": all_acted, "compensated": acted, "failed": 0, "pending": 0, "withdrawn": 0}


def test_a_decision_that_was_superseded_is_explained_with_what_took_its_place(made: Made) -> None:
    under_the_stop = explained(made, 1)
    assert under_the_stop["action"] is None
    assert under_the_stop["ledger"]["checked"]
    assert under_the_stop["order"]["reason"] == "the feed is wrong"
    assert under_the_stop["superseded"]["by"]["decision_id"] == made.decisions[0]
    shown = run(made.home, "explain", made.decisions[1], "--domain", "loans")
    assert f"superseded by decision {made.decisions[0]}" in " ".join(shown.split())


def test_a_decision_that_stands_again_is_explained_by_the_round_that_stands(made: Made) -> None:
    again = explained(made, 0)
    assert again["superseded"] is None
    action = again["action"]
    assert (action["state"], action["round"], action["taken_back"]) == ("done", 2, None)
    assert action["action"]["key"].endswith("|accept#2")


def test_a_decision_whose_action_was_taken_back_says_when_and_by_what(made: Made) -> None:
    store = Store(made.home.store_url)
    entries = Outbox(store).of_entity(SCOPE, DAYS[1], explained(made, 0)["decision"]["entity"])
    store.close()
    done, undone = entries[:2]
    assert (undone.undoes, undone.state) == (done.id, "done")
    assert undone.settled_at > done.settled_at
    assert undone.cause["decision_id"] == made.decisions[1]
    assert undone.cause["effective_action"] == "none"
    assert undone.cause["run_id"] == made.entries[1].run_id
    shown = " ".join(made.shown)
    assert f"superseded by decision {made.decisions[1]} of loans_agent@1.0.0, which does none" in shown
    assert f"taken back at {undone.settled_at}, because decision {made.decisions[1]} of loans_agent@1.0.0" in shown
