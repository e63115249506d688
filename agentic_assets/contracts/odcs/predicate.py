"""Read a quality query of ODCS as what it is most often: a count of the rows for which something holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import polars as pl

from agentic_assets.contracts.odcs.row_sql import NotSimple, Row
from agentic_assets.versions.passed import Passed

__all__ = ["NotSimple", "bad_rows"]

MAX_LENGTH: Final = 2_000
_RUNS: Final = Passed("a predicate runs")
_THIS: Final = "this_table"


def bad_rows(query: str, table: str, schema: Mapping[str, pl.DataType]) -> tuple[pl.Expr, tuple[str, ...], str]:
    """Give the predicate of the rows that a query counts, the columns it reads, and the text of what good rows keep.

    The form is `SELECT COUNT(*) FROM <this table> WHERE <predicate>`. In the predicate are allowed columns, literals,
    comparisons, AND/OR/NOT, IS NULL, BETWEEN, IN, + - * / % and intervals, with the three-valued logic of SQL.
    Raises NotSimple for anything else, and ValueError for a predicate of this form that is wrong: an unknown column,
    kinds that do not compare.
    """
    where = _where(query, table)
    row = Row(_THIS, schema)
    try:
        expression = row.predicate(where)
        run = [query, *([name, str(dtype)] for name, dtype in schema.items())]
        if run not in _RUNS:
            _no_rows(tuple(schema.items())).select(expression)
            _RUNS.add(run)
    except (pl.exceptions.PolarsError, RecursionError) as error:
        raise ValueError(f"the predicate cannot be run: {str(error).partition(chr(10))[0][:160]}") from error
    if not row.read:
        raise ValueError("the predicate reads no column, so it says nothing about rows")
    return expression, tuple(dict.fromkeys(row.read)), _kept_text(where)


@lru_cache(maxsize=8)  # a contract has many predicates over one schema
def _no_rows(schema: tuple[tuple[str, pl.DataType], ...]) -> pl.DataFrame:
    return pl.DataFrame(schema=dict(schema))


def _where(query: str, table: str) -> Any:
    """Parse the query and give the node of its condition."""
    if len(query) > MAX_LENGTH:
        raise NotSimple(f"the query is longer than {MAX_LENGTH} characters")
    import sqlglot
    from sqlglot import exp

    # ODCS leaves the table's name to the tool: `${table}`, `${object}`, `{model}` all mean this table.
    plain = re.sub(r"\$?\{\s*\w+\s*\}", _THIS, query.strip().removesuffix(";"))
    try:
        statements = sqlglot.parse(plain, read="duckdb")
    except (sqlglot.errors.SqlglotError, RecursionError) as error:
        raise NotSimple(f"the query cannot be parsed: {str(error).partition(chr(10))[0][:160]}") from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Select):
        raise NotSimple("the query is not one SELECT")
    select: Any = statements[0]
    given = {name.rstrip("_") for name, value in select.args.items() if value} - {"kind"}
    if given != {"expressions", "from", "where"} or not _counts_rows(select.expressions):
        raise NotSimple("the query is not `SELECT COUNT(*) FROM <this table> WHERE ...`")
    source = select.args.get("from", select.args.get("from_")).this  # sqlglot renamed the key between its versions
    if not isinstance(source, exp.Table) or source.sql().lower() not in {_THIS, table.lower()}:
        raise NotSimple(f"the query reads something else than `{table}`")
    return select.args["where"].this


def _counts_rows(selected: list[Any]) -> bool:
    from sqlglot import exp

    counts = [item.unalias() for item in selected]
    return len(counts) == 1 and isinstance(counts[0], exp.Count) and isinstance(counts[0].this, exp.Star)


def _kept_text(where: Any) -> str:
    """Word what good rows keep: the inside of a NOT, else the negation."""
    if type(where).__name__ == "Not":
        return str(where.this.unnest().sql(dialect="duckdb"))
    return f"not ({where.sql(dialect='duckdb')})"
