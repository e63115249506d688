"""`agentic release activate`."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click
from rich.table import Table

from agentic_assets.cli.identity import identity_of, reason_of
from agentic_assets.cli.options import DAYS, domain_option, emit_json, for_domain, json_option, screen
from agentic_assets.cli.release.listing import span

if TYPE_CHECKING:
    from agentic_assets.evidence import Domain
    from agentic_assets.home import Home
    from agentic_assets.releases.rollback import Plan

__all__ = ["activate"]


@click.command()
@click.argument("wanted", metavar="RELEASE")
@click.option("--reason", default="", help="Why. It is sealed with the activation.")
@click.option("--by", "who", help="Who orders it. Default: AGENTIC_USER, or the user of this computer.")
@click.option(
    "--partitions",
    "days",
    type=DAYS,
    help="Only for these days, such as 2013-02-08..2013-02-09; what has months or no partitions stays as it is.",
)
@domain_option
@json_option
def activate(
    wanted: str, reason: str, who: str | None, days: tuple[date, date] | None, domain_name: str, as_json: bool
) -> None:
    """Put a release in force from now on, and say what becomes stale by it. Nothing is made again yet.

    The newest order that covers a day counts. A release that does not load with this library, or that is in force
    already, is refused, and nothing is recorded.

    \b
        agentic release activate r3 --reason "reviewed by operations"
        agentic release activate r2 --partitions 2013-02-08..2013-02-09 --reason "r3 misjudged the storm"
    """
    from agentic_assets.domains import governed_domain
    from agentic_assets.home import Home
    from agentic_assets.releases import Activation, Releases
    from agentic_assets.releases.rollback import plan
    from agentic_assets.store import Store

    reason, author = reason_of(reason), identity_of(who)
    home = Home.from_environment()
    store, working = Store(home.store_url), governed_domain(domain_name, home)
    try:
        releases = Releases(store, home.keys)
        to = releases.get(domain_name, wanted)
        # Planning loads it: what does not load must not be in force, for nothing would run any more.
        planned = plan(working, home, store, to, _named(days))
        made = releases.activate(Activation(domain_name, to.number, author, reason, partitions=planned.partitions))
    finally:
        store.close()
    _tell(working, home)
    if as_json:
        emit_json(
            {
                **made.content,
                "name": to.name,
                "recorded_at": made.recorded_at,
                "stale": {asset: list(names) for asset, names in planned.only.items()},
                "next": _next(planned) if planned.remade else None,
            }
        )
        return
    held = "everything" if made.partitions is None else span(made.partitions)
    click.echo(f"{to} is in force for {held}, by {author}: {reason}")
    if not planned.remade:
        click.echo("nothing that is published becomes stale by it")
        return
    table = Table(title="stale now", title_justify="left")
    table.add_column("asset", no_wrap=True)
    for column in ("partitions", "come back as recorded", "made anew"):
        table.add_column(column, justify="right")
    table.add_column("from", no_wrap=True)
    table.add_column("to", no_wrap=True)
    for asset, names in planned.only.items():
        figures = (len(names), *planned.by_asset[asset])
        table.add_row(asset, *(f"{figure:,}" for figure in figures), min(names), max(names))
    screen().print(table, highlight=False)
    click.echo(f"`{_next(planned)}` makes them again; what only reads others stays if those come out the same")


def _tell(working: Domain, home: Home) -> None:
    """Have Dagster mark what is stale now; where it cannot be told, say so: the activation stands all the same."""
    from agentic_assets.orchestration.activating import announce

    try:
        announce(working, home)
    except Exception as error:  # noqa: BLE001  (whatever its storage raises)
        said = "".join(str(error).splitlines()[:1])[:200]
        click.echo(
            f"Dagster was not told: {type(error).__name__}: {said}; the next run makes up for it",
            err=True,
        )


def _named(days: tuple[date, date] | None) -> tuple[str, ...] | None:
    if days is None:
        return None
    first, last = days
    if last < first:
        raise click.UsageError(f"the range from {first} to {last} holds no day; let the earlier one be first")
    return tuple(date.fromordinal(day).isoformat() for day in range(first.toordinal(), last.toordinal() + 1))


def _next(planned: Plan) -> str:
    days = sorted({one.partition for one in planned.remade if len(one.partition) == len("2013-02-08")})
    words = f"agentic run{for_domain(planned.domain)}"
    return words + (f" --from {days[0]} --to {days[-1]}" if days else "")
