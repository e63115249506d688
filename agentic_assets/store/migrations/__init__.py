"""The history of the store's tables, and the way along it.

A change of `schema.py` needs a new revision in `versions/` and its number in `HEAD`; a test compares the two.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

from agentic_assets.errors import ConfigInvalid

if TYPE_CHECKING:
    from alembic.config import Config

__all__ = ["HEAD", "VERSION_TABLE", "configuration", "upgrade"]

HEAD = "0008"
"""The newest revision, written down here so that opening a current store need not import alembic."""

VERSION_TABLE = "store_version"
"""Not alembic's default name: Dagster's storage keeps that one in the same PostgreSQL database."""

_ONE_AT_A_TIME = threading.Lock()  # alembic keeps the running migration in module globals
_ADVISORY_LOCK = 0x6167656E74696301


def configuration(connection: Connection) -> Config:
    """Point alembic at this folder and at an open connection."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection) -> None:
    """Bring the tables to `HEAD` in one transaction, while every other process waits; commit it.

    Raises:
        ConfigInvalid: a newer release made this store.
    """
    from alembic import command
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    with _ONE_AT_A_TIME:
        if connection.dialect.name == "sqlite":
            connection.execute(text("BEGIN IMMEDIATE"))
        else:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
        config = configuration(connection)
        found = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()
        known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
        if found is not None and found not in known:
            raise ConfigInvalid(
                f"the store has the tables of a newer release: revision {found}, and this one knows up to {HEAD}",
                hint="install the newer release, or point AGENTIC_STORE_URL at another database",
            )
        command.upgrade(config, "head")
        connection.commit()
