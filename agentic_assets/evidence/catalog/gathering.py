"""Read what the catalogue shows: from the domains, from contract files, and from a home where there is one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from agentic_assets.contracts import Contract
from agentic_assets.errors import NotFound
from agentic_assets.evidence.catalog.lineage import deciders, readers, sources
from agentic_assets.evidence.catalog.material import Catalog, Day, History, Listed, Version
from agentic_assets.evidence.domain import Domain
from agentic_assets.home import Home
from agentic_assets.pipeline import Cut, Entry, Manifest, Node
from agentic_assets.pipeline.refusals import Refusals
from agentic_assets.pipeline.result import recorded_checks
from agentic_assets.store import Store
from agentic_assets.versions import of_text

__all__ = ["gather"]


def gather(domains: Sequence[Domain], contracts: Sequence[Contract] = (), home: Home | None = None) -> Catalog:
    """Gather the contracts of domains in the order of their data paths, then those that no asset keeps.

    Without a home there is no history. Nothing of the data itself is read.
    """
    store = Store(home.store_url) if home else None
    try:
        kept = [
            _kept(domain, node, node.contract, store)
            for domain in domains
            for node in domain.graph.nodes
            if node.contract is not None
        ]
    finally:
        if store:
            store.close()
    keepers = Counter(one.contract.name for one in kept)
    kept = [replace(one, shared=keepers[one.contract.name] > 1) for one in kept]
    known = {one.contract.name: one.contract.digest for one in kept}
    loose = [Listed(contract, "") for contract in contracts if known.get(contract.name) != contract.digest]
    pages: dict[str, str] = {}
    listed = tuple(_paged(one, pages) for one in (*kept, *loose))
    return Catalog(listed, str(home.root) if home else "")


def _kept(domain: Domain, node: Node, contract: Contract, store: Store | None) -> Listed:
    return Listed(
        contract,
        "",
        asset=node.asset,
        domain_title=domain.title,
        first_day=domain.graph.calendar.first,
        last_day=domain.graph.calendar.last,
        history=_history(domain, node, store) if store else None,
        sources=sources(node),
        readers=readers(domain, node.asset),
        deciders=deciders(domain, node.asset),
    )


def _paged(one: Listed, taken: dict[str, str]) -> Listed:
    # A domain may have any name: only plain ones become names of files, and no two contracts share one.
    wanted = f"{one.contract.name}/{one.asset}" if one.shared else one.contract.name
    plain = re.sub(r"[^a-z0-9_]+", "-", wanted.lower()).strip("-")[:80]
    odd = plain != wanted.replace("/", "-") or not plain or plain == "index" or plain in taken
    name = f"{plain}-{of_text(f'{wanted} {one.asset} {len(taken)}')[:8]}".strip("-") if odd else plain
    taken[name] = wanted
    return replace(one, page=f"{name}.html")


def _history(domain: Domain, node: Node, store: Store) -> History:
    manifest = Manifest(store)
    entries = manifest.current(node.asset)
    return History(
        days=tuple(_day(entry) for _, entry in sorted(entries.items())),
        expected=len(domain.graph.calendar.all(node.cut)),
        versions=_versions(manifest, node, entries),
        refused={name: found.message for name, found in Refusals(store).standing(node.asset).items()},
        daily=node.cut is Cut.DAY,
    )


def _day(entry: Entry) -> Day:
    checks = recorded_checks(entry)
    broken: dict[str, int] = {}
    for check in checks:
        if check.name == "contract":
            for finding in check.metadata.get("rules_broken", ()):
                broken[str(finding["rule"])] = int(finding["count"])
    return Day(
        entry.partition,
        entry.rows,
        entry.quarantined,
        broken,
        tuple(check.name for check in checks if not check.passed),
    )


def _versions(manifest: Manifest, node: Node, entries: Mapping[str, Entry]) -> tuple[Version, ...]:
    found: dict[tuple[str, str], list[Entry]] = {}
    named: dict[str, tuple[str, str]] = {}
    for entry in entries.values():
        if entry.pins not in named:
            named[entry.pins] = _pinned(manifest, node, entry.pins)
        found.setdefault(named[entry.pins], []).append(entry)
    versions = [
        Version(
            version,
            digest,
            len(made),
            min(entry.partition for entry in made),
            max(entry.partition for entry in made),
            min(entry.recorded_at for entry in made),
        )
        for (version, digest), made in found.items()
        if version
    ]
    return tuple(sorted(versions, key=lambda one: (one.recorded_at, one.version)))


def _pinned(manifest: Manifest, node: Node, pins: str) -> tuple[str, str]:
    try:
        items = manifest.pins_of(pins)
    except NotFound:
        return "", ""
    name = node.contract.name if node.contract else ""
    return next(((pin.version, pin.digest) for pin in items if pin.kind == "contract" and pin.name == name), ("", ""))
