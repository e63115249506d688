"""`agentic agent show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from agentic_assets.cli.agent.finding import find_agent
from agentic_assets.cli.governing import domain_to_show
from agentic_assets.cli.options import domain_option, emit_json, json_option, screen

if TYPE_CHECKING:
    from agentic_assets.agents import Spec

__all__ = ["show"]


@click.command()
@click.argument("wanted", metavar="AGENT")
@domain_option
@json_option
def show(wanted: str, domain_name: str, as_json: bool) -> None:
    """Show an agent whole: who answers for it, its input and output, its limits, and what happens when it fails.

    AGENT is a name, for its newest version, or name@version.
    """
    from agentic_assets.agents.card import card

    spec = find_agent(domain_to_show(domain_name), wanted)
    emit_json(card(spec)) if as_json else _print(spec, screen())


def _print(spec: Spec, console: Console) -> None:
    console.print(f"[bold]{spec.id}[/bold]  {escape(spec.purpose)}", highlight=False)
    columns = ", ".join(f"{name} ({type_})" for name, type_ in spec.columns.items()) or "the whole set"
    for label, value in (
        ("kind", spec.kind),
        ("owner", spec.owner),
        ("author", spec.author),
        ("risk tier", spec.risk_tier),
        ("review by", f"{spec.review_by}; after that day it is kept from going live"),
        ("born in", spec.phase),
        ("reads", f"{spec.feature_set} by {spec.entity}: {columns}"),
        ("proposes", ", ".join(spec.actions)),
        ("bids for", ", ".join(f"{name} (by {action})" for name, action in spec.resources.items()) or "nothing"),
        ("parameters", ", ".join(f"{name} = {value}" for name, value in spec.parameters.items()) or "none"),
        ("digest", spec.pin.digest),
    ):
        console.print(f"  {label:<12}{escape(value)}", highlight=False)
    for title, lines in (("responsibilities", spec.responsibilities), ("boundaries", spec.decision_boundaries)):
        console.print(f"  {title}", highlight=False)
        for line in lines:
            console.print(f"    - {escape(line)}", highlight=False)
    table = Table(title="output", title_justify="left")
    for column in ("figure", "means", "at most"):
        table.add_column(column, justify="right" if column == "at most" else "left", no_wrap=column != "means")
    for name, figure in spec.output.items():
        table.add_row(name, escape(figure.means), f"{figure.at_most:,}" if figure.at_most < 2**63 - 1 else "any")
    console.print(table)
    table = Table(title="when it fails", title_justify="left")
    for column in ("when", "then"):
        table.add_column(column)
    for mode in spec.failure_modes:
        table.add_row(escape(mode.when), escape(mode.then))
    console.print(table)
