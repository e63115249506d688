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
from agentic_assets.features.engine.facts import Facts
from agentic_assets.features.engine.latest import Latest
from agentic_assets.features.engine.moments import Moments, runs
from agentic_assets.features.engine.partition import microseconds
from agentic_assets.features.engine.timeline import NEVER, Integers, Timeline, take
from agentic_assets.features.engine.window import Window

if TYPE_CHECKING:
    from agentic_assets.features.engine.asof import AsOf

__all__ = ["Keyed"]


class Keyed:
    """The facts of one source that share a key with each entity.

    `moments` are when the entities look, `timeline` holds the facts by (key, instant); `rows` numbers the facts of
    the timeline in their table.
    """

    def __init__(self, at: AsOf, facts: Facts, key: tuple[str, ...], moments: Moments) -> None:
        self.at, self.facts, self.key, self.moments = at, facts, key, moments
        # What never becomes known stands last, and what matches no entity is left out.
        never = NEVER if isinstance(facts.source.known_at, Published) else at.horizon
        end = int(np.searchsorted(facts.instants, never))
        rows, instants, keys = facts.rows[:end], facts.instants[:end], at.matched(facts, key)[:end]
        if end and keys.min() < 0:
            keep = keys >= 0
            rows, instants, keys = rows[keep], instants[keep], keys[keep]
        self.timeline = Timeline(keys, instants, moments.key_count)
        self.rows: Integers = take(rows, self.timeline.order)
        self._given: dict[int, npt.NDArray[np.bool_]] = {}
        self._sums: dict[str | int, Integers] = {}
        self._sums_now: dict[str | int, Integers] = {}

    def window(self, span: timedelta) -> Window:
        """Take the facts that became known in the `span` before the moment: after it - span, up to it."""
        self.at.check_reach(span, self.facts)
        return Window(self, self.places(self.moments.instants - microseconds(span)), self.now)

    def today(self) -> Window:
        """Take the facts that became known since the moment's day began, up to it."""
        moments = self.moments
        mornings = np.minimum(moments.begins - 1, moments.instants)
        starts = runs(mornings, moments.keys)  # one place for all moments of a key and day
        places = self.timeline.places(moments.keys[starts], mornings[starts])
        return Window(self, np.repeat(places, np.diff(np.append(np.flatnonzero(starts), len(starts)))), self.now)

    def around(self, before: timedelta, after: timedelta) -> Window:
        """Take published facts whose event lies from `before` the entity's own event to `after` it, both included.

        Only facts that are known ahead may be looked at like this, and only those of the entity's own day, since no
        later partition is there when a day is built.
        """
        if not isinstance(self.facts.source.known_at, Published) or self.at.definition.day not in self.key:
            raise PointInTimeViolation(
                f"source {self.facts.source.name!r} is looked at around the event, by {', '.join(self.key)}: that "
                "sees what is not yet known",
                hint=f"use a Published source, with `{self.at.definition.day}` in the key",
            )
        if not self.at.on_time:  # asked about at other moments: the event is still where it is
            return Keyed(self.at, self.facts, self.key, self.at.events(self.key))._around(0, before, after)
        return self._around(microseconds(self.at.definition.entities.lead), before, after)

    def _around(self, lead: int, before: timedelta, after: timedelta) -> Window:
        event = self.moments.instants + lead
        low = self.places(event - microseconds(before) - 1)
        return Window(self, low, self.places(event + microseconds(after)))

    def latest(self, within: timedelta) -> Latest:
        """Take the newest fact that became known in the span before the moment: after it - span, up to it."""
        self.at.check_reach(within, self.facts)
        self._settle_ties()
        return Latest(self, microseconds(within))

    @cached_property
    def now(self) -> Integers:
        """The place of each moment."""
        return self.places(self.moments.instants)

    def places(self, instants: Integers) -> Integers:
        """Find the places of instants, one a moment."""
        return self.timeline.places(self.moments.keys, instants)

    def sums(self, measure: str | int) -> Integers:
        """Give the running sums of a measure, by name, or of a pattern of given values; they begin with 0."""
        if measure not in self._sums:
            values = self.facts.measure(measure) if isinstance(measure, str) else self._given[measure]
            sums = np.zeros(len(self.rows) + 1, dtype=np.int64)
            np.cumsum(take(values, self.rows), dtype=np.int64, out=sums[1:])
            self._sums[measure] = sums
        return self._sums[measure]

    def sums_now(self, measure: str | int) -> Integers:
        """Give the running sums up to each moment."""
        if measure not in self._sums_now:
            self._sums_now[measure] = take(self.sums(measure), self.now)
        return self._sums_now[measure]

    def given(self, measure: str) -> int:
        """Number the pattern in which a measure is given; 0 when it is given everywhere."""
        number, pattern = self.facts.given(measure)
        self._given[number] = pattern
        return number

    def _settle_ties(self) -> None:
        """Bring facts that share key and instant into the order of the source's tie columns.

        Raises PointInTimeViolation when nothing says which of two such facts is the newer.
        """
        tied = self.timeline.tied()
        if not len(tied):
            return
        source = self.facts.source
        rows = self.rows[tied]
        ties = {f"tie {name}": self.facts.column(name).gather(pl.Series(rows)) for name in source.tie}
        ranked = pl.DataFrame({"run": self.timeline.run(tied), "row": rows, **ties})
        order = ["run", *ties]
        if unclear := int(ranked.select(order).is_duplicated().sum()):
            raise PointInTimeViolation(
                f"{unclear} facts of source {source.name!r} ({source.table}) share {', '.join(self.key)} and the "
                "instant at which they became known: which of them is the newest is undefined",
                hint="make them unique in the contract, or declare `tie` columns that order them",
            )
        self.rows[tied] = ranked.sort(order).get_column("row").to_numpy()
