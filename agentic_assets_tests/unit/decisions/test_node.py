"""From proposals to decisions through the engine: the policy, the awards, the orders of people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import update

from agentic_assets.decisions.node import decision_node
from agentic_assets.errors import ConfigInvalid, LedgerBroken, RulingRefused
from agentic_assets.policy import Verdict
from agentic_assets.policy.escalation import Resolution, Resolutions
from agentic_assets.policy.rollout import Control, Kind, Phase, Stage
from agentic_assets.store.schema import resolutions
from agentic_assets_tests.unit.decisions.cases import RULESET, SPEC
from agentic_assets_tests.unit.decisions.plant import DAYS, LIVE, Plant, contract_in


def _stop(day: int) -> Control:
    return Control(
        domain="plant",
        agent=SPEC.name,
        action="*",
        kind=Kind.STOP,
        effective_from=datetime(2013, 2, day, tzinfo=UTC),
        identity="ada",
        role="duty_manager",
        reason="it repeats itself",
        number=1,
    )


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Plant]:
    """Proposals on which nothing was decided yet."""
    made = Plant(tmp_path)
    yield made
    for engine in made.engines:
        engine.store.close()


def test_every_proposal_becomes_one_decision_with_its_verdict(plant: Plant) -> None:
    results = plant.run()
    assert [result.checks[-1].passed for result in results.values()] == [True, True]
    found = plant.decided()
    assert found.height == plant.rows.height == 12
    assert set(found.get_column("phase")) == {"live"}
    assert found.filter(pl.col("verdict") == "escalate").get_column("effective_action").unique().to_list() == ["none"]


def test_the_pins_of_a_decision_hold_agent_policy_and_contract_and_lead_back_from_its_digest(plant: Plant) -> None:
    plant.run()
    [digest] = plant.decided().get_column("pins").unique()
    pins = plant.engines[-1].manifest.pins_of(digest)
    assert {LIVE.pin, RULESET.pin, plant.contract.pin} <= set(pins)


def test_a_stop_falls_back_to_the_rule_before_from_its_day_on_and_names_itself(plant: Plant) -> None:
    plant.run()
    before = plant.decided()
    stop = _stop(9)
    plant.run(stop)
    after = plant.decided()
    first, second = date(2013, 2, 8), date(2013, 2, 9)
    assert after.filter(pl.col("day") == first).equals(before.filter(pl.col("day") == first))
    stopped = after.filter(pl.col("day") == second)
    assert stopped.height
    assert set(stopped.get_column("phase")) == {"stopped"}
    assert set(stopped.get_column("control")) == {stop.id}
    assert set(stopped.get_column("effective_action")) == {"inspect"}
    assert not set(stopped.get_column("decision_id")) & set(before.get_column("decision_id"))


def test_an_order_taken_back_gives_the_bytes_of_before(plant: Plant) -> None:
    first = plant.run()
    plant.run(_stop(9))
    last = plant.run()
    for name in DAYS:
        one, other = first[name].entry, last[name].entry
        assert one is not None
        assert other is not None
        assert one.data_version == other.data_version


def test_a_shadow_agent_is_judged_and_the_rule_before_acts(plant: Plant) -> None:
    plant.run(spec=replace(SPEC, phase="shadow"))
    found = plant.decided()
    assert set(found.get_column("phase")) == {"shadow"}
    assert set(found.get_column("effective_action")) == {"inspect"}
    assert "stop" in set(found.get_column("judged_action"))


def test_an_agent_whose_review_is_overdue_acts_no_more(plant: Plant) -> None:
    plant.run(spec=replace(LIVE, review_by=date(2013, 2, 8)))
    found = plant.decided()
    phases = dict(found.group_by("day").agg(pl.col("phase").unique().sort().str.join(",")).iter_rows())
    assert phases == {date(2013, 2, 8): "live", date(2013, 2, 9): "shadow"}


def test_a_staged_agent_serves_its_share_and_the_rule_before_the_rest(plant: Plant) -> None:
    stage = replace(_stop(8), kind=Kind.STAGE, agent=SPEC.id, stage=Stage(Phase.CANARY, 5_000))
    plant.run(stage)
    phases = plant.decided().get_column("phase").value_counts().to_dicts()
    assert {row["phase"] for row in phases} == {"canary", "legacy"}


def _answer(plant: Plant, verdict: Verdict = Verdict.ALLOW, **changed: str) -> Resolution:
    """Answer the first escalated decision that is published."""
    row = plant.decided().filter(pl.col("verdict") == "escalate").row(0, named=True)
    named = {"decision_id": row["decision_id"], "action": row["proposed_action"], **changed}
    return Resolution(
        domain="plant",
        agent=LIVE.id,
        day=row["day"].isoformat(),
        entity=row["entity"],
        verdict=verdict,
        identity="ada",
        role="foreman",
        reason="I went and looked",
        **named,
    )


def test_an_answer_takes_the_place_of_the_escalated_decision_and_of_no_other(plant: Plant) -> None:
    plant.run()
    before, answer = plant.decided(), _answer(plant)
    plant.run(answers=[answer])
    after = plant.decided()
    [made] = after.filter(pl.col("override").is_not_null()).to_dicts()
    assert (made["verdict"], made["judged_action"], made["effective_action"]) == ("allow", "stop", "stop")
    assert (made["supersedes"], made["escalation_role"]) == (answer.decision_id, None)
    assert made["decision_id"] != answer.decision_id
    assert after.filter(pl.col("override").is_null()).equals(before.filter(pl.col("decision_id") != answer.decision_id))


def test_the_pins_of_an_answered_decision_name_the_answer(plant: Plant) -> None:
    plant.run()
    answer = _answer(plant)
    plant.run(answers=[answer])
    [digest] = plant.decided().filter(pl.col("override").is_not_null()).get_column("pins")
    found = plant.engines[-1].manifest.pins_of(digest).named("resolution")
    assert found is not None
    assert (found.name, found.version) == (answer.decision_id, "1")
    for other in plant.decided().get_column("pins").unique():
        assert plant.engines[-1].manifest.pins_of(other)


def test_a_denied_escalation_takes_no_action_and_waits_for_nobody(plant: Plant) -> None:
    plant.run()
    answer = _answer(plant, Verdict.DENY)
    plant.run(answers=[answer])
    [made] = plant.decided().filter(pl.col("supersedes") == answer.decision_id).to_dicts()
    assert (made["verdict"], made["effective_action"]) == ("deny", "none")


def test_an_answer_may_take_another_action_than_the_proposed_one(plant: Plant) -> None:
    plant.run()
    answer = _answer(plant, action="inspect")
    plant.run(answers=[answer])
    [made] = plant.decided().filter(pl.col("supersedes") == answer.decision_id).to_dicts()
    assert (made["proposed_action"], made["effective_action"]) == ("stop", "inspect")


def test_an_answer_to_a_decision_that_is_another_by_now_changes_nothing(plant: Plant) -> None:
    plant.run()
    before, answer = plant.decided(), _answer(plant, decision_id="0" * 32)
    plant.run(answers=[answer])
    assert plant.decided().equals(before)


def test_an_answer_about_an_agent_that_is_stopped_lets_the_rule_before_act(plant: Plant) -> None:
    plant.run(_stop(8))
    answer = _answer(plant)
    plant.run(_stop(8), answers=[answer])
    [made] = plant.decided().filter(pl.col("supersedes") == answer.decision_id).to_dicts()
    assert (made["phase"], made["judged_action"], made["effective_action"]) == ("stopped", "stop", "inspect")


def test_a_decision_is_answered_once(plant: Plant) -> None:
    plant.run()
    answer = _answer(plant)
    plant.run(answers=[answer])
    with pytest.raises(RulingRefused, match=r"resolved already: allow by ada \(foreman\)"):
        Resolutions(plant.engines[-1].store).append([replace(answer, verdict=Verdict.DENY)])


def test_an_answer_that_was_edited_in_the_store_is_not_believed(plant: Plant) -> None:
    plant.run()
    plant.run(answers=[_answer(plant)])
    store = plant.engines[-1].store
    with store.transaction() as connection:
        connection.execute(update(resolutions).values(action="inspect"))
    with pytest.raises(LedgerBroken, match="resolution 1 of plant is not the one that was recorded"):
        Resolutions(store).of("plant")


def test_a_contract_that_would_drop_what_is_sealed_is_refused_before_anything_runs(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match=r"lacks 1 of the \d+ columns of decisions.*: override"):
        decision_node(
            "decisions/sentinel",
            domain="plant",
            spec=LIVE,
            ruleset=RULESET,
            proposals="proposals/sentinel",
            contract=contract_in(tmp_path, without="override"),
        )
