"""Files in a folder as a system of record: one file, or all that fit a pattern, in the order of their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from agentic_assets.errors import SourceUnreadable
from agentic_assets.sources.source import Format, Snapshot, numbered
from agentic_assets.versions import of_bytes, of_code, of_json

__all__ = ["Files"]

_CHUNK = 1 << 20


@dataclass(frozen=True)
class Files:
    """A file, or the files that fit a pattern such as `*.parquet` or `**/*.csv`, of a folder.

    The folder may be a function, for one that is only known when it is read. `source_row` counts on from file to
    file. Each file is read once and digested from the very bytes that were read, so that a file that changes
    meanwhile is one version or the other, never a mixture; files that come or go meanwhile are noticed.
    """

    folder: Path | Callable[[], Path]
    name: str
    format: Format

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kind of the format."""
        return self.format.kinds

    @property
    def location(self) -> str:
        """The name, within its folder when that is fixed."""
        return self.name if callable(self.folder) else str(self.folder / self.name)

    @property
    def columns(self) -> Mapping[str, pl.DataType]:
        """The columns of the format."""
        return self.format.columns

    @property
    def code_version(self) -> str:
        """Digest the code of the format, its options and this code."""
        return of_json([of_code(Files), self.format.code_version])

    @property
    def has_places(self) -> bool:
        """A line of a file has its place."""
        return True

    def version(self) -> str:
        """Digest the bytes: SHA-256 of the only file, or a digest over names and digests of several."""
        return self._version([(path, _digest(path)) for path in self._paths()])

    def read(self) -> Snapshot:
        """Read every file, in the order of their names."""
        paths, frames, digests = self._paths(), [], []
        for path in paths:
            content = _content(path)
            digests.append((path, of_bytes(content)))
            frames.append(self.format.parse(content, str(path)))
        if self._several and self._paths() != paths:
            raise SourceUnreadable(
                f"{self._place() / self.name}: files came or went while they were read", hint="run again"
            )
        frame = frames[0] if len(frames) == 1 else pl.concat(frames)
        return Snapshot(numbered(frame), self._version(digests))

    @property
    def _several(self) -> bool:
        return any(symbol in self.name for symbol in "*?[")

    def _place(self) -> Path:
        return self.folder() if callable(self.folder) else self.folder

    def _paths(self) -> list[Path]:
        folder = self._place()
        if not self._several:
            return [folder / self.name]
        paths = sorted(path for path in folder.glob(self.name) if path.is_file())
        if not paths:
            raise SourceUnreadable(
                f"{folder / self.name}: no file fits", hint="deliver the files, or name their folder"
            )
        return paths

    def _version(self, digests: list[tuple[Path, str]]) -> str:
        if not self._several:
            return digests[0][1]
        folder = self._place()
        return of_json([[path.relative_to(folder).as_posix(), digest] for path, digest in digests])


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error


def _digest(path: Path) -> str:
    import hashlib

    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> SourceUnreadable:
    if isinstance(error, FileNotFoundError):
        return SourceUnreadable(f"{path} is missing", hint="deliver the file, or name the folder that holds it")
    return SourceUnreadable(
        f"{path}: the file cannot be read ({error.strerror or type(error).__name__})",
        hint="deliver the file again, whole; nothing of it was landed",
    )
