"""`agentic features catalog`."""

from __future__ import annotations

from pathlib import Path

import click

from agentic_assets.cli.catalog import written_catalog
from agentic_assets.cli.contract.finding import contracts_option
from agentic_assets.cli.options import emit_json, json_option

__all__ = ["catalog"]


@click.command()
@click.option("--out", type=click.Path(path_type=Path), help="The folder to write. Default: catalog/ in AGENTIC_HOME.")
@click.option("--domain", "domain_name", help="Only what belongs to this domain. Default: all of them.")
@contracts_option
@json_option
def catalog(out: Path | None, domain_name: str | None, folder: Path, as_json: bool) -> None:
    """Write a site about every feature: what it means, its unit, what it is made of, what it holds, who uses it.

    It is the site of `agentic contract catalog`, to be searched and read in a browser without a server. Nulls and
    values are those of the newest partitions published in AGENTIC_HOME; without a home there are none.
    """
    gathered, index = written_catalog(out, domain_name, folder)
    if as_json:
        emit_json(
            {
                "index": str(index),
                "feature_sets": [
                    {
                        "name": one.name,
                        "page": str(index.with_name(one.page)),
                        "features": len(one.card["features"]),
                        "problem": (one.measured.problem or None) if one.measured else None,
                    }
                    for one in gathered.sets
                ],
                "home": gathered.home or None,
            }
        )
        return
    for one in gathered.sets:
        click.echo(f"{one.name}, {len(one.card['features'])} features: {index.with_name(one.page)}")
    click.echo(f"all feature sets and contracts: {index}")
