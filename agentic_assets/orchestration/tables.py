"""Write rows of plain values as a table of metadata."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg

__all__ = ["table", "value"]


def value(content: Any) -> Any:
    """Write any JSON value: rows as a table, `{"markdown": text}` as Markdown, whatever else is nested as JSON."""
    if isinstance(content, bool | int | float | str):
        return content
    if isinstance(content, list) and content and all(isinstance(row, dict) for row in content):
        return table(content)
    if isinstance(content, dict) and content.keys() == {"markdown"}:
        return dg.MetadataValue.md(content["markdown"])
    return dg.MetadataValue.json(content)


def table(rows: Sequence[Mapping[str, Any]]) -> Any:
    """Write rows with the same names as a table; no rows are the word `none`."""
    if not rows:
        return "none"
    records = [dg.TableRecord({name: _cell(content) for name, content in row.items()}) for row in rows]
    columns = [dg.TableColumn(name, type=_type(rows[0][name])) for name in rows[0]]
    return dg.MetadataValue.table(records=records, schema=dg.TableSchema(columns=columns))


def _cell(content: Any) -> str | int | float | bool:
    if isinstance(content, str | int | float | bool):
        return content
    return "" if content is None else json.dumps(content)


def _type(content: Any) -> str:
    return {bool: "bool", int: "int", float: "float"}.get(type(content), "string")
