"""`agentic rollback plan` and `agentic rollback apply`."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from agentic_assets.cli.identity import identity_of, reason_of
from agentic_assets.cli.options import DAYS, domain_option, emit_json, json_option, screen

if TYPE_CHECKING:
    from agentic_assets.evidence import Domain
    from agentic_assets.home import Home
    from agentic_assets.releases.rollback import Plan

__all__ = ["apply", "show_plan"]

_to = click.option("--to", "to", required=True, help="The release to go back to, as `agentic release list` names it.")
_partitions = click.option(
    "--partitions", "days", type=DAYS, help="Only these days, as DAY or DAY..DAY. Default: everything."
)


@click.command("plan")
@domain_option
@_to
@_partitions
@json_option
def show_plan(domain_name: str, to: str, days: tuple[date, date] | None, as_json: bool) -> None:
    """Say what going back to a release would change; nothing is changed.

    Partitions that were made under the same code, versions and inputs before come back with the data version on record;
    what was never made so is made anew.
    """
    _, _, planned = _planned(domain_name, to, days, quiet=as_json)
    if as_json:
        emit_json(planned.to_dict())
    else:
        _print(planned)


@click.command()
@domain_option
@_to
@_partitions
@click.option("--reason", required=True, help="Why; it is kept in the ledger and on every partition that comes back.")
@click.option("--by", "by", help="Who wants it. Default: AGENTIC_USER, else the user of this computer.")
@json_option
def apply(
    domain_name: str, to: str, days: tuple[date, date] | None, reason: str, by: str | None, as_json: bool
) -> None:
    """Go back to a release in one Dagster run, and hold what comes back against the record.

    The release is put into force first. Then what it changes is made anew: superseded decisions stay in the ledger
    under their own seal, actions that nobody wants any more are taken back, escalations that stand again are open
    again. What was cut off is finished by the same command. Exit code 1 when anything does not come back as it was.
    """
    from agentic_assets.cli.progress import watching
    from agentic_assets.orchestration.rolling_back import run_rollback

    why, who = reason_of(reason), identity_of(by)
    domain, home, planned = _planned(domain_name, to, days, quiet=as_json)
    if planned.done:
        if as_json:
            emit_json({**planned.to_dict(), "run_id": None, "failure": ""})
        else:
            click.echo(f"{planned.to.name} is in force for all of it, and everything is as it made it: nothing to do")
        return
    if not as_json:
        _print(planned)
    with watching(Console(stderr=True), quiet=as_json) as observer:
        done = run_rollback(
            domain, home, to=planned.to.name, reason=why, by=who, days=planned.partitions, observer=observer
        )
    if as_json:
        emit_json({**planned.to_dict(), "run_id": done.run_id, "failure": done.failure})
    elif not done.failure:
        click.echo(
            f"{planned.to.name} is in force; {len(planned.expected):,} partitions came back with the data version on "
            f"record, {len(planned.remade) - len(planned.expected):,} were made anew, in {done.seconds:.0f} s; "
            f"run {done.run_id}"
        )
    if done.failure:
        click.echo(f"error: {done.failure}", err=True)
        raise click.exceptions.Exit(1)


def _planned(domain_name: str, to: str, days: tuple[date, date] | None, *, quiet: bool) -> tuple[Domain, Home, Plan]:
    errors = Console(stderr=True)
    with errors.status("looking what would change") if errors.is_terminal and not quiet else nullcontext():
        from agentic_assets.domains import governed_domain
        from agentic_assets.home import Home
        from agentic_assets.releases import Releases
        from agentic_assets.releases.rollback import plan
        from agentic_assets.store import Store

        home = Home.from_environment()
        domain = governed_domain(domain_name, home)
        store = Store(home.store_url)
        try:
            release = Releases(store, home.keys).get(domain.name, to)
            scope = None if days is None else domain.graph.calendar.days(*days)
            return domain, home, plan(domain, home, store, release, scope)
        finally:
            store.close()


def _print(planned: Plan) -> None:
    out = screen()
    scope = "everything" if planned.partitions is None else f"{planned.partitions[0]} to {planned.partitions[-1]}"
    counts = planned.counts
    click.echo(f"going back to {planned.to} for {scope}")
    click.echo(f"  made by {planned.to.author}, {planned.to.created_at[:16]}: {planned.to.reason}")
    if planned.activated:
        click.echo("  it is in force for that already; what is left to make:")
    table = Table("asset", "partitions", "come back", "made anew", "from", "to")
    for asset, names in planned.only.items():
        told = (f"{figure:,}" for figure in (len(names), *planned.by_asset[asset]))
        table.add_row(asset, *told, min(names) or "-", max(names) or "-")
    if planned.remade:
        out.print(table)
    else:
        click.echo("  nothing that is published would change")
    if planned.superseded:
        decided = Table(
            "agent", "days", "decisions superseded", "actions taken back", "carried out again", "escalations open again"
        )
        for one in planned.superseded:
            figures = (one.days, one.decisions, one.actions, one.executions, one.escalations)
            decided.add_row(one.agent, *(f"{figure:,}" for figure in figures))
        out.print(decided)
    if counts["unknown_days"]:
        click.echo(f"  {counts['unknown_days']:,} days of decisions were never made under it: they are seen when made")
    for asset in planned.lacking:
        click.echo(f"  {planned.to.name} has no {asset}: it stays as it is")
