"""Facts matched to entities by key: windows that end at the decision, and the newest fact before it."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from agentic_assets.errors import PointInTimeViolation
from agentic_assets.features.definition import Published
from agentic_assets.features.facts import Facts
from agentic_assets.features.partition import microseconds
from agentic_assets.features.timeline import UNKNOWN, Integers, Order, Timeline

if TYPE_CHECKING:
    from agentic_assets.features.asof import AsOf

__all__ = ["Keyed", "Latest", "Window"]

_MINUTE = 60_000_000


class Keyed:
    """The facts of one source that share a key with each entity."""

    def __init__(self, at: AsOf, facts: Facts, key: tuple[str, ...]) -> None:
        self.at, self.facts, self.key = at, facts, key
        theirs, ours, count = at.number(facts, key)
        # Facts without a key match nothing, and those at the horizon are never known: neither may be counted.
        keep = (theirs >= 0) & (facts.instants < at.horizon)
        self._keep: npt.NDArray[np.intp] | None = None if keep.all() else np.flatnonzero(keep)
        self.timeline = Timeline(self._kept(theirs), self._kept(facts.instants), count)
        self.entities = Order(ours)
        self._sums: dict[str, tuple[Integers, Integers | None]] = {}

    def window(self, span: timedelta) -> Window:
        """Take the facts that became known in the `span` before the decision: after T - span, up to T."""
        self.at.check_reach(span, self.facts)
        return Window(self, self.places(self.at.decided - microseconds(span)), self.decision)

    def today(self) -> Window:
        """Take the facts that became known since the entity's day began, up to T."""
        return Window(self, self.places(np.minimum(self.at.begins - 1, self.at.decided)), self.decision)

    def around(self, before: timedelta, after: timedelta) -> Window:
        """Take published facts whose event lies from `before` the entity's own event to `after` it, both included.

        Only facts that are known ahead may be looked at like this, and only those of the entity's own day, since no
        later partition is there when a day is built.
        """
        if not isinstance(self.facts.source.known_at, Published) or self.at.definition.day not in self.key:
            raise PointInTimeViolation(
                f"source {self.facts.source.name!r} is looked at around the event, by {', '.join(self.key)}: that sees "
                "what is not yet known",
                hint=f"use a Published source, with `{self.at.definition.day}` in the key",
            )
        low = self.places(self.at.event - microseconds(before) - 1)
        return Window(self, low, self.places(self.at.event + microseconds(after)))

    def latest(self, within: timedelta) -> Latest:
        """Take the newest fact that became known in the span before the decision."""
        return Latest(self.window(within))

    @cached_property
    def decision(self) -> Integers:
        """The place of the decision of each entity, in the order of the keys."""
        return self.places(self.at.decided)

    def places(self, instants: Integers) -> Integers:
        """Find the place of an instant given for each entity; the result stands in the order of the keys."""
        return self.timeline.places(self.entities.keys, self.entities.forward(instants))

    def sums(self, measure: str) -> tuple[Integers, Integers | None]:
        """Give the running sums of a measure and, where it has nulls, of how often it is given."""
        if measure not in self._sums:
            values, given = self.facts.integers(measure)
            counts = None if given is None else self.timeline.running(self._kept(given))
            self._sums[measure] = self.timeline.running(self._kept(values)), counts
        return self._sums[measure]

    def rows(self, places: Integers) -> Integers:
        """Give the facts (numbered in the order of their instants) that stand right before these places."""
        rows = self.timeline.order.places[np.maximum(places - 1, 0)]
        return rows if self._keep is None else self._keep[rows]

    def settle_ties(self) -> None:
        """Bring facts that share key and instant into the order of the source's tie columns.

        Raises PointInTimeViolation when nothing says which of two such facts is the newer.
        """
        tied = self.timeline.tied()
        if not len(tied):
            return
        source = self.facts.source
        rows = self.rows(tied + 1)
        ranked = pl.DataFrame(
            {
                "run": self.timeline.run(tied),
                "row": rows,
                **{f"tie {name}": self.facts.take(name, pl.Series(rows)) for name in source.tie},
            }
        )
        order = ["run", *(f"tie {name}" for name in source.tie)]
        if unclear := int(ranked.select(order).is_duplicated().sum()):
            raise PointInTimeViolation(
                f"{unclear} facts of source {source.name!r} ({source.table}) share {', '.join(self.key)} and the "
                "instant at which they became known: which is the newest is undefined",
                hint="make them unique in the contract, or declare `tie` columns that order them",
            )
        self.timeline.order.places[tied] = self.timeline.order.places[tied][
            ranked.with_row_index("place").sort(order).get_column("place").to_numpy()
        ]

    def _kept(self, values: Integers) -> Integers:
        return values if self._keep is None else values[self._keep]


class Window:
    """The facts between two places for each entity."""

    def __init__(self, keyed: Keyed, low: Integers, high: Integers) -> None:
        self.keyed, self.low, self.high = keyed, low, high

    @cached_property
    def _counts(self) -> Integers:
        return self.high - self.low

    def count(self, less: int = 0) -> pl.Series:
        """Count the facts; `less` leaves out the entity itself, where it is one of them."""
        return self._series(self._counts - less).cast(pl.Int32)

    def total(self, measure: str) -> pl.Series:
        """Sum an integer measure; null counts as 0."""
        sums, _ = self.keyed.sums(measure)
        return self._series(sums[self.high] - sums[self.low])

    def mean(self, measure: str, per: int = 1) -> pl.Series:
        """Average an integer measure over the facts that have it, in units of `per`; null where there are none."""
        sums, given = self.keyed.sums(measure)
        counts = self._counts if given is None else given[self.high] - given[self.low]
        return self._ratio(sums[self.high] - sums[self.low], counts * per)

    def rate(self, measure: str, prior: tuple[int, int]) -> pl.Series:
        """Give the share of facts with the measure, with `prior` = (hits, trials) added, so that few say little."""
        sums, _ = self.keyed.sums(measure)
        hits, trials = prior
        return self._ratio(sums[self.high] - sums[self.low] + hits, self._counts + trials)

    @property
    def known_at(self) -> Integers:
        """Say when the newest fact of the window became known; UNKNOWN where there is none."""
        newest = self.keyed.timeline.newest(self.low, self.high)
        return self.keyed.entities.back(newest).astype(np.int64)

    def _ratio(self, above: Integers, below: Integers) -> pl.Series:
        values = np.full(len(above), np.nan)
        np.divide(above, below, out=values, where=below > 0)
        return self._series(values).fill_nan(None)

    def _series(self, values: npt.NDArray[np.generic]) -> pl.Series:
        return pl.Series(self.keyed.entities.back(values))


class Latest:
    """The newest fact of a window for each entity; facts of one key and one instant stand in the order of their tie."""

    def __init__(self, window: Window) -> None:
        keyed = window.keyed
        keyed.settle_ties()
        self._keyed = keyed
        self._facts = keyed.facts
        self.known_at = window.known_at
        rows = keyed.entities.back(keyed.rows(window.high))
        found = pl.Series(self.known_at != UNKNOWN)
        self._rows = pl.select(pl.when(found).then(pl.Series(rows))).to_series()

    def value(self, column: str) -> pl.Series:
        """Give a column of the fact; null where there is no fact."""
        return self._facts.take(column, self._rows)

    def minutes_since(self, column: str) -> pl.Series:
        """Give the whole minutes from an instant in the fact to the decision, as Int32."""
        instants = self.value(column).to_physical()
        return ((pl.Series(self._keyed.at.decided) - instants) // _MINUTE).cast(pl.Int32)
