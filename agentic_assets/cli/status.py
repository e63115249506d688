"""`agentic status`."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click
from rich.table import Table

from agentic_assets.cli.governing import drift_of, standing_release
from agentic_assets.cli.options import domain_option, emit_json, json_option, screen

if TYPE_CHECKING:
    from agentic_assets.simulation.reconciling import Standing

__all__ = ["status"]


@click.command()
@domain_option
@json_option
def status(domain_name: str, as_json: bool) -> None:
    """Show what is published, and the release in force.

    For each asset its partitions, rows, quarantine and newest version; then the ledger, and what is in force.
    """
    from agentic_assets.domains import governed_domain
    from agentic_assets.evidence import Reading, standing
    from agentic_assets.home import Home
    from agentic_assets.simulation.reconciling import standing_of

    home = Home.from_environment()
    reading = Reading(governed_domain(domain_name, home), home)
    try:
        found = standing(reading)
        again = standing_of(reading)
    finally:
        reading.close()
    found["reconciliation"] = asdict(again)
    found["release"] = {**standing_release(domain_name, home), "drift": drift_of(domain_name, home)}
    if as_json:
        emit_json(found)
        return
    table = Table(title=f"{found['domain']} in {found['home']}", title_justify="left")
    table.add_column("asset", no_wrap=True)
    for column in ("partitions", "refused", "rows", "quarantined"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("newest", no_wrap=True)
    table.add_column("data version", no_wrap=True)
    for row in found["assets"]:
        table.add_row(
            row["asset"],
            f"{row['partitions']}/{row['of']}",
            f"{row['refused']:,}",
            f"{row['rows']:,}",
            f"{row['quarantined']:,}",
            row["newest"],
            row["data_version"][:12],
        )
    screen().print(table)
    if any(row["refused"] for row in found["assets"]):
        click.echo("refused counts partitions that were refused or blocked: `agentic quarantine list` says why")
    for log in found["ledgers"]:
        click.echo(f"ledger {log['log']}: {log['size']} checkpoints, head {log['root'] or 'none yet'}")
    actions = ", ".join(f"{count:,} {state}" for state, count in sorted(found["actions"].items())) or "none"
    click.echo(f"actions: {actions}")
    click.echo(f"computed again: {_again(again)}")
    click.echo(f"in force: {_in_force(found['release'])}")
    if found["release"]["drift"]:
        click.echo(found["release"]["drift"])


def _again(found: Standing) -> str:
    told = f"{found.checked:,} of {found.of:,} published partitions"
    if not found.checked:
        return f"{told}; `agentic reconcile` does a sample"
    if found.wrong:
        more = f" and {len(found.wrong) - 3:,} more" if len(found.wrong) > 3 else ""
        return f"{told}, and {', '.join(found.wrong[:3])}{more} did not come out as recorded: `agentic replay` says why"
    return f"{told}, all as they were recorded; last {found.last[:16].replace('T', ' ')} UTC"


def _in_force(release: dict[str, Any]) -> str:
    general = "what lies in the domain's folder; no release was put in force for everything"
    if release["name"]:
        general = f"{release['name']} since {release['since'][:16].replace('T', ' ')} UTC, by {release['by']}"
    days = Counter(release["days"].values())
    return "; ".join([general, *(f"{name} for {count:,} days" for name, count in sorted(days.items()))])
