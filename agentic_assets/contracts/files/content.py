"""The bytes of a file, out of its packing, and where in it something is wrong."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from pathlib import Path
from typing import IO, Final

from agentic_assets.errors import SourceUnreadable

__all__ = ["content_of", "refusal"]

# A packed file may grow a thousandfold; what would not fit into memory is refused before it fills it.
MAX_UNPACKED: Final = 16 * 2**30
_STEP: Final = 2**24


def refusal(path: Path, what: str, *, line: int | None = None, hint: str) -> SourceUnreadable:
    """Word the refusal of a file, with the line (from 1) where that is known."""
    where = str(path) if line is None else f"{path}, line {line:,}"
    return SourceUnreadable(f"{where}: {what}", hint=hint)


def content_of(path: Path, *, limit: int = MAX_UNPACKED) -> tuple[str, bytes]:
    """Give the name and the bytes of a file, unpacked when it is a .gz or a .zip with one file in it.

    Raises SourceUnreadable for a file that is missing, a folder, empty, damaged, or larger than `limit` bytes.
    """
    try:
        if path.is_dir():
            raise refusal(path, "is a folder, not a file", hint="name one file")
        name, content = _unpacked(path, limit)
    except FileNotFoundError as error:
        raise refusal(path, "there is no such file", hint="check the path") from error
    except (zipfile.BadZipFile, zlib.error, gzip.BadGzipFile, EOFError, NotImplementedError, RuntimeError) as error:
        reason = str(error)[:120] or type(error).__name__
        raise refusal(
            path, f"the archive is truncated, damaged or locked ({reason})", hint="pack the file again"
        ) from error
    except OSError as error:
        raise refusal(
            path, f"cannot be read: {error.strerror or error}", hint="check the path and its rights"
        ) from error
    if not content.strip():
        raise refusal(path, "the file is empty", hint="deliver the file again, whole")
    return name, content


def _unpacked(path: Path, limit: int) -> tuple[str, bytes]:
    if path.suffix.lower() == ".gz":
        with gzip.open(path) as packed:
            return path.stem, _bounded(packed, path, limit)
    if path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as archive:
            # macOS packs its own notes beside the file.
            names = [n for n in archive.namelist() if not n.endswith("/") and not n.startswith("__MACOSX/")]
            if len(names) != 1:
                raise refusal(path, f"the archive holds {len(names)} files", hint="pack exactly one file")
            with archive.open(names[0]) as packed:
                return names[0], _bounded(packed, path, limit)
    if path.stat().st_size > limit:
        raise _too_large(path, limit)
    return path.name, path.read_bytes()


def _bounded(packed: IO[bytes] | gzip.GzipFile, path: Path, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while part := packed.read(_STEP):
        size += len(part)
        if size > limit:
            raise _too_large(path, limit)
        parts.append(part)
    return b"".join(parts)


def _too_large(path: Path, limit: int) -> SourceUnreadable:
    return refusal(path, f"holds more than {limit:,} bytes, and is read whole", hint="split it, or write it as Parquet")
