"""`agentic policy show`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from agentic_assets.cli.options import domain_option, emit_json, json_option, screen
from agentic_assets.cli.policy.choosing import chosen

if TYPE_CHECKING:
    from agentic_assets.policy import Quota, Resource, Rule, RuleSet

__all__ = ["show"]

_COLOURS = {"deny": "red", "escalate": "magenta", "transform": "yellow", "warn": "cyan", "allow": "green"}


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--policy", "policy_name", help="Which policy of the domain. Default: that of its first agent.")
@domain_option
@json_option
def show(file: Path | None, policy_name: str | None, domain_name: str, as_json: bool) -> None:
    """Show a policy as a table: its rules in the order in which they are asked, quotas, and who settles escalations.

    FILE is a policy file; a policy of the domain where you name none.
    """
    ruleset = chosen(file, domain_name, policy_name)
    if as_json:
        emit_json(_data(ruleset))
    else:
        _print(ruleset, screen())


def _data(ruleset: RuleSet) -> dict[str, Any]:
    return {
        "id": ruleset.id,
        "owner": ruleset.owner,
        "purpose": ruleset.purpose,
        "digest": ruleset.pin.digest,
        "hit_policy": "first",
        "actions": list(ruleset.actions),
        "reads": dict(ruleset.reads),
        "rules": [
            {
                "id": rule.id,
                "when": rule.when.text,
                "reads": list(rule.when.columns),
                "on_null": "fire" if rule.fires_on_null else "skip",
                "verdict": rule.verdict,
                "to": rule.to,
                "message": rule.message,
            }
            for rule in ruleset.rules
        ],
        "resources": [
            {
                "id": resource.id,
                "action": resource.action,
                "capacity": resource.capacity,
                "per": list(resource.per),
                "utility": resource.utility.text,
                "settle": resource.settle.mode,
                "verdict": resource.verdict,
                "to": resource.to,
                "message": resource.message,
            }
            for resource in ruleset.resources
        ],
        "quotas": [
            {
                "id": quota.id,
                "action": quota.action,
                "limit": quota.limit,
                "per": list(quota.per),
                "order_by": list(quota.order_by),
                "verdict": quota.verdict,
                "to": quota.to,
                "message": quota.message,
            }
            for quota in ruleset.quotas
        ],
        "authorization": ruleset.authorization
        and {
            "policies": sorted(ruleset.authorization.names.values()),
            "resource": ruleset.authorization.resource,
            "column": ruleset.authorization.column,
        },
        "escalation": ruleset.escalation
        and {
            "role": ruleset.escalation.role,
            "within_minutes": ruleset.escalation.within_minutes,
            "on_expiry": ruleset.escalation.on_expiry,
        },
    }


def _print(ruleset: RuleSet, console: Console) -> None:
    console.rule(f"[bold]policy {escape(ruleset.id)}", align="left")
    console.print(escape(ruleset.purpose), highlight=False)
    console.print(f"owner {escape(ruleset.owner)}; actions {escape(', '.join(ruleset.actions))}", highlight=False)
    reads = ", ".join(f"{name} ({type_})" for name, type_ in ruleset.reads.items())
    console.print(f"reads {escape(reads)}", highlight=False)
    if ruleset.authorization is not None:
        asked = ruleset.authorization
        console.print(
            f"asks Cedar first whether the agent may take the action at that {escape(asked.resource)} "
            f"(`{escape(asked.column)}`): {escape(', '.join(sorted(asked.names.values())))}",
            highlight=False,
        )
    if ruleset.rules:
        table = Table(
            title=f"{len(ruleset.rules)} rules: the first that matches wins; none matches: allow", title_justify="left"
        )
        table.add_column("", justify="right")
        for column in ("rule", "when", "if null", "then", "message"):
            table.add_column(column, overflow="fold")
        for number, rule in enumerate(ruleset.rules, start=1):
            null = "fires" if rule.fires_on_null else "skipped"
            table.add_row(str(number), escape(rule.id), escape(rule.when.text), null, _then(rule), escape(rule.message))
        console.print(table)
    if ruleset.resources:
        table = Table(title=f"{len(ruleset.resources)} resources, to those for whom they are worth most")
        table.title_justify = "left"
        for column in ("resource", "units", "per", "worth", "settled by", "without one", "message"):
            table.add_column(column, overflow="fold")
        for resource in ruleset.resources:
            table.add_row(
                escape(resource.id),
                escape(f"{resource.capacity} {resource.action}"),
                escape(", ".join(resource.per)),
                escape(resource.utility.text),
                resource.settle.mode,
                _then(resource),
                escape(resource.message),
            )
        console.print(table)
    if ruleset.quotas:
        table = Table(title=f"{len(ruleset.quotas)} quotas, asked after the rules in this order", title_justify="left")
        for column in ("quota", "at most", "per", "in the order of", "past that", "message"):
            table.add_column(column, overflow="fold")
        for quota in ruleset.quotas:
            table.add_row(
                escape(quota.id),
                escape(f"{quota.limit} {quota.action}"),
                escape(", ".join(quota.per)),
                escape(", ".join(quota.order_by)),
                _then(quota),
                escape(quota.message),
            )
        console.print(table)
    if ruleset.escalation is None:
        console.print("nothing is escalated")
    else:
        role, minutes = ruleset.escalation.role, ruleset.escalation.within_minutes
        console.print(
            f"escalations go to [bold]{escape(role)}[/], who has {minutes} minutes; after that: "
            f"{_coloured(ruleset.escalation.on_expiry)}",
            highlight=False,
        )


def _then(entry: Rule | Resource | Quota) -> str:
    return _coloured(entry.verdict) + (f" to {escape(entry.to)}" if entry.to else "")


def _coloured(verdict: str) -> str:
    return f"[{_COLOURS[verdict]}]{verdict}[/]"
