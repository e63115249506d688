"""Add the leases of limited resources, and the clock of each scope of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "lease_clocks",
        sa.Column("scope", sa.String(200), primary_key=True),
        sa.Column("at", sa.BigInteger(), nullable=False, comment="microseconds since 1970, UTC; never goes back"),
        comment="the latest moment that the leases of a scope have met; its row is locked by whoever changes one",
    )
    op.create_table(
        "leases",
        sa.Column("scope", sa.String(200), primary_key=True, comment="within it, an entity holds one unit at most"),
        sa.Column("bid_id", sa.String(200), primary_key=True),
        sa.Column("agent", sa.String(120), nullable=False),
        sa.Column("entity", sa.String(200), nullable=False),
        sa.Column("resource", sa.String(200), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False, comment="when the bid was made; microseconds, UTC"),
        sa.Column("commits_at", sa.BigInteger(), nullable=False, comment="from when on the lease is firm"),
        sa.Column("expires_at", sa.BigInteger(), comment="when the unit is free again; null: when it is released"),
        sa.Column("utility_cents", sa.BigInteger(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("binding", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False, comment="held, preempted, released, expired, refused"),
        sa.Column("reason", sa.String(20), nullable=False, comment="why it has a unit, or has none"),
        sa.Column("unit", sa.Integer(), comment="from 1; the one it has, or had"),
        sa.Column("held_until", sa.BigInteger(), comment="when it lost or gave back its unit"),
        sa.Column("lost_to", sa.String(200), comment="the bid that has what this one wanted"),
        sa.Column("lost_to_cents", sa.BigInteger(), comment="what that bid offered"),
        sa.Column("version", sa.Integer(), nullable=False, comment="counts the changes of the lease from 1"),
        comment="every bid for a limited resource and what became of it; one lease a unit, one an entity",
    )
    held = sa.text("state = 'held'")
    op.create_index(
        "leases_held_units",
        "leases",
        ["scope", "resource", "unit"],
        unique=True,
        sqlite_where=held,
        postgresql_where=held,
    )
    op.create_index(
        "leases_held_entities", "leases", ["scope", "entity"], unique=True, sqlite_where=held, postgresql_where=held
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("leases")
    op.drop_table("lease_clocks")
