"""`agentic quality`: see which partitions are unusual or held back, and let a held one pass."""

from __future__ import annotations

import click

from agentic_assets.cli.quality.accepting import accept
from agentic_assets.cli.quality.viewing import list_, show

__all__ = ["quality"]


@click.group()
def quality() -> None:
    """See which published partitions are unusual, which are held back, and let a held one pass with a reason.

    What contracts expect of statistics, and the drift of feature sets, are judged after publication. What is broken
    warns, or with severity error holds the partition: it stays published, and nothing downstream is made of it.
    """


for command in (list_, show, accept):
    quality.add_command(command)
