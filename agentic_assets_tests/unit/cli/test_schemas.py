"""The schemas that editors are told of are those that the commands print, which are those of the readers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from agentic_assets.cli import cli
from agentic_assets.domains import departures

_ROOT = Path(__file__).parents[3]
_FOLDER = Path(departures.__file__).parent


@pytest.mark.parametrize(
    ("command", "kept"),
    [
        (["agent", "schema"], "agent.schema.json"),
        (["agent", "schema", "--of", "rules"], "rules.schema.json"),
        (["agent", "schema", "--of", "prompt"], "prompt.schema.json"),
        (["policy", "schema"], "policy.schema.json"),
    ],
)
def test_the_schema_that_is_kept_is_the_one_that_is_printed(command: list[str], kept: str) -> None:
    printed = CliRunner().invoke(cli, command)
    assert printed.exit_code == 0
    assert json.loads(printed.output) == json.loads((_ROOT / "docs" / "schemas" / kept).read_text())


@pytest.mark.parametrize("pattern", ["*.agent.yaml", "*.rules.yaml", "*.prompt.yaml", "policy.yaml", "*.policy.yaml"])
def test_every_declaration_of_the_domain_tells_editors_its_schema(pattern: str) -> None:
    files = sorted(_FOLDER.glob(pattern))
    assert files
    for file in files:
        first = file.read_text().splitlines()[0]
        told = first.removeprefix("# yaml-language-server: $schema=")
        assert told != first
        assert (file.parent / told).resolve().is_file()
