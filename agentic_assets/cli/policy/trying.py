"""`agentic policy try`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from agentic_assets.cli.options import domain_option, emit_json, json_option, screen
from agentic_assets.cli.policy.choosing import chosen

if TYPE_CHECKING:
    from agentic_assets.language import Type
    from agentic_assets.policy import Explained, RuleSet

__all__ = ["try_row"]


@click.command("try")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--row",
    "cells",
    multiple=True,
    metavar="COLUMN=VALUE",
    help="One value of the row; repeat it for each column. `null` is null, and so is what you leave out.",
)
@click.option("--policy", "policy_name", help="Which policy of the domain. Default: that of its first agent.")
@domain_option
@json_option
def try_row(
    file: Path | None, cells: tuple[str, ...], policy_name: str | None, domain_name: str, as_json: bool
) -> None:
    """Judge one row, and say of every rule whether it fires and on which values.

    FILE is a policy file; a policy of the domain where you name none. Nothing is recorded. Whether the agent may
    act at all depends on the agent, resources and quotas on other rows: they are named, and not judged here.

    \b
    agentic policy try --row action=standby --row score_bp=6100 --row confidence_bp=5100

    Exit code 0 whatever the verdict; 2 for a column that the policy does not read, or a value of another type.
    """
    ruleset = chosen(file, domain_name, policy_name)
    row, missing = _row(ruleset, cells)
    from agentic_assets.policy import explain

    told = [item for item in explain(row, ruleset) if item.kind == "rule"]
    winner = next((item for item in told if item.fired), None)
    effective = _effective(row["action"], winner)
    if as_json:
        emit_json(_data(ruleset, row, missing, told, winner, effective))
        return
    console = screen()
    _print(ruleset, told, winner, console)
    if missing:
        console.print(f"not given, so null: {escape(', '.join(missing))}", style="dim", highlight=False)
    verdict = (
        f"[bold]{winner.verdict}[/] by {escape(winner.id)}: {escape(winner.message)}" if winner else "[bold]allow[/]"
    )
    console.print(f"{verdict}{'' if winner else ': no rule fires'}", highlight=False)
    console.print(f"proposed {escape(row['action'])}, so the action is [bold]{escape(effective)}[/]", highlight=False)
    limiting = _not_judged(ruleset, effective)
    if limiting:
        console.print(f"unless these say otherwise: {escape(', '.join(limiting))}", style="dim", highlight=False)


def _row(ruleset: RuleSet, cells: tuple[str, ...]) -> tuple[dict[str, Any], list[str]]:
    row: dict[str, Any] = dict.fromkeys(ruleset.reads)
    given: set[str] = set()
    for cell in cells:
        name, sign, text = cell.partition("=")
        if not sign or name not in ruleset.reads:
            known = ", ".join(ruleset.reads)
            what = f"{name[:60]!r} is not read by {ruleset.id}; it reads {known}" if sign else f"{cell[:60]!r} has no ="
            raise click.UsageError(f"--row {what}")
        if name in given:
            raise click.UsageError(f"--row gives {name} twice")
        given.add(name)
        row[name] = _value(name, text, ruleset.reads[name])
    if row["action"] not in ruleset.actions:
        raise click.UsageError(f"--row action= must be one of {', '.join(ruleset.actions)}")
    return row, sorted(set(ruleset.reads) - given)


def _value(name: str, text: str, type_: Type) -> Any:
    if text == "null":
        return None
    try:
        match type_.value:
            case "integer":
                return _whole(text)
            case "number":
                return float(text)
            case "boolean":
                return {"true": True, "false": False}[text.lower()]
            case "date":
                return date.fromisoformat(text)
            case "timestamp":
                moment = datetime.fromisoformat(text)
                return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
            case _:
                return text
    except (ValueError, KeyError, OverflowError):
        raise click.UsageError(f"--row {name}={text[:60]!r} is not {type_}") from None


def _whole(text: str) -> int:
    value = int(text)
    if not -(2**63) <= value < 2**63:
        raise OverflowError
    return value


def _effective(action: str, winner: Explained | None) -> str:
    if winner is None:
        return action
    return "none" if winner.verdict.stops else winner.to or action


def _not_judged(ruleset: RuleSet, effective: str) -> list[str]:
    """Name what else could stop or change the action: it depends on the agent, or on other rows."""
    named = ["authorization"] if ruleset.authorization is not None and effective != "none" else []
    return named + [limit.id for limit in ruleset.limits if limit.action == effective]


def _data(
    ruleset: RuleSet,
    row: Mapping[str, Any],
    missing: list[str],
    told: list[Explained],
    winner: Explained | None,
    effective: str,
) -> dict[str, Any]:
    return {
        "policy": ruleset.id,
        "row": dict(row),
        "missing": missing,
        "verdict": winner.verdict if winner else "allow",
        "rule": winner.id if winner else None,
        "message": winner.message if winner else None,
        "effective_action": effective,
        "not_judged": _not_judged(ruleset, effective),
        "rules": [
            {
                "id": item.id,
                "when": item.text,
                "values": dict(item.values),
                "condition": item.condition,
                "fired": item.fired,
                "verdict": item.verdict,
                "to": item.to,
                "message": item.message,
            }
            for item in told
        ],
    }


def _print(ruleset: RuleSet, told: list[Explained], winner: Explained | None, console: Console) -> None:
    table = Table(title=f"every rule of {escape(ruleset.id)}, in its order", title_justify="left")
    for column in ("rule", "when", "values", "is", "fires", "then"):
        table.add_column(column, overflow="fold")
    for item in told:
        values = ", ".join(f"{name}={'null' if value is None else value}" for name, value in item.values.items())
        table.add_row(
            escape(item.id),
            escape(item.text),
            escape(values),
            {True: "true", False: "false", None: "null"}[item.condition],
            ("yes, decides" if item is winner else "yes") if item.fired else "no",
            f"{item.verdict}{' to ' + escape(item.to) if item.to else ''}",
            style="bold" if item is winner else None,
        )
    console.print(table)
