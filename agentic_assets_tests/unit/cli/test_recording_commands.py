"""`agentic agent record` and `recordings`: what is missing is asked once, and what there is can be read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.profiles import ModelProfile
from pydantic_ai.settings import ModelSettings

from agentic_assets.agents import llm
from agentic_assets.cli import cli
from agentic_assets.domains import departures
from agentic_assets.domains.departures import graph, morning_nodes, station_brief
from agentic_assets.errors import NotFound
from agentic_assets_tests.unit.departures.desk import Desk


class Stand(Model):
    """A model under the name that the prompt pins; it says one thing, and remembers that it was asked."""

    def __init__(self) -> None:
        super().__init__(profile=ModelProfile(supports_json_schema_output=True))
        self.asked = 0

    @property
    def model_name(self) -> str:
        return station_brief.prompt().model.partition(":")[2]

    @property
    def system(self) -> str:
        return "local"

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        self.asked += 1
        return ModelResponse([TextPart('{"reason": "[bold]A look[/bold] at it.", "action": "brief"}')])


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Publish two days of features in a home, with a domain that reads this desk's recordings."""
    desk = Desk(tmp_path)
    desk.run()
    domain = graph.domain()
    nodes = tuple(
        replace(node, agent=desk.agent) if node.asset == morning_nodes.PROPOSALS else node  # type: ignore[call-arg]
        for node in domain.graph.nodes
    )
    changed = replace(domain, graph=replace(domain.graph, nodes=nodes))
    monkeypatch.setattr(departures, "domain", lambda folder=None: changed)
    monkeypatch.setenv("AGENTIC_HOME", str(tmp_path / "home"))
    yield desk
    desk.engine.store.close()


def agent(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["agent", *arguments])


def told(*arguments: str) -> Any:
    result = agent(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


RANGE = ("--from", "2013-02-09", "--to", "2013-02-10")


def test_what_is_recorded_is_listed_with_the_rows_that_rest_on_it(desk: Desk) -> None:
    listed = told("recordings", "station_brief")
    assert listed["rows"] == {"answered": 6, "refused": 0, "missed": 0}
    assert listed["recordings"] == len(desk.agent().recordings)
    assert "Many cancellations yesterday may carry over." in agent("recordings", "station_brief").output


def test_one_recording_is_shown_whole_by_its_first_digits(desk: Desk) -> None:
    one = next(iter(desk.agent().recordings))
    assert told("recordings", "station_brief", one.key[:16])["asked"] == one.asked
    unknown = agent("recordings", "station_brief", "zz")
    assert isinstance(unknown.exception, NotFound)
    assert "zz" in unknown.exception.what


def test_what_is_missing_is_asked_once_and_the_rest_never(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.forget("2013-02-09/EWR")
    stand = Stand()
    monkeypatch.setattr(llm, "live_model", lambda prompt, folder: stand)
    assert told("recordings", "station_brief")["situations"]["missed"] == 1
    first = told("record", "station_brief", *RANGE)
    assert (first["asked"], first["refused"], stand.asked) == (1, 0, 1)
    assert told("record", "station_brief", *RANGE)["asked"] == 0
    assert stand.asked == 1


def test_progress_names_each_situation_and_answer(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.forget("2013-02-09/EWR")
    monkeypatch.setattr(llm, "live_model", lambda prompt, folder: Stand())
    output = agent("record", "station_brief", *RANGE).output
    assert "brief: [bold]A look[/bold] at it." in " ".join(output.split())


def test_nothing_that_is_recorded_steers_a_terminal(desk: Desk) -> None:
    one, *others = desk.agent().recordings
    sly = replace(one, asked="[bold]a\u202esly\x1b[2J\nquestion[/bold]")
    desk.path.write_text("".join(f"{each.line}\n" for each in (sly, *others)), encoding="utf-8")
    output = agent("recordings", "station_brief", one.key[:16]).output
    assert "[bold]a\\x202esly\\x1b[2J\nquestion[/bold]" in output
    assert agent("recordings", "station_brief", one.key[:16], "--json").output.isascii()


def test_an_agent_that_asks_no_model_is_refused(desk: Desk) -> None:
    refused = agent("recordings", "turnaround")
    assert refused.exit_code == 1
    assert "asks no language model" in str(refused.exception)


def test_days_without_features_are_refused(desk: Desk) -> None:
    refused = agent("record", "station_brief", "--from", "2013-05-01", "--to", "2013-05-02")
    assert refused.exit_code == 1
    assert "nothing of features/station_morning is published" in str(refused.exception)
