"""Sum up a range of days: what came in, what was decided, what it saved, and whether the records stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from agentic_assets.actions import Outbox, scope_of
from agentic_assets.evidence.domain import Subject
from agentic_assets.evidence.reading import Reading
from agentic_assets.ledger import Ledger
from agentic_assets.outcomes import mean_interval, share_bp
from agentic_assets.pipeline import Refusals

__all__ = ["Strategy", "Summary", "standing", "summarize"]


@dataclass(frozen=True)
class Strategy:
    """How one way of deciding did over the range; money in whole US dollars, shares in basis points."""

    name: str
    acted: int
    precision_bp: int | None
    recall_bp: int | None
    cost_usd: int
    avoided_usd: int
    net_saved_usd: int
    net_saved_per_day_usd: int
    net_saved_per_day_low_usd: int
    net_saved_per_day_high_usd: int


@dataclass(frozen=True)
class Summary:
    """One range of days of one domain."""

    domain: str
    home: str
    lake: str
    first_day: str
    last_day: str
    days: int
    entities_in: int
    quarantined: dict[str, int]
    decisions: int
    by_action: dict[str, int]
    by_verdict: dict[str, int]
    by_rule: dict[str, int]
    escalated_bp: int
    actions: dict[str, int]
    strategies: list[Strategy]
    operations: dict[str, int]
    ledger: dict[str, Any]
    seconds: float

    def to_dict(self) -> dict[str, Any]:
        """Give one JSON object."""
        return asdict(self)


def summarize(reading: Reading, days: Sequence[str], *, seconds: float) -> Summary:
    """Sum up the days of the first subject of the domain that are published."""
    domain = reading.domain
    subject = domain.subjects[0]
    entered = reading.manifest.current(domain.entries, days)
    decisions = _published(reading, subject.decisions, days, ["effective_action", "verdict", "rule", "supersedes"])
    calendar = domain.graph.calendar
    quarantined = {
        node.asset: sum(
            entry.quarantined
            for entry in reading.manifest.current(node.asset, calendar.partitions(node.cut, days)).values()
        )
        for node in domain.graph.nodes
    }
    return Summary(
        domain=domain.name,
        home=str(reading.home.root),
        lake=str(reading.home.lake),
        first_day=days[0],
        last_day=days[-1],
        days=len(entered),
        entities_in=sum(entry.rows + entry.quarantined for entry in entered.values()),
        quarantined={asset: count for asset, count in quarantined.items() if count},
        decisions=decisions.height,
        by_action=_counted(decisions, "effective_action"),
        by_verdict=_counted(decisions, "verdict"),
        by_rule=_counted(decisions.drop_nulls("rule"), "rule"),
        escalated_bp=_share(_escalated(decisions), decisions.height),
        actions=_actions(reading, days),
        strategies=_strategies(_published(reading, subject.scorecard, days)),
        operations=_operations(_published(reading, subject.kpis, days)),
        ledger=_ledger(reading, subject),
        seconds=round(seconds, 2),
    )


def _escalated(decisions: pl.DataFrame) -> int:
    """Count what was put before a person, whether it waits or was answered."""
    return decisions.filter((pl.col("verdict") == "escalate") | pl.col("supersedes").is_not_null()).height


def standing(reading: Reading) -> dict[str, Any]:
    """Say what is published of each asset, over all days, with the ledger and the actions."""
    domain, assets = reading.domain, []
    refusals = Refusals(reading.store)
    for node in domain.graph.nodes:
        current = reading.manifest.current(node.asset)
        newest = current[max(current)] if current else None
        assets.append(
            {
                "asset": node.asset,
                "group": node.group,
                "partitions": len(current),
                "of": len(domain.graph.calendar.all(node.cut)),
                "rows": sum(entry.rows for entry in current.values()),
                "quarantined": sum(entry.quarantined for entry in current.values()),
                "refused": len(refused := refusals.standing(node.asset)),
                "first_refused": min(refused, default=""),
                "newest": newest.partition if newest else "",
                "data_version": newest.data_version if newest else "",
                "code_version": newest.code_version if newest else "",
                "current_code": newest is None or newest.code_version == node.code_version,
                "recorded_at": newest.recorded_at if newest else "",
            }
        )
    return {
        "domain": domain.name,
        "home": str(reading.home.root),
        "lake": str(reading.home.lake),
        "assets": assets,
        "ledgers": [_ledger(reading, subject) for subject in domain.subjects],
        "actions": _actions(reading, None),
    }


def _published(reading: Reading, asset: str, days: Sequence[str], columns: Sequence[str] | None = None) -> pl.DataFrame:
    if not asset:
        return pl.DataFrame(schema=dict.fromkeys(columns or (), pl.String()))
    entries = reading.manifest.current(asset, days)
    schema = reading.domain.graph[asset].schema
    if not entries:
        frame = pl.DataFrame(schema=schema)
        return frame.select(columns) if columns else frame
    scan = reading.lake.open(asset).scan_files([entry.file for entry in entries.values()])
    return (scan.select(columns) if columns else scan).collect()


def _counted(frame: pl.DataFrame, column: str) -> dict[str, int]:
    counts = frame.group_by(column).len().sort("len", column, descending=[True, False])
    return {str(name): int(count) for name, count in counts.iter_rows()}


def _share(part: int, whole: int) -> int:
    return (part * 20_000 + whole) // (whole * 2) if whole else 0


def _actions(reading: Reading, days: Sequence[str] | None) -> dict[str, int]:
    if days is None:
        return Outbox(reading.store).counts()
    subject = reading.domain.subjects[0]
    counts = _counted(_published(reading, subject.outbox, days, ["state"]), "state")
    scope = scope_of(reading.domain.name, subject.agent.name)
    undone = sum(states.get("done", 0) for states in Outbox(reading.store).undoing(scope, days).values())
    return counts | ({"compensated": undone} if undone else {})


def _strategies(rows: pl.DataFrame) -> list[Strategy]:
    found: list[Strategy] = []
    if not rows.width:  # no scorecard is kept
        return found
    for name in ("agent", "legacy", "nothing"):
        own = rows.filter(pl.col("strategy") == name).sort("day")
        if not own.height:
            continue
        total = own.select(
            pl.col("acted", "cost_cents", "avoided_cents", "net_saved_cents").sum(),
            share_bp(
                pl.col("true_positives").sum(), pl.col("true_positives").sum() + pl.col("false_positives").sum()
            ).alias("precision_bp"),
            share_bp(pl.col("true_positives").sum(), pl.col("bad").sum()).alias("recall_bp"),
        ).row(0, named=True)
        interval = mean_interval(own.get_column("net_saved_cents"))
        found.append(
            Strategy(
                name=name,
                acted=total["acted"],
                precision_bp=total["precision_bp"],
                recall_bp=total["recall_bp"],
                cost_usd=_usd(total["cost_cents"]),
                avoided_usd=_usd(total["avoided_cents"]),
                net_saved_usd=_usd(total["net_saved_cents"]),
                net_saved_per_day_usd=_usd(interval.mean or 0),
                net_saved_per_day_low_usd=_usd(interval.low or 0),
                net_saved_per_day_high_usd=_usd(interval.high or 0),
            )
        )
    return found


def _usd(cents: int) -> int:
    return round(cents / 100)


def _operations(rows: pl.DataFrame) -> dict[str, int]:
    counts = ("decisions", "unscored", "acted", "undelivered", "violations", "escalated", "complete")
    return {name: int(rows.get_column(name).sum()) for name in counts if name in rows.columns}


def _ledger(reading: Reading, subject: Subject) -> dict[str, Any]:
    head = Ledger(reading.store, reading.home.keys, subject.log).head()
    return {
        "log": subject.log,
        "size": head.size if head else 0,
        "root": head.root if head else "",
        "checkpoint": head.checkpoint if head else "",
    }
