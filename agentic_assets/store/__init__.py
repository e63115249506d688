"""Rows that need transactions: manifest, ledger log, outbox. SQLite by default, PostgreSQL by URL."""

from agentic_assets.store.database import Store
from agentic_assets.store.schema import metadata

__all__ = ["Store", "metadata"]
