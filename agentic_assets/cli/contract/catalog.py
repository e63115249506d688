"""`agentic contract catalog`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from agentic_assets.cli.contract.finding import contracts_option
from agentic_assets.cli.options import emit_json, json_option

if TYPE_CHECKING:
    from agentic_assets.contracts import Contract
    from agentic_assets.home import Home

__all__ = ["catalog"]


@click.command()
@click.option("--out", type=click.Path(path_type=Path), help="The folder to write. Default: catalog/ in AGENTIC_HOME.")
@click.option("--domain", "domain_name", help="Only the contracts of this domain. Default: all of them.")
@contracts_option
@json_option
def catalog(out: Path | None, domain_name: str | None, folder: Path, as_json: bool) -> None:
    """Write a site of all contracts, to be searched and read in a browser without a server.

    It shows what each dataset promises, who answers for it, who lives on it, and what became of its partitions in
    AGENTIC_HOME. Contract files that no asset keeps are listed too. Without a home it shows no past.
    """
    errors = Console(stderr=True)
    with errors.status("reading the contracts") as status:
        from agentic_assets.domains import load_domain, load_domains
        from agentic_assets.evidence.catalog import gather, write_catalog
        from agentic_assets.home import Home

        home = _home()
        domains = (load_domain(domain_name),) if domain_name else load_domains()
        gathered = gather(domains, _others(folder, domain_name), home)
        target = out or (home or Home.from_environment()).catalog
        index = write_catalog(gathered, target, lambda done, of: status.update(f"writing page {done + 1} of {of}"))
    if as_json:
        emit_json(
            {
                "index": str(index),
                "contracts": [one.contract.name for one in gathered.listed],
                "home": gathered.home or None,
            }
        )
    else:
        click.echo(f"{len(gathered.listed)} contracts: {index}")


def _home() -> Home | None:
    """Give the home when something was ever recorded in it; asking must not create one."""
    import os

    from agentic_assets.home import Home

    root = Path(os.environ.get("AGENTIC_HOME") or ".agentic").expanduser()
    if not os.environ.get("AGENTIC_STORE_URL") and not (root / "store.sqlite").is_file():
        return None
    return Home.from_environment()


def _others(folder: Path, domain_name: str | None) -> list[Contract]:
    from agentic_assets.cli.contract.finding import contract_files
    from agentic_assets.contracts import load_all

    files = contract_files(folder) if folder.is_dir() else []
    found = [contract for file in files for contract in load_all(file)]
    return [one for one in found if not domain_name or one.name.partition("/")[0] == domain_name]
