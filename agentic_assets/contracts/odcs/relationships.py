"""Compile relationships, of a property or of the table, in shorthand or by path, into rules over two datasets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from agentic_assets.contracts.odcs.document import Place
from agentic_assets.contracts.odcs.reading import Reading, custom_properties
from agentic_assets.contracts.odcs.strictness import finished, tolerance_of, unless_given
from agentic_assets.contracts.reference import Reference
from agentic_assets.contracts.rule import Rule

__all__ = ["Written", "of_relationship", "written_in"]

Written = tuple[Mapping[str, Any], str | None, Place]
"""A relationship as it stands in the file, the property that it stands on (None: the table), its place."""


def written_in(table: Mapping[str, Any], place: Place) -> Iterator[Written]:
    """Find the relationships of a table: those of its properties, then its own."""
    for index, item in enumerate(table.get("properties") or ()):
        for number, relationship in enumerate(item.get("relationships") or ()):
            yield relationship, str(item["name"]), (*place, "properties", index, "relationships", number)
    for number, relationship in enumerate(table.get("relationships") or ()):
        yield relationship, None, (*place, "relationships", number)


def of_relationship(
    written: Written, table: Mapping[str, Any], schema: Mapping[str, pl.DataType], reading: Reading
) -> Rule | None:
    """Compile one relationship; give None for a problem and for what is only declared, both noted.

    ODCS has no severity and no tolerance here, so that custom properties carry them under the names that quality
    checks use: `severity`, `mustBeLessOrEqualTo` and the other operators, `unit`. `enforced: false` only declares it.
    """
    item, column, place = written
    try:
        columns = (column,) if column else _columns(item["from"], table, reading.table)
        dataset, keys = _target(item["to"], table)
        if len(columns) != len(keys):
            raise ValueError(f"names {len(columns)} columns and refers to {len(keys)}")
        unknown = [name for name in columns if name not in schema]
        if unknown:
            raise ValueError(f"is about `{unknown[0]:.80}`, which is no column")
        if len(set(columns)) != len(columns):
            raise ValueError("names a column twice")
    except LookupError as error:
        reading.not_enforced(f"the relationship {error.args[0]}", place)
        return None
    except ValueError as error:
        reading.problem(place, f"the relationship {error}", "write `table.column` on both sides, as many as there are")
        return None
    reference = Reference(columns, dataset, keys)
    declared = custom_properties(item)
    if declared.get("enforced") is False:
        what = f"the relationship {reference}: the contract only declares it (enforced: false)"
        reading.not_enforced(what, place, "declared-only")
        return None
    promised = unless_given({"id": item.get("id"), **declared})
    tolerance = tolerance_of(promised, place, reading)
    if tolerance is None:
        return None
    rule = Rule(
        f"foreignKey({','.join(columns)})",
        columns[0] if len(columns) == 1 else None,
        f"foreign key to {dataset}({', '.join(keys)})",
        scope="cross",
        reference=reference,
        inputs=columns,
        dimension="consistency",
    )
    return finished(rule, promised, tolerance)


def _listed(value: Any) -> list[str]:
    return [str(entry) for entry in (value if isinstance(value, list) else [value])]


def _columns(value: Any, table: Mapping[str, Any], name: str) -> tuple[str, ...]:
    parts = [_parts(text, table) for text in _listed(value)]
    for dataset, _ in parts:
        if dataset != name:
            raise ValueError(f"starts from `{dataset:.80}`, but stands in `{name}`")
    return tuple(column for _, column in parts)


def _target(value: Any, table: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    parts = [_parts(text, table) for text in _listed(value)]
    datasets = {dataset for dataset, _ in parts}
    if len(datasets) != 1:
        raise ValueError(f"refers to {len(datasets)} tables at once")
    return datasets.pop(), tuple(column for _, column in parts)


def _parts(text: str, table: Mapping[str, Any]) -> tuple[str, str]:
    """Give table and column of `table.column`, or of `schema/table/properties/column` with ids.

    A file in front is never opened: the table is looked for among the assets, by its name.
    """
    path = text.rpartition("#")[2].strip("/")
    if "/" in path:
        steps = path.split("/")
        if len(steps) != 4 or steps[0] != "schema" or steps[2] != "properties":
            raise LookupError(f"refers to {text!r:.80}, which is no column of a table")
        return _own_names(steps[1], steps[3], table)
    steps = path.split(".")
    if len(steps) != 2:
        raise LookupError(f"refers to {text!r:.80}, which is no column of a table")
    return steps[0], steps[1]


def _own_names(table_id: str, column_id: str, table: Mapping[str, Any]) -> tuple[str, str]:
    """Turn stable ids of this table into its names; elsewhere ids are taken for names."""
    if table_id not in (table.get("id"), table.get("name")):
        return table_id, column_id
    named = {str(item.get("id") or item["name"]): str(item["name"]) for item in table.get("properties") or ()}
    return str(table["name"]), named.get(column_id, column_id)
