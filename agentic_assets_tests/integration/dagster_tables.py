"""Read what a Dagster storage wrote, so that two storages can be compared."""

import json
import re
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as db

from agentic_assets.store.database import with_driver

__all__ = ["Tables", "postgres_tables", "sqlite_tables"]

Tables = dict[str, list[dict[str, Any]]]

_SKIPPED = {"alembic_version", "sqlite_sequence", "secondary_indexes", "instance_info", "kvs"}
_OWN = {"create_timestamp", "update_timestamp"}  # the database's own clock
_VOLATILE = re.compile(r'"pid": \d+')


def sqlite_tables(base_dir: Path) -> Tables:
    """Read every table of every SQLite file under a storage's folder: `file:table` -> rows."""
    read: Tables = {}
    for file in sorted(base_dir.rglob("*.db")):
        connection = sqlite3.connect(file)
        connection.row_factory = sqlite3.Row
        try:
            for (table,) in connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
            ).fetchall():
                if table not in _SKIPPED:
                    rows = connection.execute(f"SELECT * FROM {table} ORDER BY id").fetchall()
                    read[f"{file.relative_to(base_dir)}:{table}"] = [_comparable(dict(row)) for row in rows]
        finally:
            connection.close()
    return read


def postgres_tables(url: str) -> Tables:
    """Read every table of a database: table -> rows."""
    engine = db.create_engine(with_driver(url), poolclass=db.NullPool)
    read: Tables = {}
    with engine.connect() as connection:
        for table in sorted(db.inspect(connection).get_table_names()):
            columns = [column["name"] for column in db.inspect(connection).get_columns(table)]
            if table not in _SKIPPED and "id" in columns:
                rows = connection.execute(db.text(f'SELECT * FROM "{table}" ORDER BY id')).mappings()
                # An upsert takes a number from the sequence even where it updates: only the order of assets is meant.
                own = {"id"} if table == "asset_keys" else set()
                read[table] = [_comparable({name: row[name] for name in columns if name not in own}) for row in rows]
    return read


def _comparable(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in row.items() if name not in _OWN}


def _value(value: Any) -> Any:
    if isinstance(value, str) and value.startswith("{"):
        return json.loads(_VOLATILE.sub('"pid": 0', value))
    return value
