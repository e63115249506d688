"""`agentic rollback`: go back to an earlier release, or set one partition back to earlier bytes."""

from __future__ import annotations

import click

from agentic_assets.cli.rollback.data import data
from agentic_assets.cli.rollback.releasing import apply, show_plan

__all__ = ["rollback"]


@click.group()
def rollback() -> None:
    """Take a mistake back: first see what that changes, then do it.

    \b
      agentic rollback plan --to r1
      agentic rollback plan --to r1 --partitions 2013-02-08..2013-02-10
      agentic rollback apply --to r1 --reason "the February policy escalates too much"
      agentic rollback data sources/weather 2013-02-08 --list
      agentic rollback data sources/weather 2013-02-08 --to 3fa9c1 --reason "the second delivery was cut off"
    """


for command in (show_plan, apply, data):
    rollback.add_command(command)
