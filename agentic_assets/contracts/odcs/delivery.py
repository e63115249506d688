"""Read the service levels of a file, and compile those that a row can keep or break."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

import polars as pl

from agentic_assets.contracts.odcs.document import Place
from agentic_assets.contracts.odcs.reading import Reading, custom_properties
from agentic_assets.contracts.rule import Rule
from agentic_assets.contracts.service.level import ServiceLevel

__all__ = ["latency_rules", "service_levels"]

_MOMENTS: Final = (pl.Date, pl.Datetime)
_POLICY: Final = "a freshness policy of the asset, while its domain is live"
_HELD: Final = {
    "frequency": _POLICY,
    "freshness": _POLICY,
    "timeOfAvailability": _POLICY,
    "generalAvailability": "`agentic contract service` says when the date is ahead",
    "endOfSupport": "`agentic contract service` warns when the date is past",
    "endOfLife": "`agentic contract service` warns when the date is past",
}


def service_levels(
    value: Mapping[str, Any], dataset: str, schema: Mapping[str, pl.DataType], reading: Reading
) -> tuple[ServiceLevel, ...]:
    """Give the service levels about one table of a file; what nothing holds is noted in the reading.

    An element is a column, `<table>.<column>` or the table; without one, `slaDefaultElement` counts.
    """
    others = {str(table.get("name")) for table in value.get("schema") or ()} - {dataset}
    found: list[ServiceLevel] = []
    for index, item in enumerate(value.get("slaProperties") or ()):
        place: Place = ("slaProperties", index)
        elements = str(item.get("element") or value.get("slaDefaultElement") or "").split(",")
        for element in (part.strip() for part in elements):
            table, _, column = element.rpartition(".")
            if table in others or (not table and column in others):
                continue  # it speaks of another table of the file
            named = element if element in schema else column
            level = _level(item, named if named and named != dataset else None)
            if level.column is not None and level.column not in schema:
                reading.mistake(
                    (*place, "element") if "element" in item else place,
                    f"the service level {level.property} is about `{column or element:.80}`, which is no column",
                    "name a column as <table>.<column>",
                    "sla-unknown-element",
                )
                continue
            found.append(_held(level, schema, place, reading))
    return tuple(found)


def latency_rules(levels: tuple[ServiceLevel, ...], schema: Mapping[str, pl.DataType]) -> list[Rule]:
    """Give a rule for each latency whose two moments stand in the row.

    What is late is still right: such a rule warns, it never costs a row.
    """
    rules = []
    for level in levels:
        if level.kind != "latency" or not _in_the_row(level, schema):
            continue
        column, since, period = level.column, level.since, level.period
        assert column
        assert since
        assert period
        rules.append(
            Rule(
                f"latency({column})",
                column,
                f"at most {period} after {since}",
                severity="warning",
                expression=_moment(column, schema) - _moment(since, schema) <= period.length,
                inputs=(column, since),
                dimension="timeliness",
                description=level.description,
            )
        )
    return rules


def _level(item: Mapping[str, Any], column: str | None) -> ServiceLevel:
    return ServiceLevel(
        str(item["property"]),
        item.get("value"),
        item.get("unit"),
        column,
        item.get("description"),
        item.get("driver"),
        item.get("valueExt"),
        item.get("scheduler"),
        item.get("schedule"),
        MappingProxyType(custom_properties(item)),
    )


def _held(level: ServiceLevel, schema: Mapping[str, pl.DataType], place: Place, reading: Reading) -> ServiceLevel:
    since = level.declared.get("since")
    if since is not None and since not in schema:
        reading.problem(place, f"the service level {level.property} counts since `{since!s:.80}`, which is no column",
                        "name the column with the moment of the event")  # fmt: skip
        return level
    if level.kind == "latency" and level.period:
        if _in_the_row(level, schema):
            return replace(level, held=f"the rule `latency({level.column})`, which warns")
        if since is None:
            return replace(level, held="the check `delivery` of each partition, which warns, while its domain is live")
    unusable = level.schedule is not None and level.cron is None
    if unusable:
        reading.not_enforced(
            f"the service level {level.property}: no use is made of its schedule {level.schedule!r:.80}"
        )
    if level.kind == "retention" and level.period:
        reading.not_enforced(
            f"the service level {level.text:.120}: nothing is deleted; `agentic contract service` names what is past it"
        )
        return level
    measured = level.period or level.moment or level.cron or str(level.value).strip().lower() == "once"
    if level.kind in _HELD and measured:
        return replace(level, held="" if level.value == "once" else _HELD[level.kind])
    reading.not_enforced(f"the service level {level.text:.120} is recorded and shown; nothing measures it")
    return level


def _in_the_row(level: ServiceLevel, schema: Mapping[str, pl.DataType]) -> bool:
    if level.period is None or level.column is None or level.since is None:
        return False
    return all(isinstance(schema.get(name), _MOMENTS) for name in (level.column, level.since))


def _moment(name: str, schema: Mapping[str, pl.DataType]) -> pl.Expr:
    if isinstance(schema[name], pl.Date):
        return pl.col(name).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return pl.col(name)
