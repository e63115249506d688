"""Remove what a plan names: it is noted first, then deleted; what a crash leaves, the next plan finds again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, text

from agentic_assets.errors import ReleaseRefused
from agentic_assets.home import Home
from agentic_assets.lake import Lake
from agentic_assets.releases.retention.plan import SUPERSEDED, Cleaning
from agentic_assets.releases.retention.planning import mark_of
from agentic_assets.releases.snapshots import SNAPSHOTS, unpacked
from agentic_assets.store import Store
from agentic_assets.store.schema import (
    activations,
    manifest,
    releases,
    resolutions,
    restorations,
    snapshot_files,
    snapshots,
    vacuumed,
)

__all__ = ["Cleaned", "clean"]

_DECIDING = ", ".join(table.name for table in (manifest, restorations, releases, activations, resolutions, snapshots))
_AT_ONCE = 500


@dataclass(frozen=True)
class Cleaned:
    """What was removed; `spared` counts files that somebody published again meanwhile."""

    files: int
    bytes: int
    snapshots: int
    spared: int

    def to_dict(self) -> dict[str, int]:
        """Give one JSON object."""
        return asdict(self)


def clean(
    plan: Cleaning,
    home: Home,
    store: Store,
    *,
    identity: str,
    now: datetime,
    progress: Callable[[int, int], None] | None = None,
) -> Cleaned:
    """Remove the files and snapshots of a plan.

    Raises:
        ReleaseRefused: something was published, ordered or released since it was planned; nothing was removed.
    """
    _note(plan, store, identity, now)
    lake, removed, size, spared = Lake(home.lake), 0, 0, 0
    tables = plan.by_table
    for done, name in enumerate(tables):
        if progress:
            progress(done, len(tables))
        wanted = {one.file: one.bytes for one in plan.files if one.table == name}
        gone = lake.open(name).delete(list(wanted))
        removed += len(gone)
        size += sum(wanted[file] for file in gone)
        spared += len(wanted) - len(gone)
    for digest in plan.snapshots:
        shutil.rmtree(unpacked(home, digest), ignore_errors=True)
    return Cleaned(removed, size, len(plan.snapshots), spared)


def _note(plan: Cleaning, store: Store, identity: str, now: datetime) -> None:
    at = now.isoformat(timespec="milliseconds")
    rows = [
        {"asset": name, "file": file, "identity": identity, "recorded_at": at}
        for name, file in [
            *((one.table, one.file) for one in plan.files if one.kind == SUPERSEDED),
            *((SNAPSHOTS, digest) for digest in plan.snapshots),
        ]
    ]
    with store.transaction() as connection:
        if store.dialect == "postgresql":
            # SQLite's transaction keeps every other writer out; here nobody may record while the mark is compared.
            connection.execute(text(f"LOCK TABLE {_DECIDING} IN SHARE ROW EXCLUSIVE MODE"))
        if mark_of(connection) != plan.mark:
            raise ReleaseRefused(
                "something was published, ordered or released since this was planned; nothing was removed",
                hint="run it again, when no run is under way",
            )
        for name, file in plan.returned:
            connection.execute(delete(vacuumed).where(vacuumed.c.asset == name, vacuumed.c.file == file))
        noted = store.insert(vacuumed)
        noted = noted.on_conflict_do_update(
            index_elements=["asset", "file"],
            set_={"identity": noted.excluded.identity, "recorded_at": noted.excluded.recorded_at},
        )
        for start in range(0, len(rows), _AT_ONCE):
            connection.execute(noted, rows[start : start + _AT_ONCE])
        _forget_snapshots(plan, connection)


def _forget_snapshots(plan: Cleaning, connection: Connection) -> None:
    if not plan.snapshots:
        return
    before = _contents(connection)
    for digest in plan.snapshots:
        connection.execute(delete(snapshots).where(snapshots.c.digest == digest))
    lost = sorted(before - _contents(connection))
    for start in range(0, len(lost), _AT_ONCE):
        connection.execute(delete(snapshot_files).where(snapshot_files.c.digest.in_(lost[start : start + _AT_ONCE])))


def _contents(connection: Connection) -> set[str]:
    """Name the file contents that any snapshot has."""
    every = connection.execute(select(snapshots.c.files)).scalars()
    return {digest for files in every for digest in json.loads(files).values()}
