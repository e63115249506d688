"""Read what the catalogue shows: from the domains, from contract files, and from a home where there is one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from agentic_assets.contracts import Contract
from agentic_assets.evidence.catalog.feature_sets.gathering import gather_sets
from agentic_assets.evidence.catalog.history import history_of
from agentic_assets.evidence.catalog.lineage import deciders, readers, sources
from agentic_assets.evidence.catalog.material import Catalog, Listed
from agentic_assets.evidence.catalog.naming import page_name
from agentic_assets.evidence.domain import Domain
from agentic_assets.home import Home
from agentic_assets.pipeline import Node
from agentic_assets.store import Store

__all__ = ["gather"]


def gather(
    domains: Sequence[Domain],
    contracts: Sequence[Contract] = (),
    home: Home | None = None,
    progress: Callable[[str], None] | None = None,
) -> Catalog:
    """Gather the contracts of domains in the order of their data paths, those that no asset keeps, and feature sets.

    Without a home there is no history and there are no figures. Of the data only published features are read, as many
    rows as `feature_sets.measuring` says. `progress` is told what is being read.
    """
    say = progress or (lambda _: None)
    store = Store(home.store_url) if home else None
    taken: set[str] = set()
    try:
        say("reading the contracts")
        kept = [
            _kept(domain, node, node.contract, store)
            for domain in domains
            for node in domain.graph.nodes
            if node.contract is not None
        ]
        keepers = Counter(one.contract.name for one in kept)
        kept = [replace(one, shared=keepers[one.contract.name] > 1) for one in kept]
        known = {one.contract.name: one.contract.digest for one in kept}
        loose = [Listed(contract, "") for contract in contracts if known.get(contract.name) != contract.digest]
        listed = tuple(_paged(one, taken) for one in (*kept, *loose))
        known_past = {one.asset: one.history for one in kept if one.history}
        sets = tuple(
            replace(one, page=page_name(f"{domain.name}/features/{one.card['name']}", one.asset, taken))
            for domain in domains
            for one in gather_sets(domain, home, store, known_past, say)
        )
    finally:
        if store:
            store.close()
    return Catalog(listed, str(home.root) if home else "", sets)


def _kept(domain: Domain, node: Node, contract: Contract, store: Store | None) -> Listed:
    return Listed(
        contract,
        "",
        asset=node.asset,
        domain_title=domain.title,
        first_day=domain.graph.calendar.first,
        last_day=domain.graph.calendar.last,
        history=history_of(domain, node, store) if store else None,
        sources=sources(node),
        readers=readers(domain, node.asset),
        deciders=deciders(domain, node.asset),
    )


def _paged(one: Listed, taken: set[str]) -> Listed:
    # A domain may have any name: only plain ones become names of files, and no two contracts share one.
    wanted = f"{one.contract.name}/{one.asset}" if one.shared else one.contract.name
    return replace(one, page=page_name(wanted, one.asset, taken))
