"""Check stored decisions: the columns that people query must say what the sealed record says."""

from __future__ import annotations

from typing import Any

import polars as pl

from agentic_assets.decisions.decide import decision_ids
from agentic_assets.decisions.record import FIELDS, encode, parse
from agentic_assets.errors import LedgerBroken

__all__ = ["MISMATCHES", "mismatches"]

MISMATCHES = pl.Schema({"decision_id": pl.String(), "field": pl.String(), "column": pl.String(), "record": pl.String()})
_MAX_ROWS = 100


def mismatches(decisions: pl.DataFrame) -> pl.DataFrame:
    """Name each field whose column differs from the record, and each id that the row's content does not give.

    Gives decision_id, field, column and record (both as text), at most for the first 100 rows that differ; empty when
    all agree. The field `record` stands for a text that is no record at all.
    """
    derived = decision_ids(decisions)
    same = (encode(decisions) == decisions.get_column("record")).fill_null(value=False)
    wrong = ~(same & (derived == decisions.get_column("decision_id")).fill_null(value=False))
    found: list[dict[str, Any]] = []
    rows = decisions.with_columns(derived.alias("_derived")).filter(wrong).head(_MAX_ROWS)
    for row in rows.iter_rows(named=True):
        found.extend(_differences(row))
    return pl.DataFrame(found, schema=MISMATCHES)


def _differences(row: dict[str, Any]) -> list[dict[str, Any]]:
    name = row["decision_id"]
    try:
        record = parse(row["record"] or "")
    except LedgerBroken as broken:
        return [{"decision_id": name, "field": "record", "column": None, "record": broken.what}]
    told = [
        {"decision_id": name, "field": field, "column": _text(row[field]), "record": _text(record[field])}
        for field in FIELDS
        if row[field] != record[field]
    ]
    if row["_derived"] != name:
        told.append({"decision_id": name, "field": "decision_id", "column": name, "record": row["_derived"]})
    return told


def _text(value: object) -> str | None:
    return None if value is None else str(value)
