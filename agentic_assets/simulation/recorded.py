"""What partitions were made from: the entries of their inputs, and files whose bytes are still those recorded."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from agentic_assets.errors import NotFound
from agentic_assets.lake import Lake
from agentic_assets.pipeline import Entry, Manifest, Vacuumed
from agentic_assets.store import Store

__all__ = ["Files", "Inputs", "Recorded"]

_THREADS = 4


@dataclass(frozen=True)
class Recorded:
    """One entry with the entries of the inputs that it was made from: asset -> partition -> entry.

    `gone` says what of it is no longer there. `external` holds the versions of systems of record.
    """

    entry: Entry
    inputs: Mapping[str, Mapping[str, Entry]]
    external: Mapping[str, str]
    gone: tuple[str, ...] = ()


@dataclass
class Inputs:
    """Find what entries were made from; what was found once is remembered."""

    manifest: Manifest
    _known: dict[str, dict[tuple[str, str], Entry | None]] = field(default_factory=dict)

    def of(self, entries: Sequence[Entry], external: Collection[str]) -> list[Recorded]:
        """Give entries with their inputs at the versions of then; `external` are assets outside of the lake."""
        wanted: dict[str, dict[str, set[str]]] = {}
        for entry in entries:
            for asset, versions in entry.inputs.items():
                known = self._known.setdefault(asset, {})
                for partition, version in versions.items():
                    if asset not in external and (partition, version) not in known:
                        wanted.setdefault(asset, {}).setdefault(partition, set()).add(version)
        for asset, lacking in wanted.items():
            found = self.manifest.at(asset, lacking)
            asked = ((partition, version) for partition, some in lacking.items() for version in some)
            self._known[asset] |= {key: found.get(key) for key in asked}
        return [self._recorded(entry, external) for entry in entries]

    def _recorded(self, entry: Entry, external: Collection[str]) -> Recorded:
        inputs: dict[str, dict[str, Entry]] = {}
        gone = []
        for asset, versions in entry.inputs.items():
            if asset in external:
                continue
            inputs[asset] = {}
            for partition, version in versions.items():
                made = self._known[asset][partition, version]
                if made is None:
                    gone.append(f"{asset} {partition}".strip() + f" at data version {version[:12]} is not recorded")
                else:
                    inputs[asset][partition] = made
        outside = {asset: next(iter(entry.inputs[asset].values())) for asset in external if entry.inputs.get(asset)}
        return Recorded(entry, inputs, outside, tuple(gone))


@dataclass(frozen=True)
class _Found:
    problem: str = ""
    removed: bool = False
    """Whether it was cleaned up on purpose."""


@dataclass
class Files:
    """Hold published files against the digests that they are named by; each is read once."""

    lake: Lake
    store: Store
    _known: dict[tuple[str, str], _Found] = field(default_factory=dict)

    def problem(self, entry: Entry) -> str:
        """Say what is wrong with the file of an entry; '' when nothing is."""
        self.look([entry])
        return self._known[entry.asset, entry.file].problem

    def removed(self, entry: Entry) -> bool:
        """Say whether the file of an entry was cleaned up on purpose."""
        self.look([entry])
        return self._known[entry.asset, entry.file].removed

    def look(self, entries: Iterable[Entry]) -> None:
        """Read the files of entries at once."""
        new = {(one.asset, one.file): one for one in entries if (one.asset, one.file) not in self._known}
        if not new:
            return
        with ThreadPoolExecutor(_THREADS) as pool:
            self._known |= zip(new, pool.map(self._looked, new.values()), strict=True)

    def _looked(self, entry: Entry) -> _Found:
        place = f"{entry.asset} {entry.partition}".strip()
        try:
            path = self.lake.open(entry.asset).path / entry.file
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except (NotFound, FileNotFoundError):
            vacuumed = Vacuumed(self.store).said(entry.asset, entry.file)
            missing = f"the file {entry.file} of {place} is missing"
            return _Found(f"{missing}: it {vacuumed}" if vacuumed else missing, removed=bool(vacuumed))
        except OSError as error:
            return _Found(f"the file {entry.file} of {place} cannot be read: {error.strerror}")
        if digest == Path(entry.file).stem:
            return _Found()
        return _Found(f"the file {entry.file} of {place} does not hold the bytes that were published under this name")
