"""What `--help` says of every command of the tree."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from agentic_assets.cli import cli


def paths(command: click.Command, *above: str) -> Iterator[tuple[str, ...]]:
    """Give the words that lead to a command and to each below it."""
    yield above
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            yield from paths(below, *above, name)


@pytest.mark.parametrize("path", list(paths(cli)), ids=" ".join)
def test_every_command_explains_itself(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(cli, [*path, "--help"])
    assert (result.exit_code, result.stderr) == (0, "")
    usage, _, rest = result.stdout.partition("\n\n")
    assert usage.startswith("Usage:")
    assert " ".join(path) in " ".join(usage.split())
    assert rest.strip()[0].isupper(), "a sentence says what it does"


@pytest.mark.parametrize("path", [("policy", "lint"), ("policy", "try")], ids=" ".join)
def test_commands_for_continuous_integration_say_what_their_exit_codes_mean(path: tuple[str, ...]) -> None:
    assert "Exit code 0" in CliRunner().invoke(cli, [*path, "--help"]).stdout


def test_the_tree_holds_the_commands_that_people_look_for() -> None:
    wanted = {
        ("run",),
        ("explain",),
        ("verify",),
        ("status",),
        ("quarantine", "release"),
        ("ui",),
        ("contract", "diff"),
    }
    assert wanted | {("contract", "lint"), ("contract", "show"), ("policy", "show")} <= set(paths(cli))
