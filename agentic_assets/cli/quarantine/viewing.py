"""`agentic quarantine list` and `agentic quarantine show`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agentic_assets.cli.options import domain_option, emit_json, json_option, screen
from agentic_assets.cli.quarantine.wording import named, safe

if TYPE_CHECKING:
    from agentic_assets.evidence import Inside, Row, Standing

__all__ = ["list_", "show"]

_LISTED = 40
_SHOWN = 25


@click.command(name="list")
@click.option("--asset", help="Only this asset, e.g. sources/schedule.")
@click.option("--partition", help="Only this partition, e.g. 2013-02-08.")
@click.option("--rule", help="Only rows that break this rule.")
@click.option("--open/--all", "only_open", default=True, help="Only what waits for a ruling (the default), or all.")
@domain_option
@json_option
def list_(
    asset: str | None, partition: str | None, rule: str | None, only_open: bool, domain_name: str, as_json: bool
) -> None:
    """Count what is in quarantine, and name the partitions that were refused as a whole, and why."""
    from agentic_assets.domains import governed_domain
    from agentic_assets.evidence import Reading, standing_of
    from agentic_assets.home import Home

    home = Home.from_environment()
    reading = Reading(governed_domain(domain_name, home), home)
    errors = Console(stderr=True)
    try:
        with errors.status("reading the quarantine"):
            found = standing_of(reading, asset=asset, partition=partition, rule=rule)
    finally:
        reading.close()
    found = found.waiting() if only_open else found
    if as_json:
        emit_json(found.to_dict(), ascii_only=True)
    else:
        _print_standing(found, screen(), only_open=only_open)


def _print_standing(found: Standing, console: Console, *, only_open: bool) -> None:
    if found.counts:
        table = Table(title="in quarantine" + (", waiting for a ruling" if only_open else ""), title_justify="left")
        for column in ("asset", "partition", "rule"):
            table.add_column(column, overflow="fold")
        for column in ("rows", "open", "dropped"):
            table.add_column(column, justify="right")
        table.add_column("for example", overflow="fold")
        for count in found.counts[:_LISTED]:
            example = Text(f"row {count.example_row}: ").append(safe(count.example_value, most=60))
            figures = [f"{figure:,}" for figure in (count.rows, count.open, count.dropped)]
            table.add_row(count.asset, count.partition, safe(count.rule), *figures, example)
        console.print(table)
        if len(found.counts) > _LISTED:
            console.print(f"and {len(found.counts) - _LISTED} more; narrow with --asset, --partition or --rule")
    for refusal in found.refused[:_LISTED]:
        where = named(refusal["asset"], refusal["partition"])
        console.print(Text(f"\nrefused as a whole: {where}, in run {refusal['run_id'][:8]}", style="bold red"))
        console.print(safe(refusal["message"], most=1_500, lines=True))
    if len(found.refused) > _LISTED:
        console.print(f"and {len(found.refused) - _LISTED} more refused partitions")
    if found.blocked:
        behind = ", ".join(f"{count:,} of {asset}" for asset, count in found.blocked.items())
        console.print(f"\nblocked behind what was refused: {behind}", highlight=False)
    for pending in found.pending[:_LISTED]:
        where = named(pending["asset"], pending["partition"])
        console.print(f"ruled on, but no run has applied it yet: {where}; `agentic run` does", highlight=False)
    if not (found.counts or found.refused or found.blocked or found.pending):
        console.print("nothing is in quarantine" + (" that waits for a ruling (--all shows the rest)" * only_open))


@click.command()
@click.argument("asset")
@click.argument("partition", default="")
@click.option("--row", type=int, help="Only the row with this number in its source.")
@click.option("--unmask", is_flag=True, help="Show classified values too. Look behind you first.")
@domain_option
@json_option
def show(asset: str, partition: str, row: int | None, unmask: bool, domain_name: str, as_json: bool) -> None:
    """Show the quarantined rows of one partition as they were delivered, what they break, and where to mend it.

    ASSET is for example sources/schedule, PARTITION 2013-02-08; an asset without partitions needs none.
    """
    from agentic_assets.domains import governed_domain
    from agentic_assets.evidence import Reading, inside
    from agentic_assets.home import Home

    home = Home.from_environment()
    reading = Reading(governed_domain(domain_name, home), home)
    try:
        found = inside(reading, asset, partition, row=row, unmask=unmask)
    finally:
        reading.close()
    if as_json:
        emit_json(found.to_dict(), ascii_only=True)
    else:
        _print_inside(found, screen())


def _print_inside(found: Inside, console: Console) -> None:
    where = named(found.asset, found.partition)
    if found.refusal is not None:
        since = f"run {found.refusal['run_id'][:8]}, {found.refusal['recorded_at']}"
        console.print(Text(f"{where} was {found.refusal['state']} as a whole ({since})", style="bold red"))
        console.print(safe(found.refusal["message"], most=4_000, lines=True))
        if not found.rows:
            console.print("No single row is to blame: the rules above are about the partition as a whole.")
    elif not found.rows:
        console.print(f"{where}: nothing is in quarantine", highlight=False)
    for row in found.rows[:_SHOWN]:
        _print_row(row, console)
    if len(found.rows) > _SHOWN:
        console.print(f"\nand {len(found.rows) - _SHOWN:,} more rows; --row N shows one, --json all of them")
    gone = [ruling for ruling in found.rulings if ruling["number"] not in _shown_numbers(found)]
    if gone:
        console.print(Text("\nother rulings", style="bold"))
        for ruling in gone[:_SHOWN]:
            console.print(Text(f"row {ruling['source_row']}: ").append(_ruled(ruling)))
    if found.pending:
        console.print("\nno run has applied the newest rulings yet; `agentic run` does")
    if found.rows or found.refusal:
        console.print(Text("\nwhere to mend it", style="bold"))
        for place in found.mend:
            console.print(safe(place), highlight=False)


def _shown_numbers(found: Inside) -> set[int]:
    return {row.ruling["number"] for row in found.rows if row.ruling is not None}


def _print_row(row: Row, console: Console) -> None:
    console.print(Text(f"\nrow {row.source_row}", style="bold"))
    for broken in row.broken:
        said = Text("  breaks ").append(safe(broken["rule"]))
        if broken["text"]:
            said.append(": ").append(safe(broken["text"]))
        console.print(said)
    if row.column:
        console.print(Text("  ").append(safe(row.column)).append(" is ").append(safe(row.value)))
    values = [Text(f"{safe(name)} ").append(safe(value, most=60)) for name, value in row.values.items()]
    console.print(Text("  ").append(Text(", ").join(values)), style="dim", highlight=False)
    if row.ruling is not None:
        console.print(Text("  ").append(_ruled(row.ruling)))


def _ruled(ruling: Any) -> Text:
    said = Text(f"{ruling['verdict']} ").append(safe(f"by {ruling['by']}, {ruling['recorded_at']}: "))
    said.append(safe(ruling["reason"]))
    for name, value in ruling["correction"].items():
        said.append("; ").append(safe(name)).append(" set to ").append(safe(value, most=60))
    return said
