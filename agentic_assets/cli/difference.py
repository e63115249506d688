"""Tell what changed between two versions of anything, and which number that demands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from agentic_assets.cli.options import emit_json

if TYPE_CHECKING:
    from agentic_assets.features.compatibility import Change

__all__ = ["tell_difference"]


def tell_difference(
    old: Mapping[str, Any], new: Mapping[str, Any], changes: tuple[Change, ...], *, as_json: bool
) -> None:
    """Print the changes between two cards (`name` and `version`); exit code 1 when the new number is too small."""
    from agentic_assets.features.compatibility import demanded

    wanted = demanded(changes, old["version"])
    enough = _numbers(new["version"]) >= _numbers(wanted)
    before, after = (f"{card['name']}@{card['version']}" for card in (old, new))
    if as_json:
        emit_json(
            {
                "old": before,
                "new": after,
                "changes": [{"subject": c.subject, "weight": c.weight, "what": c.what} for c in changes],
                "demanded": wanted,
                "enough": enough,
            }
        )
    else:
        click.echo(f"{before} -> {after}: {len(changes)} changes")
        for change in changes:
            click.echo(f"  {change.weight:<10} {change.listed}")
        if not enough:
            click.echo(f"error: these changes demand version {wanted} or later", err=True)
    if not enough:
        raise click.exceptions.Exit(1)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
