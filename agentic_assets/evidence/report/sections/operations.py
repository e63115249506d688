"""How the service ran: delivery, violations, toil, the audit trail, and how long it took."""

from __future__ import annotations

import polars as pl

from agentic_assets.evidence.report.blocks import Cell, Facts, Section, Table, number, text
from agentic_assets.evidence.report.material import Material
from agentic_assets.evidence.report.wording import count, day_words, listed, plural, share
from agentic_assets.evidence.summary import Summary

__all__ = ["operations"]

_TITLE = "Operations"
# Name, what it is, what it is a share of, and whether less is better.
_FIGURES = (
    ("undelivered", "Allowed actions that nothing carried out", "acted", True),
    ("violations", "Proposals that policy denied or changed", "decisions", True),
    ("escalated", "Toil: proposals put before a person", "decisions", True),
    ("unserved", "Decisions without a model that served", "decisions", True),
    ("complete", "Audit trail complete: outcome, sealed record, versions", "decisions", False),
)


def operations(material: Material, summary: Summary) -> Section:
    """Sum up the operating figures, each with its worst day."""
    kpis = material.kpis
    if kpis.is_empty():
        return Section(
            "operations", "Operations", _TITLE, "No operating figures are published for these days.", (_speed(summary),)
        )
    return Section(
        "operations", "Operations", _TITLE, _takeaway(summary), (_table(_with_unserved(material)), _speed(summary))
    )


def _takeaway(summary: Summary) -> str:
    figures = summary.operations
    acted, undelivered = figures.get("acted", 0), figures.get("undelivered", 0)
    delivered = (
        f"All {plural(acted, 'allowed action')} were carried out"
        if not undelivered
        else f"{count(undelivered)} of {plural(acted, 'allowed action')} were not carried out"
    )
    whole = figures.get("complete", 0)
    part = "every decision" if whole == summary.decisions else f"{share(whole, summary.decisions, 2)} of the decisions"
    return f"{delivered}; the audit trail of {part} is complete."


def _with_unserved(material: Material) -> pl.DataFrame:
    unserved = material.decided.group_by("day").agg(pl.col("score_bp").null_count().cast(pl.Int64).alias("unserved"))
    return material.kpis.join(unserved, on="day", how="left", maintain_order="left").with_columns(
        pl.col("unserved").fill_null(0)
    )


def _table(kpis: pl.DataFrame) -> Table:
    rows = []
    for name, meaning, of, less_is_better in _FIGURES:
        total, whole = int(kpis.get_column(name).sum()), int(kpis.get_column(of).sum())
        counted = kpis.filter(pl.col(of) > 0)
        worst = counted.with_columns(ratio=pl.col(name) / pl.col(of)).sort(
            ["ratio", "day"], descending=[less_is_better, False]
        )
        said = "\N{EN DASH}"
        if worst.height and worst.item(0, "ratio") != (0 if less_is_better else 1):
            part, base = int(worst.item(0, name)), int(worst.item(0, of))
            said = f"{day_words(worst.item(0, 'day'))}: {count(part)} of {count(base)}"
        rows.append(
            (text(meaning), number(count(total)), number(count(whole)), number(share(total, whole, 2)), text(said))
        )
    return Table(
        caption="Operating figures",
        columns=("Figure", "Count", "Of", "Share", "Worst day"),
        rows=tuple(rows),
        stacked=True,
    )


def _speed(summary: Summary) -> Facts:
    """Give the states of the actions, and the wall time: measured, so another run would write it differently."""
    states = listed([f"{count(many)} {state}" for state, many in summary.actions.items()]) or "none"
    rate = summary.decisions / summary.seconds if summary.seconds > 0 else 0.0
    said = f"{summary.seconds:.1f} s" + (f", {count(rate)} decisions a second" if rate >= 1 else "")
    return Facts(
        (
            ("Actions in the outbox", text(states)),
            ("Wall time of the run, measured", Cell(said, measured=True)),
        )
    )
