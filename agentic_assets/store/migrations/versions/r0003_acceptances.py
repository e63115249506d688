"""Add which held partitions a person accepted.

Revision 0003, after the rulings.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "acceptances",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("asset", sa.String(200), nullable=False),
        sa.Column("partition", sa.String(40), nullable=False),
        sa.Column("data_version", sa.String(64), nullable=False, comment="the version that may be read; no other"),
        sa.Column("verdict", sa.Text(), nullable=False, comment="what was accepted, in words; for people"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("identity", sa.String(200), nullable=False, comment="who accepted it"),
        sa.Column("host", sa.String(200), nullable=False, comment="on which machine"),
        sa.Column("recorded_at", sa.String(32), nullable=False, comment="UTC, for people; nothing is computed from it"),
        comment="held partitions that a person lets pass, append-only",
    )
    op.create_index("acceptances_of", "acceptances", ["asset", "partition", "id"])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("acceptances")
