"""`agentic contract service`."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import click
from rich.markup import escape
from rich.table import Table

from agentic_assets.cli.options import DAY, domain_option, emit_json, json_option, screen

__all__ = ["service"]

_COLOURS = {"late": "red", "past": "yellow", "kept": "green"}


@click.command()
@domain_option
@click.option("--as-of", "day", type=DAY, help="Judge at the end of this day. Default: now, or the end of the data.")
@click.option("--strict", is_flag=True, help="Exit with 1 when a promise is late or past.")
@json_option
def service(domain_name: str, day: date | None, strict: bool, as_json: bool) -> None:
    """Say how the promises about delivery stand: what is late, past its retention, or at its end.

    Judged by what is published in AGENTIC_HOME, at a moment: now, or the end of the data where they are history.
    """
    from agentic_assets.domains import governed_domain
    from agentic_assets.evidence.service import last_moment, service_standing
    from agentic_assets.home import Home
    from agentic_assets.pipeline import Manifest
    from agentic_assets.store import Store

    home = Home.from_environment()
    domain = governed_domain(domain_name, home)
    calendar = domain.graph.calendar
    zone = ZoneInfo(calendar.zone)
    as_of = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC) if day else last_moment(calendar)
    store = Store(home.store_url)
    try:
        found = service_standing(domain, Manifest(store), as_of)
    finally:
        store.close()
    broken = [one for one in found if one.state in ("late", "past")]
    if as_json:
        emit_json({"as_of": as_of.isoformat(), "broken": len(broken), "promises": [one.to_dict() for one in found]})
    else:
        local = as_of.astimezone(zone)
        title = f"{len(found)} promises about delivery as of {local:%Y-%m-%d %H:%M} ({calendar.zone})"
        table = Table(title=title, title_justify="left")
        for column in ("asset", "promise", "stands", "because"):
            table.add_column(column, overflow="fold")
        for one in found:
            colour = _COLOURS.get(one.state)
            state = f"[{colour}]{one.state}[/]" if colour else one.state
            table.add_row(one.asset, escape(one.promise), state, escape(one.detail))
        screen().print(table)
    if strict and broken:
        raise click.exceptions.Exit(1)
