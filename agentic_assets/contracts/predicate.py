"""Translate the WHERE clause of a quality rule into polars: a short whitelist of SQL, nothing else."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import polars as pl

__all__ = ["NotSimple", "bad_rows"]

MAX_LENGTH: Final = 2_000
MAX_DEPTH: Final = 30


class NotSimple(Exception):
    """The query is not `SELECT COUNT(*) FROM <table> WHERE <predicate over the row>`."""


def bad_rows(query: str, table: str, schema: Mapping[str, pl.DataType]) -> tuple[pl.Expr, tuple[str, ...], str]:
    """Give the predicate of the rows that a query counts, the columns it reads, and its text.

    Allowed are columns, literals, comparisons, AND/OR/NOT, IS NULL, BETWEEN, IN, + - * / % and interval literals, with
    the three-valued logic of SQL. Raises NotSimple for anything else, and ValueError for a predicate of this form that
    is wrong: an unknown column, types that do not compare.
    """
    if len(query) > MAX_LENGTH:
        raise NotSimple(f"the query is longer than {MAX_LENGTH} characters")
    import sqlglot
    from sqlglot import exp

    # ODCS leaves the table's name to the tool: `${table}`, `${object}`, `{model}` all mean this table.
    plain = re.sub(r"\$?\{\s*\w+\s*\}", "this_table", query.strip().removesuffix(";"))
    try:
        statements = sqlglot.parse(plain, read="duckdb")
    except (sqlglot.errors.SqlglotError, RecursionError) as error:
        raise NotSimple(f"the query cannot be parsed: {str(error).partition(chr(10))[0][:160]}") from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Select):
        raise NotSimple("the query is not one SELECT")
    select = statements[0]
    counted = [
        isinstance(item, exp.Count) and isinstance(item.this, exp.Star) and not item.expressions
        for item in (child.unalias() for child in select.expressions)
    ]
    given = {name for name, value in select.args.items() if value}
    source = select.args.get("from") or select.args.get("from_")
    if counted != [True] or given - {"kind", "expressions", "from", "from_", "where"} or source is None:
        raise NotSimple("the query is not `SELECT COUNT(*) FROM <this table> WHERE ...`")
    if not isinstance(source.this, exp.Table) or source.this.sql().lower() not in {"this_table", table.lower()}:
        raise NotSimple(f"the query reads something else than `{table}`")
    where = select.args.get("where")
    if where is None:
        raise NotSimple("the query has no WHERE: use the metric rowCount")
    translation = _Translation(schema)
    try:
        expression = translation.of(where.this, 0)
        with_types = pl.DataFrame(schema=dict(schema)).select(expression.alias("bad"))
    except (pl.exceptions.PolarsError, RecursionError) as error:
        raise ValueError(f"the types do not fit: {str(error).partition(chr(10))[0][:160]}") from error
    if with_types.schema["bad"] != pl.Boolean:
        raise ValueError("the WHERE clause is no predicate")
    return expression, tuple(dict.fromkeys(translation.read)), _kept_text(where.this)


def _kept_text(where: Any) -> str:
    """Word what good rows keep: the inside of a NOT, else the negation."""
    from sqlglot import exp

    if isinstance(where, exp.Not):
        return str(where.this.unnest().sql(dialect="duckdb"))
    return f"not ({where.sql(dialect='duckdb')})"


class _Translation:
    def __init__(self, schema: Mapping[str, pl.DataType]) -> None:
        from sqlglot import exp

        self.schema = schema
        self.read: list[str] = []
        self.binary: dict[type[Any], Callable[[pl.Expr, pl.Expr], pl.Expr]] = {
            exp.EQ: lambda left, right: left == right,
            exp.NEQ: lambda left, right: left != right,
            exp.LT: lambda left, right: left < right,
            exp.LTE: lambda left, right: left <= right,
            exp.GT: lambda left, right: left > right,
            exp.GTE: lambda left, right: left >= right,
            exp.And: lambda left, right: left & right,
            exp.Or: lambda left, right: left | right,
            exp.Add: lambda left, right: left + right,
            exp.Sub: lambda left, right: left - right,
            exp.Mul: lambda left, right: left * right,
            exp.Mod: lambda left, right: left % pl.when(right != 0).then(right),
            # SQL gives null for a division by zero, polars infinity.
            exp.Div: lambda left, right: left / pl.when(right != 0).then(right),
        }

    def of(self, node: Any, depth: int) -> pl.Expr:
        """Translate one node; `depth` counts the nesting."""
        from sqlglot import exp

        if depth > MAX_DEPTH:
            raise NotSimple(f"the predicate nests deeper than {MAX_DEPTH}")
        below = depth + 1
        translate = self.binary.get(type(node))
        if translate is not None:
            return translate(self.of(node.this, below), self.of(node.expression, below))
        match node:
            case exp.Paren():
                return self.of(node.this, below)
            case exp.Not():
                return ~self.of(node.this, below)
            case exp.Neg():
                return -self.of(node.this, below)
            case exp.Is() if isinstance(node.expression, exp.Null):
                return self.of(node.this, below).is_null()
            case exp.Between():
                value = self.of(node.this, below)
                return (value >= self.of(node.args["low"], below)) & (value <= self.of(node.args["high"], below))
            case exp.In() if node.expressions and not node.args.get("query"):
                value = self.of(node.this, below)
                result = value == self.of(node.expressions[0], below)
                for item in node.expressions[1:]:
                    result = result | (value == self.of(item, below))
                return result
            case exp.Column():
                return self._column(node)
        return self._literal(node)

    def _column(self, node: Any) -> pl.Expr:
        name = node.name
        if name not in self.schema:
            raise ValueError(f"the query reads `{name[:80]}`, which is no column of the contract")
        self.read.append(name)
        # Integers are widened so that sums and products do not overflow silently.
        return pl.col(name).cast(pl.Int64) if self.schema[name].is_integer() else pl.col(name)

    def _literal(self, node: Any) -> pl.Expr:
        from sqlglot import exp

        match node:
            case exp.Literal() if node.is_string:
                return pl.lit(node.this)
            case exp.Literal():
                try:
                    return pl.lit(int(node.this))
                except ValueError:
                    return pl.lit(float(node.this))
            case exp.Boolean():
                return pl.lit(bool(node.this))
            case exp.Cast() if isinstance(node.this, exp.Literal) and node.this.is_string:
                target = node.to.this
                if target == exp.DataType.Type.DATE:
                    return pl.lit(node.this.this).str.to_date("%Y-%m-%d")
                if target == exp.DataType.Type.TIMESTAMPTZ:
                    return pl.lit(node.this.this.replace(" ", "T", 1)).str.to_datetime("%Y-%m-%dT%H:%M:%S%#z")
            case exp.Interval() if isinstance(node.this, exp.Literal):
                unit = str(node.args.get("unit") or "").lower().removesuffix("s")
                count = re.fullmatch(r"\d{1,9}", str(node.this.this))
                if unit in ("second", "minute", "hour", "day") and count:
                    return pl.lit(dt.timedelta(**{f"{unit}s": int(count.group())}))
        raise NotSimple(
            f"`{node.sql(dialect='duckdb')[:80]}` ({type(node).__name__}) is not allowed in a row predicate"
        )
