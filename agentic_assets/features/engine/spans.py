"""A long build in spans of days: facts and sums of one span fit a processor's cache, those of many years do not.

A day that is built alone equals the day within its range: so where a range is cut changes no byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

import polars as pl

from agentic_assets.features.definition import DECIDED_AT
from agentic_assets.features.engine.partition import DAY

__all__ = ["joined", "spans"]

_ENTITIES: Final = 200_000
# Each span reads its lookback again. And decisions fall up to a day before their own: three days never reach over two
# cuts, whatever the clock does.
_LOOKBACKS: Final = 2
_FEWEST: Final = 3


def spans(days: pl.Series, first: date, last: date, lookback: int) -> list[tuple[date, date]]:
    """Cut a range of days where there are many entities, given by their `days`; spans come in order and touch."""
    shortest = max(_FEWEST, _LOOKBACKS * lookback)
    room = ((last - first).days + 1) // shortest
    if min(len(days) // _ENTITIES, room) < 2:
        return [(first, last)]
    counts = days.value_counts(name="entities").sort(days.name).filter(pl.col(days.name).is_between(first, last))
    entities = int(counts.get_column("entities").sum())
    each = entities / max(1, min(entities // _ENTITIES, room))
    cut, begins, held = [], first, 0
    for day, count in counts.iter_rows():
        held += count
        if held >= each and (day - begins).days + 1 >= shortest and (last - day).days >= shortest:
            cut.append((begins, day))
            begins, held = day + DAY, 0
    return [*cut, (begins, last)]


def joined(parts: Sequence[pl.DataFrame], entity: str) -> pl.DataFrame:
    """Put the rows of spans that touch into the order (decided_at, entity), in which each of them is.

    Only decisions on the eve of a span's first day lie among those of the span before.
    """
    whole: list[pl.DataFrame] = [parts[0]]
    for part in parts[1:]:
        before, rows = whole.pop(), part
        if before.height and part.height:
            ended, began = before.get_column(DECIDED_AT), part.get_column(DECIDED_AT)
            tail = int(ended.search_sorted(began[0], side="left"))
            head = int(began.search_sorted(ended[-1], side="right"))
            mixed = pl.concat([before[tail:], part[:head]]).sort(DECIDED_AT, entity)
            whole += [before[:tail], mixed]
            rows = part[head:]
        elif before.height:
            whole.append(before)
        whole.append(rows)
    return pl.concat(whole)
