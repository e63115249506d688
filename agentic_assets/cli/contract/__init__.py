"""`agentic contract`: look at contracts, hold them and files against the standard, and control how they change."""

from __future__ import annotations

import click

from agentic_assets.cli.contract.catalog import catalog
from agentic_assets.cli.contract.check import check
from agentic_assets.cli.contract.diff import diff
from agentic_assets.cli.contract.export import export
from agentic_assets.cli.contract.infer import infer
from agentic_assets.cli.contract.lint import lint
from agentic_assets.cli.contract.service import service
from agentic_assets.cli.contract.show import show

__all__ = ["contract"]


@click.group()
def contract() -> None:
    """Look at contracts, check them, and control how they change.

    A contract is one file of the Open Data Contract Standard (ODCS 3.x) and says what a dataset promises. The
    contracts of a project lie in the folder contracts/; give another one with --contracts.
    """


for command in (catalog, check, diff, export, infer, lint, service, show):
    contract.add_command(command)
