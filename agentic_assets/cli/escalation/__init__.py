"""`agentic escalation`: what policies put before people, and what people make of it."""

from __future__ import annotations

import click

from agentic_assets.cli.escalation.answering import expire, resolve
from agentic_assets.cli.escalation.viewing import list_, reviewers, show

__all__ = ["escalation"]


@click.group()
def escalation() -> None:
    """Answer what policies put before people: list, show and resolve escalated decisions; see how people answer."""


for command in (list_, show, resolve, expire, reviewers):
    escalation.add_command(command)
