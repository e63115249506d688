"""The feature sets of a domain as its users ask for them: by name and version, from the lake, as of any moment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from polars import selectors as cs

from agentic_assets.errors import NotFound
from agentic_assets.evidence.reading import Reading
from agentic_assets.features import DECIDED_AT, FeatureSet
from agentic_assets.features.online import OnlineFeatures
from agentic_assets.features.retrieval import asked_rows, check_hidden, days_of, described, reaches_back, retrieve
from agentic_assets.pipeline import Entry

__all__ = ["Offered", "find_set", "offered", "online", "published_versions", "recorded", "recorded_card", "retrieved"]


@dataclass(frozen=True)
class Offered:
    """A feature set, the asset that publishes it, and who uses it."""

    definition: FeatureSet
    asset: str
    used_by: tuple[str, ...]

    @property
    def name(self) -> str:
        """Name set and version."""
        return f"{self.definition.name}@{self.definition.version}"


def offered(reading: Reading) -> tuple[Offered, ...]:
    """Give the feature sets that the domain defines now, those that no agent decides on too."""
    users: dict[str, list[str]] = {}
    for subject in reading.domain.subjects:
        users.setdefault(subject.features, []).append(subject.agent.id)
    return tuple(
        Offered(definition, asset, tuple(users.get(asset, ())))
        for asset, definition in reading.domain.feature_sets.items()
    )


def find_set(reading: Reading, wanted: str) -> tuple[Offered, str]:
    """Find a feature set by `NAME` or `NAME@VERSION`, and the version asked for; NotFound names what there is."""
    name, _, version = wanted.partition("@")
    sets = offered(reading)
    for each in sets:
        if each.definition.name == name:
            if version in ("", each.definition.version):
                return each, each.definition.version
            known = published_versions(reading, each)
            if version in known:
                return each, version
            raise NotFound(
                f"{name} has no version {version}",
                hint=f"there are {', '.join(sorted({each.definition.version, *known}))}",
            )
    raise NotFound(
        f"there is no feature set {name!r} in {reading.domain.name}",
        hint=f"there are {', '.join(each.name for each in sets) or 'none'}",
    )


def published_versions(reading: Reading, each: Offered) -> dict[str, dict[str, Entry]]:
    """Give, by version, the newest entry of each partition that was published under it."""
    versions: dict[str, dict[str, Entry]] = {}
    pins: dict[str, str] = {}
    for partition in reading.manifest.current(each.asset):
        for entry in reading.manifest.history(each.asset, partition):
            if entry.pins not in pins:
                pinned = reading.manifest.pins_of(entry.pins)
                pins[entry.pins] = next(
                    (pin.version for pin in pinned if (pin.kind, pin.name) == ("feature_set", each.definition.name)), ""
                )
            versions.setdefault(pins[entry.pins], {})[partition] = entry
    return versions


def recorded(reading: Reading, name: str) -> dict[str, dict[str, Any]]:
    """Give, by version, the newest card of a feature set that was recorded when it was published."""
    return {
        version: json.loads(content) for version, content in reading.manifest.definitions("feature_set", name).items()
    }


def recorded_card(reading: Reading, each: Offered, version: str) -> dict[str, Any]:
    """Give the card of an older version; NotFound when it was published before cards were recorded."""
    known = recorded(reading, each.definition.name)
    if version not in known:
        raise NotFound(
            f"what {each.definition.name}@{version} said is not recorded",
            hint=f"recorded are {', '.join(sorted(known)) or 'none'}; a file of `features show --json` does as well",
        )
    return known[version]


def retrieved(reading: Reading, each: Offered, version: str, asked: pl.DataFrame) -> pl.DataFrame:
    """Give the features of entities as of the moments asked about, from the published inputs of the lake.

    The version of today is computed as of any moment; of an older one the rows that it published are given, each as of
    its own decision.
    """
    definition = each.definition
    if version != definition.version:
        return _as_published(reading, each, version, asked)
    own = definition.entities
    keys = asked_rows(definition, asked).get_column(own.key).unique()
    entities = reading.scan(own.table).filter(pl.col(own.key).is_in(keys.implode())).collect()
    days = days_of(definition, entities)
    inputs = {name: _window(reading, name, columns, definition, days) for name, columns in definition.reads.items()}
    return retrieve(definition, inputs, asked)


def online(reading: Reading, each: Offered) -> OnlineFeatures:
    """Give the online cache of a feature set on this host, filled from the lake on the first refresh."""
    entries: dict[str, Entry] = {}

    def published() -> Mapping[str, str]:
        entries.clear()
        entries.update(reading.manifest.current(each.asset))
        return {name: entry.data_version for name, entry in entries.items()}

    def rows(partition: str) -> pl.DataFrame:
        return reading.lake.open(each.asset).scan_files([entries[partition].file]).collect()

    return OnlineFeatures(each.definition, reading.home.root / "online", published=published, rows=rows)


def _window(reading: Reading, table: str, columns: tuple[str, ...], definition: FeatureSet, days: Any) -> pl.DataFrame:
    rows = reading.scan(table).select(cs.by_name(*columns) | cs.by_name(definition.day, require_all=False))
    if days is None:
        return rows.head(0).collect()
    if definition.day not in rows.collect_schema():
        return rows.collect()
    first, last = days
    return rows.filter(pl.col(definition.day).is_between(reaches_back(definition, first), last)).collect()


def _as_published(reading: Reading, each: Offered, version: str, asked: pl.DataFrame) -> pl.DataFrame:
    key = each.definition.entity
    if DECIDED_AT in asked.columns:
        raise NotFound(
            f"{each.definition.name}@{version} is no longer defined: its rows are kept as they were published, each as "
            "of its own decision",
            hint=f"leave `{DECIDED_AT}` out, or ask {each.name}",
        )
    keys = asked_rows(each.definition, asked).get_column(key)
    entries = published_versions(reading, each)[version]
    rows = reading.lake.open(each.asset).scan_files([entry.file for entry in entries.values()])
    made = rows.collect_schema().names()
    check_hidden(each.definition, asked, {*made})
    kept = rows.select(name for name in made if name == key or name not in asked.columns)
    found = described(
        kept.filter(pl.col(key).is_in(keys.unique().implode())).collect(),
        asked.with_columns(keys),
        key,
        f"{each.asset}, as published by {each.definition.name}@{version},",
    )
    unknown = found.filter(pl.col(DECIDED_AT).is_null()).get_column(key)
    if len(unknown):
        raise NotFound(
            f"{len(unknown):,} of {asked.height:,} entities were not published by {each.definition.name}@{version}, "
            f"e.g. {unknown[0]!r:.80}",
            hint=f"it published {len(entries):,} days; ask {each.name} for entities of others",
        )
    return found
