"""What was known as of each decision: the entities of a build, and the facts they may see."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import polars as pl

from agentic_assets.errors import PointInTimeViolation
from agentic_assets.features.definition import DECIDED_AT, FeatureSet
from agentic_assets.features.facts import Facts, gather_facts
from agentic_assets.features.keyed import Keyed
from agentic_assets.features.keys import number_keys
from agentic_assets.features.partition import DAY, Partitions
from agentic_assets.features.pending import Pending
from agentic_assets.features.timeline import Integers

__all__ = ["AsOf"]


class AsOf:
    """The entities of a build in the order (decided_at, entity), and the way to what was known of them.

    `entities` holds the columns that a feature may read. `decided`, `event` and `begins` are instants in microseconds
    UTC, one an entity: the decision, the event it is about, and the first instant of its day.
    """

    def __init__(self, definition: FeatureSet, inputs: Mapping[str, pl.DataFrame], first: date, last: date) -> None:
        self.definition = definition
        self._inputs = inputs
        self._partitions = Partitions(first, last, definition.lookback, definition.zone)
        self._facts: dict[str, Facts] = {}
        self._keyed: dict[tuple[str, ...], Keyed] = {}
        rows = self._rows(inputs[definition.entities.table])
        hidden = definition.entities.after_the_fact
        self.entities = rows.drop(hidden)
        self._matching = rows
        self.decided: Integers = rows.get_column(DECIDED_AT).to_physical().to_numpy()
        self.event: Integers = rows.get_column(definition.entities.event).to_physical().to_numpy()
        days = rows.get_column(definition.day)
        self.begins: Integers = self._partitions.begins(days)
        self.horizon = self._partitions.horizon
        self._check_bounds(days)

    def by(self, source: str, *key: str) -> Keyed:
        """Match the facts of a source to the entities by these columns, which both have; with none, all facts."""
        found = self._keyed.get((source, *key))
        if found is None:
            found = self._keyed[source, *key] = Keyed(self, self.facts(source), key)
        return found

    def pending(self, source: str, *key: str, opens: str, at_most: timedelta) -> Pending:
        """Follow facts that are awaited from the instant `opens` until they become known, or for `at_most`."""
        return Pending(self, self.facts(source), key, opens, at_most)

    def facts(self, name: str) -> Facts:
        """Give the facts of a declared source."""
        if name not in self._facts:
            source = self.definition.source(name)
            self._facts[name] = gather_facts(self.definition, source, self._inputs, self._partitions)
        return self._facts[name]

    def number(self, facts: Facts, key: tuple[str, ...]) -> tuple[Integers, Integers, int]:
        """Number the keys of facts and entities alike."""
        ours = [self._matching.get_column(name) for name in key]
        theirs = [facts.series(name) for name in key]
        if not key:
            theirs, ours = (
                [pl.zeros(len(facts), pl.Int64, eager=True)],
                [pl.zeros(len(self._matching), pl.Int64, eager=True)],
            )
        return number_keys(theirs, ours)

    def check_reach(self, span: timedelta, facts: Facts) -> None:
        """Refuse a window that a build of one day could not fill."""
        if span > self.definition.reach * DAY:
            raise PointInTimeViolation(
                f"a window of {span} over source {facts.source.name!r} is longer than the reach of "
                f"{self.definition.reach} days: a day built alone would differ from one built in a range",
                hint="shorten the window, or raise `reach` and `lookback` of the feature set together",
            )

    def _rows(self, table: pl.DataFrame) -> pl.DataFrame:
        definition, entities = self.definition, self.definition.entities
        wanted = dict.fromkeys(
            [entities.key, definition.day, entities.event, *entities.columns, *entities.after_the_fact]
        )
        first, last = self._partitions.first, self._partitions.last
        rows = (
            table.select(*wanted)
            .filter(pl.col(definition.day).is_between(first, last))
            .with_columns((pl.col(entities.event) - entities.lead).alias(DECIDED_AT), **entities.derive)
            .sort(DECIDED_AT, entities.key)
        )
        for column in (entities.key, entities.event):
            if missing := rows.get_column(column).null_count():
                raise PointInTimeViolation(
                    f"{missing} of {rows.height} rows of {entities.table} have no `{column}`",
                    hint="let the contract of the table require it, so that such rows are set aside",
                )
        if repeated := int(rows.get_column(entities.key).is_duplicated().sum()):
            raise PointInTimeViolation(
                f"{repeated} rows of {entities.table} share a `{entities.key}`: features are one row an entity",
                hint="let the contract of the table require it to be unique",
            )
        return rows

    def _check_bounds(self, days: pl.Series) -> None:
        """Refuse decisions so far from their day that another partition's facts would decide what they see."""
        earliest = self.begins - 86_400_000_000
        outside = int(((self.decided < earliest) | (self.decided >= self._partitions.ends(days))).sum())
        if outside:
            raise PointInTimeViolation(
                f"{outside} of {len(days)} rows of {self.definition.entities.table} are decided before the eve of "
                "their day or after its end",
                hint="partition the entities by the day of their event, and decide at most a day before it begins",
            )
