"""Add releases, which of them is in force, restored partitions, what cleaning up and reconciling did, compensations.

Revision 0008, after the resolutions.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the tables."""
    identity = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "source_snapshots",
        sa.Column("digest", sa.String(64), primary_key=True, comment="of package, files and the library's digest"),
        sa.Column("domain", sa.String(120), nullable=False),
        sa.Column("package", sa.Text(), nullable=False, comment="where the domain's own folder lies among its files"),
        sa.Column("files", sa.Text(), nullable=False, comment="canonical JSON: path -> digest into `snapshot_files`"),
        sa.Column("library", sa.String(60), nullable=False, comment="the version of the library that it was made with"),
        sa.Column("library_digest", sa.String(64), nullable=False, comment="of the library's code that shapes data"),
        sa.Column("recorded_at", sa.String(32), nullable=False, comment="UTC, for people"),
        comment="the sources of a domain as they were when something was made from them; content-addressed",
    )
    op.create_table(
        "snapshot_files",
        sa.Column("digest", sa.String(64), primary_key=True, comment="SHA-256 of the bytes"),
        sa.Column("content", sa.LargeBinary(), nullable=False, comment="zlib"),
        comment="content-addressed files of snapshots",
    )
    op.create_table(
        "releases",
        sa.Column("domain", sa.String(120), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, comment="counts the releases of a domain from 1"),
        sa.Column("pins", sa.Text(), nullable=False, comment="canonical JSON: kind, name, version, digest of each"),
        sa.Column("sources", sa.String(64), nullable=False, comment="digest into `source_snapshots`"),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False, comment="of all the above; what is sealed"),
        sa.Column("host", sa.String(200), nullable=False, comment="on which machine"),
        sa.Column("created_at", sa.String(32), nullable=False, comment="UTC, for people"),
        comment="immutable sets of pins with the sources behind them, append-only",
    )
    op.create_table(
        "activations",
        sa.Column("domain", sa.String(120), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, comment="counts the activations of a domain from 1"),
        sa.Column("release", sa.Integer(), nullable=False, comment="the release that is in force from now on"),
        sa.Column("partitions", sa.Text(), nullable=False, comment="JSON: the days for which it is, null for all"),
        sa.Column("kind", sa.String(20), nullable=False, comment="activate, rollback"),
        sa.Column("author", sa.String(200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False, comment="JSON: what was planned"),
        sa.Column("digest", sa.String(64), nullable=False, comment="of all the above; what is sealed"),
        sa.Column("host", sa.String(200), nullable=False, comment="on which machine"),
        sa.Column("recorded_at", sa.String(32), nullable=False, comment="UTC, for people"),
        comment="which release is in force, append-only; the newest that covers a partition counts",
    )
    op.create_table(
        "restorations",
        sa.Column("id", identity, primary_key=True, autoincrement=True),
        sa.Column("asset", sa.String(200), nullable=False),
        sa.Column("partition", sa.String(40), nullable=False),
        sa.Column("data_version", sa.String(64), nullable=False, comment="the version that stays current; '' lifts it"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("identity", sa.String(200), nullable=False, comment="who restored it"),
        sa.Column("host", sa.String(200), nullable=False, comment="on which machine"),
        sa.Column("recorded_at", sa.String(32), nullable=False, comment="UTC, for people"),
        comment="partitions that people set back to earlier bytes, append-only; the newest of a partition counts",
    )
    op.create_index("restorations_of", "restorations", ["asset", "partition", "id"])
    op.create_table(
        "vacuumed",
        sa.Column("asset", sa.String(200), primary_key=True),
        sa.Column("file", sa.String(500), primary_key=True, comment="relative to the lake table"),
        sa.Column("identity", sa.String(200), nullable=False, comment="who cleaned up"),
        sa.Column("recorded_at", sa.String(32), nullable=False, comment="UTC, for people"),
        comment="published files that were deleted because nothing retained needs them",
    )
    op.create_table(
        "reconciliations",
        sa.Column("id", identity, primary_key=True, autoincrement=True),
        sa.Column("domain", sa.String(120), nullable=False),
        sa.Column("asset", sa.String(200), nullable=False),
        sa.Column("partition", sa.String(40), nullable=False),
        sa.Column("data_version", sa.String(64), nullable=False, comment="as recorded"),
        sa.Column("recomputed", sa.String(64), nullable=False, comment="as computed again; '' when it could not be"),
        sa.Column(
            "message", sa.Text(), nullable=False, comment="the first difference, or why it could not be computed"
        ),
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("recorded_at", sa.String(32), nullable=False, comment="UTC, for people"),
        comment="what was computed again to compare it with the record, append-only",
    )
    op.create_index("reconciliations_of", "reconciliations", ["domain", "id"])
    for column in (
        sa.Column("verb", sa.String(20), nullable=False, server_default="execute", comment="execute, compensate"),
        sa.Column(
            "round", sa.Integer(), nullable=False, server_default="1", comment="how often the action was put, from 1"
        ),
        sa.Column(
            "undoes", sa.BigInteger(), nullable=True, comment="the row that a compensation takes back: at most one each"
        ),
        sa.Column(
            "cause", sa.Text(), nullable=False, server_default="{}", comment="canonical JSON: why it no longer stands"
        ),
        sa.Column("recorded_at", sa.String(32), nullable=True, comment="UTC, for people"),
        sa.Column(
            "settled_at", sa.String(32), nullable=True, comment="UTC, for people: when it was done, failed or withdrawn"
        ),
    ):
        op.add_column("outbox", column)
    op.create_index("outbox_undoes", "outbox", ["undoes"], unique=True)
    _describe(
        "pending, done, failed, withdrawn",
        "allowed actions, each executed once a round, and what takes them back, each once",
    )


def downgrade() -> None:
    """Drop the tables and columns; compensations go too, for to the revision before they would be actions."""
    op.execute("DELETE FROM outbox WHERE verb = 'compensate'")
    op.drop_index("outbox_undoes", "outbox")
    for column in ("settled_at", "recorded_at", "cause", "undoes", "round", "verb"):
        op.drop_column("outbox", column)
    _describe("pending, done, failed", "one row per allowed action; written once, executed once")
    for table in (
        "reconciliations",
        "vacuumed",
        "restorations",
        "activations",
        "releases",
        "snapshot_files",
        "source_snapshots",
    ):
        op.drop_table(table)


def _describe(states: str, table: str) -> None:
    if op.get_bind().dialect.name == "postgresql":  # SQLite keeps no comments
        op.alter_column("outbox", "state", comment=states)
        op.create_table_comment("outbox", table)
