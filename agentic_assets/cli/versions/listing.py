"""`agentic versions list`."""

from __future__ import annotations

import click
from rich.table import Table

from agentic_assets.cli.options import emit_json, json_option, screen
from agentic_assets.cli.versions.finding import own_places

__all__ = ["list_versions"]

_SHOWN = 3


@click.command("list")
@click.argument("names", metavar="[DOMAIN]...", nargs=-1)
@json_option
def list_versions(names: tuple[str, ...], as_json: bool) -> None:
    """List all that has a version, with the digest of what it says and the assets that it shapes.

    DOMAIN is the name of one; all of your own where you name none. What has no number follows from what has one, or is
    recorded: code that no version names, answers of language models.
    """
    from agentic_assets.domains import load_domain
    from agentic_assets.releases.declared import declared

    rows = [
        {
            "domain": place.name,
            "kind": one.pin.kind,
            "name": one.pin.name,
            "version": one.pin.version,
            "digest": one.pin.digest,
            "assets": list(one.assets),
        }
        for place in own_places(names)
        for one in declared(load_domain(place.name))
    ]
    if as_json:
        emit_json({"versions": rows})
        return
    table = Table()
    for column in ("kind", "name", "version", "digest", "shapes"):
        table.add_column(column, no_wrap=column != "shapes")
    for row in rows:
        assets = [str(asset) for asset in row["assets"]]
        more = f" and {len(assets) - _SHOWN} more" if len(assets) > _SHOWN else ""
        told = f"{', '.join(assets[:_SHOWN])}{more}"
        table.add_row(str(row["kind"]), str(row["name"]), str(row["version"]), str(row["digest"])[:12], told)
    screen().print(table)
