"""A contract that follows from code: the columns that a node makes, with nothing for a person to write twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl

from agentic_assets.contracts.contract import Contract
from agentic_assets.contracts.odcs.document import Document
from agentic_assets.contracts.odcs.problem import refuse
from agentic_assets.contracts.odcs.reading import Reading
from agentic_assets.contracts.odcs.table import contract_of
from agentic_assets.errors import ContractInvalid

__all__ = ["derived"]

_TYPES: Final[Mapping[pl.DataType, tuple[str, str]]] = {
    pl.String(): ("string", "string"),
    pl.Int8(): ("integer", "int8"),
    pl.Int16(): ("integer", "int16"),
    pl.Int32(): ("integer", "int32"),
    pl.Int64(): ("integer", "int64"),
    pl.Float32(): ("number", "float"),
    pl.Float64(): ("number", "double"),
    pl.Boolean(): ("boolean", "boolean"),
    pl.Date(): ("date", "date"),
    pl.Datetime("us", "UTC"): ("timestamp", "timestamp"),
}


def derived(
    dataset: str,
    *,
    domain: str,
    version: str,
    purpose: str,
    owner: str,
    schema: Mapping[str, pl.DataType],
    key: Sequence[str] = (),
    required: Sequence[str] = (),
    described: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
) -> Contract:
    """Give the contract of a dataset whose columns are made by code; a file in contracts/ can say more.

    `key` names its rows, `required` what is never null besides; a row that breaks it refuses the partition, which may
    also have no rows. Raises ContractInvalid for a name or a type that no contract can hold.
    """
    name = f"{domain}/{dataset} (derived from code)"
    properties = [
        _property(column, dtype, name, key, required, described or {}, units or {}) for column, dtype in schema.items()
    ]
    value: dict[str, Any] = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": f"{domain}-{dataset}".replace("_", "-"),
        "name": purpose,
        "version": version,
        "status": "active",
        "domain": domain,
        "description": {"purpose": purpose},
        "team": {"name": owner},
        "customProperties": [{"property": "maxRefusedShare", "value": 0}],
        "schema": [
            {
                "name": dataset,
                "logicalType": "object",
                "description": purpose,
                "quality": [{"id": "may-be-empty", "metric": "rowCount", "mustBeGreaterOrEqualTo": 0}],
                "properties": properties,
            }
        ],
    }
    document, reading = Document(name, value, {}), Reading(at=("schema", 0), unkept=[])
    contract = contract_of(document, 0, domain, reading)
    refuse(document, reading.problems)
    return contract


def _property(
    column: str,
    dtype: pl.DataType,
    where: str,
    key: Sequence[str],
    required: Sequence[str],
    described: Mapping[str, str],
    units: Mapping[str, str],
) -> dict[str, Any]:
    if dtype not in _TYPES:
        raise ContractInvalid(
            f"{where}: the column `{column}` is {dtype}, which has no contract of its own making",
            hint="write the contract of this dataset in contracts/, or cast the column",
        )
    logical, physical = _TYPES[dtype]
    item: dict[str, Any] = {"name": column, "logicalType": logical, "physicalType": physical}
    item["description"] = described.get(column) or f"{column.replace('_', ' ').capitalize()}."
    item["classification"] = "internal"
    if column in key or column in required:
        item["required"] = True
    if column in key:
        item |= {"primaryKey": True, "primaryKeyPosition": list(key).index(column) + 1}
    if column in units:
        item["customProperties"] = [{"property": "unit", "value": units[column]}]
    return item
