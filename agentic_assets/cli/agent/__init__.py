"""`agentic agent`: which agents there are, what each may do, and what people order of them."""

from __future__ import annotations

import click

from agentic_assets.cli.agent.listing import list_agents
from agentic_assets.cli.agent.showing import show

__all__ = ["agent"]


@click.group()
def agent() -> None:
    """List the agents, and show what each is for, what it reads, what it may propose and what happens when it fails."""


for command in (list_agents, show):
    agent.add_command(command)
