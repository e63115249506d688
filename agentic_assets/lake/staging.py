"""Turn a frame into the exact bytes of a file, and bring them to the disk where no reader looks."""

from __future__ import annotations

import hashlib
import io
import uuid
from pathlib import Path

import polars as pl

from agentic_assets.lake.durable import write_new

__all__ = ["LOCK", "STAGING", "parquet_bytes", "write_staged"]

STAGING = "_staging"
"""Delta ignores names that begin with an underscore."""

LOCK = "_lock"
"""Held by whoever creates, grows or publishes the table, on this host."""

_ROW_GROUP = 1 << 18


def parquet_bytes(frame: pl.DataFrame) -> memoryview:
    """Encode a frame; equal rows give equal bytes, however the frame is chunked and with any number of threads."""
    buffer = io.BytesIO()
    frame.rechunk().write_parquet(
        buffer, compression="zstd", compression_level=3, statistics=True, row_group_size=_ROW_GROUP
    )
    return buffer.getbuffer()


def write_staged(folder: Path, frame: pl.DataFrame) -> tuple[Path, str, int]:
    """Write the frame into the staging folder: its path, its sha256, its size in bytes.

    The name is unique, so that two writers of the same bytes never share a file.
    """
    content = parquet_bytes(frame)
    digest = hashlib.sha256(content).hexdigest()
    path = folder / f"{digest}-{uuid.uuid4().hex}.parquet"
    write_new(path, content)
    return path, digest, len(content)
