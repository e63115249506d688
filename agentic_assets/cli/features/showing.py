"""`agentic features show`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table

from agentic_assets.cli.options import domain_option, emit_json, json_option, screen

if TYPE_CHECKING:
    from agentic_assets.evidence import Reading
    from agentic_assets.evidence.feature_sets import Offered
    from agentic_assets.features.online import Vector

__all__ = ["show"]


@click.command()
@click.argument("wanted", metavar="SET")
@click.argument("key", required=False)
@click.option("--now", help="As of when ages count, as 2013-07-10T12:00:00Z. Default: the moment of the decision.")
@domain_option
@json_option
def show(wanted: str, key: str | None, now: str | None, domain_name: str, as_json: bool) -> None:
    """Show a feature set, or with KEY the vector of one entity, as it is served online, with the age of each view.

    The online cache of this host is first brought to what the lake holds; a lost or damaged one is rebuilt.
    """
    from agentic_assets.domains import governed_domain
    from agentic_assets.evidence import Reading
    from agentic_assets.evidence.feature_sets import find_set
    from agentic_assets.features.card import card
    from agentic_assets.home import Home

    moment = _moment(now)
    home = Home.from_environment()
    reading = Reading(governed_domain(domain_name, home), home)
    try:
        each, _ = find_set(reading, wanted)
        if key is None:
            told = card(each.definition) | {"asset": each.asset, "used_by": list(each.used_by)}
            emit_json(told) if as_json else _print_set(told, screen())
            return
        vector = _vector(reading, each, key, moment, quiet=as_json)
    finally:
        reading.close()
    if as_json:
        emit_json(_as_data(vector))
    else:
        _print_vector(vector, each, screen())


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is no moment; write 2013-07-10T12:00:00Z", param_hint="--now") from error
    if moment.tzinfo is None:
        raise click.BadParameter(f"{text!r} has no time zone; write 2013-07-10T12:00:00Z", param_hint="--now")
    return moment


def _vector(reading: Reading, each: Offered, key: str, now: datetime | None, *, quiet: bool) -> Vector:
    from rich.progress import Progress

    from agentic_assets.evidence.feature_sets import online

    errors = Console(stderr=True)
    served = online(reading, each)
    try:
        with Progress(console=errors, transient=True, disable=quiet or not errors.is_terminal) as progress:
            task = progress.add_task("filling the online cache", total=None)
            served.refresh(lambda done, of: progress.update(task, completed=done, total=of))
        return served.get(key, now=now or served.decided_at(key))
    finally:
        served.close()


def _as_data(vector: Vector) -> dict[str, Any]:
    return {
        "key": vector.key,
        "decided_at": vector.decided_at.isoformat(),
        "feature_set": vector.set_version,
        "data_version": vector.data_version,
        "expired": list(vector.expired),
        "ages_minutes": {
            view: None if age is None else age / timedelta(minutes=1) for view, age in vector.ages.items()
        },
        "values": vector.values,
    }


def _print_vector(vector: Vector, each: Offered, console: Console) -> None:
    table = Table(title=f"{vector.key} by {vector.set_version}, decided {vector.decided_at:%Y-%m-%d %H:%M} UTC")
    for column in ("view", "newest fact", "feature", "value", "unit"):
        table.add_column(
            column, no_wrap=column in ("feature", "value"), justify="right" if column == "value" else "left"
        )
    last = ""
    for feature in each.definition.features:
        age = vector.ages[feature.view]
        told = "no fact" if age is None else f"{age // timedelta(minutes=1):,} min old"
        told += ", past its time to live" if feature.view in vector.expired else ""
        first = feature.view != last
        last = feature.view
        table.add_row(
            feature.view if first else "",
            told if first else "",
            feature.name,
            _told(vector.values[feature.name]),
            feature.unit,
        )
    console.print(table)
    console.print(f"data version {vector.data_version[:16]}", highlight=False)


def _told(value: Any) -> str:
    if value is None:
        return "null"
    return f"{value:,.4g}" if isinstance(value, float) else str(value)


def _print_set(told: dict[str, Any], console: Console) -> None:
    console.print(f"[bold]{told['name']}@{told['version']}[/bold]  {told['description']}", highlight=False)
    for label, value in (
        ("entity", f"{told['entity']} of {told['table']}"),
        ("decided", told["decided"]),
        ("looks back", f"{told['lookback_days']} days"),
        ("published as", told["asset"]),
        ("used by", ", ".join(told["used_by"])),
        ("digest", told["digest"]),
    ):
        console.print(f"  {label:<13}{value}", highlight=False)
    table = Table()
    for column in ("source", "table", "known at"):
        table.add_column(column)
    for source in told["sources"]:
        table.add_row(source["name"], source["table"], source["known_at"])
    console.print(table)
    table = Table()
    for column in ("view", "feature", "type", "unit", "kind", "meaning"):
        table.add_column(column, no_wrap=column == "feature")
    for feature in told["features"]:
        table.add_row(*(feature[name] for name in ("view", "name", "type", "unit", "kind", "description")))
    console.print(table)
