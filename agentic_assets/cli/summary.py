"""Print the summary of a run for people."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table

from agentic_assets.evidence import Strategy, Summary

__all__ = ["print_summary"]


def print_summary(summary: Summary, report: Path | None, catalog: Path, console: Console) -> None:
    """Say what came in, what was decided, what it saved, whether the records stand, and where everything lies."""
    quarantined = ", ".join(f"{count:,} in {asset}" for asset, count in summary.quarantined.items()) or "none"
    facts = [
        ("range", f"{summary.first_day} to {summary.last_day}, {summary.days} days published"),
        ("cases in", f"{summary.entities_in:,}"),
        ("quarantined", quarantined),
        ("decisions", f"{summary.decisions:,}"),
        ("by action", _counts(summary.by_action)),
        ("by verdict", _counts(summary.by_verdict)),
        ("by rule", _counts(summary.by_rule)),
        ("escalated", f"{summary.escalated_bp / 100:.2f} % of the decisions"),
        ("actions", _counts(summary.actions)),
        ("audit trail", _audited(summary)),
        ("ledger", f"{summary.ledger['size']} checkpoints, head {summary.ledger['root'][:16] or 'none'}"),
        ("time", f"{summary.seconds:.1f} s"),
        ("lake", summary.lake),
        ("report", str(report) if report else _unreported(summary)),
        ("catalogue", str(catalog)),
    ]
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold")
    grid.add_column(overflow="fold")
    for name, said in facts:
        grid.add_row(name, said)
    console.print(grid, highlight=False)
    if summary.strategies:
        console.print(_scorecard(summary.strategies))


def _audited(summary: Summary) -> str:
    if not summary.operations:
        return "not counted: the domain keeps no operating figures; `agentic verify` checks every record"
    return f"{summary.operations.get('complete', 0):,} of {summary.decisions:,} decisions complete"


def _unreported(summary: Summary) -> str:
    return "none: the domain keeps no scorecard" if summary.decisions else "none: nothing was decided"


def _scorecard(strategies: list[Strategy]) -> Table:
    table = Table(title="scorecard (assumed costs, US dollars)", title_justify="left")
    table.add_column("")
    for column in ("acted", "precision", "recall", "cost", "avoided", "net saved", "net saved a day [95 %]"):
        table.add_column(column, justify="right")
    for row in strategies:
        table.add_row(
            row.name,
            f"{row.acted:,}",
            _percent(row.precision_bp),
            _percent(row.recall_bp),
            f"{row.cost_usd:,}",
            f"{row.avoided_usd:,}",
            f"{row.net_saved_usd:,}",
            f"{row.net_saved_per_day_usd:,} [{row.net_saved_per_day_low_usd:,}; {row.net_saved_per_day_high_usd:,}]",
        )
    return table


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items()) or "none"


def _percent(basis_points: int | None) -> str:
    return "" if basis_points is None else f"{basis_points / 100:.1f} %"
