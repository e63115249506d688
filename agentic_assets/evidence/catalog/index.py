"""The index: one row a contract or feature set, with all the words by which each of them is found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from agentic_assets.evidence.catalog import past
from agentic_assets.evidence.catalog.feature_sets.material import ListedSet
from agentic_assets.evidence.catalog.material import Catalog, History, Listed
from agentic_assets.evidence.catalog.naming import fragment
from agentic_assets.evidence.report.wording import plural, share, shown

__all__ = ["Row", "index"]

_FACETS: Final = ("kind", "domain", "owner", "status", "tag", "class")
_VALUES: Final = 24


@dataclass(frozen=True)
class Row:
    """One thing that the index lists; `parts` are its columns or features, each with its place and its words."""

    page: str
    title: str
    name: str
    badges: tuple[str, ...]
    about: str
    facts: tuple[str, ...]
    text: str
    part: str
    parts: tuple[dict[str, str], ...]
    facets: dict[str, list[str]]
    spark: str


def index(catalog: Catalog) -> dict[str, Any]:
    """Give what the index shows: contracts along the data path, each feature set behind the contract of its asset."""
    rows = list(_rows(catalog))
    return {
        "what": "Data contracts and feature sets" if catalog.sets else "Data contracts",
        "lead": _lead(catalog),
        "home": catalog.home,
        "facets": [(name, values) for name in _FACETS if len(values := _values(rows, name)) > (name == "kind")],
        "rows": rows,
        "told": _told(catalog),
    }


def _rows(catalog: Catalog) -> Iterator[Row]:
    behind = {one.asset: one for one in catalog.sets}
    for one in catalog.listed:
        yield _contract(one)
        if one.asset in behind:
            yield _set(behind.pop(one.asset))
    yield from map(_set, behind.values())


def _lead(catalog: Catalog) -> str:
    contracts = [one.contract for one in catalog.listed]
    domains = dict.fromkeys(contract.name.partition("/")[0] for contract in contracts)
    columns, rules = sum(len(one.columns) for one in contracts), sum(len(one.rules) for one in contracts)
    of = f" of {plural(len(domains), 'domain')}" if domains else ""
    said = f"{plural(len(contracts), 'contract')}{of}: {plural(columns, 'column')}, {plural(rules, 'rule')}."
    said += " Each says what a dataset promises; a gate holds every partition against it before anything is published."
    if catalog.sets:
        features = sum(len(one.card["features"]) for one in catalog.sets)
        said += f" {plural(len(catalog.sets), 'feature set')} with {plural(features, 'feature')}: what each means, "
        said += "what it is made of, and who decides on it."
    return said


def _told(catalog: Catalog) -> str:
    told = plural(len(catalog.listed), "contract")
    return f"{told}, {plural(len(catalog.sets), 'feature set')}" if catalog.sets else told


def _values(rows: Sequence[Row], name: str) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for row in rows:
        for value in row.facets[name]:
            counts[value] = counts.get(value, 0) + 1
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_VALUES]


def _contract(one: Listed) -> Row:
    contract = one.contract
    words = [
        one.title,
        contract.name,
        contract.id,
        one.asset,
        contract.version,
        contract.owner or "",
        contract.status or "",
        contract.description,
        contract.usage or "",
        contract.limitations or "",
        *contract.tags,
        *(f"{rule.id} {rule.text} {rule.description or ''}" for rule in contract.rules),
        *(f"{column.title or ''} {column.description}" for column in contract.columns),
    ]
    standing = _standing(one.history)
    return Row(
        page=one.page,
        title=one.title,
        name=f"{contract.name}@{contract.version}",
        badges=(contract.status,) if contract.status else (),
        about=contract.description,
        facts=(
            contract.owner or "no owner",
            plural(len(contract.columns), "column"),
            plural(len(contract.rules), "rule"),
            *((standing,) if standing else ()),
        ),
        text=" ".join(words).lower(),
        part="column",
        parts=tuple(
            {"name": column.name, "link": fragment("column", column.name), "words": column.name.lower()}
            for column in contract.columns
        ),
        facets={
            "kind": ["contract"],
            "domain": [contract.name.partition("/")[0]],
            "owner": [contract.owner] if contract.owner else [],
            "status": [contract.status] if contract.status else [],
            "tag": list(contract.tags),
            "class": sorted({column.classification for column in contract.columns if column.classification}),
        },
        spark=past.spark(one.history),
    )


def _set(one: ListedSet) -> Row:
    card = one.card
    words = [
        one.name,
        one.asset,
        one.owner,
        card["description"],
        card["entity"],
        card["table"],
        *(agent.id for agent in one.agents),
        *(consumer.asset for consumer in one.consumers),
        *(f"{source['name']} {source['table']} {source['known_at']}" for source in card["sources"]),
    ]
    standing = _standing(one.history)
    return Row(
        page=one.page,
        title=f"Features of {card['name']}",
        name=f"{one.domain}/{one.name}",
        badges=("feature set",),
        about=card["description"],
        facts=(
            one.owner or "no owner",
            plural(len(card["features"]), "feature"),
            plural(len(card["views"]), "view"),
            *((f"used by {', '.join(agent.id for agent in one.agents[:3])}",) if one.agents else ()),
            *((standing,) if standing else ()),
        ),
        text=" ".join(words).lower(),
        part="feature",
        parts=tuple(_feature(feature) for feature in card["features"]),
        facets={
            "kind": ["feature set"],
            "domain": [one.domain],
            "owner": [one.owner] if one.owner else [],
            "status": [],
            "tag": [],
            "class": sorted({value for value in one.classes.values() if value}),
        },
        spark=past.spark(one.history),
    )


def _feature(feature: dict[str, Any]) -> dict[str, str]:
    found = (feature["name"], feature["unit"], feature["description"], feature["kind"], feature["view"])
    return {
        "name": feature["name"],
        "link": fragment("feature", feature["name"]),
        "unit": feature["unit"].lower(),
        "source": " ".join(feature["sources"]).lower(),
        "said": shown(f"{feature['description']} ({feature['unit']})", 200),
        "words": " ".join((*found, *feature["sources"])).lower(),
    }


def _standing(history: History | None) -> str:
    if history is None or not (history.days or history.refused):
        return ""
    said = f"{plural(history.rows, 'row')}"
    if history.quarantined:
        said += f", {share(history.quarantined, history.rows + history.quarantined, 2)} refused"
    return f"{said}, {plural(len(history.refused), 'partition')} refused" if history.refused else said
