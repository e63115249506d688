"""`agentic agent watch`."""

from __future__ import annotations

import click

from agentic_assets.cli.agent.ordering import opened
from agentic_assets.cli.options import domain_option, emit_json, json_option, screen
from agentic_assets.cli.quarantine.wording import safe

__all__ = ["watch"]


@click.command()
@domain_option
@json_option
def watch(domain_name: str, as_json: bool) -> None:
    """Judge every agent by its past days, and trip its circuit breaker where it did too badly.

    The limits stand in its policy under `breaker`. Every run and the alert sensor do the same; a tripped agent acts no
    more from the next batch on, until `agentic agent reset`. Exit code 1 when a breaker trips.
    """
    from agentic_assets.evidence.watching import watch as judge

    with opened(domain_name) as reading:
        found = judge(reading)
    tripped = [one for one in found if one.given]
    if as_json:
        emit_json(
            {
                "agents": [
                    {
                        "agent": one.agent,
                        "phase": one.state.phase.value,
                        "figures": one.figures.to_dict(),
                        "reasons": list(one.reasons),
                        "tripped": one.given.control.id if one.given else None,
                    }
                    for one in found
                ]
            },
            ascii_only=True,
        )
    else:
        console = screen()
        if not found:
            console.print(f"nothing is watched in {domain_name}: no policy has a breaker, or nothing was decided")
        for one in found:
            days = f"{one.figures.days} days, {one.figures.first} to {one.figures.last}"
            said = "; ".join(one.reasons) or "within all limits"
            verb = "its breaker trips" if one.given else "its breaker has tripped" if one.reasons else "watched"
            console.print(safe(f"{one.agent} ({one.state.phase}), {days}: {verb}: {said}", most=800), highlight=False)
    if tripped:
        raise click.exceptions.Exit(1)
