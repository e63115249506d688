"""Read what the catalogue shows of feature sets: definitions from the domain, the rest from a home if there is one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from agentic_assets.contracts import Contract
from agentic_assets.errors import AgenticError
from agentic_assets.evidence.catalog.feature_sets.material import Change, ListedSet, Measured, Outcome, Proofs
from agentic_assets.evidence.catalog.feature_sets.measuring import measure
from agentic_assets.evidence.catalog.feature_sets.using import agents, consumers, models
from agentic_assets.evidence.catalog.feature_sets.watching import drift_of
from agentic_assets.evidence.catalog.history import pinned_versions, published_under
from agentic_assets.evidence.catalog.material import History
from agentic_assets.evidence.domain import Domain
from agentic_assets.features import FeatureSet
from agentic_assets.features.card import card
from agentic_assets.features.compatibility import compare
from agentic_assets.features.proofs.laws import LAWS
from agentic_assets.home import Home
from agentic_assets.pipeline import Entry, Graph, Manifest, Node, open_lake
from agentic_assets.pipeline.refusals import Refusals
from agentic_assets.pipeline.result import recorded_checks
from agentic_assets.store import Store

__all__ = ["changes_between", "gather_sets", "masked_features"]


def gather_sets(
    domain: Domain,
    home: Home | None,
    store: Store | None,
    histories: Mapping[str, History],
    say: Callable[[str], None],
) -> Iterator[ListedSet]:
    """Give the feature sets that a domain publishes, each once, in the order of its graph.

    `histories` are what is known of assets already.
    """
    for asset, definition in domain.feature_sets.items():
        node = next((node for node in domain.graph.nodes if node.asset == asset), None)
        contract = node.contract if node else None
        read = consumers(domain, asset, definition)
        yield ListedSet(
            card(definition),
            asset,
            domain.name,
            owner=(contract.owner if contract else None) or "",
            classes=_classes(contract),
            masked=masked_features(definition, contract, domain.graph),
            consumers=read,
            agents=agents(domain, asset, definition, read),
            history=histories.get(asset),
            **(_past(domain, node, definition, home, store, say) if home and store and node else {}),
        )


def _classes(contract: Contract | None) -> dict[str, str]:
    return {column.name: column.classification or "" for column in contract.columns} if contract else {}


def masked_features(definition: FeatureSet, contract: Contract | None, graph: Graph) -> frozenset[str]:
    """Name the features of which no value may be shown.

    The set's contract says so by class. Where it gives a feature none, the feature is as closed as what it is made of.
    """
    columns = {column.name: column for column in contract.columns} if contract else {}
    masked = set()
    for feature in definition.features:
        own = columns.get(feature.name)
        if own is not None and own.masked:
            masked.add(feature.name)
        elif own is None or not own.classification:
            masked |= {feature.name} if any(_is_masked(source, graph) for source in feature.sources) else set()
    return frozenset(masked)


def _is_masked(source: str, graph: Graph) -> bool:
    asset, _, name = source.rpartition(".")
    contract = graph[asset].contract if asset in graph else None
    return contract is not None and any(column.name == name and column.masked for column in contract.columns)


def _past(
    domain: Domain, node: Node, definition: FeatureSet, home: Home, store: Store, say: Callable[[str], None]
) -> dict[str, Any]:
    manifest, lake = Manifest(store), open_lake(domain.graph, home, store)
    name, masked = f"{definition.name}@{definition.version}", masked_features(definition, node.contract, domain.graph)
    say(f"reading {name}")
    entries = manifest.current(node.asset)
    grouped = pinned_versions(manifest, entries, "feature_set", definition.name)
    recorded = _recorded(manifest, definition)
    return {
        "versions": published_under(grouped),
        "recorded": tuple((version, str(told.get("digest", ""))) for version, told in recorded),
        "changes": changes_between(recorded, definition),
        "proofs": tuple(_proofs(domain.graph, definition, node.asset, manifest, store)),
        "models": models(domain, node.asset, manifest, lake),
        "drift": drift_of(domain, node.asset, definition, manifest, lake),
        "measured": _figures(
            definition,
            {
                entry.partition: entry
                for (version, _), made in grouped.items()
                if version == definition.version
                for entry in made
            },
            lambda files: lake.open(node.asset).scan_files(files),
            masked,
            lambda done, of: say(f"reading {name}: {done} of {of} days"),
        ),
    }


def _figures(
    definition: FeatureSet,
    entries: Mapping[str, Entry],
    scan: Callable[..., Any],
    masked: frozenset[str],
    progress: Callable[[int, int], None],
) -> Measured:
    features = [feature.name for feature in definition.features]
    return measure(entries, scan, features, day=definition.day, masked=masked, progress=progress)


def _recorded(manifest: Manifest, definition: FeatureSet) -> list[tuple[str, Mapping[str, Any]]]:
    told = manifest.definitions("feature_set", definition.name)
    found = {version: json.loads(content) for version, content in told.items()}
    return [(version, found[version]) for version in sorted(found, key=_order) if isinstance(found[version], dict)]


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdecimal() else -1 for part in version.split("."))


def changes_between(recorded: list[tuple[str, Mapping[str, Any]]], definition: FeatureSet) -> tuple[Change, ...]:
    """Say what changed from each recorded version to the next, and from the last one to what is defined now."""
    now = card(definition)
    steps = [*recorded]
    if recorded and recorded[-1][1].get("digest") != now["digest"]:
        same = recorded[-1][0] == definition.version
        steps.append((f"{definition.version} as it is now" if same else definition.version, now))
    return tuple(_change(old, new) for old, new in pairwise(steps))


def _change(old: tuple[str, Mapping[str, Any]], new: tuple[str, Mapping[str, Any]]) -> Change:
    try:
        found = tuple((change.weight, change.subject, change.what) for change in compare(old[1], new[1]))
    except (KeyError, TypeError, AttributeError):
        return Change(old[0], new[0], (), "what was recorded of one of them lacks what a comparison needs")
    return Change(old[0], new[0], found)


def _proofs(graph: Graph, definition: FeatureSet, asset: str, manifest: Manifest, store: Store) -> Iterator[Proofs]:
    for node in graph.nodes:
        laws = {check.name: check.description for check in node.checks if check.name in LAWS}
        if node.asset == asset or node.tags.get("feature_set") != definition.name or not laws:
            continue
        try:
            entries = manifest.current(node.asset)
            refused = {name: one.message for name, one in Refusals(store).standing(node.asset).items()}
        except AgenticError:
            continue
        last = max(entries, default="")
        results = {check.name: check for check in recorded_checks(entries[last])} if last else {}
        outcomes = tuple(
            Outcome(law, said, results[law].passed, results[law].description)
            for law, said in laws.items()
            if law in results
        )
        yield Proofs(node.asset, last, outcomes, len(entries), refused)
