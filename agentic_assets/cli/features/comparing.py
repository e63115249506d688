"""`agentic features lint` and `agentic features diff`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agentic_assets.cli.difference import tell_difference
from agentic_assets.cli.options import domain_option, emit_json, json_option

if TYPE_CHECKING:
    from agentic_assets.evidence import Reading

__all__ = ["diff", "lint"]


@click.command()
@domain_option
@json_option
def lint(domain_name: str, as_json: bool) -> None:
    """Check the definitions: words and units, contract and columns, and that no version changed its content.

    Exit code 1 when anything is wrong.
    """
    from agentic_assets.domains import load_domain
    from agentic_assets.evidence import Reading
    from agentic_assets.evidence.feature_lint import problems
    from agentic_assets.home import Home

    reading = Reading(load_domain(domain_name), Home.from_environment())
    try:
        found = problems(reading)
    finally:
        reading.close()
    if as_json:
        emit_json({"problems": [{"set": name, "problem": what, "hint": hint} for name, what, hint in found]})
    for name, what, hint in () if as_json else found:
        click.echo(f"{name}: {what}\n  hint: {hint}")
    if found:
        raise click.exceptions.Exit(1)
    if not as_json:
        click.echo("every feature set is described, contracted, and what its version says it is")


@click.command()
@click.argument("old")
@click.argument("new")
@domain_option
@json_option
def diff(old: str, new: str, domain_name: str, as_json: bool) -> None:
    """Say what changed between two versions of a feature set, and which version number that demands.

    OLD and NEW are each SET (as defined now), SET@VERSION (as recorded when it was published), or a file that
    `agentic features show SET --json` wrote. Exit code 1 when the new number is too small.
    """
    from agentic_assets.domains import load_domain
    from agentic_assets.evidence import Reading
    from agentic_assets.features.compatibility import compare
    from agentic_assets.home import Home

    reading = Reading(load_domain(domain_name), Home.from_environment())
    try:
        before, after = _card(reading, old), _card(reading, new)
    finally:
        reading.close()
    tell_difference(before, after, compare(before, after), as_json=as_json)


def _card(reading: Reading, wanted: str) -> dict[str, Any]:
    from agentic_assets.errors import ConfigInvalid
    from agentic_assets.evidence.feature_sets import find_set, recorded_card
    from agentic_assets.features.card import card
    from agentic_assets.features.compatibility import compare, demanded

    path = Path(wanted)
    if path.suffix == ".json":
        try:
            told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            demanded(compare(told, told), told["version"])  # whatever a comparison needs is there
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ConfigInvalid(
                f"{path} does not describe a feature set ({type(error).__name__})",
                hint="write it with `agentic features show SET --json`",
            ) from error
        return told
    each, version = find_set(reading, wanted)
    return card(each.definition) if version == each.definition.version else recorded_card(reading, each, version)
