"""A stable place for each entity of an agent: the same on every machine, in every batch, in every release.

Defined once and for all, because a change would move entities in and out of canaries: the UTF-8 bytes of the entity
are cut into little-endian words of 8 bytes, the last one filled up with zeros. Starting from the first 8 bytes of the
SHA-256 of the agent's name (little-endian), each word is added by exclusive or and mixed by the finalizer of
SplitMix64; at last the length in bytes is. The upper 32 bits, times 10,000, shifted right by 32, are the bucket.
"""

from __future__ import annotations

import hashlib

import numpy as np
import polars as pl

__all__ = ["WHOLE", "buckets"]

WHOLE = 10_000
_WORD = 8


def buckets(agent: str, entities: pl.Series) -> np.ndarray:
    """Give the bucket of each entity, 0 to 9,999 (int64); `agent` is a name without version, nulls count as empty."""
    array = entities.cast(pl.String).fill_null("").rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    _, starts_buffer, content = array.buffers()
    offsets = np.frombuffer(starts_buffer, dtype=np.int64)[array.offset : array.offset + len(array) + 1]
    starts, lengths = offsets[:-1], np.diff(offsets)
    held = np.frombuffer(content, dtype=np.uint8) if content is not None else np.zeros(0, dtype=np.uint8)
    # A word may be read past the end of the last entity.
    padded = np.concatenate([held, np.zeros(_WORD, dtype=np.uint8)])
    words = np.ndarray(shape=(padded.size - _WORD + 1,), dtype="<u8", buffer=padded.data, strides=(1,))
    seed = int.from_bytes(hashlib.sha256(agent.encode()).digest()[:_WORD], "little")
    mixed = np.full(lengths.size, seed, dtype=np.uint64)
    for place in range(0, int(lengths.max(initial=0)), _WORD):
        rows = np.flatnonzero(lengths > place)
        left = np.minimum(lengths[rows] - place, _WORD).astype(np.uint64)
        mask = np.uint64(2**64 - 1) >> (np.uint64(64) - left * np.uint64(8))
        mixed[rows] = _mix(mixed[rows] ^ (words[starts[rows] + place] & mask))
    mixed = _mix(mixed ^ lengths.astype(np.uint64))
    return ((mixed >> np.uint64(32)) * np.uint64(WHOLE) >> np.uint64(32)).astype(np.int64)


def _mix(values: np.ndarray) -> np.ndarray:
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    values ^= values >> np.uint64(31)
    return values
