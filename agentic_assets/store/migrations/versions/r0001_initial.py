"""Lay the first tables: manifest, pins, ledger, outbox.

Revision 0001, the first.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table."""
    identity = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "manifest",
        sa.Column("id", identity, primary_key=True, autoincrement=True),
        sa.Column("asset", sa.String(200), nullable=False),
        sa.Column("partition", sa.String(40), nullable=False, comment="'' for an asset without partitions"),
        sa.Column(
            "fingerprint",
            sa.String(64),
            nullable=False,
            comment="digest of code, pins, contract and input versions",
        ),
        sa.Column("code_version", sa.String(64), nullable=False),
        sa.Column("data_version", sa.String(64), nullable=False, comment="canonical digest of the published rows"),
        sa.Column("file", sa.Text(), nullable=False, comment="the published file, relative to the lake table"),
        sa.Column("delta_version", sa.BigInteger(), nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.Column("quarantined", sa.BigInteger(), nullable=False),
        sa.Column("pins", sa.String(64), nullable=False, comment="digest into the table `pins`"),
        sa.Column("inputs", sa.Text(), nullable=False, comment="JSON: asset -> partition -> data version"),
        sa.Column("details", sa.Text(), nullable=False, comment="JSON: what the node reported about the partition"),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("recorded_at", sa.String(32), nullable=False, comment="UTC, for people; nothing is computed from it"),
        comment="every publication of every asset partition, append-only; the highest id of a partition is current",
    )
    op.create_index("manifest_current", "manifest", ["asset", "partition", "id"])
    op.create_table(
        "pins",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("content", sa.Text(), nullable=False, comment="canonical JSON of the pins"),
        comment="content-addressed sets of pinned versions",
    )
    op.create_table(
        "ledger_partitions",
        sa.Column("log", sa.String(120), nullable=False),
        sa.Column("partition", sa.String(40), nullable=False),
        sa.Column(
            "generation", sa.Integer(), nullable=False, comment="0 for the first seal; a superseding seal counts up"
        ),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.String(64), nullable=False),
        sa.Column("ids", sa.LargeBinary(), nullable=False, comment="16 bytes a record, in order"),
        sa.Column("leaves", sa.LargeBinary(), nullable=False, comment="32 bytes a record, in order"),
        sa.Column("checkpoint", sa.Text(), nullable=False, comment="C2SP signed note over this partition's tree"),
        sa.Column("log_index", sa.BigInteger(), nullable=False, comment="leaf in the log over partition roots"),
        sa.UniqueConstraint("log", "partition", "generation"),
        sa.UniqueConstraint("log", "log_index"),
        comment="one sealed tree per decision partition and generation",
    )
    op.create_table(
        "ledger_log",
        sa.Column("log", sa.String(120), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.String(64), nullable=False),
        sa.Column("checkpoint", sa.Text(), nullable=False, comment="C2SP signed note over the log of partition roots"),
        sa.UniqueConstraint("log", "size"),
        comment="every signed head of the log over partition roots",
    )
    op.create_table(
        "announcements",
        sa.Column("asset", sa.String(200), primary_key=True),
        sa.Column("partition", sa.String(40), primary_key=True),
        sa.Column("fingerprint", sa.String(64), nullable=False, comment="of the entry that was told; '' for a refusal"),
        comment="what the orchestrator was told last about each partition",
    )
    op.create_table(
        "outbox",
        sa.Column("id", identity, primary_key=True, autoincrement=True),
        sa.Column(
            "key", sa.String(200), nullable=False, unique=True, comment="idempotency key: at most one effect per key"
        ),
        sa.Column("decision_id", sa.String(32), nullable=False),
        sa.Column("partition", sa.String(40), nullable=False),
        sa.Column("agent", sa.String(120), nullable=False),
        sa.Column("entity", sa.String(200), nullable=False),
        sa.Column("action", sa.String(80), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False, comment="canonical JSON handed to the actuator"),
        sa.Column("state", sa.String(20), nullable=False, comment="pending, done, failed"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False, comment="canonical JSON that the actuator returned"),
        comment="one row per allowed action; written once, executed once",
    )
    op.create_index("outbox_state", "outbox", ["state", "id"])
    op.create_index("outbox_decision", "outbox", ["decision_id"])
    op.create_index("outbox_partition", "outbox", ["partition", "id"])


def downgrade() -> None:
    """Drop every table."""
    for table in ("outbox", "announcements", "ledger_log", "ledger_partitions", "pins", "manifest"):
        op.drop_table(table)
