"""Orders about an agent that decides in two versions: about all of them, or about the newest where one is moved."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agentic_assets.cli import cli
from agentic_assets.domains import load_domain
from agentic_assets.domains.departures.feature_sets import STATION_MORNING
from agentic_assets.errors import NotFound
from agentic_assets.evidence import Domain
from agentic_assets.evidence.overseeing import orders_of, subjects_of

WHO = ("--by", "kim", "--role", "duty_manager", "--reason", "the weather feed is wrong", "--json")


@pytest.fixture
def domain(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Domain:
    """Give the domain with two more versions of an agent, the newest in the middle; only the oldest may `hold`."""
    found = load_domain("departures")
    today = next(one for one in found.subjects if one.agent.name == "delay_risk")
    newest = replace(today, agent=replace(today.agent, version="1.10.0"))
    # It decides about a day at another hour.
    oldest = replace(
        today,
        agent=replace(today.agent, version="1.9.0", actions=(*today.agent.actions, "hold"), columns={}),
        policy=replace(today.policy, actions=(*today.policy.actions, "hold")),
        feature_set=STATION_MORNING,
    )
    made = replace(found, subjects=(oldest, newest, *found.subjects))
    monkeypatch.setattr("agentic_assets.domains.load_domain", lambda name: made)
    monkeypatch.setenv("AGENTIC_HOME", str(tmp_path / "home"))
    return made


def _agentic(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["agent", *arguments])


def test_the_subjects_of_an_agent_are_in_the_order_of_its_versions(domain: Domain) -> None:
    versions = [one.agent.version for one in subjects_of(domain, "delay_risk")]
    assert versions == sorted(versions, key=lambda version: [int(part) for part in version.split(".")])
    assert versions[-1] == "1.10.0"


def test_the_newest_version_is_moved_back_from_just_after_its_own_decisions(domain: Domain) -> None:
    told = json.loads(_agentic("stage", "delay_risk", "shadow", *WHO).stdout)["control"]
    newest = subjects_of(domain, "delay_risk")[-1]
    assert told["agent"] == newest.agent.id == "delay_risk@1.10.0"
    assert datetime.fromisoformat(told["effective_from"]) == orders_of(domain, newest).after(())


def test_an_action_that_only_an_older_version_takes_can_be_stopped(domain: Domain) -> None:
    assert json.loads(_agentic("stop", "delay_risk", "--action", "hold", *WHO).stdout)["control"]["action"] == "hold"
    refused = _agentic("stop", "delay_risk@1.10.0", "--action", "hold", *WHO).exception
    assert isinstance(refused, NotFound)
    assert "takes the action 'hold'" in str(refused)


def test_how_agents_stand_is_told_for_each_action_that_was_ordered_about(domain: Domain) -> None:
    _agentic("stop", "delay_risk@1.10.0", "--action", "standby", *WHO)
    standing = json.loads(_agentic("controls", "--json").stdout)["standing"]
    stopped = [(one["agent"], one["action"]) for one in standing if one["phase"] == "stopped"]
    assert stopped == [("delay_risk@1.10.0", "standby")]
    assert len(standing) == 2 * len(domain.subjects)
