"""`agentic agent list`."""

from __future__ import annotations

from typing import Any

import click
from rich.table import Table

from agentic_assets.cli.governing import domain_to_show
from agentic_assets.cli.options import domain_option, emit_json, json_option, screen

__all__ = ["list_agents"]


@click.command("list")
@domain_option
@json_option
def list_agents(domain_name: str, as_json: bool) -> None:
    """List the agents: version, kind, owner, risk tier, review date, the phase each is born in, its actions.

    A review that has lapsed is marked as of the last day that the domain covers: from then on the agent is kept from
    going live.
    """

    domain = domain_to_show(domain_name)
    last = domain.graph.calendar.last
    rows: list[dict[str, Any]] = [
        {
            "agent": spec.id,
            "kind": spec.kind,
            "owner": spec.owner,
            "purpose": spec.purpose,
            "risk_tier": spec.risk_tier,
            "review_by": spec.review_by.isoformat(),
            "review_lapsed": spec.review_lapsed(last) is not None,
            "phase": spec.phase,
            "reads": spec.feature_set,
            "actions": list(spec.actions),
            "resources": list(spec.resources),
            "digest": spec.pin.digest,
        }
        for spec in domain.agents
    ]
    if as_json:
        emit_json({"agents": rows})
        return
    table = Table(title=f"agents of {domain_name}", title_justify="left")
    for column in ("agent", "kind", "owner", "risk", "review by", "born", "reads", "actions"):
        table.add_column(column, no_wrap=column in ("agent", "review by"))
    for row in rows:
        table.add_row(
            row["agent"],
            row["kind"],
            row["owner"],
            row["risk_tier"],
            f"{row['review_by']}{' (lapsed)' if row['review_lapsed'] else ''}",
            row["phase"],
            row["reads"],
            ", ".join(row["actions"]),
        )
    screen().print(table)
