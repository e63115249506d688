"""Declared features by brute force: for one entity after the other, filter the facts that were known and say them.

Shares the definition with the engine and no code: no sorting, no running sums, no places. Slow, plain, for samples.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl

from agentic_assets.errors import ConfigInvalid
from agentic_assets.features.declaring import Declared
from agentic_assets.features.definition import DECIDED_AT, FeatureSet
from agentic_assets.features.kinds import (
    Age,
    Aggregate,
    Around,
    Awaited,
    Count,
    CountIf,
    Derived,
    Kind,
    Known,
    Mean,
    Newest,
    Previous,
    Rates,
    Total,
    Windowed,
)
from agentic_assets.features.kinds.newest import EVENT_AT
from agentic_assets.features.proofs.seen import BEGINS, KNOWN_AT, TOO_LATE, begins, facts_of

__all__ = ["oracle"]

_ROW: Final = "\x01row"
_MICROSECOND: Final = timedelta(microseconds=1)
_MINUTE: Final = timedelta(minutes=1)


def oracle(
    definition: FeatureSet,
    inputs: Mapping[str, pl.DataFrame],
    entities: pl.Series,
    decided_at: pl.Series | None = None,
) -> pl.DataFrame:
    """Compute the declared features of the entities named, one row each in their order; coded views are left out.

    `inputs` must hold the days of the entities and the lookback before them. `decided_at` gives the moments at which to
    look, one an entity, where they are others than the entities' own; the same entity may then be named many times.
    """
    own = definition.entities
    asked = _asked(definition, inputs[own.table], entities, decided_at)
    facts = {source.name: facts_of(definition, source, inputs) for source in definition.sources}
    declared = [view for view in definition.views if isinstance(view, Declared)]
    found = []
    for day, rows in asked.partition_by(definition.day, as_dict=True, maintain_order=True).items():
        first = day[0] - timedelta(days=definition.lookback)
        there = {name: every.filter(pl.col(definition.day).is_between(first, day[0])) for name, every in facts.items()}
        for row in rows.to_dicts():
            entity = _Entity(definition, row, there)
            values: dict[str, Any] = {_ROW: row[_ROW], own.key: row[own.key]}
            for view in declared:
                for part in view.parts:
                    values |= _told(part, entity)
            found.append(values)
    types = {feature.name: feature.dtype for feature in definition.features}
    schema = {_ROW: pl.Int64(), own.key: pl.String()}
    schema |= {name: types[name] for name in (found[0] if found else {}) if name in types}
    return pl.DataFrame(found, schema=schema, orient="row").sort(_ROW).drop(_ROW)


def _asked(
    definition: FeatureSet, table: pl.DataFrame, entities: pl.Series, decided_at: pl.Series | None
) -> pl.DataFrame:
    own = definition.entities
    named = pl.DataFrame({own.key: entities, _ROW: range(len(entities))}, schema_overrides={_ROW: pl.Int64})
    rows = named.join(table, on=own.key, how="inner", maintain_order="left")
    if rows.height != len(entities):
        raise ConfigInvalid(
            f"{len(entities) - rows.height} of {len(entities)} entities are not in {own.table}",
            hint="name entities of the days that the inputs hold",
        )
    moments = pl.col(own.event) - own.lead if decided_at is None else decided_at
    return rows.with_columns(moments.alias(DECIDED_AT), begins(definition).alias(BEGINS)).with_columns(**own.derive)


@dataclass(frozen=True)
class _Entity:
    """One entity, and the facts of its day and of the days that it may look back on."""

    definition: FeatureSet
    row: Mapping[str, Any]
    facts: Mapping[str, pl.DataFrame]
    seen: dict[tuple[str, tuple[str, ...]], pl.DataFrame] = field(default_factory=dict)

    @property
    def decided(self) -> datetime:
        return self.row[DECIDED_AT]  # type: ignore[no-any-return]

    def alike(self, source: str, by: tuple[str, ...]) -> pl.DataFrame:
        """Give the facts that share the entity's key; a null matches nothing."""
        if (source, by) not in self.seen:
            key = [pl.col(name) == self.row[name] for name in by if self.row[name] is not None]
            facts = self.facts[source]
            self.seen[source, by] = facts.filter(*key) if len(key) == len(by) else facts.clear()
        return self.seen[source, by]

    def moment(self, moment: str) -> datetime:
        return min(self.row[BEGINS], self.decided) if moment == "day" else self.decided


def _told(part: Kind, entity: _Entity) -> dict[str, Any]:
    tell = next((_BY_KIND[kind] for kind in type(part).__mro__ if kind in _BY_KIND), None)
    if tell is None:
        raise ConfigInvalid(
            f"a part of the kind {type(part).__name__} has no oracle",
            hint="declare it by the kinds there are, or write a coded view: its laws are proved without one",
        )
    return tell(part, entity)


def _known(part: Known, entity: _Entity) -> dict[str, Any]:
    row = pl.DataFrame([dict(entity.row)])
    return {
        own.name: entity.row[own.name] if own.expression is None else row.select(own.expression).item()
        for own in part.columns
    }


def _around(part: Around, entity: _Entity) -> dict[str, Any]:
    event, mine = pl.col(KNOWN_AT), entity.row[entity.definition.entities.event]
    near = entity.alike(part.source, part.by).filter(event >= mine - part.before, event <= mine + part.after)
    return {part.name: near.height - part.less}


def _within(facts: pl.DataFrame, after: datetime, until: datetime) -> pl.DataFrame:
    return facts.filter(pl.col(KNOWN_AT) > after, pl.col(KNOWN_AT) <= until)


def _windowed(part: Windowed, entity: _Entity) -> dict[str, Any]:
    until = entity.moment(part.moment)
    after = until - part.span if isinstance(part.span, timedelta) else min(entity.row[BEGINS] - _MICROSECOND, until)
    facts = _within(entity.alike(part.source, part.by), after, until)
    return {aggregate.name: _aggregate(aggregate, facts) for aggregate in part.aggregates}


def _aggregate(aggregate: Aggregate, facts: pl.DataFrame) -> int | float | None:
    if isinstance(aggregate, Count):
        return facts.height
    given = [int(value) for value in facts.get_column(aggregate.reads[0]).to_list() if value is not None]
    if isinstance(aggregate, CountIf):
        return sum(given)
    if isinstance(aggregate, Total):
        return (sum(given) / aggregate.per if given else None) if aggregate.per else sum(given)
    if isinstance(aggregate, Mean):
        return sum(given) / len(given) if given else None
    raise ConfigInvalid(f"`{aggregate.name}` is of a kind that has no oracle: {type(aggregate).__name__}")


def _rates(part: Rates, entity: _Entity) -> dict[str, Any]:
    until = entity.moment(part.moment)
    alike = entity.alike(part.source, part.by)
    found = {}
    for days in part.days:
        facts = _within(alike, until - timedelta(days=days), until)
        hits = sum(bool(value) for value in facts.get_column(part.measure).to_list())
        found[part.name.format(days=days)] = (hits + part.prior[0]) / (facts.height + part.prior[1])
    return found


def _newest(part: Newest, entity: _Entity) -> dict[str, Any]:
    source = entity.definition.source(part.source)
    facts = _within(entity.alike(part.source, part.by), entity.decided - part.within, entity.decided)
    fact = facts.sort(KNOWN_AT, *source.tie).tail(1).to_dicts()
    if not fact:
        return {value.name: None for value in part.values}
    [newest] = fact
    for column, known_at in source.later.items():
        if newest[known_at] is None or max(newest[known_at], newest[BEGINS]) > entity.decided:
            newest[column] = None
    stale = False
    if part.max_age is not None and part.dated is not None:
        age = _age(newest[part.dated], entity)
        stale = age is None or age > part.max_age // _MINUTE
    found: dict[str, Any] = {}
    for value in part.values:
        if isinstance(value, Age):
            found[value.name] = _age(newest[value.column], entity)
        elif stale:
            found[value.name] = None
        elif isinstance(value, Derived):
            instants = {EVENT_AT: entity.row[entity.definition.entities.event], DECIDED_AT: entity.decided}
            one = facts.select(value.columns).clear().schema
            row = pl.DataFrame(
                [{**{name: newest[name] for name in value.columns}, **instants}],
                schema={**one, EVENT_AT: pl.Datetime("us", "UTC"), DECIDED_AT: pl.Datetime("us", "UTC")},
            )
            found[value.name] = row.select(value.expression).item()
        else:
            found[value.name] = newest[value.column]
    return found


def _age(since: datetime | None, entity: _Entity) -> int | None:
    return None if since is None else (entity.decided - since) // _MINUTE


def _awaited(part: Awaited, entity: _Entity) -> dict[str, Any]:
    opened = pl.max_horizontal(part.opens, BEGINS)
    closed = pl.min_horizontal(pl.max_horizontal(KNOWN_AT, opened), opened + part.at_most)
    never = opened + part.at_most
    waiting = entity.alike(part.source, part.by).filter(
        opened < pl.col(TOO_LATE),
        opened <= entity.decided,
        pl.when(pl.col(KNOWN_AT).is_null()).then(never).otherwise(closed) > entity.decided,
    )
    waits = [(entity.decided - since) // _MICROSECOND for since in waiting.select(opened).to_series().to_list()]
    minutes = sum(waits) / (len(waits) * (_MINUTE // _MICROSECOND)) if waits else None
    return {part.name: len(waits), f"{part.name}_minutes": minutes}


_BY_KIND: Final[dict[type, Callable[[Any, _Entity], dict[str, Any]]]] = {
    Known: _known,
    Around: _around,
    Windowed: _windowed,
    Rates: _rates,
    Newest: _newest,
    Previous: _newest,
    Awaited: _awaited,
}
