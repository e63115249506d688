"""`agentic features list`."""

from __future__ import annotations

from typing import Any

import click
from rich.table import Table

from agentic_assets.cli.options import domain_option, emit_json, json_option, screen

__all__ = ["list_sets"]


@click.command("list")
@domain_option
@json_option
def list_sets(domain_name: str, as_json: bool) -> None:
    """List the feature sets: version, entity, size, what is published, who uses them."""
    from agentic_assets.domains import governed_domain
    from agentic_assets.evidence import Reading
    from agentic_assets.evidence.feature_sets import offered, published_versions
    from agentic_assets.home import Home

    home = Home.from_environment()
    reading = Reading(governed_domain(domain_name, home), home)
    try:
        rows: list[dict[str, Any]] = []
        for each in offered(reading):
            versions = published_versions(reading, each)
            rows.append(
                {
                    "name": each.name,
                    "digest": each.definition.digest,
                    "asset": each.asset,
                    "entity": each.definition.entity,
                    "features": len(each.definition.features),
                    "views": len(each.definition.view_names),
                    "lookback_days": each.definition.lookback,
                    "published": {version: len(entries) for version, entries in sorted(versions.items())},
                    "used_by": list(each.used_by),
                }
            )
    finally:
        reading.close()
    if as_json:
        emit_json({"feature_sets": rows})
        return
    table = Table(title=f"feature sets of {domain_name}", title_justify="left")
    for column in ("feature set", "entity", "features", "views", "published partitions", "used by", "digest"):
        table.add_column(column)
    for row in rows:
        published = ", ".join(f"{version}: {count:,}" for version, count in row["published"].items())
        table.add_row(
            row["name"],
            row["entity"],
            str(row["features"]),
            str(row["views"]),
            published or "none",
            ", ".join(row["used_by"]),
            row["digest"][:12],
        )
    screen().print(table)
