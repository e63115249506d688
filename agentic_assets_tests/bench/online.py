"""Features online: a vector of five views read from this host's cache, and how long the cache takes to fill."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import lmdb
import numpy as np
import polars as pl

from agentic_assets.features.online import OnlineFeatures
from agentic_assets_tests.bench.features import FIVE_VIEWS
from agentic_assets_tests.bench.table import Row
from agentic_assets_tests.unit.departures.year import FIRST, tables

__all__ = ["measure"]

KEYS: Final = 100_000
READS: Final = 50_000
_NOW: Final = datetime(2014, 1, 1, tzinfo=UTC)
_READ: Final = 100e-6
_LOAD: Final = 5.0
_BATCHES: Final = 10


def measure() -> list[Row]:
    """Fill the cache with 100,000 vectors, then read vectors in an order that no cache can guess."""
    parts = _parts()
    count = sum(part.height for part in parts.values())
    with tempfile.TemporaryDirectory() as folder:
        served = OnlineFeatures(
            FIVE_VIEWS,
            Path(folder),
            published=lambda: dict.fromkeys(parts, "0" * 64),
            rows=parts.__getitem__,
        )
        start = time.perf_counter()
        served.refresh()
        load = time.perf_counter() - start
        every = [key for part in parts.values() for key in part.get_column(FIVE_VIEWS.entity)]
        stored = {key: served.cache.read(key) or b"" for key in every}
        keys = _shuffled(every)
        reads = _each(lambda key: served.get(key, now=_NOW), keys)
        served.close()
        raw_load, raw = _raw(Path(folder) / "raw", stored, keys)
    size = len(next(iter(stored.values())))
    vector = f"{len(FIVE_VIEWS.features)} features in {len(FIVE_VIEWS.view_names)} views"
    told = (
        f"p50 {_quantile(reads, 0.5) * 1e6:.1f} us; the bare get {_quantile(raw, 0.5) * 1e6:.1f} us, p99 "
        f"{_quantile(raw, 0.99) * 1e6:.1f} us; p99 of all {READS:,} reads, other processes included, "
        f"{np.quantile(reads, 0.99) * 1e6:.0f} us"
    )
    return [
        Row(
            "online",
            f"read a vector, {vector}: p99",
            _quantile(reads, 0.99),
            "what is promised, 100 us",
            _READ,
            1.0,
            told,
        ),
        Row(
            "online",
            f"read a vector, {vector}: median",
            _quantile(reads, 0.5),
            f"bare LMDB get of the same {size} bytes",
            _quantile(raw, 0.5),
            note="every value, age and version, checksum checked",
        ),
        Row("online", f"fill the cache with {count:,} vectors", load, "what is promised, 5 s", _LOAD, 1.0),
        Row("online", f"fill the cache with {count:,} vectors", load, "bare LMDB put of the same bytes", raw_load),
    ]


def _parts() -> dict[str, pl.DataFrame]:
    """Build as many days as have about 100,000 flights."""
    schedule = tables()["sources/schedule"]
    last = schedule.sort("day", "flight_id").get_column("day")[KEYS]
    rows = FIVE_VIEWS.compute(tables(), (FIRST, last)).head(KEYS)
    return {str(day): part for (day,), part in rows.partition_by("day", as_dict=True).items()}


def _shuffled(keys: Sequence[str]) -> list[str]:
    chosen = np.random.default_rng(7).choice(len(keys), READS, replace=True)
    return [keys[place] for place in chosen]


def _raw(folder: Path, stored: dict[str, bytes], keys: Sequence[str]) -> tuple[float, np.ndarray]:
    with lmdb.open(str(folder), map_size=1 << 30) as environment:
        start = time.perf_counter()
        with environment.begin(write=True) as transaction:
            transaction.cursor().putmulti(sorted((key.encode(), content) for key, content in stored.items()))
        load = time.perf_counter() - start

        def get(key: str) -> object:
            with environment.begin() as transaction:
                return transaction.get(key.encode())

        return load, _each(get, keys)


def _each(read: Callable[[str], object], keys: Sequence[str]) -> np.ndarray:
    for key in keys[:2_000]:
        read(key)
    seconds = np.empty(len(keys))
    clock = time.perf_counter
    for place, key in enumerate(keys):
        start = clock()
        read(key)
        seconds[place] = clock() - start
    return seconds


def _quantile(seconds: np.ndarray, share: float) -> float:
    """Give the least of the quantiles of `_BATCHES` runs: what reading costs, not what a noisy neighbour adds to it."""
    return float(min(np.quantile(batch, share) for batch in np.split(seconds, _BATCHES)))
