"""Read what became of an asset's partitions in a home, and under which versions they were published."""

from __future__ import annotations

from collections.abc import Mapping

from agentic_assets.errors import NotFound
from agentic_assets.evidence.catalog.material import Day, History, Version
from agentic_assets.evidence.domain import Domain
from agentic_assets.pipeline import Cut, Entry, Manifest, Node
from agentic_assets.pipeline.refusals import Refusals
from agentic_assets.pipeline.result import recorded_checks
from agentic_assets.store import Store
from agentic_assets.versions import Pin

__all__ = ["history_of", "pinned_versions", "published_under"]


def history_of(domain: Domain, node: Node, store: Store) -> History:
    """Give the past of an asset that keeps a contract: its partitions, versions, and what does not stand."""
    manifest = Manifest(store)
    entries = manifest.current(node.asset)
    name = node.contract.name if node.contract else ""
    return History(
        days=tuple(_day(entry) for _, entry in sorted(entries.items())),
        expected=len(domain.graph.calendar.all(node.cut)),
        versions=published_under(pinned_versions(manifest, entries, "contract", name)),
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


def pinned_versions(
    manifest: Manifest, entries: Mapping[str, Entry], kind: str, name: str
) -> dict[tuple[str, str], list[Entry]]:
    """Group entries by the (version, digest) that they pin of a kind and name; those that pin none are left out."""
    found: dict[tuple[str, str], list[Entry]] = {}
    named: dict[str, Pin | None] = {}
    for entry in entries.values():
        if entry.pins not in named:
            named[entry.pins] = _pin(manifest, entry.pins, kind, name)
        pin = named[entry.pins]
        if pin is not None:
            found.setdefault((pin.version, pin.digest), []).append(entry)
    return found


def published_under(grouped: Mapping[tuple[str, str], list[Entry]]) -> tuple[Version, ...]:
    """Sum up each version under which partitions stand, in the order in which they were recorded."""
    versions = [
        Version(
            version,
            digest,
            len(made),
            min(entry.partition for entry in made),
            max(entry.partition for entry in made),
            min(entry.recorded_at for entry in made),
        )
        for (version, digest), made in grouped.items()
        if version
    ]
    return tuple(sorted(versions, key=lambda one: (one.recorded_at, one.version)))


def _pin(manifest: Manifest, pins: str, kind: str, name: str) -> Pin | None:
    try:
        items = manifest.pins_of(pins)
    except NotFound:
        return None
    return next((pin for pin in items if (pin.kind, pin.name) == (kind, name)), None)
