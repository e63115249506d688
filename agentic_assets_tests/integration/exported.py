"""Hold rows against exports of a contract, each in its own engine, and against the gate, which is the oracle."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import duckdb
import jsonschema
import polars as pl
import psycopg2  # type: ignore[import-untyped]

from agentic_assets.contracts import Contract
from agentic_assets.contracts.export import to_json_schema, to_pandera, to_pandera_module, to_sql
from agentic_assets.contracts.gating.conform import conform
from agentic_assets.contracts.gating.measure import broken_by

__all__ = [
    "by_duckdb",
    "by_gate",
    "by_json_schema",
    "by_module",
    "by_pandera",
    "by_postgres",
    "mutated",
    "row_by_row",
    "unsaid",
]

_DAY = dt.date(1999, 12, 31)
_ODD: Mapping[type[pl.DataType], Sequence[Any]] = {
    pl.String: ["", "?", "x" * 300, "ABC", "N1234X", "a\nb", "it's"],
    pl.Int16: [-1, 0, 7, 32_000],
    pl.Int32: [-1, 0, 7, 2460, 2_000_000],
    pl.Int64: [-1, 0, 7, 2460, 2**40],
    pl.Float64: [-1000.0, 0.0, 0.5, 1e6, 1e300, math.nan, math.inf],
    pl.Boolean: [True, False],
    pl.Date: [_DAY, dt.date(2013, 7, 1)],
    pl.Datetime: [dt.datetime(1999, 12, 31, tzinfo=dt.UTC), dt.datetime(2013, 7, 1, 12, tzinfo=dt.UTC)],
}


def row_by_row(contract: Contract) -> Contract:
    """Give the contract without the rules that compare rows with each other."""
    kept = tuple(rule for rule in contract.rules if rule.scope == "row" and not rule.key)
    return replace(contract, rules=kept, primary_key=())


def mutated(frame: pl.DataFrame) -> pl.DataFrame:
    """Give the rows, and then one copy for each odd value of each column, in which that column holds it."""
    whole = frame.rows()
    rows: list[tuple[Any, ...]] = list(whole)
    for position, dtype in enumerate(frame.dtypes):
        for number, odd in enumerate([None, *_ODD[type(dtype)]]):
            row = whole[number % len(whole)]
            rows.append((*row[:position], odd, *row[position + 1 :]))
    return pl.DataFrame(rows, schema=frame.schema, orient="row")


def unsaid(text: str) -> set[str]:
    """Give the ids of the rules that an export names as left out."""
    return set(re.findall(r"\(((?:[^()]|\([^()]*\))*)\): ", text))


def by_gate(frame: pl.DataFrame, contract: Contract, without: Iterable[str] = ()) -> list[bool]:
    """Say which rows break no rule but those named."""
    marked = conform(frame, contract).marked
    good = pl.repeat(value=True, n=frame.height, eager=True)
    for rule in contract.rules:
        if rule.severity == "error" and rule.scope == "row" and rule.id not in without:
            good &= ~broken_by(marked, rule)
    return good.to_list()


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def by_json_schema(frame: pl.DataFrame, contract: Contract) -> list[bool]:
    validator = jsonschema.Draft202012Validator(to_json_schema(contract))
    rows = [{name: _json(value) for name, value in row.items()} for row in frame.iter_rows(named=True)]
    numbers = [all(not isinstance(value, float) or math.isfinite(value) for value in row.values()) for row in rows]
    return [finite and validator.is_valid(row) for row, finite in zip(rows, numbers, strict=True)]


def by_duckdb(frame: pl.DataFrame, contract: Contract) -> list[bool]:
    connection = duckdb.connect()
    try:
        connection.execute(to_sql(contract, dialect="duckdb", foreign_keys=False))
        table = contract.dataset.replace('"', '""')
        insert = f'INSERT INTO "{table}" VALUES ({", ".join("?" * frame.width)})'
        found = []
        for row in frame.iter_rows():
            try:
                connection.execute(insert, row)
                found.append(True)
            except duckdb.ConstraintException:
                found.append(False)
        return found
    finally:
        connection.close()


def by_postgres(frame: pl.DataFrame, contract: Contract, url: str) -> list[bool]:
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS exported CASCADE; CREATE SCHEMA exported; SET search_path TO exported")
        cursor.execute(to_sql(contract, dialect="postgres", foreign_keys=False))
        table = contract.dataset.replace('"', '""')
        insert = f'INSERT INTO "{table}" VALUES ({", ".join(["%s"] * frame.width)})'
        found = []
        for row in frame.iter_rows():
            cursor.execute("SAVEPOINT one")
            try:
                cursor.execute(insert, row)
                found.append(True)
            except psycopg2.IntegrityError:
                cursor.execute("ROLLBACK TO one")
                found.append(False)
        return found


def by_pandera(frame: pl.DataFrame, contract: Contract) -> list[bool]:
    schema = to_pandera(contract)
    return _judged(frame, lambda part: schema.validate(part, lazy=True))


def by_module(frame: pl.DataFrame, contract: Contract) -> list[bool]:
    space: dict[str, Any] = {"__name__": "exported"}
    exec(compile(to_pandera_module(contract), "exported.py", "exec"), space)
    return _judged(frame, space["validate"])


def _judged(frame: pl.DataFrame, validate: Any) -> list[bool]:
    """Read the verdict on each row off one validation of all."""
    import pandera.errors

    good = pl.repeat(value=True, n=frame.height, eager=True)
    try:
        validate(frame)
    except pandera.errors.SchemaErrors as errors:
        for error in errors.schema_errors:
            if error.reason_code.name == "SERIES_CONTAINS_NULLS":
                good &= frame[error.schema.name].is_not_null()
            else:
                good &= error.check_output.to_series()
    return good.to_list()
