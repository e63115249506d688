"""What was known as of each decision: the entities of a build, and the facts they may see."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from datetime import date, timedelta
from typing import Final

import numpy as np
import polars as pl

from agentic_assets.errors import ConfigInvalid, PointInTimeViolation
from agentic_assets.features.definition import DECIDED_AT, FeatureSet, Look, Source
from agentic_assets.features.engine.facts import Facts
from agentic_assets.features.engine.keyed import Keyed
from agentic_assets.features.engine.matching import Matching
from agentic_assets.features.engine.memory import Memory
from agentic_assets.features.engine.moments import Moments
from agentic_assets.features.engine.once import Once
from agentic_assets.features.engine.partition import DAY, Partitions, microseconds
from agentic_assets.features.engine.pending import Pending
from agentic_assets.features.engine.table import Table
from agentic_assets.features.engine.timeline import Integers, take

__all__ = ["ASKED_ROW", "AsOf", "check_unique", "repeated_keys"]

ASKED_ROW: Final = "\x01row"
"""The column that numbers the rows that were asked about."""

_MANY = 50_000


class AsOf:
    """The entities of a build in the order (decided_at, entity), and the way to what was known of them.

    `entities` holds the columns that a feature may read. `decided`, `event` and `begins` are instants in microseconds
    UTC, one an entity: the decision, the event it is about, and the first instant of its day; every decision lies
    before `horizon`.
    """

    def __init__(
        self,
        definition: FeatureSet,
        inputs: Mapping[str, pl.DataFrame],
        first: date,
        last: date,
        pool: Executor | None = None,
        asked: pl.DataFrame | None = None,
    ) -> None:
        """Order the entities of the days; with a pool, facts are made ready meanwhile.

        `asked` are other rows of the entities' kind than their table holds, each with its own `decided_at` and its
        number `ASKED_ROW`; an entity may be among them at many moments.
        """
        self.definition = definition
        self._inputs = inputs
        self._partitions = Partitions(first, last, definition.lookback, definition.zone)
        self._once = Once()
        self.on_time = asked is None
        self._looks = _looks(definition)
        if pool is not None:
            for source in definition.sources:
                pool.submit(self.facts, source.name)
        if asked is None:
            table = self._table(definition.entities.table).of_days(first, last)
        else:
            table = Table(definition, "the entities asked about", asked, self._partitions)
        rows, places = self._rows(table, first, last)
        self._matching = Matching(rows, table, places, frozenset(definition.entities.derive))
        self._memory = Memory(rows.height)
        self.entities = rows
        self.decided: Integers = rows.get_column(DECIDED_AT).cast(pl.Int64).to_numpy()
        self.event: Integers = rows.get_column(definition.entities.event).cast(pl.Int64).to_numpy()
        days = rows.get_column(definition.day)
        self.begins: Integers = self._partitions.begins(days)
        self.horizon = self._partitions.horizon
        self._check_bounds(days)

    def by(self, source: str, *key: str) -> Keyed:
        """Match the facts of a source to the entities by these columns, which both have; with none, all facts.

        Hold on to the result for as long as it is asked: it is made anew for each call.
        """
        return Keyed(self, self.facts(source), key, self.moments(key))

    def daily(self, source: str, *key: str) -> Keyed:
        """Match facts as `by` does, but look at them as of the beginning of the entity's day, or T if that is earlier.

        Entities of one key and one day then share what they see, which is far cheaper.
        """
        return Keyed(self, self.facts(source), key, self.moments(key, daily=True))

    def pending(self, source: str, *key: str, opens: str, at_most: timedelta) -> Pending:
        """Follow facts that are awaited from the instant `opens` until they become known, or for `at_most`."""
        return Pending(self, self.facts(source), key, opens, at_most)

    def published(self, source: str) -> Integers:
        """Say since when the facts of the entity's own day are known, for a Published source."""
        return self.begins - microseconds(self.facts(source).published_before)

    def facts(self, name: str) -> Facts:
        """Give the facts of a declared source."""
        source = self.definition.source(name)
        other = self._table(source.look_up.table) if source.look_up else None
        looks = None if self._looks is None else tuple(self._looks[name])
        return self._once.get(("facts", name), lambda: Facts(source, self._seen(source), other, looks))

    def moments(self, key: tuple[str, ...], *, daily: bool = False) -> Moments:
        """Give the moments at which entities look at facts of their key."""
        instants = np.minimum(self.begins, self.decided) if daily else self.decided
        return self._once.get(("moments", key, daily), lambda: self._moments(key, instants))

    def events(self, key: tuple[str, ...]) -> Moments:
        """Give the entities' own events, as moments."""
        return self._once.get(("events", key), lambda: self._moments(key, self.event))

    def matched(self, facts: Facts, key: tuple[str, ...]) -> Integers:
        """Number the keys of facts as those of the entities are."""
        return self._matching.facts(facts, key)

    def check_reach(self, span: timedelta, facts: Facts, opens: str | None = None) -> None:
        """Refuse a window that a build of one day could not fill, or that looks further back than its view declares."""
        if span <= timedelta():
            raise PointInTimeViolation(
                f"a window of {span} over source {facts.source.name!r} would end before it begins: it looks ahead",
                hint="give a span of time before the decision, such as timedelta(hours=2)",
            )
        if span > self.definition.reach * DAY:
            raise PointInTimeViolation(
                f"a window of {span} over source {facts.source.name!r} is longer than the reach of "
                f"{self.definition.reach} days: a day built alone would differ from one built in a range",
                hint="shorten the window, or raise `reach` and `lookback` of the feature set together",
            )
        if facts.looks is not None and not any(
            look.span >= span and (opens is None or look.opens == opens) for look in facts.looks
        ):
            raise PointInTimeViolation(
                f"a view looks {span} back at source {facts.source.name!r}{f' by `{opens}`' if opens else ''}, further "
                "than its `looks` declare: facts may be missing there",
                hint="let `looks` of the kind name the source, the longest span and, for what is awaited, its column",
            )

    def _moments(self, key: tuple[str, ...], instants: Integers) -> Moments:
        keys, count = self._matching.entities(key)
        return Moments(keys, instants, self.begins, count, self._memory)

    def _table(self, name: str) -> Table:
        return self._once.get(
            ("table", name), lambda: Table(self.definition, name, self._inputs[name], self._partitions)
        )

    def _seen(self, source: Source) -> Table:
        """Give the table of a source, without the rows that no view looks at when these are many."""
        table, known_at = self._table(source.table), source.known_at
        if self._looks is None or known_at is None:
            return table
        # Sources that are known by the same column share what was made of their table.
        alike = [other for other in self.definition.sources if (other.table, other.known_at) == (table.name, known_at)]
        looks = [look for other in alike for look in self._looks[other.name]]
        return self._once.get(("seen", table.name, known_at), lambda: table.seen(known_at, looks))

    def _rows(self, table: Table, first: date, last: date) -> tuple[pl.DataFrame, Integers]:
        """Give what may be read of the entities, in their order, and the number of each in its table."""
        definition, entities = self.definition, self.definition.entities
        fixed = (entities.key, definition.day, entities.event)
        own_time = (DECIDED_AT, ASKED_ROW) if table.name != entities.table else ()
        rows = table.rows.select(*dict.fromkeys([*fixed, *entities.columns, *own_time])).rechunk()
        asked = rows.select(pl.col(definition.day).is_between(first, last).fill_null(value=False)).to_series()
        places = np.flatnonzero(asked.to_numpy())
        if len(places) < rows.height:
            rows = rows.filter(asked)
        for column in fixed:
            if missing := rows.get_column(column).null_count():
                raise PointInTimeViolation(
                    f"{missing} of {rows.height} rows of {table.name} have no `{column}`",
                    hint="let the contract of the table require it, so that such rows are set aside",
                )
        if not own_time:
            check_unique(definition, rows)
        decided = pl.col(DECIDED_AT) if own_time else (pl.col(entities.event) - entities.lead).alias(DECIDED_AT)
        try:
            rows = rows.with_columns(decided, **entities.derive)
        except pl.exceptions.PolarsError as error:
            raise ConfigInvalid(
                f"a column of the entities of {table.name} cannot be derived: {str(error).partition(chr(10))[0][:200]}",
                hint="derive what holds for every row that the contract of the table lets through",
            ) from error
        order = rows.select(pl.arg_sort_by(DECIDED_AT, entities.key)).to_series()
        return rows.select(pl.all().gather(order)), take(places, order.to_numpy())

    def _check_bounds(self, days: pl.Series) -> None:
        """Refuse decisions so far from their day that another partition's facts would decide what they see."""
        eve = self.begins - microseconds(DAY)
        outside = np.flatnonzero((self.decided < eve) | (self.decided >= self._partitions.ends(days)))
        if not len(outside):
            return
        first, key = int(outside[0]), self.definition.entities.key
        moment = self.entities.get_column(DECIDED_AT)[first]
        example = f"e.g. {self.entities.get_column(key)[first]!r:.80} of {days[first]} at {moment:%Y-%m-%dT%H:%M}Z"
        if not self.on_time:
            raise PointInTimeViolation(
                f"{len(outside):,} of {len(days):,} rows ask as of a moment decided before the eve of their entity's "
                f"day or after its end, {example}",
                hint=f"ask as of a moment of the entity's day in {self.definition.zone}, or of the day before it",
            )
        raise PointInTimeViolation(
            f"{len(outside):,} of {len(days):,} rows of {self.definition.entities.table} are decided before the eve of "
            f"their day or after its end, {example}",
            hint="partition the entities by the day of their event, and decide at most a day before it begins",
        )


def check_unique(definition: FeatureSet, rows: pl.DataFrame) -> None:
    """Refuse entities of which there are several rows."""
    entities = definition.entities
    if repeated := repeated_keys(rows.get_column(entities.key)):
        raise PointInTimeViolation(
            f"{repeated} rows of {entities.table} share a `{entities.key}`: features are one row an entity",
            hint="let the contract of the table require it to be unique",
        )


def _looks(definition: FeatureSet) -> dict[str, list[Look]] | None:
    """Say how far back the views look at each source; None when one of them does not say."""
    told = {source.name: [Look(source.name)] for source in definition.sources}
    for view in definition.views:
        looks = getattr(view, "looks", None)
        if looks is None:
            return None
        for look in looks:
            told.setdefault(look.source, []).append(look)
    return told


def repeated_keys(keys: pl.Series) -> int:
    """Count the rows whose key is not theirs alone, looking closer only where hashes agree."""
    hashes = keys.hash().to_numpy()
    if len(hashes) > _MANY:  # of many, sort those alone that share a bucket
        buckets = (hashes >> np.uint64(44)).astype(np.int64)
        hashes = hashes[np.bincount(buckets)[buckets] > 1]
    close = np.sort(hashes)
    if not (close[1:] == close[:-1]).any():
        return 0
    return int(keys.is_duplicated().sum())
