"""`agentic features`: what is known of an entity, by which definition, as of when."""

from __future__ import annotations

import click

from agentic_assets.cli.features.catalog import catalog
from agentic_assets.cli.features.comparing import diff, lint
from agentic_assets.cli.features.listing import list_sets
from agentic_assets.cli.features.retrieving import get
from agentic_assets.cli.features.showing import show

__all__ = ["features"]


@click.group()
def features() -> None:
    """List and explain feature sets, retrieve features as of any moment, show an entity's vector with its ages."""


for command in (list_sets, show, get, lint, diff, catalog):
    features.add_command(command)
