"""The tables of the store, in one place, so that one migration history covers them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

__all__ = [
    "acceptances",
    "activations",
    "announcements",
    "controls",
    "definitions",
    "lease_clocks",
    "leases",
    "ledger_log",
    "ledger_partitions",
    "manifest",
    "metadata",
    "outbox",
    "pins",
    "reconciliations",
    "refusals",
    "releases",
    "resolutions",
    "restorations",
    "rulings",
    "snapshot_files",
    "snapshots",
    "vacuumed",
]

metadata = MetaData()

_identity = BigInteger().with_variant(Integer, "sqlite")

manifest = Table(
    "manifest",
    metadata,
    Column("id", _identity, primary_key=True, autoincrement=True),
    Column("asset", String(200), nullable=False),
    Column("partition", String(40), nullable=False, comment="'' for an asset without partitions"),
    Column("fingerprint", String(64), nullable=False, comment="digest of code, pins, contract and input versions"),
    Column("code_version", String(64), nullable=False),
    Column("data_version", String(64), nullable=False, comment="canonical digest of the published rows"),
    Column("file", Text, nullable=False, comment="the published file, relative to the lake table"),
    Column("delta_version", BigInteger, nullable=False),
    Column("row_count", BigInteger, nullable=False),
    Column("quarantined", BigInteger, nullable=False),
    Column("pins", String(64), nullable=False, comment="digest into the table `pins`"),
    Column("inputs", Text, nullable=False, comment="JSON: asset -> partition -> data version"),
    Column("details", Text, nullable=False, comment="JSON: what the node reported about the partition"),
    Column("run_id", String(64), nullable=False),
    Column("recorded_at", String(32), nullable=False, comment="UTC, for people; nothing is computed from it"),
    Index("manifest_current", "asset", "partition", "id"),
    comment="every publication of every asset partition, append-only; the highest id of a partition is current",
)

pins = Table(
    "pins",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("content", Text, nullable=False, comment="canonical JSON of the pins"),
    comment="content-addressed sets of pinned versions",
)

definitions = Table(
    "definitions",
    metadata,
    Column("kind", String(40), primary_key=True),
    Column("name", String(200), primary_key=True),
    Column("version", String(60), primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("content", Text, nullable=False, comment="canonical JSON of what the version says"),
    Column("recorded_at", String(32), nullable=False, comment="UTC, for people; the newest of a version counts"),
    comment="what pinned versions say, so that they can be compared when the code has moved on",
)

ledger_partitions = Table(
    "ledger_partitions",
    metadata,
    Column("log", String(120), nullable=False),
    Column("partition", String(40), nullable=False),
    Column("generation", Integer, nullable=False, comment="0 for the first seal; a superseding seal counts up"),
    Column("size", BigInteger, nullable=False),
    Column("root", String(64), nullable=False),
    Column("ids", LargeBinary, nullable=False, comment="16 bytes a record, in order"),
    Column("leaves", LargeBinary, nullable=False, comment="32 bytes a record, in order"),
    Column("checkpoint", Text, nullable=False, comment="C2SP signed note over this partition's tree"),
    Column("log_index", BigInteger, nullable=False, comment="leaf in the log over partition roots"),
    UniqueConstraint("log", "partition", "generation"),
    UniqueConstraint("log", "log_index"),
    comment="one sealed tree per decision partition and generation",
)

ledger_log = Table(
    "ledger_log",
    metadata,
    Column("log", String(120), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("root", String(64), nullable=False),
    Column("checkpoint", Text, nullable=False, comment="C2SP signed note over the log of partition roots"),
    UniqueConstraint("log", "size"),
    comment="every signed head of the log over partition roots",
)

announcements = Table(
    "announcements",
    metadata,
    Column("asset", String(200), primary_key=True),
    Column("partition", String(40), primary_key=True),
    Column("fingerprint", String(64), nullable=False, comment="of the entry that was told; '' for a refusal"),
    comment="what the orchestrator was told last about each partition",
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", _identity, primary_key=True, autoincrement=True),
    Column("key", String(200), nullable=False, unique=True, comment="idempotency key: at most one effect per key"),
    Column("decision_id", String(32), nullable=False),
    Column("partition", String(40), nullable=False),
    Column("agent", String(120), nullable=False),
    Column("entity", String(200), nullable=False),
    Column("action", String(80), nullable=False),
    Column("payload", Text, nullable=False, comment="canonical JSON handed to the actuator"),
    Column("state", String(20), nullable=False, comment="pending, done, failed, withdrawn"),
    Column("attempts", Integer, nullable=False),
    Column("result", Text, nullable=False, comment="canonical JSON that the actuator returned"),
    Column("verb", String(20), nullable=False, server_default="execute", comment="execute, compensate"),
    Column("round", Integer, nullable=False, server_default="1", comment="how often the action was put, from 1"),
    Column("undoes", BigInteger, nullable=True, comment="the row that a compensation takes back: at most one each"),
    Column("cause", Text, nullable=False, server_default="{}", comment="canonical JSON: why it no longer stands"),
    Column("recorded_at", String(32), nullable=True, comment="UTC, for people"),
    Column("settled_at", String(32), nullable=True, comment="UTC, for people: when it was done, failed or withdrawn"),
    Index("outbox_state", "state", "id"),
    Index("outbox_decision", "decision_id"),
    Index("outbox_partition", "partition", "id"),
    Index("outbox_undoes", "undoes", unique=True),
    comment="allowed actions, each executed once a round, and what takes them back, each once",
)

rulings = Table(
    "rulings",
    metadata,
    Column("id", _identity, primary_key=True, autoincrement=True),
    Column("asset", String(200), nullable=False),
    Column("partition", String(40), nullable=False),
    Column("number", Integer, nullable=False, comment="counts the rulings of a partition from 1"),
    Column("digest", String(64), nullable=False, comment="of the delivered row, without its source_row"),
    Column("copy", Integer, nullable=False, comment="which of the equal rows in quarantine, from 0"),
    Column("source_row", BigInteger, nullable=False, comment="where the row lay then; for people"),
    Column("rules", Text, nullable=False, comment="what the row broke then; for people"),
    Column("verdict", String(20), nullable=False, comment="release, drop, withdraw"),
    Column("correction", Text, nullable=False, comment="JSON: column -> new value as text, or null"),
    Column("reason", Text, nullable=False),
    Column("identity", String(200), nullable=False, comment="who ruled"),
    Column("host", String(200), nullable=False, comment="on which machine"),
    Column("recorded_at", String(32), nullable=False, comment="UTC, for people; nothing is computed from it"),
    UniqueConstraint("asset", "partition", "number"),
    comment="what people ruled on quarantined rows, append-only; a later ruling on the same row replaces it",
)

refusals = Table(
    "refusals",
    metadata,
    Column("id", _identity, primary_key=True, autoincrement=True),
    Column("asset", String(200), nullable=False),
    Column("partition", String(40), nullable=False),
    Column("state", String(20), nullable=False, comment="refused, blocked, or stands when it is whole again"),
    Column("message", Text, nullable=False),
    Column("details", Text, nullable=False, comment="JSON: findings, and what became of rulings"),
    Column("run_id", String(64), nullable=False),
    Column("recorded_at", String(32), nullable=False, comment="UTC, for people; nothing is computed from it"),
    Index("refusals_current", "asset", "partition", "id"),
    comment="partitions that were not published, append-only; the highest id of a partition is its state",
)

acceptances = Table(
    "acceptances",
    metadata,
    Column("id", _identity, primary_key=True, autoincrement=True),
    Column("asset", String(200), nullable=False),
    Column("partition", String(40), nullable=False),
    Column("data_version", String(64), nullable=False, comment="the version that may be read; no other"),
    Column("verdict", Text, nullable=False, comment="what was accepted, in words; for people"),
    Column("reason", Text, nullable=False),
    Column("identity", String(200), nullable=False, comment="who accepted it"),
    Column("host", String(200), nullable=False, comment="on which machine"),
    Column("recorded_at", String(32), nullable=False, comment="UTC, for people; nothing is computed from it"),
    Index("acceptances_of", "asset", "partition", "id"),
    comment="held partitions that a person lets pass, append-only",
)

controls = Table(
    "controls",
    metadata,
    Column("id", _identity, primary_key=True, autoincrement=True),
    Column("domain", String(120), nullable=False),
    Column("number", Integer, nullable=False, comment="counts the controls of a domain from 1"),
    Column("kind", String(20), nullable=False, comment="stop, resume, stage, trip, reset"),
    Column("agent", String(120), nullable=False, comment="a name, a name@version, or * for all"),
    Column("action", String(80), nullable=False, comment="an action, or * for all"),
    Column("phase", String(20), nullable=True, comment="shadow, canary, live; of a stage or a reset"),
    Column("percent_bp", Integer, nullable=True, comment="how much of the entities, in basis points"),
    Column("effective_from", String(32), nullable=False, comment="UTC, a moment of the data"),
    Column("identity", String(200), nullable=False, comment="who ordered it"),
    Column("role", String(120), nullable=False, comment="in which role"),
    Column("reason", Text, nullable=False),
    Column("details", Text, nullable=False, comment="JSON: the figures that it rests on"),
    Column("digest", String(64), nullable=False, comment="of all the above but the id; what is sealed"),
    Column("host", String(200), nullable=False, comment="on which machine"),
    Column("recorded_at", String(32), nullable=False, comment="UTC, for people; nothing is computed from it"),
    UniqueConstraint("domain", "number"),
    comment="what was ordered about agents, append-only",
)

lease_clocks = Table(
    "lease_clocks",
    metadata,
    Column("scope", String(200), primary_key=True),
    Column("at", BigInteger, nullable=False, comment="microseconds since 1970, UTC; never goes back"),
    comment="the latest moment that the leases of a scope have met; its row is locked by whoever changes one",
)

_held = text("state = 'held'")

leases = Table(
    "leases",
    metadata,
    Column("scope", String(200), primary_key=True, comment="within it, an entity holds one unit at most"),
    Column("bid_id", String(200), primary_key=True),
    Column("agent", String(120), nullable=False),
    Column("entity", String(200), nullable=False),
    Column("resource", String(200), nullable=False),
    Column("at", BigInteger, nullable=False, comment="when the bid was made; microseconds, UTC"),
    Column("commits_at", BigInteger, nullable=False, comment="from when on the lease is firm"),
    Column("expires_at", BigInteger, comment="when the unit is free again; null: when it is released"),
    Column("utility_cents", BigInteger, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("binding", Boolean, nullable=False),
    Column("state", String(20), nullable=False, comment="held, preempted, released, expired, refused"),
    Column("reason", String(20), nullable=False, comment="why it has a unit, or has none"),
    Column("unit", Integer, comment="from 1; the one it has, or had"),
    Column("held_until", BigInteger, comment="when it lost or gave back its unit"),
    Column("lost_to", String(200), comment="the bid that has what this one wanted"),
    Column("lost_to_cents", BigInteger, comment="what that bid offered"),
    Column("version", Integer, nullable=False, comment="counts the changes of the lease from 1"),
    # The last word: whatever a claim computes, the database lets no unit and no entity stand twice.
    Index("leases_held_units", "scope", "resource", "unit", unique=True, sqlite_where=_held, postgresql_where=_held),
    Index("leases_held_entities", "scope", "entity", unique=True, sqlite_where=_held, postgresql_where=_held),
    comment="every bid for a limited resource and what became of it; one lease a unit, one an entity",
)

resolutions = Table(
    "resolutions",
    metadata,
    Column("domain", String(120), primary_key=True),
    Column("number", Integer, primary_key=True, comment="counts the resolutions of a domain from 1"),
    Column("agent", String(120), nullable=False, comment="name@version"),
    Column("day", String(40), nullable=False, comment="the partition of the decision"),
    Column("entity", String(200), nullable=False),
    Column("decision_id", String(32), nullable=False, comment="the escalated decision that it answers"),
    Column("verdict", String(20), nullable=False, comment="allow, deny"),
    Column("action", String(80), nullable=False, comment="what is done instead"),
    Column("identity", String(200), nullable=False, comment="who resolved it"),
    Column("role", String(120), nullable=False, comment="in which role; expired when nobody did in time"),
    Column("reason", Text, nullable=False),
    Column("digest", String(64), nullable=False, comment="of all the above; it is pinned"),
    Column("host", String(200), nullable=False, comment="on which machine"),
    Column("opened_at", String(32), nullable=False, comment="UTC, when it was put before people"),
    Column("resolved_at", String(32), nullable=False, comment="UTC, for people"),
    UniqueConstraint("domain", "decision_id"),
    comment="what people made of escalated decisions, append-only",
)

snapshots = Table(
    "source_snapshots",
    metadata,
    Column("digest", String(64), primary_key=True, comment="of package, files and the library's digest"),
    Column("domain", String(120), nullable=False),
    Column("package", Text, nullable=False, comment="where the domain's own folder lies among its files"),
    Column("files", Text, nullable=False, comment="canonical JSON: path -> digest into `snapshot_files`"),
    Column("library", String(60), nullable=False, comment="the version of the library that it was made with"),
    Column("library_digest", String(64), nullable=False, comment="of the library's code that shapes data"),
    Column("recorded_at", String(32), nullable=False, comment="UTC, for people"),
    comment="the sources of a domain as they were when something was made from them; content-addressed",
)

snapshot_files = Table(
    "snapshot_files",
    metadata,
    Column("digest", String(64), primary_key=True, comment="SHA-256 of the bytes"),
    Column("content", LargeBinary, nullable=False, comment="zlib"),
    comment="content-addressed files of snapshots",
)

releases = Table(
    "releases",
    metadata,
    Column("domain", String(120), primary_key=True),
    Column("number", Integer, primary_key=True, comment="counts the releases of a domain from 1"),
    Column("pins", Text, nullable=False, comment="canonical JSON: kind, name, version, digest of each"),
    Column("sources", String(64), nullable=False, comment="digest into `source_snapshots`"),
    Column("author", String(200), nullable=False),
    Column("reason", Text, nullable=False),
    Column("digest", String(64), nullable=False, comment="of all the above; what is sealed"),
    Column("host", String(200), nullable=False, comment="on which machine"),
    Column("created_at", String(32), nullable=False, comment="UTC, for people"),
    comment="immutable sets of pins with the sources behind them, append-only",
)

activations = Table(
    "activations",
    metadata,
    Column("domain", String(120), primary_key=True),
    Column("number", Integer, primary_key=True, comment="counts the activations of a domain from 1"),
    Column("release", Integer, nullable=False, comment="the release that is in force from now on"),
    Column("partitions", Text, nullable=False, comment="JSON: the days for which it is, null for all"),
    Column("kind", String(20), nullable=False, comment="activate, rollback"),
    Column("author", String(200), nullable=False),
    Column("reason", Text, nullable=False),
    Column("details", Text, nullable=False, comment="JSON: what was planned"),
    Column("digest", String(64), nullable=False, comment="of all the above; what is sealed"),
    Column("host", String(200), nullable=False, comment="on which machine"),
    Column("recorded_at", String(32), nullable=False, comment="UTC, for people"),
    comment="which release is in force, append-only; the newest that covers a partition counts",
)

restorations = Table(
    "restorations",
    metadata,
    Column("id", _identity, primary_key=True, autoincrement=True),
    Column("asset", String(200), nullable=False),
    Column("partition", String(40), nullable=False),
    Column("data_version", String(64), nullable=False, comment="the version that stays current; '' lifts it"),
    Column("reason", Text, nullable=False),
    Column("identity", String(200), nullable=False, comment="who restored it"),
    Column("host", String(200), nullable=False, comment="on which machine"),
    Column("recorded_at", String(32), nullable=False, comment="UTC, for people"),
    Index("restorations_of", "asset", "partition", "id"),
    comment="partitions that people set back to earlier bytes, append-only; the newest of a partition counts",
)

vacuumed = Table(
    "vacuumed",
    metadata,
    Column("asset", String(200), primary_key=True),
    Column("file", String(500), primary_key=True, comment="relative to the lake table"),
    Column("identity", String(200), nullable=False, comment="who cleaned up"),
    Column("recorded_at", String(32), nullable=False, comment="UTC, for people"),
    comment="published files that were deleted because nothing retained needs them",
)

reconciliations = Table(
    "reconciliations",
    metadata,
    Column("id", _identity, primary_key=True, autoincrement=True),
    Column("domain", String(120), nullable=False),
    Column("asset", String(200), nullable=False),
    Column("partition", String(40), nullable=False),
    Column("data_version", String(64), nullable=False, comment="as recorded"),
    Column("recomputed", String(64), nullable=False, comment="as computed again; '' when it could not be"),
    Column("message", Text, nullable=False, comment="the first difference, or why it could not be computed"),
    Column("run_id", String(64), nullable=False),
    Column("recorded_at", String(32), nullable=False, comment="UTC, for people"),
    Index("reconciliations_of", "domain", "id"),
    comment="what was computed again to compare it with the record, append-only",
)
