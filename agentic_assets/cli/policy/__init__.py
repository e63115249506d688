"""`agentic policy`: read policies, hold them against themselves, and try them on a row."""

from __future__ import annotations

import click

from agentic_assets.cli.policy.lint import lint
from agentic_assets.cli.policy.schema import schema
from agentic_assets.cli.policy.show import show
from agentic_assets.cli.policy.trying import try_row

__all__ = ["policy"]


@click.group()
def policy() -> None:
    """Read policies, find what is wrong with their rules, and try them on a row.

    A policy is one YAML file: rules of which the first that matches wins, then quotas, and who settles escalations.
    """


for command in (lint, schema, show, try_row):
    policy.add_command(command)
