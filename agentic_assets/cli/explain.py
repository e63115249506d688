"""`agentic explain`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from agentic_assets.cli.options import domain_option, emit_json, json_option, screen
from agentic_assets.cli.quarantine.wording import safe

if TYPE_CHECKING:
    from agentic_assets.evidence import Explanation

__all__ = ["explain"]

_WHY = {
    "granted": "granted",
    "outbid": "every unit went to higher bids",
    "preempted": "it had a unit, until a higher bid came",
    "committed": "higher than another, which was firm by then",
    "served": "another bid got a unit for the same entity",
    "worthless": "worth nothing, so that it gets none",
    "no_units": "there are no units",
    "late": "it came when its time was over",
    "not_binding": "recorded only, since its agent may not act here",
}

_BACK = {
    "done": "taken back",
    "withdrawn": "withdrawn before it was done",
    "pending": "about to be taken back",
    "failed": "it stands all the same, for taking it back failed",
}


@click.command()
@click.argument("decision_id")
@domain_option
@json_option
def explain(decision_id: str, domain_name: str, as_json: bool) -> None:
    """Show one decision whole: why it was taken, on what, under which versions, and what came of it.

    DECISION_ID is the id of a decision, or its first digits (6 or more). Ids stand in the report and in the lake.
    Exit code 1 when there is no such decision, or when its proof does not hold.
    """
    from agentic_assets.domains import governed_domain
    from agentic_assets.evidence import Reading, locate
    from agentic_assets.evidence import explain as explain_decision
    from agentic_assets.home import Home
    from agentic_assets.releases import Snapshots

    home = Home.from_environment()
    reading = Reading(governed_domain(domain_name, home), home)
    try:
        located = locate(reading, decision_id)
        # What a superseded decision rests on is read under the definitions of then.
        reading.under(Snapshots(reading.store).behind(located.entry, reading.domain, reading.home))
        found = explain_decision(reading, located)
    finally:
        reading.close()
    if as_json:
        emit_json(found.to_dict())
    else:
        _print(found, screen())
    if not found.ledger["checked"]:
        click.echo(f"error: the ledger's proof does not hold: {found.ledger['problem']}", err=True)
        raise click.exceptions.Exit(1)


def _print(found: Explanation, console: Console) -> None:
    decision = found.decision
    console.rule(f"[bold]decision {decision['decision_id']}", align="left")
    console.print(f"{decision['entity']}, decided at {decision['decided_at']} by [bold]{decision['agent']}[/]")
    if found.superseded is not None:
        console.print(_superseded(found.superseded))
    console.print(
        f"proposed [bold]{decision['proposed_action']}[/] with risk {_percent(decision['score_bp'])}, confidence "
        f"{_percent(decision['confidence_bp'])}: {escape(decision['reason'])}"
    )
    rule = f" by rule [bold]{decision['rule']}[/]" if decision["rule"] else ""
    console.print(
        f"policy {decision['policy']}: [bold]{decision['verdict']}[/]{rule}, which leaves "
        f"[bold]{decision['judged_action']}[/]"
    )
    console.print(_phase(found))
    _rules(found, console)
    for bid in found.bids:
        console.print(_bid(bid))
    _sources(found, console)
    _features(found, console)
    _versions(found, console)
    _ledger(found, console)
    console.print(Text.assemble("\n", ("action", "bold"), "  ", _action(found)))
    console.print(f"[bold]outcome[/] {_outcome(found.outcome)}")


def _phase(found: Explanation) -> str:
    decision, order = found.decision, found.order
    why = ""
    if order is not None:
        text = f"control {order['number']}: {order['kind']} by {order['identity']} ({order['role']}): {order['reason']}"
        shown = "".join(sign for sign in text if sign.isprintable())[:400]
        why = f", by {escape(shown)}"
    whose = "" if decision["phase"] in ("live", "canary") else " of the rule before"
    return f"phase [bold]{decision['phase']}[/]{why}, so the action{whose} is [bold]{decision['effective_action']}[/]"


def _rules(found: Explanation, console: Console) -> None:
    table = Table(title="every rule of the policy", title_justify="left")
    for column in ("rule", "when", "values", "fired", "verdict"):
        table.add_column(column, overflow="fold")
    for rule in found.rules:
        fired = {True: "yes", False: "no", None: "?"}[rule["fired"]] + (", decided" if rule["won"] else "")
        values = ", ".join(f"{name}={_short(value)}" for name, value in rule["values"].items())
        table.add_row(
            rule["id"],
            escape(rule["text"]),
            escape(values),
            fired,
            rule["verdict"],
            style="bold" if rule["won"] else None,
        )
    console.print(table)


def _bid(bid: Mapping[str, Any]) -> Text:
    dollars = f"${bid['utility_cents'] / 100:,.2f}"
    told = f"bid of {bid['agent']} for {bid['resource']} at {bid['at']}, worth {dollars}: {_WHY[bid['reason']]}"
    if bid["unit"] is not None:
        told += f", unit {bid['unit']}" + (f" until {bid['held_until']}" if bid["held_until"] else "")
    if bid["rival"] is not None:
        rival = bid["rival"]
        told += f"; lost to {rival['agent']} for {rival['entity']}, worth ${bid['lost_to_cents'] / 100:,.2f}"
    return safe(told, most=400)


def _sources(found: Explanation, console: Console) -> None:
    console.print("\n[bold]source rows[/]")
    for source in found.sources:
        console.print(
            f"{source['asset']} ({source['contract']}, lake version {source['lake_version']}, "
            f"{source['partitions_read']} days read): {escape(source['why'])}"
        )
        for row in source["rows"]:
            console.print(
                "   " + escape(", ".join(f"{name} {_short(value)}" for name, value in row.items())), style="dim"
            )
        for ruling in source["rulings"]:
            corrected = f", {ruling['set']}" if ruling["set"] else ""
            said = f"row {ruling['row']} {ruling['effect']}{corrected}, by {ruling['by']}: {ruling['reason']}"
            console.print(Text(f"   ruled in {ruling['partition']}: ").append(safe(said, most=400)))


def _features(found: Explanation, console: Console) -> None:
    table = Table(title=f"features of {found.decision['feature_set']}", title_justify="left")
    table.add_column("feature")
    table.add_column("value", justify="right")
    table.add_column("unit")
    table.add_column("newest fact known at")
    table.add_column("meaning", overflow="fold")
    for feature in found.features:
        table.add_row(
            feature["name"],
            _short(feature["value"]),
            feature["unit"],
            feature["known_at"] or "no fact",
            escape(feature["meaning"]),
        )
    console.print(table)


def _versions(found: Explanation, console: Console) -> None:
    made = found.materialization
    table = Table(title="pinned versions", title_justify="left")
    for column in ("kind", "name", "version", "digest"):
        table.add_column(column, overflow="fold")
    for pin in found.versions:
        table.add_row(pin["kind"], pin["name"], pin["version"], pin["digest"][:16])
    console.print(table)
    console.print(
        f"{made['asset']} {made['partition']}: data version {made['data_version'][:16]}, "
        f"code {made['code_version'][:16]}, lake version {made['lake_version']}, run {made['run_id']}"
    )


def _ledger(found: Explanation, console: Console) -> None:
    if not found.ledger["checked"]:
        console.print(f"\n[bold red]ledger[/] not proven: {escape(found.ledger['problem'])}")
        return
    console.print(
        f"\n[bold]ledger[/] proven: record {found.ledger['index']} of {found.ledger['partition']}, entry "
        f"{found.ledger['log_index']} of the log; checked against the signed checkpoint"
    )
    console.print(escape(found.ledger["checkpoint"].strip()), style="dim", highlight=False)


def _superseded(said: Mapping[str, Any]) -> Text:
    made = f"by run {said['run_id'][:8]} at {said['recorded_at']}"
    if said["by"] is None:
        return safe(f"superseded {made}: nothing is decided about it any more", most=600)
    by = said["by"]
    return safe(
        f"superseded by decision {by['decision_id']} of {by['agent']}, which does {by['effective_action']} "
        f"({by['verdict']}): {by['reason']}; decided {made}",
        most=600,
    )


def _action(found: Explanation) -> Text:
    action, decision = found.action, found.decision
    if action is None:
        return safe("none: nothing was allowed to be done", most=100)
    told = f"{action['action']['action']}, {action['state']} (key {action['action']['key']})"
    if action["action"]["decision_id"] != decision["decision_id"]:
        told += f", as decision {action['action']['decision_id']} wanted it too"
    back = action["taken_back"]
    if back is not None:
        told += f"; {_BACK[back['state']]}" + (f" at {back['at']}" if back["at"] else "")
        cause = back["cause"]
        if cause.get("decision_id"):
            why = cause["verdict"] + (f" by {cause['rule']}" if cause["rule"] else "")
            why += f", under control {cause['control']}" if cause["control"] else ""
            why += f", by answer {cause['override']}" if cause["override"] else ""
            told += (
                f", because decision {cause['decision_id']} of {cause['agent']} does {cause['effective_action']}: {why}"
            )
        told += f" ({cause['reason']}), in run {cause['run_id'][:8]}" if cause else ""
        told += f"; {back['result']['error']}" if "error" in back["result"] else ""
    return safe(told, most=1500)


def _outcome(outcome: Mapping[str, Any] | None) -> str:
    if outcome is None:
        return "not known yet"
    return escape(", ".join(f"{name} {_short(value)}" for name, value in outcome.items() if name != "source_row"))


def _percent(basis_points: int | None) -> str:
    return "unknown" if basis_points is None else f"{basis_points / 100:.1f} %"


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    return "null" if value is None else str(value)
