"""The manifest: which file, version and pins each asset partition has, now and before."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import func, insert, select
from sqlalchemy.engine import Row

from agentic_assets.errors import NotFound
from agentic_assets.store import Store
from agentic_assets.store.schema import definitions as definitions_table
from agentic_assets.store.schema import manifest, pins
from agentic_assets.versions import Definition, Pins
from agentic_assets.versions.fingerprint import canonical_json

__all__ = ["Entry", "Manifest", "Publication"]

_MOST_AT_ONCE = 500  # SQLite takes a bounded number of parameters


@dataclass(frozen=True)
class Entry:
    """One publication of one partition."""

    asset: str
    partition: str
    fingerprint: str
    code_version: str
    data_version: str
    file: str
    delta_version: int
    rows: int
    quarantined: int
    pins: str
    inputs: Mapping[str, Mapping[str, str]]
    details: Mapping[str, Any]
    run_id: str
    recorded_at: str = ""


class Publication(NamedTuple):
    """When and by which run a partition got a data version."""

    data_version: str
    fingerprint: str
    run_id: str
    recorded_at: str


class Manifest:
    """Read and extend the append-only table of publications; readers resolve files through it, never by listing."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def current(self, asset: str, partitions: Sequence[str] | None = None) -> dict[str, Entry]:
        """Give the newest entry of each partition of an asset."""
        newest = (
            select(func.max(manifest.c.id)).where(manifest.c.asset == asset).group_by(manifest.c.partition)
        ).scalar_subquery()
        query = select(manifest).where(manifest.c.id.in_(newest)).order_by(manifest.c.partition)
        with self._store.reading() as connection:
            entries = (_entry(row) for row in connection.execute(query))
            found = {entry.partition: entry for entry in entries}
        if partitions is None:
            return found
        return {name: found[name] for name in partitions if name in found}

    def under(self, asset: str, fingerprints: Iterable[str]) -> dict[tuple[str, str], Entry]:
        """Give the newest entry of each partition of an asset that was made under one of some fingerprints."""
        wanted, found = sorted(set(fingerprints)), dict[tuple[str, str], Entry]()
        with self._store.reading() as connection:
            for start in range(0, len(wanted), _MOST_AT_ONCE):
                some = manifest.c.fingerprint.in_(wanted[start : start + _MOST_AT_ONCE])
                query = select(manifest).where(manifest.c.asset == asset, some).order_by(manifest.c.id)
                found |= {(row.partition, row.fingerprint): _entry(row) for row in connection.execute(query)}
        return found

    def history(self, asset: str, partition: str) -> list[Entry]:
        """Give every entry of one partition, oldest first."""
        query = (
            select(manifest).where(manifest.c.asset == asset, manifest.c.partition == partition).order_by(manifest.c.id)
        )
        with self._store.reading() as connection:
            return [_entry(row) for row in connection.execute(query)]

    def at(self, asset: str, versions: Mapping[str, Collection[str]]) -> dict[tuple[str, str], Entry]:
        """Give the newest entry of each (partition, data version) asked for, without those that never were."""
        names, found = sorted(versions), dict[tuple[str, str], Entry]()
        with self._store.reading() as connection:
            for start in range(0, len(names), _MOST_AT_ONCE):
                some = names[start : start + _MOST_AT_ONCE]
                query = (
                    select(manifest)
                    .where(manifest.c.asset == asset, manifest.c.partition.in_(some))
                    .order_by(manifest.c.id)
                )
                rows = {(row.partition, row.data_version): row for row in connection.execute(query)}
                found |= {key: _entry(row) for key, row in rows.items() if key[1] in versions[key[0]]}
        return found

    def publications(self, asset: str) -> dict[str, list[Publication]]:
        """Give what was published of each partition of an asset, oldest first, without what it was made from."""
        table = manifest.c
        query = (
            select(table.partition, table.data_version, table.fingerprint, table.run_id, table.recorded_at)
            .where(table.asset == asset)
            .order_by(table.id)
        )
        found: dict[str, list[Publication]] = {}
        with self._store.reading() as connection:
            for partition, *said in connection.execute(query):
                found.setdefault(partition, []).append(Publication(*said))
        return found

    def every(self) -> list[Entry]:
        """Give every entry there is, oldest first."""
        with self._store.reading() as connection:
            return [_entry(row) for row in connection.execute(select(manifest).order_by(manifest.c.id))]

    def record(self, entries: Iterable[Entry], pinned: Iterable[Pins], definitions: Iterable[Definition] = ()) -> None:
        """Append entries, the sets of pins that they name, and what pinned versions say, in one transaction."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        rows = [
            {
                "asset": entry.asset,
                "partition": entry.partition,
                "fingerprint": entry.fingerprint,
                "code_version": entry.code_version,
                "data_version": entry.data_version,
                "file": entry.file,
                "delta_version": entry.delta_version,
                "row_count": entry.rows,
                "quarantined": entry.quarantined,
                "pins": entry.pins,
                "inputs": canonical_json(entry.inputs),
                "details": canonical_json(entry.details),
                "run_id": entry.run_id,
                "recorded_at": now,
            }
            for entry in entries
        ]
        contents = {made.digest: made.to_json() for made in pinned}
        if not rows:
            return
        with self._store.transaction() as connection:
            if contents:
                connection.execute(
                    self._store.insert(pins).on_conflict_do_nothing(),
                    [{"digest": digest, "content": content} for digest, content in contents.items()],
                )
            told = [
                {
                    "kind": defined.pin.kind,
                    "name": defined.pin.name,
                    "version": defined.pin.version,
                    "digest": defined.pin.digest,
                    "content": defined.content,
                    "recorded_at": now,
                }
                for defined in definitions
            ]
            if told:
                connection.execute(self._store.insert(definitions_table).on_conflict_do_nothing(), told)
            connection.execute(insert(manifest), rows)

    def definitions(self, kind: str, name: str) -> dict[str, str]:
        """Give, by version, what was recorded last of a name: canonical JSON."""
        table = definitions_table.c
        query = (
            select(table.version, table.content)
            .where(table.kind == kind, table.name == name)
            .order_by(table.recorded_at, table.digest)
        )
        with self._store.reading() as connection:
            return {row.version: row.content for row in connection.execute(query)}

    def pins_of(self, digest: str) -> Pins:
        """Give the pins behind a digest; NotFound when no partition was ever made under them."""
        with self._store.reading() as connection:
            content = connection.execute(select(pins.c.content).where(pins.c.digest == digest)).scalar()
        if content is None:
            raise NotFound(f"no pins with digest {digest[:12]} are recorded")
        return Pins.from_json(content)


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        asset=row.asset,
        partition=row.partition,
        fingerprint=row.fingerprint,
        code_version=row.code_version,
        data_version=row.data_version,
        file=row.file,
        delta_version=row.delta_version,
        rows=row.row_count,
        quarantined=row.quarantined,
        pins=row.pins,
        inputs=json.loads(row.inputs),
        details=json.loads(row.details),
        run_id=row.run_id,
        recorded_at=row.recorded_at,
    )
