"""Write the catalogue of contracts and feature sets, as several commands offer it."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from agentic_assets.cli.governing import domain_to_show, home_of_record

if TYPE_CHECKING:
    from agentic_assets.contracts import Contract
    from agentic_assets.evidence.catalog import Catalog

__all__ = ["written_catalog"]


def written_catalog(out: Path | None, domain_name: str | None, folder: Path) -> tuple[Catalog, Path]:
    """Gather the catalogue of the domains, or of one, and write it; give it with the path of its index.

    `out` is catalog/ in AGENTIC_HOME when None, `folder` holds contract files that may belong to no domain. How far it
    got is shown on stderr.
    """
    with Console(stderr=True).status("reading the contracts") as status:
        from agentic_assets.domains import governed_domains, load_domains
        from agentic_assets.evidence.catalog import gather, write_catalog
        from agentic_assets.home import Home

        home = home_of_record()
        everything = load_domains if home is None else partial(governed_domains, home)
        domains = (domain_to_show(domain_name),) if domain_name else everything()
        gathered = gather(domains, _others(folder, domain_name), home, status.update)
        target = out or (home or Home.from_environment()).catalog
        index = write_catalog(gathered, target, lambda done, of: status.update(f"writing page {done + 1} of {of}"))
    return gathered, index


def _others(folder: Path, domain_name: str | None) -> list[Contract]:
    from agentic_assets.cli.contract.finding import contract_files
    from agentic_assets.contracts import load_all

    files = contract_files(folder) if folder.is_dir() else []
    found = [contract for file in files for contract in load_all(file)]
    return [one for one in found if not domain_name or one.name.partition("/")[0] == domain_name]
