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
_BLOCK = 8_192
_MASKS = np.array([(1 << 8 * size) - 1 for size in range(_WORD + 1)], dtype=np.uint64)
"""The bytes of a word that count, by their number."""


def buckets(agent: str, entities: pl.Series) -> np.ndarray:
    """Give the bucket of each entity, 0 to 9,999 (int64); `agent` is a name without version, nulls count as empty."""
    array = entities.cast(pl.String).fill_null("").rechunk().to_arrow(compat_level=pl.CompatLevel.oldest())
    _, begins, content = array.buffers()
    offsets = np.frombuffer(begins, dtype=np.int64)[array.offset : array.offset + len(array) + 1]
    held = np.frombuffer(content, dtype=np.uint8) if content is not None else np.zeros(0, dtype=np.uint8)
    seed = int.from_bytes(hashlib.sha256(agent.encode()).digest()[:_WORD], "little")
    found = np.empty(len(array), dtype=np.int64)
    # Block by block, so that all of it stays in the cache of the processor.
    for start in range(0, len(array), _BLOCK):
        bounds = offsets[start : start + _BLOCK + 1]
        found[start : start + _BLOCK] = _placed(held[bounds[0] : bounds[-1]], bounds - bounds[0], seed)
    return found


def _placed(held: np.ndarray, bounds: np.ndarray, seed: int) -> np.ndarray:
    starts, lengths = bounds[:-1], np.diff(bounds)
    # A word may be read past the end of the last entity.
    padded = np.concatenate([held, np.zeros(_WORD, dtype=np.uint8)])
    words = np.ndarray(shape=(held.size + 1,), dtype="<u8", buffer=padded.data, strides=(1,))
    mixed = np.full(lengths.size, seed, dtype=np.uint64)
    shortest, longest = int(lengths.min()), int(lengths.max())
    for place in range(0, longest, _WORD):
        if place + _WORD <= shortest:
            mixed = _mix(mixed ^ words[starts + place])
            continue
        left = np.clip(lengths - place, 0, _WORD)
        word = words[np.minimum(starts + place, held.size)] & _MASKS[left]
        mixed = np.where(left > 0, _mix(mixed ^ word), mixed)
    mixed = _mix(mixed ^ lengths.astype(np.uint64))
    placed: np.ndarray = (mixed >> np.uint64(32)) * np.uint64(WHOLE) >> np.uint64(32)
    return placed


def _mix(values: np.ndarray) -> np.ndarray:
    values = values ^ (values >> np.uint64(30))
    values *= np.uint64(0xBF58476D1CE4E5B9)
    values ^= values >> np.uint64(27)
    values *= np.uint64(0x94D049BB133111EB)
    values ^= values >> np.uint64(31)
    return values
