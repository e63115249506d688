"""Watch the agents of a domain: judge each by its past days, and trip its breaker where it did too badly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from agentic_assets.errors import PolicyInvalid
from agentic_assets.evidence.domain import Subject
from agentic_assets.evidence.overseeing import decided_days, orders_of, standing_of
from agentic_assets.evidence.reading import Reading
from agentic_assets.features.drift.judging import INCIDENT
from agentic_assets.outcomes import JUDGED, LEGACY
from agentic_assets.oversight import Given, Word, give
from agentic_assets.oversight.breaking import BREAKER, Figures, trip, trips
from agentic_assets.oversight.notifying import Notifier
from agentic_assets.pipeline import Refusals
from agentic_assets.policy.rollout import Control, Controls, Kind, State
from agentic_assets.policy.rollout.resolving import about

__all__ = ["Watched", "measured", "watch"]


@dataclass(frozen=True)
class Watched:
    """One agent and how it did; `reasons` are the limits it passed, `given` the trip that was recorded for them."""

    agent: str
    state: State
    figures: Figures
    reasons: tuple[str, ...]
    given: Given | None = None


def watch(reading: Reading, notifiers: Sequence[Notifier] | None = None) -> list[Watched]:
    """Judge every agent whose policy has a breaker, and record a trip where a limit was passed and none is in force.

    A trip takes effect just after the newest decision on record: from the next batch on. Days before the last reset do
    not count again. What nobody can measure, such as a column that the proposals lack, or incidents of features whose
    drift nothing watches, raises PolicyInvalid.
    """
    standing = Controls(reading.store).of(reading.domain.name)
    found = []
    for subject in reading.domain.subjects:
        breaker = subject.policy.breaker
        days = decided_days(reading, subject)
        if breaker is None or not days:
            continue
        figures = measured(reading, subject, standing)
        reasons = trips(breaker, figures)
        at = orders_of(reading.domain, subject).after(days)
        one = Watched(subject.agent.id, standing_of(standing, subject, at), figures, reasons)
        if reasons:
            word = Word(reading.domain.name, BREAKER, BREAKER, "; ".join(reasons), at)
            order = trip(word, subject.agent.id, figures)
            one = replace(one, given=give(reading.home, reading.store, reading.domain.name, order, notifiers))
        found.append(one)
    return found


def measured(reading: Reading, subject: Subject, standing: Sequence[Control]) -> Figures:
    """Count how an agent did over the newest days of its breaker's window."""
    breaker = subject.policy.breaker
    assert breaker is not None
    decided = decided_days(reading, subject)
    refusals = Refusals(reading.store)
    failed = {day for asset in (subject.proposals, subject.decisions) for day in refusals.standing(asset)}
    since = _last_reset(reading, subject, standing)
    known = sorted(day for day in {*decided, *failed} if day >= since)
    days = known[-breaker.window_days :]
    if not days:
        return Figures("", "", 0)
    rows, stale = _stale(reading, subject, days)
    return Figures(
        first=days[0],
        last=days[-1],
        days=len(days),
        failed=len(failed.intersection(days)),
        proposals=rows,
        stale=stale,
        incidents=_incidents(reading, subject, days),
        **_saved(reading, subject, days),
    )


def _last_reset(reading: Reading, subject: Subject, standing: Sequence[Control]) -> str:
    """Name the first day that begins after the last reset of the agent; '' when nobody reset it."""
    resets = [one for one in about(standing, subject.agent.id) if one.kind is Kind.RESET]
    if not resets:
        return ""
    orders = orders_of(reading.domain, subject)
    days = reading.domain.graph.calendar.days()
    return next((day for day in days if orders.window(day)[0] >= resets[-1].effective_from), "9999-12-31")


def _stale(reading: Reading, subject: Subject, days: Sequence[str]) -> tuple[int, int]:
    breaker = subject.policy.breaker
    published = list(reading.manifest.current(subject.proposals, days))
    if breaker is None or breaker.stale_inputs is None or not published:
        return 0, 0
    rows = reading.scan(subject.proposals, published)
    when = breaker.stale_inputs.when
    lacking = [name for name in when.columns if name not in rows.collect_schema()]
    if lacking:
        raise PolicyInvalid(
            f"policy {subject.policy.id}, breaker: {subject.proposals} has no column `{lacking[0]}`",
            hint="the breaker may read what stands beside the proposals",
        )
    # What is not known is stale: a null is no excuse.
    counts = rows.select(pl.len(), when.expression.fill_null(value=True).sum().alias("stale")).collect().row(0)
    return int(counts[0]), int(counts[1])


def _incidents(reading: Reading, subject: Subject, days: Sequence[str]) -> int:
    breaker = subject.policy.breaker
    if not subject.drift and breaker is not None and breaker.drift_incidents is not None:
        raise PolicyInvalid(
            f"policy {subject.policy.id}, breaker: nothing watches the drift of {subject.features}, of which "
            f"{subject.agent.id} may see {breaker.drift_incidents} incidents",
            hint="name the asset of a `drift_node` in the subject of the agent, or take `drift_incidents` out",
        )
    published = list(reading.manifest.current(subject.drift, days)) if subject.drift else []
    if not published:
        return 0
    verdicts = reading.scan(subject.drift, published).select("day", "verdict").unique().collect()
    return verdicts.filter(pl.col("verdict") == INCIDENT).height


def _saved(reading: Reading, subject: Subject, days: Sequence[str]) -> dict[str, int]:
    published = list(reading.manifest.current(subject.scorecard, days)) if subject.scorecard else []
    if not published:
        return {}
    rows = reading.current(subject.scorecard, published)
    saved = dict(rows.group_by("strategy").agg(pl.col("net_saved_cents").sum()).iter_rows())
    scored = rows.filter(pl.col("known") > 0).get_column("day").n_unique()
    return {"scored": scored, "judged_cents": saved.get(JUDGED, 0), "legacy_cents": saved.get(LEGACY, 0)}
