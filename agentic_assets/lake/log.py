"""The Delta log of one table: create, read, commit. The only module that speaks to delta-rs."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from agentic_assets.errors import LakeBroken, NotFound
from agentic_assets.lake.commits import commit_file, first_line, log_unreadable, origin, read_version, require_whole
from agentic_assets.lake.durable import sync_directories, sync_file
from agentic_assets.lake.records import Version
from agentic_assets.lake.schema import PARTITION, Columns, to_delta

if TYPE_CHECKING:
    import deltalake

__all__ = ["Addition", "Log", "Snapshot"]

_PROPERTIES = {
    "delta.checkpointInterval": "10",
    # An expired log file cannot be replayed: with clean-up on, old versions end in `No files in log segment`.
    "delta.enableExpiredLogCleanup": "false",
    "delta.logRetentionDuration": "interval 3650 days",
    # Keeps the VACUUM of another engine, seven days by default, from removing what a rollback would add again.
    "delta.deletedFileRetentionDuration": "interval 3650 days",
}


@dataclass(frozen=True)
class Addition:
    """One file that becomes the whole content of its partition."""

    partition: str
    file: str
    bytes: int
    rows: int


@dataclass(frozen=True)
class Snapshot:
    """What the log said at one version: partition -> file, relative to the table."""

    version: int
    files: Mapping[str, str]


class Log:
    """Read and extend one table's log; the caller holds the table's lock while it writes."""

    def __init__(self, path: Path, name: str, *, late: bool = False) -> None:
        """Read the log now, or `late`, when it is first asked for: who knows the files that it reads needs no log."""
        self.path = path
        self.name = name
        self._durable = -1
        if not late:
            self.current()

    @cached_property
    def _delta(self) -> deltalake.DeltaTable:
        return _load(self.path, self.name, None)

    @cached_property
    def _snapshot(self) -> Snapshot:
        return self._read(self._delta)

    @classmethod
    def create(cls, path: Path, name: str, columns: Columns, *, partitioned: bool) -> Log:
        """Create the table at version 0."""
        from deltalake import DeltaTable

        path.mkdir(parents=True, exist_ok=True)
        with _reported(name, "could not be created"):
            DeltaTable.create(
                str(path),
                to_delta(columns, partitioned=partitioned),
                partition_by=[PARTITION] if partitioned else None,
                configuration=_PROPERTIES,
            )
        sync_directories([path, path.parent])
        log = cls(path, name)
        log.make_durable()
        return log

    @property
    def partitioned(self) -> bool:
        """Whether the table has the partition column."""
        return bool(self._delta.metadata().partition_columns)

    def columns(self) -> deltalake.Schema:
        """Give the Delta schema of the loaded version."""
        return self._delta.schema()

    def current(self) -> Snapshot:
        """Give the newest version; one file-system look-up when nothing moved since the last call."""
        known = self._snapshot.version
        if commit_file(self.path, known + 1).exists():
            with _reading(self.path, self.name):
                self._delta.update_incremental()
            self._snapshot = self._read(self._delta)
        elif not commit_file(self.path, known).exists():
            self._durable = -1
            self._delta = _load(self.path, self.name, None)  # the table was restored or made anew under our feet
            self._snapshot = self._read(self._delta)
        return self._snapshot

    def at(self, version: int) -> Snapshot:
        """Give a past version.

        Raises:
            NotFound: the table never had that version.
        """
        newest = self.current()
        if version == newest.version:
            return newest
        if not 0 <= version < newest.version:
            raise NotFound(
                f"the table {self.name} has no version {version}: its versions are 0 to {newest.version}",
                hint="Table.versions() lists them",
            )
        return self._read(_load(self.path, self.name, version))

    def commit(self, additions: Sequence[Addition], *, run_id: str, operation: str) -> int | None:
        """Replace the partitions by their additions in one commit on the snapshot that `current()` gave last.

        Give the new version, or None when another writer took it. A commit that landed although its call failed (say,
        in the checkpoint after it) shows when `current()` is read.
        """
        from deltalake.exceptions import CommitFailedError
        from deltalake.transaction import AddAction, CommitProperties, RemoveAction, Transaction

        version = self._snapshot.version + 1
        self.make_durable()  # one commit at most may ever be cut by a power failure: the newest
        partitioned = self.partitioned
        partitions = sorted(addition.partition for addition in additions)
        actions: list[AddAction | RemoveAction] = [
            AddAction(
                path=addition.file,
                size=addition.bytes,
                partition_values={PARTITION: addition.partition} if partitioned else {},
                modification_time=_now_ms(),
                data_change=True,
                stats=json.dumps({"numRecords": addition.rows}),
            )
            for addition in additions
        ]
        properties = CommitProperties(
            custom_metadata=origin(run_id, partitions, operation),
            # With retries delta-rs rebases one addition to a new partition onto another: both stay, the rows double.
            max_commit_retries=0,
            app_transactions=[Transaction(_application(name), version) for name in partitions],
        )
        with _reported(self.name, f"could not be committed at version {version}"):
            try:
                self._delta.create_write_transaction(
                    actions,
                    mode="overwrite",
                    schema=self._delta.schema(),
                    partition_by=[PARTITION] if partitioned else None,
                    partition_filters=[(PARTITION, "in", partitions)] if partitioned else None,
                    commit_properties=properties,
                )
            except CommitFailedError:
                if not commit_file(self.path, version).exists():
                    raise
                return None
        self.current()
        self.make_durable()
        return version

    def make_durable(self) -> None:
        """Sync the newest commit and what came with it, unless this handle did; delta-rs syncs nothing."""
        version = self._snapshot.version
        if version == self._durable:
            return
        folder = self.path / "_delta_log"
        checkpoint = folder / f"{version:020}.checkpoint.parquet"
        written = [commit_file(self.path, version)]
        if checkpoint.exists():
            written += [checkpoint, folder / "_last_checkpoint"]
        for file in written:
            with suppress(FileNotFoundError):
                sync_file(file)
        sync_directories([folder])
        self._durable = version

    def add_columns(self, columns: Columns) -> None:
        """Grow the schema; rows that are already published read as null there."""
        with _reported(self.name, "could not be given its new columns"):
            self._delta.alter.add_columns(list(to_delta(columns, partitioned=False).fields))
        self.current()
        self.make_durable()

    def publisher(self, partition: str) -> str:
        """Name the run that last published the partition; '' when nobody did, or another program."""
        version = self._delta.transaction_version(_application(partition))
        return "" if version is None else read_version(self.path, self.name, version).run_id

    def history(self) -> list[Version]:
        """Give every commit, oldest first."""
        return [read_version(self.path, self.name, number) for number in range(self.current().version + 1)]

    def _read(self, delta: deltalake.DeltaTable) -> Snapshot:
        require_whole(self.path, self.name, delta.version())
        adds = delta.get_add_actions(flatten=True)
        paths = [str(path) for path in adds["path"].to_pylist()]
        partitioned = bool(delta.metadata().partition_columns)
        names = (
            [str(name) for name in adds[f"{PARTITION}.{PARTITION}"].to_pylist()] if partitioned else [""] * len(paths)
        )
        files = dict(sorted(zip(names, paths, strict=True)))
        if len(files) != len(paths):
            double = next(name for name in files if names.count(name) > 1)
            raise LakeBroken(
                f"the table {self.name} has {names.count(double)} files in the partition '{double}' at version "
                f"{delta.version()}; one is allowed",
                hint="another program wrote into the table: restore an earlier version of it",
            )
        return Snapshot(delta.version(), files)


@contextmanager
def _reported(name: str, what: str) -> Iterator[None]:
    """Turn an error of delta-rs into one that names the table."""
    from deltalake.exceptions import DeltaError

    try:
        yield
    except (DeltaError, OSError) as error:
        raise LakeBroken(f"the table {name} {what}: {first_line(error)}") from error


@contextmanager
def _reading(path: Path, name: str) -> Iterator[None]:
    """Turn an error of delta-rs into one that names the damaged file."""
    from deltalake.exceptions import DeltaError

    try:
        yield
    except (DeltaError, OSError) as error:
        raise log_unreadable(path, name, error) from error


def _load(path: Path, name: str, version: int | None) -> deltalake.DeltaTable:
    from deltalake import DeltaTable

    with _reading(path, name):
        return DeltaTable(str(path), version=version)


def _application(partition: str) -> str:
    return f"agentic_assets/{partition}"


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
