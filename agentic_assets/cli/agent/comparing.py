"""`agentic agent diff`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agentic_assets.cli.agent.finding import find_agent
from agentic_assets.cli.difference import tell_difference
from agentic_assets.cli.options import domain_option, json_option
from agentic_assets.errors import NotFound

if TYPE_CHECKING:
    from agentic_assets.evidence import Reading

__all__ = ["diff"]


@click.command()
@click.argument("old")
@click.argument("new")
@domain_option
@json_option
def diff(old: str, new: str, domain_name: str, as_json: bool) -> None:
    """Say what changed between two versions of an agent, and which version number that demands.

    OLD and NEW are each AGENT (as defined now), AGENT@VERSION (as defined, or as recorded when it was published), or a
    file *.agent.yaml. breaking: who feeds it or consumes its proposals must change with it. Exit code 1 when the new
    number is too small.
    """
    from agentic_assets.agents import agent_changes
    from agentic_assets.domains import load_domain
    from agentic_assets.evidence import Reading
    from agentic_assets.home import Home

    reading = Reading(load_domain(domain_name), Home.from_environment())
    try:
        before, after = _card(reading, old), _card(reading, new)
    finally:
        reading.close()
    tell_difference(before, after, agent_changes(before, after), as_json=as_json)


def _card(reading: Reading, wanted: str) -> dict[str, Any]:
    from agentic_assets.agents import card, load_spec

    if wanted.endswith((".yaml", ".yml")):
        return card(load_spec(Path(wanted)))
    try:
        return card(find_agent(reading.domain, wanted))
    except NotFound as missing:
        name, _, version = wanted.partition("@")
        recorded = reading.manifest.definitions("agent", name)
        if version not in recorded:
            known = ", ".join(f"{name}@{each}" for each in recorded) or "none"
            raise NotFound(missing.what, hint=f"{missing.hint}; recorded versions of {name[:60]}: {known}") from None
        told: dict[str, Any] = json.loads(recorded[version])
        return told
