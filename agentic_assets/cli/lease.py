"""`agentic lease`: who holds units of limited resources."""

from __future__ import annotations

from typing import Any

import click
from rich.table import Table

from agentic_assets.cli.options import emit_json, json_option, screen

__all__ = ["lease"]

_MOMENT = "%Y-%m-%d %H:%M"


@click.group()
def lease() -> None:
    """See who holds units of limited resources, and who lost them to whom.

    These are the leases that events claim one by one. What a batch settles is a table of its own: see the assets
    `coordination/...`.
    """


@lease.command("list")
@click.option("--scope", help="Only the leases of this scope, such as departures/standby_aircraft.")
@click.option("--resource", help="Only the units of this resource.")
@click.option("--all", "every", is_flag=True, help="Also bids that got no unit, and leases that have ended.")
@json_option
def list_(scope: str | None, resource: str | None, every: bool, as_json: bool) -> None:
    """List what is held: the unit, for which entity and by whom, from when on it is firm, and until when."""
    from agentic_assets.coordination import Leases
    from agentic_assets.home import Home
    from agentic_assets.store import Store

    store = Store(Home.from_environment().store_url)
    try:
        scopes = Leases.scopes(store) if scope is None else (scope,)
        rows = [
            _row(name, one)
            for name in scopes
            for one in (Leases(store, name).every() if every else Leases(store, name).held())
            if resource in (None, one.bid.resource)
        ]
    finally:
        store.close()
    if as_json:
        emit_json({"leases": rows}, ascii_only=True)
        return
    if not rows:
        click.echo("no unit is held" if not every else "nobody has bid yet")
        return
    table = Table(title="leases" if every else "units that are held", title_justify="left")
    for column in ("scope", "resource", "unit", "entity", "agent", "worth $", "state", "firm from", "until", "lost to"):
        table.add_column(column, justify="right" if column in ("unit", "worth $") else "left")
    for row in rows:
        told = row["state"] if row["state"] != "refused" else row["reason"]
        unit = "" if row["unit"] is None else str(row["unit"])
        worth = f"{row['utility_cents'] / 100:,.2f}"
        until = row["held_until"] or row["expires_at"] or "released"
        cells = (row["scope"], row["resource"], unit, row["entity"], row["agent"], worth, told, row["commits_at"])
        table.add_row(*cells, "" if unit == "" else until, row["lost_to"] or "")
    screen().print(table)


def _row(scope: str, one: Any) -> dict[str, Any]:
    bid = one.bid

    def moment(at: Any) -> str | None:
        return None if at is None else f"{at.strftime(_MOMENT)}Z"

    return {
        "scope": scope,
        "resource": bid.resource,
        "unit": one.unit,
        "bid_id": bid.bid_id,
        "entity": bid.entity,
        "agent": bid.agent,
        "utility_cents": bid.utility_cents,
        "priority": bid.priority,
        "state": one.state.value,
        "reason": one.reason.value,
        "at": moment(bid.at),
        "commits_at": moment(bid.commits_at),
        "expires_at": moment(bid.expires_at),
        "held_until": moment(one.held_until),
        "lost_to": one.lost_to,
        "lost_to_cents": one.lost_to_cents,
        "version": one.version,
    }
