"""`agentic escalation list`, `show` and `reviewers`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from agentic_assets.cli.agent.ordering import opened
from agentic_assets.cli.options import DAY, domain_option, emit_json, json_option, screen
from agentic_assets.cli.quarantine.wording import safe

if TYPE_CHECKING:
    from datetime import date

    from agentic_assets.evidence.escalations import Item

__all__ = ["list_", "reviewers", "show"]

_LISTED = 40
_CENTS = 100


@click.command(name="list")
@click.option(
    "--state",
    type=click.Choice(["open", "expired", "resolved", "all"]),
    default="open",
    show_default=True,
    help="Which: what waits, what nobody answered in time, what was answered.",
)
@click.option("--agent", default="", help="Only this agent.")
@click.option("--day", type=DAY, help="Only this day.")
@domain_option
@json_option
def list_(state: str, agent: str, day: date | None, domain_name: str, as_json: bool) -> None:
    """List escalated decisions: what waits for whom, and until when."""
    items = _items(domain_name, agent, None if day is None else day.isoformat())
    found = [item for item in items if state in ("all", item.state)]
    if as_json:
        emit_json({"escalations": [item.to_dict() for item in found]}, ascii_only=True)
        return
    console = screen()
    if not found:
        others = ", ".join(
            f"{sum(item.state == one for item in items)} {one}" for one in ("open", "expired", "resolved")
        )
        console.print(f"no escalation is {state}" if state != "all" else "there is no escalation", highlight=False)
        if items:
            console.print(f"in all: {others}", highlight=False)
        return
    table = Table(title=f"{len(found):,} escalations", title_justify="left")
    for column in ("id", "agent", "about", "proposed", "why it waits", "for", "until (UTC)", "state"):
        table.add_column(column, overflow="fold")
    for item in found[:_LISTED]:
        table.add_row(
            item.decision_id[:12],
            item.agent,
            safe(item.entity, most=60),
            item.proposed_action,
            safe(item.message or item.rule, most=120),
            item.role,
            item.due_at[:16].replace("T", " "),
            item.state
            if item.resolution is None
            else f"{item.resolution.verdict} by {safe(item.resolution.identity, most=30)}",
        )
    console.print(table)
    if len(found) > _LISTED:
        console.print(f"and {len(found) - _LISTED:,} more: --day or --agent shows fewer, --json all", highlight=False)


@click.command()
@click.argument("decision_id")
@domain_option
@json_option
def show(decision_id: str, domain_name: str, as_json: bool) -> None:
    """Show one escalated decision: what was proposed and why, what it would cost, and what was said."""
    from agentic_assets.evidence.escalations import find_item

    item = find_item(_items(domain_name), decision_id)
    if as_json:
        emit_json(item.to_dict(), ascii_only=True)
        return
    console = screen()
    said = item.resolution
    rows = [
        ("decision", item.decision_id),
        ("about", f"{item.entity}, decided {item.decided_at}"),
        ("agent", item.agent),
        ("proposes", f"{item.proposed_action}: {item.reason}"),
        ("confidence", f"{item.confidence_bp / _CENTS:.0f} %"),
        ("expected", f"avoids ${item.benefit_cents / _CENTS:,.0f} for ${item.cost_cents / _CENTS:,.0f}"),
        ("waits because", f"{item.rule}: {item.message}"),
        ("for", item.role),
        ("until", f"{item.due_at} (opened {item.opened_at}); then the policy's default is to {item.on_expiry}"),
        ("state", item.state),
    ]
    if said is not None:
        rows += [
            ("answer", f"{said.verdict}, {said.action}, by {said.identity} ({said.role}) at {said.resolved_at}"),
            ("reason", said.reason),
        ]
    for name, value in rows:
        console.print(f"[bold]{name:<14}[/bold]", safe(value, most=600), highlight=False)
    if item.state == "open":
        console.print(
            f"answer with: agentic escalation resolve {item.decision_id[:12]} --approve|--deny --role {item.role} "
            "--reason TEXT",
            highlight=False,
        )


@click.command()
@domain_option
@json_option
def reviewers(domain_name: str, as_json: bool) -> None:
    """Measure how people answer: how much each approves, and how long each takes.

    Somebody who approves all, within seconds, does not review: the numbers are there to be looked at.
    """
    from agentic_assets.evidence.escalations import reviewers as measured

    with opened(domain_name) as reading:
        found = measured(reading)
    if as_json:
        emit_json({"reviewers": [asdict(one) for one in found]}, ascii_only=True)
        return
    console = screen()
    if not found:
        console.print("nobody has answered an escalation yet", highlight=False)
        return
    table = Table(title="who answers, and how", title_justify="left")
    for column in ("who", "role"):
        table.add_column(column, overflow="fold")
    for column in ("answered", "approved", "of them", "median time"):
        table.add_column(column, justify="right")
    for one in found:
        took = "" if one.median_seconds is None else f"{one.median_seconds // 60} min {one.median_seconds % 60:02d} s"
        share = f"{one.approved_bp / _CENTS:.0f} %"
        table.add_row(safe(one.identity, most=60), one.role, str(one.answered), str(one.approved), share, took)
    console.print(table)


def _items(domain_name: str, agent: str = "", day: str | None = None) -> tuple[Item, ...]:
    from agentic_assets.evidence.escalations import queue

    with opened(domain_name) as reading, Console(stderr=True).status("reading the decisions"):
        return queue(reading, now=datetime.now(UTC), agent=agent, days=None if day is None else [day])
