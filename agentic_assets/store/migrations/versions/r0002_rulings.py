"""Add what people rule on quarantined rows, and which partitions were refused.

Revision 0002, after the first.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create both tables."""
    identity = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "rulings",
        sa.Column("id", identity, primary_key=True, autoincrement=True),
        sa.Column("asset", sa.String(200), nullable=False),
        sa.Column("partition", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="counts the rulings of a partition from 1"),
        sa.Column("digest", sa.String(64), nullable=False, comment="of the delivered row, without its source_row"),
        sa.Column("copy", sa.Integer(), nullable=False, comment="which of the equal rows in quarantine, from 0"),
        sa.Column("source_row", sa.BigInteger(), nullable=False, comment="where the row lay then; for people"),
        sa.Column("rules", sa.Text(), nullable=False, comment="what the row broke then; for people"),
        sa.Column("verdict", sa.String(20), nullable=False, comment="release, drop, withdraw"),
        sa.Column("correction", sa.Text(), nullable=False, comment="JSON: column -> new value as text, or null"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("identity", sa.String(200), nullable=False, comment="who ruled"),
        sa.Column("host", sa.String(200), nullable=False, comment="on which machine"),
        sa.Column("recorded_at", sa.String(32), nullable=False, comment="UTC, for people; nothing is computed from it"),
        sa.UniqueConstraint("asset", "partition", "number"),
        comment="what people ruled on quarantined rows, append-only; a later ruling on the same row replaces it",
    )
    op.create_table(
        "refusals",
        sa.Column("id", identity, primary_key=True, autoincrement=True),
        sa.Column("asset", sa.String(200), nullable=False),
        sa.Column("partition", sa.String(40), nullable=False),
        sa.Column("state", sa.String(20), nullable=False, comment="refused, blocked, or stands when it is whole again"),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False, comment="JSON: findings, and what became of rulings"),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("recorded_at", sa.String(32), nullable=False, comment="UTC, for people; nothing is computed from it"),
        comment="partitions that were not published, append-only; the highest id of a partition is its state",
    )
    op.create_index("refusals_current", "refusals", ["asset", "partition", "id"])


def downgrade() -> None:
    """Drop both tables."""
    op.drop_table("refusals")
    op.drop_table("rulings")
