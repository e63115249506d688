"""`agentic agent list|show|diff`: what people and programs are told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agentic_assets.cli import cli
from agentic_assets.domains import departures
from agentic_assets.errors import AgenticError

_SPEC = Path(departures.__file__).parent / "turnaround.agent.yaml"


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["agent", *arguments])


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTIC_HOME", str(tmp_path / "home"))


def test_every_agent_is_listed_with_who_answers_for_it() -> None:
    listed = {row["agent"].partition("@")[0]: row for row in json.loads(_run("list", "--json").output)["agents"]}
    assert {"delay_risk", "turnaround"} <= set(listed)
    assert listed["turnaround"]["owner"] == "airport_operations"
    assert listed["turnaround"]["resources"] == ["standby_aircraft"]
    assert not listed["turnaround"]["review_lapsed"]


def test_an_agent_is_shown_with_its_limits_and_failures() -> None:
    told = _run("show", "turnaround").output
    for part in (
        "turnaround@1.0.0",
        "fleet_control",
        "inbound_slack_minutes (integer)",
        "standby_aircraft (by standby)",
    ):
        assert part in told
    assert "it never proposes to cancel, delay or reroute a flight" in told
    assert json.loads(_run("show", "turnaround@1.0.0", "--json").output)["id"] == "turnaround@1.0.0"


@pytest.mark.parametrize("wanted", ["nobody", "turnaround@9.0.0"])
def test_an_agent_that_is_not_there_is_answered_with_those_that_are(wanted: str) -> None:
    refused = _run("show", wanted).exception
    assert isinstance(refused, AgenticError)
    assert "turnaround@1.0.0" in str(refused)


def test_a_breaking_change_under_a_small_number_is_an_error(tmp_path: Path) -> None:
    changed = tmp_path / "turnaround.agent.yaml"
    text = _SPEC.read_text().replace("version: 1.0.0", "version: 1.1.0")
    changed.write_text(text.replace("at_most: 630000", "at_most: 640000"))
    compared = _run("diff", str(_SPEC), str(changed), "--json")
    assert compared.exit_code == 1
    told = json.loads(compared.output)
    assert (told["demanded"], told["enough"]) == ("2.0.0", False)
    assert [change["subject"] for change in told["changes"]] == ["benefit_cents"]


def test_a_change_of_words_needs_a_small_number(tmp_path: Path) -> None:
    changed = tmp_path / "turnaround.agent.yaml"
    text = _SPEC.read_text().replace("version: 1.0.0", "version: 1.0.1")
    changed.write_text(text.replace("risk_tier: low", "risk_tier: medium"))
    compared = _run("diff", "turnaround", str(changed))
    assert compared.exit_code == 0
    assert "words      `risk_tier` its risk is rated otherwise" in compared.output
