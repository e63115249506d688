"""Add what people said about escalated decisions.

Revision 0007, after the leases.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "resolutions",
        sa.Column("domain", sa.String(120), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, comment="counts the resolutions of a domain from 1"),
        sa.Column("agent", sa.String(120), nullable=False, comment="name@version"),
        sa.Column("day", sa.String(40), nullable=False, comment="the partition of the decision"),
        sa.Column("entity", sa.String(200), nullable=False),
        sa.Column("decision_id", sa.String(32), nullable=False, comment="the escalated decision that it answers"),
        sa.Column("verdict", sa.String(20), nullable=False, comment="allow, deny"),
        sa.Column("action", sa.String(80), nullable=False, comment="what is done instead"),
        sa.Column("identity", sa.String(200), nullable=False, comment="who resolved it"),
        sa.Column("role", sa.String(120), nullable=False, comment="in which role; expired when nobody did in time"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False, comment="of all the above; it is pinned"),
        sa.Column("host", sa.String(200), nullable=False, comment="on which machine"),
        sa.Column("opened_at", sa.String(32), nullable=False, comment="UTC, when it was put before people"),
        sa.Column("resolved_at", sa.String(32), nullable=False, comment="UTC, for people"),
        sa.UniqueConstraint("domain", "decision_id"),
        comment="what people made of escalated decisions, append-only",
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("resolutions")
