"""Add what was ordered about agents: stops, stages, trips.

Revision 0005, after the definitions.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "controls",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("domain", sa.String(120), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="counts the controls of a domain from 1"),
        sa.Column("kind", sa.String(20), nullable=False, comment="stop, resume, stage, trip, reset"),
        sa.Column("agent", sa.String(120), nullable=False, comment="a name, a name@version, or * for all"),
        sa.Column("action", sa.String(80), nullable=False, comment="an action, or * for all"),
        sa.Column("phase", sa.String(20), nullable=True, comment="shadow, canary, live; of a stage or a reset"),
        sa.Column("percent_bp", sa.Integer(), nullable=True, comment="how much of the entities, in basis points"),
        sa.Column("effective_from", sa.String(32), nullable=False, comment="UTC, a moment of the data"),
        sa.Column("identity", sa.String(200), nullable=False, comment="who ordered it"),
        sa.Column("role", sa.String(120), nullable=False, comment="in which role"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False, comment="JSON: the figures that it rests on"),
        sa.Column("digest", sa.String(64), nullable=False, comment="of all the above but the id; what is sealed"),
        sa.Column("host", sa.String(200), nullable=False, comment="on which machine"),
        sa.Column("recorded_at", sa.String(32), nullable=False, comment="UTC, for people; nothing is computed from it"),
        sa.UniqueConstraint("domain", "number"),
        comment="what was ordered about agents, append-only",
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("controls")
