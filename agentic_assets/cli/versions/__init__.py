"""`agentic versions`: what has a version, and the lock that holds each to what it said."""

from __future__ import annotations

import click

from agentic_assets.cli.versions.checking import check
from agentic_assets.cli.versions.listing import list_versions
from agentic_assets.cli.versions.locking import lock

__all__ = ["versions"]


@click.group()
def versions() -> None:
    """List all that has a version, and lock what each says, so that nothing changes under its number.

    `versions.lock`, beside contracts/ and in git, holds what every contract, feature set, model recipe, agent, rule
    table, prompt, policy and rollout said, with the domain's own code behind it. `agentic lint` fails where content
    changed and the version did not, and where the version was raised too little: breaking changes take a major one.
    """


for command in (list_versions, check, lock):
    versions.add_command(command)
