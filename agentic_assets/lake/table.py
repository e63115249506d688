"""One versioned table: stage, publish, read, roll back."""

from __future__ import annotations

import copy
import hashlib
import os
import re
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import polars as pl

from agentic_assets.errors import LakeBroken, NotFound, PublishConflict, VersionVacuumed
from agentic_assets.lake.durable import locked, sync_directories
from agentic_assets.lake.log import Addition, Log
from agentic_assets.lake.records import Published, Staged, Stored, Swept, Version
from agentic_assets.lake.schema import PARTITION, Columns, from_delta, require_equal
from agentic_assets.lake.staging import LOCK, STAGING, write_staged

__all__ = ["Table"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_ATTEMPTS = 20
_THREADS = 16  # they mostly wait for the disk, and syncs that wait at once share one journal commit
_FEW = 8
_LEFTOVER_AGE = timedelta(days=2)


class Table:
    """A Delta table in which every partition is exactly one file, named by the digest of its bytes.

    Get it from `Lake.table` or `Lake.open`. It may be used from several threads.
    """

    def __init__(
        self,
        name: str,
        path: Path,
        log: Log,
        *,
        schema: Columns | None = None,
        vacuumed: Callable[[str, str], str] | None = None,
    ) -> None:
        self.name = name
        self.path = path
        self._log = log
        self._vacuumed = vacuumed
        self._guard = threading.RLock()
        self.schema: dict[str, pl.DataType] = (
            from_delta(log.columns(), where=f"the table {name}") if schema is None else dict(schema)
        )

    @property
    def partitioned(self) -> bool:
        """Whether it has partitions."""
        return self._log.partitioned

    def seen_as(self, columns: Columns) -> Table:
        """Give the table to somebody who knows these of its columns, in this order: no others exist."""
        seen = copy.copy(self)
        seen.schema = dict(columns)
        return seen

    def stage(self, partition: str, frame: pl.DataFrame) -> Staged:
        """Bring a frame to the disk where no reader sees it, and note which file it is to replace.

        Raises:
            LakeBroken: the frame's columns are not exactly the table's, or the partition cannot have that name.
        """
        self._require_stageable(partition, frame)
        return self._write(partition, frame, self._current().get(partition, ""))

    def stage_all(self, frames: Mapping[str, pl.DataFrame]) -> list[Staged]:
        """Stage many partitions, in the order given; the errors are those of `stage`."""
        current = self._current()
        for name, frame in frames.items():
            self._require_stageable(name, frame)
        if len(frames) < _FEW:
            return [self._write(name, frame, current.get(name, "")) for name, frame in frames.items()]
        with ThreadPoolExecutor(_THREADS) as pool:
            return list(pool.map(lambda item: self._write(item[0], item[1], current.get(item[0], "")), frames.items()))

    def publish(self, staged: Sequence[Staged], *, run_id: str) -> Published:
        """Make the staged files the content of their partitions, all in one commit or none.

        A partition that already holds exactly these bytes is left alone: publishing again after a crash is free, and
        when nothing is left to do no commit is made.

        Raises:
            PublishConflict: since a file was staged somebody else published other bytes into its partition.
            LakeBroken: a staged file is gone, or the table cannot be written.
        """
        wanted = {one.partition: one for one in staged}
        if len(wanted) != len(staged):
            raise LakeBroken(f"{self.name} was asked to publish a partition twice: {len(staged)} files, {len(wanted)}")
        strange = [one.path for one in staged if one.path.parent != self.path / STAGING]
        if strange:
            raise LakeBroken(f"{self.name} was asked to publish {strange[0]}, which was staged for another table")
        targets = {name: self._file(name, one.sha256) for name, one in wanted.items()}
        with locked(self.path / LOCK), self._guard:
            moved = False
            for _ in range(_ATTEMPTS):
                snapshot = self._log.current()
                todo = [one for name, one in wanted.items() if snapshot.files.get(name) != targets[name]]
                self._refuse_overtaken(todo, snapshot.files)
                if not moved:
                    self._move_into_place(wanted.values(), targets)
                    moved = True
                if not todo:
                    self._log.make_durable()  # the run that committed it may have died before it could
                    return Published(snapshot.version, targets)
                additions = [Addition(one.partition, targets[one.partition], one.bytes, one.rows) for one in todo]
                version = self._log.commit(additions, run_id=run_id, operation="publish")
                if version is not None:
                    return Published(version, targets)
        raise LakeBroken(
            f"{self.name}: {_ATTEMPTS} commits in a row lost against another writer, nothing was published",
            hint="another program writes into this table without its lock; run again when it is done",
        )

    def readd(self, partition: str, file: str, *, run_id: str) -> Published:
        """Make an earlier file of a partition current again: its bytes are not copied, only named.

        Raises:
            NotFound: the file is not one of this partition.
            LakeBroken: the file is gone, or its bytes are not those that it is named by.
        """
        digest = Path(file).stem
        if file != self._file(partition, digest):
            raise NotFound(
                f"{file} is not a file of the partition '{partition}' of {self.name}",
                hint=f"Table.files(version)['{partition}'] gives the file of an earlier version",
            )
        path = self._existing([file])[0]
        if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            raise LakeBroken(f"{self.name}: the bytes of {file} are not those that were published under this name")
        rows = pl.scan_parquet(path, hive_partitioning=False).select(pl.len()).collect().item()
        addition = Addition(partition, file, path.stat().st_size, int(rows))
        with locked(self.path / LOCK), self._guard:
            for _ in range(_ATTEMPTS):
                snapshot = self._log.current()
                if snapshot.files.get(partition) == file:
                    self._log.make_durable()
                    return Published(snapshot.version, {partition: file})
                version = self._log.commit([addition], run_id=run_id, operation="readd")
                if version is not None:
                    return Published(version, {partition: file})
        raise LakeBroken(f"{self.name}: {_ATTEMPTS} commits in a row lost against another writer, nothing was changed")

    def files(self, version: int | None = None) -> dict[str, str]:
        """Give partition -> file, relative to the table and in the order of the names, now or at a version.

        Raises:
            NotFound: the table never had that version.
        """
        if version is None:
            return dict(self._current())
        with self._guard:
            return dict(self._log.at(version).files)

    def scan(self, partitions: Sequence[str] | None = None, *, version: int | None = None) -> pl.LazyFrame:
        """Read the table as its Delta log has it, partitions in the order of their names or as asked.

        Raises:
            NotFound: a partition was asked for that the version does not have.
        """
        files = self.files(version)
        if partitions is None:
            return self.scan_files(list(files.values()))
        absent = [name for name in partitions if name not in files]
        if absent:
            raise NotFound(
                f"the table {self.name} has no partition '{absent[0]}'"
                + (f" ({len(absent)} of {len(partitions)} asked for are absent)" if len(absent) > 1 else ""),
                hint=f"materialize {self.name} for it first",
            )
        return self.scan_files([files[name] for name in partitions])

    def scan_files(self, files: Sequence[str]) -> pl.LazyFrame:
        """Read known files of the table in the order given, without its log.

        Raises:
            LakeBroken: a file is gone.
        """
        if not files:
            return pl.LazyFrame(schema=self.schema)
        return pl.scan_parquet(
            self._existing(files),
            schema=self.schema,
            hive_partitioning=False,
            glob=False,
            missing_columns="insert",  # a file that is older than a column of the table
            extra_columns="ignore",  # one that is younger than what is known of the table
        )

    def read_file(self, file: str) -> pl.DataFrame:
        """Read one file of the table as it was written, without columns that the table was given later.

        Raises:
            LakeBroken: the file is gone.
        """
        return pl.read_parquet(self._existing([file])[0], hive_partitioning=False, glob=False)

    def versions(self) -> list[Version]:
        """Give every commit of the table, oldest first."""
        with self._guard:
            return self._log.history()

    def vacuum(self, *, keep_files: Collection[str] = (), older_than: timedelta = _LEFTOVER_AGE) -> Swept:
        """Remove staged files that nobody published, by age alone; published files are never touched.

        `keep_files` are paths relative to the table. The age protects the run that is about to publish.
        """
        before = time.time() - older_than.total_seconds()
        swept: list[str] = []
        size = 0
        for path in sorted((self.path / STAGING).glob("*.parquet")):
            relative = f"{STAGING}/{path.name}"
            try:
                status = path.stat()
                if relative in keep_files or status.st_mtime > before:
                    continue
                path.unlink()
            except FileNotFoundError:
                continue  # published, or swept by another process, while we looked
            swept.append(relative)
            size += status.st_size
        return Swept(tuple(swept), size)

    def stored(self) -> list[Stored]:
        """List the files that lie in the table's folder, staged ones too, in the order of their names."""
        found = []
        for folder, inside, files in os.walk(self.path):
            here = Path(folder)
            staged = here.name == STAGING
            inside[:] = [name for name in inside if name == STAGING or not name.startswith("_")]
            for name in files:
                if name.endswith(".parquet"):
                    with suppress(FileNotFoundError):  # published, or swept by another process, while we looked
                        status = (here / name).stat()
                        relative = (here / name).relative_to(self.path).as_posix()
                        found.append(Stored(relative, status.st_size, status.st_mtime, staged))
        return sorted(found, key=lambda one: one.file)

    def delete(self, files: Collection[str]) -> list[str]:
        """Delete files for ever, but for those that are current by now, and give those that went.

        Earlier versions of the table that named them can be read no more.
        """
        gone = []
        with locked(self.path / LOCK), self._guard:
            current = set(self._log.current().files.values())
            for file in sorted(set(files) - current):
                with suppress(FileNotFoundError):
                    (self.path / file).unlink()
                    gone.append(file)
        return gone

    def _current(self) -> Mapping[str, str]:
        with self._guard:
            return self._log.current().files

    def _require_stageable(self, partition: str, frame: pl.DataFrame) -> None:
        self._file(partition, "")
        place = f"{self.name} {partition}".rstrip()
        require_equal(
            frame.schema,
            self.schema,
            what=f"the frame for {place} does not have the columns of the table",
            hint="select and cast to the table's columns, in their order; nothing was staged",
        )

    def _write(self, partition: str, frame: pl.DataFrame, replaces: str) -> Staged:
        folder = self.path / STAGING
        folder.mkdir(exist_ok=True)
        path, digest, size = write_staged(folder, frame)
        return Staged(partition, path, digest, frame.height, size, replaces)

    def _file(self, partition: str, digest: str) -> str:
        if not self.partitioned:
            if partition:
                raise LakeBroken(f"{self.name} has no partitions, but '{partition}' was named", hint="name it ''")
            return f"{digest}.parquet"
        if not _NAME.fullmatch(partition):
            raise LakeBroken(
                f"'{partition[:100]}' cannot be the name of a partition of {self.name}",
                hint="use up to 100 letters, digits, '.', '_' and '-', a letter or a digit first",
            )
        return f"{PARTITION}={partition}/{digest}.parquet"

    def _refuse_overtaken(self, todo: Sequence[Staged], files: Mapping[str, str]) -> None:
        overtaken = [one.partition for one in todo if files.get(one.partition, "") != one.replaces]
        if not overtaken:
            return
        first = overtaken[0]
        who = self._log.publisher(first)
        others = f" (and {len(overtaken) - 1} more partitions)" if len(overtaken) > 1 else ""
        raise PublishConflict(
            f"{self.name} '{first}'{others} was published by "
            f"{f'run {who}' if who else 'another program'} after this run staged it; nothing was published",
            hint="run again: the partition is then computed over what is there now",
        )

    def _move_into_place(self, staged: Collection[Staged], targets: Mapping[str, str]) -> None:
        folders: dict[Path, None] = {}
        for one in staged:
            target = self.path / targets[one.partition]
            folder = target.parent
            if folder not in folders:
                if not folder.exists():
                    folder.mkdir(exist_ok=True)
                    folders[self.path] = None
                folders[folder] = None
            try:
                os.replace(one.path, target)
            except FileNotFoundError:
                if not target.exists():
                    raise LakeBroken(
                        f"{self.name}: the staged file {one.path.name} of '{one.partition}' is gone",
                        hint="stage the partition again; nothing was published",
                    ) from None
        # The files must be on the disk under their names before the log says so.
        sync_directories(folders)

    def _existing(self, files: Sequence[str]) -> list[Path]:
        paths = [self.path / file for file in files]
        missing = [file for file, path in zip(files, paths, strict=True) if not path.is_file()]
        if missing:
            gone = self._vacuumed(self.name, missing[0]) if self._vacuumed else ""
            if gone:
                raise VersionVacuumed(
                    f"{self.name}: the file {missing[0]} {gone}",
                    hint="nothing that is retained needed it; its entry in the history stays",
                )
            raise LakeBroken(
                f"{self.name}: the file {missing[0]} is missing"
                + (f" ({len(missing)} of {len(files)} are)" if len(missing) > 1 else ""),
                hint="restore it from a backup, or materialize its partition again",
            )
        return paths
