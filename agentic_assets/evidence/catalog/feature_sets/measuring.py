"""Count what published features hold: nulls by partition, and how the newest values lie; always the same."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

import polars as pl

from agentic_assets.errors import AgenticError
from agentic_assets.evidence.catalog.feature_sets.material import Figures, Measured
from agentic_assets.evidence.catalog.feature_sets.spreading import spread_of
from agentic_assets.pipeline import Entry

__all__ = ["DAYS", "ROWS", "SPREAD_DAYS", "SPREAD_ROWS", "measure"]

DAYS: Final = 366
ROWS: Final = 1_000_000
"""Nulls are counted in the newest partitions, at most so many of them and so many rows."""
SPREAD_DAYS: Final = 28
SPREAD_ROWS: Final = 200_000
"""Values are counted in the newest partitions, at most so many of them and so many rows."""

# So many rows are held at once while nulls are counted.
_HELD: Final = 100_000

Scan = Callable[[Sequence[str]], pl.LazyFrame]


def measure(
    entries: Mapping[str, Entry],
    scan: Scan,
    features: Sequence[str],
    *,
    day: str,
    masked: Collection[str] = (),
    progress: Callable[[int, int], None] | None = None,
) -> Measured:
    """Measure features over the newest partitions; of those in `masked` nothing but nulls is looked at.

    `scan` gives the rows of files, `day` names their partition. A single partition with more than `SPREAD_ROWS` rows
    is sampled, every so many rows. What cannot be read gives `problem` in place of figures.
    """
    if not entries:
        return Measured(problem="nothing of this version is published")
    try:
        return _measured(_newest(entries, DAYS, ROWS), scan, features, day, masked, progress)
    except AgenticError as error:
        return Measured(problem=str(error))
    except (OSError, pl.exceptions.PolarsError) as error:
        return Measured(problem=f"the published files cannot be read ({type(error).__name__})")


def _measured(
    chosen: list[Entry],
    scan: Scan,
    features: Sequence[str],
    day: str,
    masked: Collection[str],
    progress: Callable[[int, int], None] | None,
) -> Measured:
    nulls: dict[str, list[tuple[str, int, int]]] = {name: [] for name in features}
    done = 0
    for part in _portions(chosen):
        counted = (
            scan([entry.file for entry in part])
            .group_by(pl.col(day).cast(pl.String))
            .agg(pl.len().alias("\x01rows"), *(pl.col(name).null_count() for name in features))
            .sort(day)
            .collect()
        )
        for row in counted.iter_rows(named=True):
            for name in features:
                nulls[name].append((row[day], row["\x01rows"], row[name]))
        done += len(part)
        if progress:
            progress(done, len(chosen))
    newest = _newest({entry.partition: entry for entry in chosen}, SPREAD_DAYS, SPREAD_ROWS)
    rows = sum(entry.rows for entry in newest)
    every = max(1, -(-rows // SPREAD_ROWS))
    open_ones = [name for name in features if name not in masked]
    values = scan([entry.file for entry in newest]).select(open_ones).gather_every(every).collect()
    figures = {}
    for name in features:
        spread, unlike = spread_of(values.get_column(name)) if name in open_ones else (None, 0)
        figures[name] = Figures(tuple(nulls[name]), spread, unlike)
    return Measured(
        figures,
        first=chosen[0].partition,
        last=chosen[-1].partition,
        days=len(chosen),
        rows=sum(entry.rows for entry in chosen),
        spread_first=newest[0].partition,
        spread_days=len(newest),
        spread_rows=values.height,
        every=every,
    )


def _newest(entries: Mapping[str, Entry], most: int, rows: int) -> list[Entry]:
    """Give the newest partitions in order, at most so many and with so many rows in all, but always one."""
    found: list[Entry] = []
    total = 0
    for _, entry in sorted(entries.items(), reverse=True)[:most]:
        total += entry.rows
        if found and total > rows:
            break
        found.append(entry)
    return found[::-1]


def _portions(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    cuts, held = [0], 0
    for place, entry in enumerate(entries):
        if held and held + entry.rows > _HELD:
            cuts.append(place)
            held = 0
        held += entry.rows
    for start, end in pairwise([*cuts, len(entries)]):
        yield entries[start:end]
