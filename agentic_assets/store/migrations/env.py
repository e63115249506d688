"""Run by alembic itself: migrate over the connection that `upgrade` opened."""

from __future__ import annotations

from alembic import context

from agentic_assets.store.migrations import VERSION_TABLE
from agentic_assets.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
