"""`agentic agent`: which agents there are, what each may do, and what people order of them."""

from __future__ import annotations

import click

from agentic_assets.cli.agent.comparing import diff
from agentic_assets.cli.agent.controlling import controls
from agentic_assets.cli.agent.listing import list_agents
from agentic_assets.cli.agent.ordering import reset, resume, stage, stop
from agentic_assets.cli.agent.promoting import promote
from agentic_assets.cli.agent.recording import record, recordings
from agentic_assets.cli.agent.schema import schema
from agentic_assets.cli.agent.showing import show
from agentic_assets.cli.agent.watching import watch

__all__ = ["agent"]


@click.group()
def agent() -> None:
    """List and show agents: what each is for, may propose, and does when it fails; stop, stage and resume them."""


for command in (
    list_agents,
    show,
    diff,
    schema,
    controls,
    stop,
    resume,
    stage,
    promote,
    reset,
    watch,
    record,
    recordings,
):
    agent.add_command(command)
