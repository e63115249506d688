"""Read from a home what a report needs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from agentic_assets.agents import NO_ACTION
from agentic_assets.errors import ConfigInvalid, NotFound
from agentic_assets.evidence.analysis import analysed
from agentic_assets.evidence.domain import Subject
from agentic_assets.evidence.reading import Reading
from agentic_assets.evidence.report.material import DECIDED, QUARANTINED, Material, PinUse, Source
from agentic_assets.evidence.summary import Summary
from agentic_assets.features.drift import SCHEMA
from agentic_assets.ledger import Ledger
from agentic_assets.pipeline import Cut, Node
from agentic_assets.versions import Pin

__all__ = ["gather"]


def gather(reading: Reading, summary: Summary) -> Material:
    """Read the range of a summary, of the first subject of the domain."""
    domain = reading.domain
    subject = domain.subjects[0]
    days = domain.graph.calendar.days(date.fromisoformat(summary.first_day), date.fromisoformat(summary.last_day))
    months = domain.graph.calendar.partitions(Cut.MONTH, days)
    label = _label(domain.graph[subject.outcomes])
    models = _read(reading, subject.model, months, leave_out=("payload",))
    decided = _decided(reading, subject, days, label, models)
    watched = domain.graph[subject.drift] if subject.drift else None
    gated = [node for node in domain.graph.nodes if node.group in ("raw", "sources")]
    return Material(
        title=domain.title,
        description=domain.description,
        owner=domain.owner,
        noun=subject.feature_set.entity.removesuffix("_id").replace("_", " "),
        label=label.replace("_", " "),
        assumptions=domain.assumptions or _assumptions(domain.graph[subject.scorecard]),
        agent=subject.agent,
        policy=subject.policy,
        idle=NO_ACTION,
        days=tuple(date.fromisoformat(day) for day in days),
        decided=decided,
        scorecard=_read(reading, subject.scorecard, days),
        kpis=_read(reading, subject.kpis, days),
        models=models,
        sources=tuple(_source(reading, node, days) for node in gated if node.contract is not None),
        quarantined=_quarantined(reading, gated, days),
        pins=_pins(reading, decided),
        verifier=_verifier(reading, subject, summary),
        drift=_read(reading, watched.asset, days) if watched else pl.DataFrame(schema=SCHEMA),
        findings=analysed(domain, subject),
        drift_limitations=(watched.contract.limitations or "") if watched and watched.contract else "",
    )


def _read(
    reading: Reading,
    asset: str,
    partitions: Sequence[str],
    columns: Sequence[str] = (),
    leave_out: Sequence[str] = (),
) -> pl.DataFrame:
    """Read what is published of an asset; no rows, but its columns, where nothing is."""
    schema = reading.domain.graph[asset].schema
    wanted = list(columns) or [name for name in schema if name not in leave_out]
    try:
        scan = reading.scan(asset, partitions)
    except NotFound:
        scan = pl.LazyFrame(schema=schema)
    return scan.select(wanted).collect()


def _label(outcomes: Node) -> str:
    """Name the column that says whether an outcome was bad: the one that is true or false."""
    return next(name for name, dtype in outcomes.schema.items() if dtype == pl.Boolean)


def _assumptions(scorecard: Node) -> str:
    said = scorecard.contract.limitations if scorecard.contract else None
    return said or "money is priced by assumed costs."


def _decided(reading: Reading, subject: Subject, days: Sequence[str], label: str, models: pl.DataFrame) -> pl.DataFrame:
    columns = [name for name in DECIDED if name not in ("bad", "loss_cents")]
    decisions = _read(reading, subject.decisions, days, columns)
    entity = subject.feature_set.entity
    outcomes = _read(reading, subject.outcomes, days, [entity, label, "loss_cents"])
    outcomes = outcomes.rename({entity: "entity", label: "bad"})
    joined = decisions.join(outcomes, on="entity", how="left", validate="m:1", maintain_order="left")
    without = models.filter(pl.col("trees") == 0).get_column("month")
    served = ~pl.col("day").dt.strftime("%Y-%m").is_in(without.implode())
    return joined.with_columns(pl.when(served).then("score_bp")).select(DECIDED.names()).cast(DECIDED)


def _source(reading: Reading, node: Node, days: Sequence[str]) -> Source:
    expected = reading.domain.graph.calendar.partitions(node.cut, days)
    entries = reading.manifest.current(node.asset, expected)
    contract = node.contract
    return Source(
        asset=node.asset,
        contract=f"{contract.name}@{contract.version}" if contract else "",
        published=sum(entry.rows for entry in entries.values()),
        quarantined=sum(entry.quarantined for entry in entries.values()),
        partitions=len(entries),
        expected=len(expected),
        whole=node.cut is Cut.STATIC,
    )


def _quarantined(reading: Reading, nodes: Sequence[Node], days: Sequence[str]) -> pl.DataFrame:
    """Read the refused rows of the range, those of refused partitions too; never the row itself."""
    known = set(reading.lake.names())
    parts = [pl.DataFrame(schema=QUARANTINED)]
    for node in nodes:
        name = f"quarantine/{node.asset}"
        if name not in known:
            continue
        files = reading.lake.open(name).files()
        wanted = [files[part] for part in reading.domain.graph.calendar.partitions(node.cut, days) if part in files]
        rows = reading.lake.open(name).scan_files(wanted).select(QUARANTINED.names()[1:]).collect()
        parts.append(rows.select(pl.lit(node.asset).alias("asset"), pl.all()))
    return pl.concat(parts)


def _pins(reading: Reading, decided: pl.DataFrame) -> tuple[PinUse, ...]:
    used = decided.group_by("pins").agg(
        pl.len().alias("rows"), pl.col("day").min().alias("first"), pl.col("day").max().alias("last")
    )
    found: dict[Pin, PinUse] = {}
    for digest, rows, first, last in used.sort("first", "pins").iter_rows():
        for pin in reading.manifest.pins_of(digest):
            before = found.get(pin)
            found[pin] = PinUse(
                pin,
                rows + (before.decisions if before else 0),
                min(first, before.first_day) if before else first,
                max(last, before.last_day) if before else last,
            )
    return tuple(found[pin] for pin in sorted(found))


def _verifier(reading: Reading, subject: Subject, summary: Summary) -> str:
    if not summary.ledger.get("size"):
        return ""
    try:
        return str(Ledger(reading.store, reading.home.keys, subject.log).verifier)
    except ConfigInvalid:
        return ""  # the key is not here, or damaged: `agentic verify` says so
