"""`agentic new`: the files of a domain or of an agent, that run as they are."""

from __future__ import annotations

import click

from agentic_assets.cli.new.agent import agent
from agentic_assets.cli.new.domain import domain

__all__ = ["new"]


@click.group()
def new() -> None:
    """Write the files of a domain or of an agent of your own; they run, lint and test as they are."""


new.add_command(domain)
new.add_command(agent)
