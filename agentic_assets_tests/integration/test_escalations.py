"""Escalated decisions as people answer them: the queue, the answer carried out, the defaults, and how people answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

import agentic_assets.domains
from agentic_assets.cli import cli
from agentic_assets.contracts import load
from agentic_assets.errors import NotFound, RulingRefused
from agentic_assets.evidence import Domain, Reading, Subject, verify_all
from agentic_assets.evidence.escalations import Item, find_item, queue, reviewers
from agentic_assets.features import Entities, FeatureSet
from agentic_assets.ledger import Ledger
from agentic_assets.ledger.node import ledger_node
from agentic_assets.orchestration import run_load
from agentic_assets.orchestration.answering import Answered, answer_and_run, expire_and_run
from agentic_assets.pipeline import Graph
from agentic_assets.policy import Verdict
from agentic_assets.simulation import State, replay, replay_decision
from agentic_assets_tests.unit.decisions.cases import RULESET
from agentic_assets_tests.unit.decisions.plant import LIVE, Plant

_LOG = "example.com/plant"
_CHECKPOINTS = Path(__file__).parents[2] / "contracts" / "departures" / "checkpoints.odcs.yaml"


class Watch:
    """A plant of which every day was decided and sealed, and the people who watch it."""

    def __init__(self, folder: Path) -> None:
        self.plant = Plant(folder)
        self.home = self.plant.home
        self.domain = self._domain()
        assert run_load(self.domain, self.home).outcome.complete
        self.reading = Reading(self.domain, self.home)

    def _domain(self) -> Domain:
        graph = self.plant.graph()
        ledger = ledger_node(
            "governance/ledger", decisions="decisions/sentinel", origin=_LOG, contract=load(_CHECKPOINTS)
        )
        entities = Entities("sources/readings", "machine", "at", timedelta(hours=2), ("machine",))
        subject = Subject(
            agent=LIVE,
            feature_set=FeatureSet("readings", "1.0.0", "test", entities, (), (), (), (), "UTC"),
            policy=RULESET,
            features="features/readings",
            proposals="proposals/sentinel",
            decisions="decisions/sentinel",
            ledger="governance/ledger",
            log=_LOG,
            outcomes="outcomes/machines",
        )
        return Domain(
            name="plant",
            title="Plant",
            description="test",
            owner="team",
            graph=Graph(graph.calendar, (*graph.nodes, ledger)),
            subjects=(subject,),
            entries="proposals/sentinel",
        )

    def queue(self, minutes: int = 0) -> tuple[Item, ...]:
        """Read the queue so many minutes from now."""
        return queue(self.reading, now=datetime.now(UTC) + timedelta(minutes=minutes))

    def answer(self, decision_id: str, verdict: Verdict = Verdict.ALLOW, **said: Any) -> Answered:
        """Answer as the foreman Ada."""
        named = {"identity": "ada", "role": "foreman", "reason": "I looked", "now": datetime.now(UTC), **said}
        return answer_and_run(self.domain, self.home, decision_id, verdict, **named)

    def decided(self) -> pl.DataFrame:
        """Read the decisions as they stand."""
        return self.reading.current("decisions/sentinel").sort("decided_at", "entity")


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    """A plant in which three decisions wait for people."""
    made = Watch(tmp_path)
    yield made
    made.reading.close()


def test_what_was_escalated_waits_for_the_role_of_the_policy_until_its_time_is_up(watch: Watch) -> None:
    found = watch.queue()
    assert [item.state for item in found] == ["open"] * 3
    assert {item.role for item in found} == {"foreman"}
    assert {item.message for item in found} == {"look"}
    assert [item.state for item in watch.queue(minutes=31)] == ["expired"] * 3


def test_an_approved_escalation_is_done_sealed_beside_the_old_decision_and_the_rest_stays(watch: Watch) -> None:
    before, item = watch.decided(), watch.queue()[0]
    done = watch.answer(item.decision_id)
    after = watch.decided()
    [made] = after.filter(pl.col("supersedes") == item.decision_id).to_dicts()
    assert (made["verdict"], made["effective_action"]) == ("allow", item.proposed_action)
    assert after.filter(pl.col("override").is_null()).height == before.height - 1
    assert set(done.remade) == {"decisions/sentinel", "governance/ledger"}
    ledger = Ledger(watch.reading.store, watch.home.keys, _LOG)
    sealed = ledger.sealed(item.day)
    assert sealed is not None
    assert sealed.generation == 1
    assert verify_all(watch.reading).problems == []


def test_the_superseded_decision_can_still_be_shown(watch: Watch) -> None:
    item = watch.queue()[0]
    watch.answer(item.decision_id, Verdict.DENY, reason="it is broken")
    shown = find_item(watch.queue(), item.decision_id[:8])
    assert (shown.state, shown.reason, shown.opened_at) == ("resolved", item.reason, item.opened_at)
    assert shown.resolution is not None
    assert (shown.resolution.verdict, shown.resolution.reason) == (Verdict.DENY, "it is broken")


def test_both_decisions_are_replayed_each_as_the_answers_stood(watch: Watch) -> None:
    item = watch.queue()[0]
    escalated = watch.reading.entry("decisions/sentinel", item.day)
    watch.answer(item.decision_id)
    found = replay(watch.reading, [escalated, watch.reading.entry("decisions/sentinel", item.day)])
    assert {one.state for one in found} == {State.IDENTICAL}, [one.text() for one in found]
    before = replay_decision(watch.reading, item.decision_id)
    after = replay_decision(watch.reading, watch.decided().filter(supersedes=item.decision_id).item(0, "decision_id"))
    assert (before.identical, before.superseded, after.identical, after.superseded) == (True, True, True, False)


def test_an_answer_to_one_opens_no_other_anew(watch: Watch) -> None:
    first, second, _ = watch.queue()
    watch.answer(first.decision_id)
    assert find_item(watch.queue(), second.decision_id).opened_at == second.opened_at


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"role": "porter"}, "is for the role foreman, not 'porter'"),
        ({"action": "explode"}, "has no action 'explode'"),
        ({"now": datetime.now(UTC) + timedelta(hours=2)}, "its time was up"),
    ],
    ids=["role", "action", "late"],
)
def test_who_may_not_answer_changes_nothing(watch: Watch, said: dict[str, Any], told: str) -> None:
    before, item = watch.decided(), watch.queue()[0]
    with pytest.raises(RulingRefused, match=told):
        watch.answer(item.decision_id, **said)
    assert watch.decided().equals(before)
    assert [one.state for one in watch.queue()] == ["open"] * 3


def test_an_escalation_is_answered_once(watch: Watch) -> None:
    item = watch.queue()[0]
    watch.answer(item.decision_id)
    with pytest.raises(RulingRefused, match="it was answered by ada"):
        watch.answer(item.decision_id, Verdict.DENY)


def test_a_denial_takes_no_action_with_it(watch: Watch) -> None:
    with pytest.raises(RulingRefused, match="a denial takes no action"):
        watch.answer(watch.queue()[0].decision_id, Verdict.DENY, action="inspect")


def test_what_nobody_answered_in_time_meets_the_default_of_the_policy(watch: Watch) -> None:
    late = datetime.now(UTC) + timedelta(hours=1)
    assert expire_and_run(watch.domain, watch.home, now=datetime.now(UTC)).resolutions == ()
    done = expire_and_run(watch.domain, watch.home, now=late)
    assert {(one.verdict, one.identity, one.action) for one in done.resolutions} == {(Verdict.DENY, "expired", "none")}
    decided = watch.decided().filter(pl.col("override").is_not_null())
    assert decided.height == 3
    assert set(decided.get_column("verdict")) == {"deny"}
    assert expire_and_run(watch.domain, watch.home, now=late).resolutions == ()


def test_what_nobody_answered_in_time_is_done_where_the_policy_allows_it(watch: Watch) -> None:
    waiting = {item.decision_id: item.proposed_action for item in watch.queue()}
    assert RULESET.escalation is not None
    lenient = replace(RULESET, escalation=replace(RULESET.escalation, on_expiry=Verdict.ALLOW))
    subjects = tuple(replace(subject, policy=lenient) for subject in watch.domain.subjects)
    late = datetime.now(UTC) + timedelta(hours=1)
    done = expire_and_run(replace(watch.domain, subjects=subjects), watch.home, now=late)
    assert {(one.verdict, one.identity) for one in done.resolutions} == {(Verdict.ALLOW, "expired")}
    made = watch.decided().filter(pl.col("supersedes").is_in([*waiting]))
    assert dict(made.select("supersedes", "effective_action").iter_rows()) == waiting
    assert set(made.get_column("verdict")) == {"allow"}
    assert "none" not in waiting.values()


def test_how_people_answer_is_measured(watch: Watch) -> None:
    first, second, third = watch.queue()
    opened = datetime.fromisoformat(first.opened_at)
    watch.answer(first.decision_id, now=opened + timedelta(seconds=60))
    watch.answer(second.decision_id, Verdict.DENY, now=opened + timedelta(seconds=180))
    watch.answer(third.decision_id, identity="bob", now=opened + timedelta(seconds=2))
    ada, bob = reviewers(watch.reading)
    assert (ada.identity, ada.answered, ada.approved, ada.approved_bp, ada.median_seconds) == ("ada", 2, 1, 5_000, 120)
    assert (bob.identity, bob.approved_bp, bob.median_seconds) == ("bob", 10_000, 2)


def test_nobody_is_asked_about_an_agent_in_shadow(watch: Watch) -> None:
    assert len(watch.queue()) == 3
    watch.plant.run(spec=replace(LIVE, phase="shadow"))
    assert watch.queue() == ()


def test_an_id_that_means_none_or_several_is_refused(watch: Watch) -> None:
    with pytest.raises(NotFound, match="there is no escalation 'abc'"):
        find_item(watch.queue(), "abc")


def test_the_commands_list_show_resolve_and_measure(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agentic_assets.domains, "load_domain", lambda _: watch.domain)
    monkeypatch.setenv("AGENTIC_HOME", str(watch.home.root))
    monkeypatch.setenv("AGENTIC_USER", "ada")

    def run(*arguments: str, code: int = 0) -> str:
        done = CliRunner().invoke(cli, ["escalation", *arguments])
        assert done.exit_code == code, done.output
        return done.stdout

    listed = json.loads(run("list", "--json"))["escalations"]
    first = listed[0]["decision_id"]
    assert first[:12] in run("list")
    assert "answer with: agentic escalation resolve" in run("show", first[:10])
    said = ("--role", "foreman", "--reason", "I looked")
    run("resolve", first, *said, code=2)
    run("resolve", first, "--approve", "--role", "foreman", code=2)
    done = json.loads(run("resolve", first, "--approve", *said, "--json"))
    assert [one["identity"] for one in done["resolutions"]] == ["ada"]
    assert len(json.loads(run("list", "--json"))["escalations"]) == 2
    assert "allow by ada" in run("list", "--state", "all")
    [reviewer] = json.loads(run("reviewers", "--json"))["reviewers"]
    assert (reviewer["identity"], reviewer["approved"]) == ("ada", 1)
    assert "no escalation has expired" in run("expire", "--yes")
