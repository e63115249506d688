"""Digest each row of a feature frame: proof of what an agent was shown, equal however the frame was stored or cut.

The bytes that are digested, for a row of columns c1 < c2 < ... (by name):

    header   32 bytes  SHA-256 of the canonical JSON [["c1", kind], ...]; kind is integer, number, string, boolean,
                       date or timestamp
    nulls    a bit for each column, in order, lowest bit first, 1 for null; padded to bytes
    values   of every column but strings, in order, 8 bytes each, little-endian; zeros for null
             integer, boolean, date (days), timestamp (microseconds, UTC): signed integer
             number: IEEE 754 double, every NaN one NaN, -0.0 as 0.0
    texts    of the string columns, in order: the SHA-256 of the UTF-8, 32 bytes; zeros for null

and the digest is the first 32 hexadecimal digits of their SHA-256. The width of an integer column does not count.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import polars as pl

from agentic_assets.versions import of_json

__all__ = ["DIGITS", "row_digests"]

DIGITS = 32
# Rows packed at once: enough to be fast, small enough to stay in some tens of megabytes.
_CHUNK = 32_768


def row_digests(features: pl.DataFrame) -> pl.Series:
    """Digest every row over all columns of the frame: a String series `input_digest`, in the order of the rows.

    Raises TypeError for a column of a type that has no canonical bytes.
    """
    names = sorted(features.columns)
    kinds = {name: _kind(features.get_column(name)) for name in names}
    header = np.frombuffer(bytes.fromhex(of_json([[name, kinds[name]] for name in names])), dtype=np.uint8)
    texts = [_Texts.of(features.get_column(name)) for name in names if kinds[name] == "string"]
    words = [_word(name, kinds[name]) for name in names if kinds[name] != "string"]
    sha256 = hashlib.sha256
    digests: list[str] = []
    for start in range(0, features.height, _CHUNK):
        rows = features.slice(start, _CHUNK)
        nulls = rows.select(pl.col(name).is_null() for name in names).to_numpy()
        parts = [np.broadcast_to(header, (rows.height, header.size)), np.packbits(nulls, axis=1, bitorder="little")]
        if words:
            parts.append(np.ascontiguousarray(rows.select(words).to_numpy(), dtype="<i8").view(np.uint8))
        parts.extend(text.bytes(start, rows.height) for text in texts)
        packed = np.concatenate(parts, axis=1)
        view, width = packed.data.cast("B"), packed.shape[1]
        digests += [sha256(view[at : at + width]).hexdigest()[:DIGITS] for at in range(0, packed.size, width)]
    return pl.Series("input_digest", digests, dtype=pl.String)


@dataclass(frozen=True)
class _Texts:
    """The texts of a column: each distinct one is hashed once; nulls point at a row of zeros past the last."""

    hashes: np.ndarray
    index: np.ndarray

    @classmethod
    def of(cls, column: pl.Series) -> _Texts:
        distinct = column.drop_nulls().unique().sort()
        hashed = b"".join(hashlib.sha256(text.encode()).digest() for text in distinct.to_list()) + bytes(32)
        index = distinct.search_sorted(column.fill_null("")).to_numpy().copy()
        index[column.is_null().to_numpy()] = distinct.len()
        return cls(np.frombuffer(hashed, dtype=np.uint8).reshape(-1, 32), index)

    def bytes(self, start: int, rows: int) -> np.ndarray:
        return np.take(self.hashes, self.index[start : start + rows], axis=0)


def _word(name: str, kind: str) -> pl.Expr:
    column = pl.col(name)
    if kind == "number":
        number = column.cast(pl.Float64).fill_null(0.0).fill_nan(float("nan"))
        # Not `number + 0.0`, which would make 0.0 of -0.0 too: polars optimizes it away.
        return pl.when(number == 0.0).then(0.0).otherwise(number).reinterpret(dtype=pl.Int64).alias(name)
    if kind == "timestamp":
        column = column.dt.cast_time_unit("us")
    return column.to_physical().cast(pl.Int64).fill_null(0)


def _kind(column: pl.Series) -> str:
    dtype = column.dtype
    if dtype.is_integer() and dtype not in (pl.UInt64, pl.Int128):
        return "integer"
    if dtype.is_float():
        return "number"
    if isinstance(dtype, pl.Datetime):
        return "timestamp"
    for kind, known in (("string", pl.String), ("boolean", pl.Boolean), ("date", pl.Date)):
        if dtype == known:
            return kind
    raise TypeError(f"feature {column.name!r} has type {dtype}, which has no canonical bytes")
