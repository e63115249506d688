"""Check SQL in DuckDB's own syntax tree, so that what is judged is what runs, and shape it into a question."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import polars as pl

from agentic_assets.contracts.query import Query
from agentic_assets.contracts.sandbox.connection import connection
from agentic_assets.contracts.sandbox.functions import AGGREGATES, ALLOWED, CLOCKS, FORBIDDEN

__all__ = ["ROWS", "ROW_NUMBER", "TABLE", "Forbidden", "NotHere", "compiled"]

TABLE: Final = "this_table"
ROWS: Final = "this table with row numbers"
ROW_NUMBER: Final = "row number"
MAX_LENGTH: Final = 10_000
MAX_NODES: Final = 2_000
MAX_DEPTH: Final = 60

_EXPRESSIONS: Final = frozenset(
    {"FUNCTION", "CONSTANT", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "OPERATOR", "CASE", "CAST", "BETWEEN"}
) | {"SUBQUERY", "WINDOW", "STAR", "TYPE"}
_NODES: Final = frozenset(
    {"SELECT_NODE", "SET_OPERATION_NODE", "ORDER_MODIFIER", "DISTINCT_MODIFIER", "LIMIT_MODIFIER"}
)
_SYSTEM: Final = re.compile(r"(?i)information_schema|pg_\w+|sqlite_\w+|duckdb_\w+|system|temp|pragma_\w+")


class Forbidden(ValueError):
    """The SQL reaches for something that no check of data needs; the contract is refused."""

    hint = "ask one SELECT about the rows of this table only, with functions whose answer never changes"


class NotHere(Exception):
    """The SQL may be sound elsewhere (another dialect, another table), but is not run here."""


def compiled(query: str, table: str, schema: Mapping[str, pl.DataType]) -> tuple[Query, tuple[str, ...]]:
    """Check a query of a contract and give what is run, with the columns that it reads.

    `SELECT COUNT(*) FROM <table> WHERE ...` and `SELECT <columns> FROM <table> ...` find the rows that break the rule;
    an aggregate gives one value; any other SELECT counts the rows it gives. Raises Forbidden, NotHere, and ValueError
    for what is wrong in itself, such as an unknown column.
    """
    statement = _parsed(query)
    names = {name.lower() for name in schema}
    held = _Tree(table.lower(), names)
    held.check(statement, 0)
    inputs = tuple(name for name in schema if name.lower() in held.read)
    shaped = _shaped(statement["node"])
    sql = _text(statement) if shaped != "rows" else _text(_with_row_numbers(statement))
    if shaped == "rows_of":
        sql, shaped = f"SELECT count(*) FROM ({sql}) AS found", "count"
    made = Query(sql, "rows" if shaped == "rows" else "count" if shaped == "count" else "value")
    _bound(made, schema)
    return made, inputs


def _parsed(query: str) -> dict[str, Any]:
    if len(query) > MAX_LENGTH:
        raise NotHere(f"the query is longer than {MAX_LENGTH:,} characters")
    # ODCS leaves the table's name to the tool: `${table}`, `${object}`, `{model}` all mean this table.
    plain = re.sub(r"\$?\{\s*\w+\s*\}", TABLE, query.strip().rstrip(";"))
    [[text]] = connection().execute("SELECT json_serialize_sql(?)", [plain]).fetchall()
    read: dict[str, Any] = json.loads(text)
    if read["error"]:
        what = str(read.get("error_message", "")).partition("\n")[0][:160]
        if read.get("error_type") == "parser":
            raise NotHere(f"the query cannot be parsed: {what}")
        raise Forbidden("the query is no SELECT")
    statements: list[dict[str, Any]] = read["statements"]
    if len(statements) != 1:
        raise Forbidden(f"the query holds {len(statements)} statements, not one SELECT")
    return statements[0]


class _Tree:
    """Walks a syntax tree once; `read` collects the columns, `known` what the query itself names."""

    def __init__(self, table: str, columns: set[str]) -> None:
        self.tables = {TABLE, table}
        self.columns = columns
        self.read: set[str] = set()
        self.nodes = 0
        self.known: set[str] = set()

    def check(self, statement: dict[str, Any], depth: int) -> None:
        self.known = set(_named(statement)) | self.tables
        self._check(statement, depth, frozenset())

    def _check(self, node: Any, depth: int, named: frozenset[str]) -> None:
        self.nodes += 1
        if depth > MAX_DEPTH * 3 or self.nodes > MAX_NODES * 10:
            raise Forbidden("the query nests too deep, or is too long")
        if isinstance(node, list):
            for item in node:
                self._check(item, depth + 1, named)
        elif isinstance(node, dict):
            named = named | {str(entry["key"]).lower() for entry in (node.get("cte_map") or {}).get("map", ())}
            self._look(node, named)
            for child in node.values():
                if isinstance(child, dict | list):
                    self._check(child, depth + 1, named)

    def _look(self, node: dict[str, Any], named: frozenset[str]) -> None:
        kind = node.get("type")
        if node.get("sample") is not None:
            raise Forbidden("the query draws a sample, which comes out differently each time")
        if "class" in node and node["class"] not in _EXPRESSIONS:
            raise NotHere(f"{str(node['class']).lower()} is not allowed in a check")
        if "class" not in node and str(kind).endswith(("_NODE", "_MODIFIER")) and kind not in _NODES:
            words = str(kind).lower().removesuffix("_node").replace("_", " ")
            raise Forbidden(f"a {words} is not allowed in a check")
        if kind == "TABLE_FUNCTION":
            raise Forbidden(f"the query reads from {node['function']['function_name']!s:.60}(), not from the table")
        if kind in ("EXPRESSION_LIST", "PIVOT", "SHOW_REF", "COLUMN_DATA", "DELIM_GET", "BOUND_TABLE_REF"):
            raise NotHere(f"{str(kind).lower()} is not allowed in a check")
        if kind == "BASE_TABLE":
            self._table(node, named)
        if "function_name" in node:
            _function(node)
        if kind == "COLUMN_REF":
            self._column(node)

    def _table(self, node: dict[str, Any], named: frozenset[str]) -> None:
        name, *above = (str(part) for part in (node["table_name"], node["schema_name"], node["catalog_name"]))
        place = ".".join(part for part in (*reversed(above), name) if part)
        if any(_SYSTEM.fullmatch(part) for part in (name, *above) if part) or re.search(r"[/\\:*?.]", name):
            raise Forbidden(f"the query reads {place!r:.80}, not the table")
        if node.get("at_clause") is not None or any(above):
            raise NotHere(f"the query reads `{place:.80}`; only this table is held")
        if name.lower() in named:
            return
        if name.lower() not in self.tables:
            raise NotHere(f"the query reads the table `{name:.80}`; only this one is held")
        node["alias"] = node["alias"] or name
        node["table_name"] = TABLE
        if "qualified_name" in node:
            node["qualified_name"] = {"path": [TABLE]}

    def _column(self, node: dict[str, Any]) -> None:
        *above, name = (str(part).lower() for part in node["column_names"])
        if name not in self.columns and name not in self.known:
            if name in CLOCKS:
                raise NotHere(f"`{name:.60}` reads the clock, so that it comes out differently each time")
            if FORBIDDEN.fullmatch(name):
                raise Forbidden(f"`{name:.60}` comes out differently each time")
            raise ValueError(f"`{name:.80}` is no column of the contract")
        for part in above:
            if part not in self.known and part not in self.columns:
                raise ValueError(f"`{'.'.join((*above, name)):.80}` is no column of the contract")
        self.read.add(name)


def _function(node: dict[str, Any]) -> None:
    name = str(node["function_name"]).lower()
    if node.get("schema") or node.get("catalog"):
        raise Forbidden(f"the function {name:.60} is of another schema")
    if name in ALLOWED or (not name and node.get("class") == "WINDOW"):
        return
    if name in CLOCKS:
        raise NotHere(f"{name:.60}() reads the clock, so that it comes out differently each time")
    if FORBIDDEN.fullmatch(name):
        raise Forbidden(
            f"{name:.60}() is not allowed: it reaches out of the table, comes out differently each time, or makes "
            "much out of little"
        )
    raise NotHere(f"the function {name:.60} is not allowed in a check")


def _named(node: Any) -> Iterator[str]:
    """Find every name that the query gives itself: aliases of columns and tables, names of common table expressions."""
    if isinstance(node, list):
        for item in node:
            yield from _named(item)
    elif isinstance(node, dict):
        if node.get("alias"):
            yield str(node["alias"]).lower()
        for key in ("aliases", "column_name_alias"):
            yield from (str(name).lower() for name in node.get(key) or ())
        yield from (str(entry["key"]).lower() for entry in (node.get("cte_map") or {}).get("map", ()))
        for child in node.values():
            if isinstance(child, dict | list):
                yield from _named(child)


def _shaped(node: dict[str, Any]) -> str:
    """Say what a checked query gives: `rows` of the table that can be named, a `count`, a `value`, or `rows_of` any."""
    modifiers = [modifier["type"] for modifier in node.get("modifiers", ())]
    if "LIMIT_MODIFIER" in modifiers:
        raise ValueError("a LIMIT hides rows; ask for a value, or for all rows that are wrong")
    if node["type"] != "SELECT_NODE":
        return "rows_of"
    selected = node["select_list"]
    aggregates = [_aggregated(item) for item in selected]
    grouped = bool(node["group_expressions"]) or node["aggregate_handling"] == "FORCE_AGGREGATES"
    simple = node["from_table"]["type"] == "BASE_TABLE" and node["from_table"]["table_name"] == TABLE
    if any(aggregates) and not grouped:
        if len(selected) != 1:
            raise ValueError(f"the query gives {len(selected)} values; a check compares one")
        if not _counts_all(selected[0]):
            return "value"
        where = node["where_clause"] is not None and node["having"] is None and node["qualify"] is None
        return "rows" if simple and where and not modifiers else "count"
    if node["from_table"]["type"] == "EMPTY":
        if len(selected) != 1:
            raise ValueError(f"the query gives {len(selected)} values; a check compares one")
        return "value"
    plain = simple and not grouped and node["having"] is None and set(modifiers) <= {"ORDER_MODIFIER"}
    return "rows" if plain else "rows_of"


def _counts_all(item: dict[str, Any]) -> bool:
    return bool(
        item.get("class") == "FUNCTION"
        and item["function_name"].lower() in ("count_star", "count")
        and not item["arguments"]
        and item["filter"] is None
    )


def _aggregated(node: Any) -> bool:
    """Say whether an expression aggregates its own query's rows (those of a subquery are not its own)."""
    if isinstance(node, list):
        return any(_aggregated(item) for item in node)
    if not isinstance(node, dict) or node.get("class") in ("SUBQUERY", "WINDOW"):
        return False
    own = node.get("class") == "FUNCTION" and str(node["function_name"]).lower() in AGGREGATES
    return own or any(_aggregated(child) for child in node.values() if isinstance(child, dict | list))


def _with_row_numbers(statement: dict[str, Any]) -> dict[str, Any]:
    node = statement["node"]
    source = node["from_table"]
    held = {**source, "table_name": ROWS, "alias": source["alias"] or TABLE}
    if "qualified_name" in held:
        held["qualified_name"] = {"path": [ROWS]}
    number = {"class": "COLUMN_REF", "type": "COLUMN_REF", "alias": "", "column_names": [held["alias"], ROW_NUMBER]}
    return {**statement, "node": {**node, "select_list": [number], "from_table": held, "modifiers": []}}


def _text(statement: dict[str, Any]) -> str:
    whole = json.dumps({"error": False, "statements": [statement]})
    [[text]] = connection().execute("SELECT json_deserialize_sql(?::JSON)", [whole]).fetchall()
    return str(text).rstrip(";")


def _bound(query: Query, schema: Mapping[str, pl.DataType]) -> None:
    """Run a query on an empty table: what does not bind there never will."""
    from agentic_assets.contracts.sandbox.running import answer

    try:
        answer(pl.DataFrame(schema=dict(schema)), query)
    except ValueError as error:
        raise ValueError(f"the query cannot be run: {error}") from error
