"""`agentic agent controls`."""

from __future__ import annotations

import click
from rich.table import Table

from agentic_assets.cli.agent.ordering import opened
from agentic_assets.cli.options import domain_option, emit_json, json_option, screen
from agentic_assets.cli.quarantine.wording import safe

__all__ = ["controls"]


@click.command()
@domain_option
@json_option
def controls(domain_name: str, as_json: bool) -> None:
    """List what was ordered about agents, by whom and why, and how each agent stands for the next batch."""
    from agentic_assets.evidence.overseeing import next_moment, standing_of
    from agentic_assets.policy.rollout import ANY, Controls

    with opened(domain_name) as reading:
        made = Controls(reading.store).of(domain_name)
        actions = (ANY, *sorted({one.action for one in made} - {ANY}))
        moments = [(subject, next_moment(reading, [subject])) for subject in reading.domain.subjects]
        states = [
            (subject.agent.id, action, at, standing_of(made, subject, at, action))
            for subject, at in moments
            for action in actions
        ]
    if as_json:
        orders = [{"id": one.id, **one.content, "recorded_at": one.recorded_at, "host": one.host} for one in made]
        standing = [
            {
                "agent": agent,
                "action": action,
                "phase": state.phase.value,
                "percent_bp": state.percent_bp,
                "control": state.control.number if state.control else None,
                "from": at.isoformat(),
            }
            for agent, action, at, state in states
        ]
        emit_json({"controls": orders, "standing": standing}, ascii_only=True)
        return
    console = screen()
    if made:
        table = Table(title=f"orders about the agents of {domain_name}", title_justify="left")
        for column in ("no.", "what", "agent", "action", "from (UTC, data)", "by", "reason"):
            table.add_column(column, no_wrap=column in ("no.", "what"))
        for one in made:
            table.add_row(
                str(one.number),
                f"{one.kind} {one.stage}" if one.stage else one.kind.value,
                safe(one.agent),
                safe(one.action),
                f"{one.effective_from:%Y-%m-%d %H:%M}",
                safe(f"{one.identity} ({one.role})"),
                safe(one.reason, most=200),
            )
        console.print(table)
    else:
        console.print(f"nothing was ordered about the agents of {domain_name}", highlight=False)
    for agent, action, _, state in states:
        what = "" if action == "*" else f", {action}"
        why = "as it was born" if state.control is None else f"by control {state.control.number}"
        share = f" for {state.percent_bp / 100:.2f} % of the entities" if state.phase == "canary" else ""
        console.print(safe(f"next batch: {agent}{what} is {state.phase}{share}, {why}"), highlight=False)
