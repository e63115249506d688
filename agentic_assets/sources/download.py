"""A file behind an HTTP(S) URL as a system of record."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from uuid import uuid4

import polars as pl

from agentic_assets.errors import ConfigInvalid, SourceUnreadable
from agentic_assets.sources.archive import unpacked
from agentic_assets.sources.http import Fetched, Limits, fetch, permitted, shown, tried
from agentic_assets.sources.source import Format, Snapshot, numbered
from agentic_assets.versions import of_bytes, of_code, of_json, of_text

__all__ = ["Download"]

_CLEARLY_OLDER = timedelta(seconds=60)
_RENEWED = 3


@dataclass(frozen=True)
class Download:
    """The file at a URL, in a format; its version is the SHA-256 of its bytes, whatever the server calls them.

    With a folder `keep`, the last download stays there, and the server is asked whether it has changed: only a strong
    ETag, or a Last-Modified at least a minute older than the answer, is trusted for that, and what is kept is digested
    before it is believed. Without `keep`, or without such a mark, every look downloads the file anew.

    A known `sha256` is required of the bytes; once they are kept, the server is not asked any more. Another try, of at
    most `tries`, starts from the beginning: nothing is resumed, so that two states of a file are never mixed. The
    value of the header Authorization is in the environment variable `authorization_from`.
    """

    url: str
    format: Format
    sha256: str | None = None
    keep: Path | None = None
    authorization_from: str | None = None
    largest: int = 1 << 32
    silence: float = 30.0
    seconds: float = 600.0
    tries: int = 4
    pause: float = 0.5

    def __post_init__(self) -> None:
        permitted(self.url)
        if self.sha256 is not None and (len(self.sha256) != 64 or set(self.sha256) - set("0123456789abcdef")):
            raise ConfigInvalid(f"the SHA-256 of {shown(self.url)} is not 64 hexadecimal digits in lower case")
        if self.tries < 1 or min(self.largest, self.silence, self.seconds) <= 0 or self.pause < 0:
            raise ConfigInvalid(f"the limits of {shown(self.url)} leave no try")

    @property
    def kinds(self) -> tuple[str, ...]:
        """HTTP, and the kind of the format."""
        return ("http", *self.format.kinds)

    @property
    def location(self) -> str:
        """The URL without its query."""
        return shown(self.url)

    @property
    def columns(self) -> Mapping[str, pl.DataType]:
        """The columns of the format."""
        return self.format.columns

    @property
    def code_version(self) -> str:
        """Digest the code of the format, its options and this code."""
        return of_json([of_code(Download), self.format.code_version])

    @property
    def has_places(self) -> bool:
        """A line of a file has its place."""
        return True

    def version(self) -> str:
        """Digest the bytes that the URL gives now, without downloading them again if they are kept and unchanged."""
        with self._folder() as folder:
            return self._current(folder).sha256

    def read(self) -> Snapshot:
        """Read the rows of what the URL gives now.

        Raises SourceUnreadable for a server that does not deliver it whole, a file larger than permitted, another
        SHA-256 than required, and whatever the format refuses.
        """
        with self._folder() as folder:
            for _ in range(_RENEWED):
                now = self._current(folder)
                content = _kept(self._file(folder, now.sha256), now.sha256)
                if content is not None:
                    break
            else:
                raise SourceUnreadable(f"{self.location}: what is kept in {folder} changes all the time")
        where = self.location
        if now.encoding == "gzip" and content.startswith(b"\x1f\x8b"):
            content = unpacked(content, where, member="", largest=self.largest)
        return Snapshot(numbered(self.format.parse(content, where)), now.sha256)

    @contextmanager
    def _folder(self) -> Iterator[Path]:
        if self.keep is not None:
            self.keep.mkdir(parents=True, exist_ok=True)
            yield self.keep
        else:
            with tempfile.TemporaryDirectory(prefix="download-") as folder:
                yield Path(folder)

    def _current(self, folder: Path) -> Fetched:
        """Bring the folder up to date with the server, and say what it holds."""
        known = self._known(folder)
        if known is not None and known.sha256 == self.sha256:
            return known
        part = folder / f".{self._name}-{uuid4().hex}.part"
        headers = self._authorization() | _conditions(known)
        try:
            fetched = tried(partial(fetch, self.url, part, headers, self._limits), self.location, self._limits)
            now = fetched or known
            if now is None:
                raise SourceUnreadable(f"{self.location}: the server says that nothing changed, but nothing is kept")
            if self.sha256 is not None and now.sha256 != self.sha256:
                raise SourceUnreadable(
                    f"{self.location}: the SHA-256 is {now.sha256}, but {self.sha256} is required",
                    hint="check with its publisher whether the file was changed or damaged; nothing of it was landed",
                )
            if fetched is not None:
                os.replace(part, self._file(folder, now.sha256))
                self._remember(folder, now, known)
        finally:
            part.unlink(missing_ok=True)
        return now

    def _known(self, folder: Path) -> Fetched | None:
        """Say what is kept, if it is still what it was."""
        try:
            known = Fetched(**json.loads((folder / f"{self._name}.json").read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        return known if _kept(self._file(folder, known.sha256), known.sha256) is not None else None

    def _remember(self, folder: Path, now: Fetched, before: Fetched | None) -> None:
        part = folder / f".{self._name}-{uuid4().hex}.part"
        part.write_text(json.dumps(asdict(now)), "utf-8")
        os.replace(part, folder / f"{self._name}.json")
        if before is not None and before.sha256 != now.sha256:
            self._file(folder, before.sha256).unlink(missing_ok=True)

    def _authorization(self) -> dict[str, str]:
        if self.authorization_from is None:
            return {}
        value = os.environ.get(self.authorization_from)
        if not value or not value.isprintable():
            raise SourceUnreadable(
                f"{self.location}: the environment variable {self.authorization_from[:60]} holds no header",
                hint="set it to what Authorization should be, such as Bearer TOKEN",
            )
        return {"Authorization": value}

    @property
    def _name(self) -> str:
        return of_text(self.url)[:16]

    def _file(self, folder: Path, sha256: str) -> Path:
        return folder / f"{self._name}-{sha256}"

    @property
    def _limits(self) -> Limits:
        return Limits(self.largest, self.silence, self.seconds, self.tries, self.pause)


def _kept(file: Path, sha256: str) -> bytes | None:
    try:
        content = file.read_bytes()
    except OSError:
        return None
    return content if of_bytes(content) == sha256 else None


def _conditions(known: Fetched | None) -> dict[str, str]:
    """Give the headers that ask whether it has changed, where the answer can be trusted (RFC 9110, 8.8)."""
    if known is None:
        return {}
    if known.etag and known.etag.startswith('"'):
        return {"If-None-Match": known.etag}
    if known.last_modified and known.date and _much_older(known.last_modified, known.date):
        return {"If-Modified-Since": known.last_modified}
    return {}


def _much_older(modified: str, answered: str) -> bool:
    # The clock of the server tells seconds only: what changed in the very second of an answer looks unchanged.
    try:
        return parsedate_to_datetime(answered) - parsedate_to_datetime(modified) >= _CLEARLY_OLDER
    except (ValueError, TypeError):
        return False
