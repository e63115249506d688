"""Snapshots: the sources of a domain as they were when something was made from them, each file kept once."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
import threading
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from agentic_assets.errors import ReleaseBroken
from agentic_assets.evidence.domain import Domain
from agentic_assets.home import Home
from agentic_assets.pipeline import Entry, Vacuumed
from agentic_assets.releases.library import Library, library
from agentic_assets.releases.loading import load_version
from agentic_assets.store import Store
from agentic_assets.store.schema import snapshot_files, snapshots
from agentic_assets.versions import Sources, of_bytes, of_json
from agentic_assets.versions.fingerprint import canonical_json

__all__ = ["SNAPSHOTS", "Snapshot", "Snapshots", "snapshot_digest", "unpacked"]

SNAPSHOTS = "snapshots"
"""Where they are unpacked under a home; and under which name one that was removed is noted as vacuumed."""

_MOST_AT_ONCE = 500  # SQLite takes a bounded number of parameters
_LOADED: dict[tuple[Path, str], Domain] = {}
_LOADING = threading.Lock()


@dataclass(frozen=True)
class Snapshot:
    """One recorded snapshot: which files of which digests, and the library that ran them."""

    digest: str
    domain: str
    package: str
    files: dict[str, str]
    library: Library
    recorded_at: str


def snapshot_digest(sources: Sources, ran: Library | None = None) -> str:
    """Name sources together with the library that runs them (this process's, unless given)."""
    return of_json([sources.package, sources.digests, (ran or library()).digest])


def unpacked(home: Home, digest: str) -> Path:
    """Say where under a home the files of a snapshot lie, once they are unpacked."""
    return home.root / SNAPSHOTS / digest[:16]


class Snapshots:
    """Keep and open the snapshots of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._open: dict[str, Domain] = {}

    def save(self, domain: Domain) -> str:
        """Keep the sources of a domain and give their digest; '' for a domain that was put together by hand."""
        if domain.sources is None:
            return ""
        sources, ran = domain.sources, library()
        digest = snapshot_digest(sources, ran)
        self._open.setdefault(digest, domain)
        with self._store.reading() as connection:
            if connection.execute(select(snapshots.c.digest).where(snapshots.c.digest == digest)).scalar():
                return digest
        contents = {sources.digests[path]: content for path, content in sources.files.items()}
        with self._store.transaction() as connection:
            connection.execute(
                self._store.insert(snapshot_files).on_conflict_do_nothing(),
                [{"digest": name, "content": zlib.compress(content, 6)} for name, content in sorted(contents.items())],
            )
            connection.execute(
                self._store.insert(snapshots).on_conflict_do_nothing(),
                [
                    {
                        "digest": digest,
                        "domain": domain.name,
                        "package": sources.package,
                        "files": canonical_json(sources.digests),
                        "library": ran.version,
                        "library_digest": ran.digest,
                        "recorded_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
                    }
                ],
            )
        return digest

    def get(self, digest: str) -> Snapshot:
        """Give one snapshot. Raises ReleaseBroken when it is not recorded, or not as it was."""
        with self._store.reading() as connection:
            row = connection.execute(select(snapshots).where(snapshots.c.digest == digest)).one_or_none()
        if row is None:
            gone = Vacuumed(self._store).said(SNAPSHOTS, digest)
            raise ReleaseBroken(
                f"the snapshot of sources {digest[:12]} {gone}"
                if gone
                else f"the sources {digest[:12]} are not in this store",
                hint="open the store in which it was made, or restore it; cleaning up never removes what is needed",
            )
        files = json.loads(row.files)
        found = Snapshot(
            row.digest, row.domain, row.package, files, Library(row.library, row.library_digest), row.recorded_at
        )
        if of_json([found.package, files, found.library.digest]) != digest:
            raise ReleaseBroken(f"the sources {digest[:12]} are not as they were recorded", hint="restore the store")
        return found

    def files(self, snapshot: Snapshot) -> dict[str, bytes]:
        """Give the files of a snapshot by path. Raises ReleaseBroken for one that is missing or was changed."""
        wanted = sorted(set(snapshot.files.values()))
        contents: dict[str, bytes] = {}
        with self._store.reading() as connection:
            for start in range(0, len(wanted), _MOST_AT_ONCE):
                some = wanted[start : start + _MOST_AT_ONCE]
                query = select(snapshot_files).where(snapshot_files.c.digest.in_(some))
                for row in connection.execute(query):
                    with suppress(zlib.error):  # told below, as missing or changed
                        contents[row.digest] = zlib.decompress(row.content)
        wrong = [
            path
            for path, digest in snapshot.files.items()
            if digest not in contents or of_bytes(contents[digest]) != digest
        ]
        if wrong:
            raise ReleaseBroken(
                f"{len(wrong)} of the {len(snapshot.files)} files of the sources {snapshot.digest[:12]} are missing or "
                f"not as they were recorded: {', '.join(wrong[:3])}",
                hint="restore the store",
            )
        return {path: contents[digest] for path, digest in snapshot.files.items()}

    def load(self, digest: str, home: Home) -> Domain:
        """Import the domain as it was; the same object for the same digest and home in this process.

        Its files are unpacked under the home, each time from the store where they are not as recorded. Raises
        ReleaseBroken when it is not in the store, or does not load with this library.
        """
        if digest in self._open:
            return self._open[digest]
        with _LOADING:
            if (home.root, digest) not in _LOADED:
                snapshot = self.get(digest)
                folder = self._unpacked(snapshot, home)
                files = {path: (folder / path).read_bytes() for path in snapshot.files}
                loaded = load_version(snapshot.domain, folder / snapshot.package)
                _LOADED[home.root, digest] = loaded.loaded_from(Sources(snapshot.package, files))
            return _LOADED[home.root, digest]

    def behind(self, entry: Entry, domain: Domain, home: Home) -> Domain:
        """Give the domain whose code made a partition; `domain` itself where no snapshot is named."""
        digest = str(entry.details.get("sources", ""))
        return domain if not digest or self.holds(digest, domain) else self.load(digest, home)

    def holds(self, digest: str, domain: Domain) -> bool:
        """Say whether a domain was loaded from the very files of a snapshot, whatever library ran them then."""
        return domain.sources is not None and self.same(digest, domain.sources)

    def same(self, digest: str, sources: Sources) -> bool:
        """Say whether sources are the very files of a snapshot, whatever library ran them then."""
        found = self.get(digest)
        return (found.package, found.files) == (sources.package, sources.digests)

    def _unpacked(self, snapshot: Snapshot, home: Home) -> Path:
        folder = unpacked(home, snapshot.digest)
        if not _as_recorded(folder, snapshot):
            files = self.files(snapshot)
            folder.parent.mkdir(parents=True, exist_ok=True)
            with _alone_in(folder.parent):
                if not _as_recorded(folder, snapshot):  # else another process was faster
                    _put(folder, files)
        return folder


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Keep other processes and threads out of a folder: who replaces a broken one must not take away a whole one."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _put(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make a folder of files appear at once, in the place of whatever was there."""
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        for path, content in files.items():
            (fresh / path).parent.mkdir(parents=True, exist_ok=True)
            (fresh / path).write_bytes(content)
        shutil.rmtree(folder, ignore_errors=True)
        os.rename(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _as_recorded(folder: Path, snapshot: Snapshot) -> bool:
    try:
        there = {file.relative_to(folder).as_posix(): file for file in folder.rglob("*") if file.is_file()}
        return {path: of_bytes(file.read_bytes()) for path, file in there.items()} == snapshot.files
    except OSError:
        return False
