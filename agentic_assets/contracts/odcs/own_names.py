"""Put a query that was written for the producer's system into the names of the contract."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from agentic_assets.contracts.odcs.row_sql import NotSimple

__all__ = ["OwnNames"]

_PLACEHOLDER: Final = re.compile(r"\$\{\s*([^}]*?)\s*\}|\{\s*(\w+)\s*\}")
_TABLES: Final = frozenset({"table", "object", "model", "schema", "dataset", "this"})
_COLUMNS: Final = frozenset({"column", "property", "field"})
_LITERAL: Final = re.compile(r"('(?:[^']|'')*')")
_WHERE: Final = ("schema", "database", "dataset", "catalog")


@dataclass(frozen=True)
class OwnNames:
    """The names under which a table and its columns are known outside, and those of the contract.

    `tables` holds the names of the table; `qualifiers` what may stand before them with a dot; `columns` gives the name
    of a column for its physical one.
    """

    table: str = ""
    tables: frozenset[str] = frozenset()
    qualifiers: frozenset[str] = frozenset()
    columns: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, file: Mapping[str, Any], table: Mapping[str, Any]) -> OwnNames:
        """Collect the names that a file gives to one of its tables."""
        servers = [server for server in file.get("servers") or () if isinstance(server, Mapping)]
        where = {str(server[key]).lower() for server in servers for key in _WHERE if server.get(key)}
        names = {str(item["name"]) for item in table.get("properties") or ()}
        physical = {str(item.get("physicalName")): str(item["name"]) for item in table.get("properties") or ()}
        given = str(table.get("physicalName") or "")
        others = {str(other["name"]).lower() for other in file.get("schema") or () if other is not table}
        return cls(
            str(table["name"]),
            frozenset(name for name in {str(table["name"]), given} - {""} if name.lower() not in others),
            frozenset(where),
            {other: name for other, name in physical.items() if other not in names and other != "None"},
        )

    def rewritten(self, query: str, column: str | None) -> str:
        """Give the query with this table as `${table}` and columns by their names in the contract.

        Raises NotSimple for a variable, which nothing fills in here.
        """
        parts = _LITERAL.split(_PLACEHOLDER.sub(lambda found: self._filled(found, column), query))
        parts[::2] = [self._plain(part) for part in parts[::2]]  # what stands between is text in quotes
        return "".join(parts)

    def _filled(self, found: re.Match[str], column: str | None) -> str:
        name = (found[1] or found[2] or "").lower()
        if name in _TABLES:
            return "${table}"
        if name in _COLUMNS and column is not None:
            return _quoted(column)
        raise NotSimple(f"the query holds the variable {found.group()[:60]}, which nothing fills in here")

    def _plain(self, sql: str) -> str:
        if self.tables and self.qualifiers:
            before, names = _any_of(self.qualifiers), _any_of(self.tables)
            sql = re.sub(rf'(?i)(?<![\w."])(?:"?{before}"?\s*\.\s*)+"?{names}"?(?![\w.])', "${table}", sql)
        physical = self.tables - {self.table}
        if physical:
            sql = re.sub(rf'(?i)\b(from|join)\s+"?{_any_of(physical)}"?(?![\w.])', r"\1 ${table}", sql)
        if self.columns:
            swap = {other.lower(): name for other, name in self.columns.items()}
            pattern = rf'(?i)(?<![\w$"{{])("?)({_any_of(frozenset(self.columns))})\1(?![\w("])'
            sql = re.sub(pattern, lambda found: _quoted(swap[found[2].lower()]), sql)
        return sql


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_]\w*", name) else '"' + name.replace('"', '""') + '"'


def _any_of(names: frozenset[str]) -> str:
    return f"(?:{'|'.join(re.escape(name) for name in sorted(names, key=lambda name: (-len(name), name)))})"
