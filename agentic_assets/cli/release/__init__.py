"""`agentic release`: what is in force, since when and why; make a release, compare two, put one in force."""

from __future__ import annotations

import click

from agentic_assets.cli.release.activating import activate
from agentic_assets.cli.release.comparing import diff
from agentic_assets.cli.release.creating import create
from agentic_assets.cli.release.listing import list_releases
from agentic_assets.cli.release.showing import show

__all__ = ["release"]


@click.group()
def release() -> None:
    """Make releases, compare them, and put one in force: for everything, or for some days.

    A release is everything versioned of a domain as it lies in its folder, kept with its sources, who made it and why.
    It never changes. While none is in force, what lies in the folder is.
    """


for command in (list_releases, show, diff, create, activate):
    release.add_command(command)
