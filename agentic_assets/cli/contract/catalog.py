"""`agentic contract catalog`."""

from __future__ import annotations

from pathlib import Path

import click

from agentic_assets.cli.catalog import written_catalog
from agentic_assets.cli.contract.finding import contracts_option
from agentic_assets.cli.options import emit_json, json_option

__all__ = ["catalog"]


@click.command()
@click.option("--out", type=click.Path(path_type=Path), help="The folder to write. Default: catalog/ in AGENTIC_HOME.")
@click.option("--domain", "domain_name", help="Only the contracts of this domain. Default: all of them.")
@contracts_option
@json_option
def catalog(out: Path | None, domain_name: str | None, folder: Path, as_json: bool) -> None:
    """Write a site of all contracts and feature sets, to be searched and read in a browser without a server.

    It shows what each dataset promises, who answers for it, who lives on it, and what became of its partitions in
    AGENTIC_HOME; of each feature what it means, what it is made of and what it holds. Contract files that no asset
    keeps are listed too. Without a home it shows no past.
    """
    gathered, index = written_catalog(out, domain_name, folder)
    if as_json:
        emit_json(
            {
                "index": str(index),
                "contracts": [one.contract.name for one in gathered.listed],
                "feature_sets": [one.name for one in gathered.sets],
                "home": gathered.home or None,
            }
        )
    else:
        click.echo(f"{len(gathered.listed)} contracts and {len(gathered.sets)} feature sets: {index}")
