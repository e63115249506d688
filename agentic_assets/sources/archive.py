"""Take a delivered file out of its zip or gzip wrapping, whole or not at all, and never more than a limit."""

from __future__ import annotations

import io
import zlib
from fnmatch import fnmatch

from agentic_assets.errors import SourceUnreadable

__all__ = ["unpacked"]

_ZIP, _EMPTY_ZIP, _GZIP = b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b"
_CHUNK = 1 << 20
_HINT = "deliver the file again, whole; nothing of it was landed"


def unpacked(content: bytes, where: str, *, member: str, largest: int) -> bytes:
    """Give the only member of an archive that fits the pattern, or the content itself when it is no archive.

    What the content is, its first bytes say, or the name `where` ends in (.zip, .gz). Raises SourceUnreadable for a
    damaged archive, another number of members than 1, or more than `largest` bytes inside.
    """
    if content.startswith((_ZIP, _EMPTY_ZIP)) or where.endswith(".zip"):
        return _unzipped(content, where, member, largest)
    if content.startswith(_GZIP) or where.endswith(".gz"):
        return _gunzipped(content, where, largest)
    return content


def _unzipped(content: bytes, where: str, member: str, largest: int) -> bytes:
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if fnmatch(entry.filename, member)]
            if len(entries) != 1:
                raise SourceUnreadable(
                    f"{where}: the archive holds {len(entries)} {_kind(member)} where 1 is expected", hint=_HINT
                )
            if entries[0].flag_bits & 1:
                raise SourceUnreadable(f"{where}: the archive is encrypted", hint="deliver it without a password")
            if entries[0].file_size > largest:
                raise _too_large(where, largest)
            # The size that the archive states may be a lie: no more than the limit is ever unpacked.
            with archive.open(entries[0]) as inside:
                found = inside.read(largest + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise _damaged(where, error) from error
    if len(found) > largest:
        raise _too_large(where, largest)
    return found


def _gunzipped(content: bytes, where: str, largest: int) -> bytes:
    import gzip

    parts: list[bytes] = []
    size = 0
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as inside:
            while part := inside.read(_CHUNK):
                size += len(part)
                if size > largest:
                    raise _too_large(where, largest)
                parts.append(part)
    except (gzip.BadGzipFile, zlib.error, EOFError, OSError) as error:
        raise _damaged(where, error) from error
    return b"".join(parts)


def _kind(member: str) -> str:
    return "CSV files" if member == "*.csv" else f"files named {member}"


def _damaged(where: str, error: Exception) -> SourceUnreadable:
    return SourceUnreadable(f"{where}: the archive is truncated or damaged ({str(error)[:120]})", hint=_HINT)


def _too_large(where: str, largest: int) -> SourceUnreadable:
    return SourceUnreadable(
        f"{where}: the archive holds more than {largest:,} bytes",
        hint="raise `largest` if the file is meant to be so large; an archive may also be made to fill the memory",
    )
