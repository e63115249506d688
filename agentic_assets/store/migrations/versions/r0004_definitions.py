"""Add what pinned versions say.

Revision 0004, after the acceptances.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "definitions",
        sa.Column("kind", sa.String(40), primary_key=True),
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("version", sa.String(60), primary_key=True),
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("content", sa.Text(), nullable=False, comment="canonical JSON of what the version says"),
        sa.Column(
            "recorded_at", sa.String(32), nullable=False, comment="UTC, for people; the newest of a version counts"
        ),
        comment="what pinned versions say, so that they can be compared when the code has moved on",
    )


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("definitions")
