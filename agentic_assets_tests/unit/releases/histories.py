"""Homes with an invented past: three assets that rest on each other, published at any time, on a real lake."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
from sqlalchemy import update

from agentic_assets.evidence import Domain
from agentic_assets.home import Home
from agentic_assets.lake import Lake
from agentic_assets.pipeline import Batch, Calendar, Cut, Entry, Graph, Input, Manifest, Node, Restoration, Restorations
from agentic_assets.releases.retention import Cleaned, Cleaning, clean, plan_cleaning
from agentic_assets.store import Store
from agentic_assets.store.schema import manifest, restorations
from agentic_assets.versions import Pins, of_frame

__all__ = [
    "ASSETS",
    "DAYS",
    "NOW",
    "Past",
    "Publication",
    "cleaned",
    "domain",
    "old",
    "on_disk",
    "planned",
    "stored_in",
]

NOW = datetime(2027, 6, 1, 12, tzinfo=UTC)
ASSETS = ("raw/rows", "features/sums", "decisions/clerk")
CALENDAR = Calendar("UTC", date(2027, 1, 1), date(2027, 1, 2))
DAYS = CALENDAR.days()
_SCHEMA = {"value": pl.Int64()}


@dataclass(frozen=True)
class Publication:
    """One publication: of which asset, which day, what it holds, how many days ago, and which earlier ones it read."""

    asset: str
    day: str
    value: int
    age: int
    read: tuple[int, ...] = ()


def domain() -> Domain:
    """Put the domain together; its decisions have effects, so they stay for the retention time."""
    rows, sums, clerk = ASSETS
    nodes = (_node(rows), _node(sums, Input(rows)), _node(clerk, Input(sums), effects=True))
    return Domain("invented", "Invented", "Made up.", "nobody", Graph(CALENDAR, nodes), (), entries=rows)


class Past:
    """A home in which some publications happened, oldest first; `entries` are what the manifest has of them."""

    def __init__(self, root: Path, publications: Sequence[Publication], *, store_url: str | None = None) -> None:
        shutil.rmtree(root, ignore_errors=True)
        self.home = Home.at(root, store_url=store_url)
        self.store = Store(self.home.store_url)
        self.publications = publications
        self.entries: list[Entry] = []
        lake, record, nothing = Lake(self.home.lake), Manifest(self.store), Pins.of()
        for number, one in enumerate(publications, start=1):
            table = lake.table(one.asset, _SCHEMA, partitioned=True)
            frame = pl.DataFrame({"value": [one.value]}, schema=_SCHEMA)
            published = table.publish([table.stage(one.day, frame)], run_id=f"run-{number}")
            inputs: dict[str, dict[str, str]] = {}
            for place in one.read:
                behind = self.entries[place]
                inputs.setdefault(behind.asset, {})[behind.partition] = behind.data_version
            entry = Entry(
                asset=one.asset,
                partition=one.day,
                fingerprint=f"{number}",
                code_version="1",
                data_version=of_frame(frame),
                file=published.files[one.day],
                delta_version=published.delta_version,
                rows=1,
                quarantined=0,
                pins=nothing.digest,
                inputs=inputs,
                details={},
                run_id=f"run-{number}",
            )
            record.record([entry], [nothing])
            self.entries.append(entry)
            at = (NOW - timedelta(days=one.age)).isoformat(timespec="milliseconds")
            with self.store.transaction() as connection:
                connection.execute(update(manifest).where(manifest.c.fingerprint == f"{number}").values(recorded_at=at))

    def restore(self, place: int) -> None:
        """Order that the day of a publication holds what it published then; no run has followed the order yet."""
        entry = self.entries[place]
        order = Restoration(entry.asset, entry.partition, entry.data_version, "a test", "ada")
        Restorations(self.store).record(order)

    def lift(self) -> None:
        """Forget every order."""
        with self.store.transaction() as connection:
            connection.execute(restorations.delete())


def planned(past: Past, **given: object) -> Cleaning:
    """Plan a cleaning up now."""
    return plan_cleaning([domain()], past.home, past.store, now=NOW, **given)  # type: ignore[arg-type]


def cleaned(past: Past) -> Cleaned:
    """Plan a cleaning up, and do it."""
    return clean(planned(past), past.home, past.store, identity="ada", now=NOW)


def on_disk(past: Past) -> set[tuple[str, str]]:
    """Give (table, file) of everything that lies in the lake."""
    return stored_in(past.home)


def stored_in(home: Home) -> set[tuple[str, str]]:
    """Give (table, file) of everything that lies in the lake of a home."""
    lake = Lake(home.lake)
    return {(name, one.file) for name in lake.names() for one in lake.open(name).stored()}


def old(path: Path, days: float) -> None:
    """Have a file look as if it was written so many days before now."""
    import os

    at = (NOW - timedelta(days=days)).timestamp()
    os.utime(path, (at, at))


def _node(asset: str, *inputs: Input, effects: bool = False) -> Node:
    return Node(
        asset=asset,
        group="invented",
        cut=Cut.DAY,
        contract=None,
        raw_schema=_SCHEMA,
        compute=_nothing,
        code_version="1",
        inputs=inputs,
        effects=effects,
    )


def _nothing(_: Batch) -> Mapping[str, pl.DataFrame]:
    return {}
