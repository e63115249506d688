"""Quotas: by sorted, cumulative rank, never inside of an expression, so that row order changes nothing."""

from __future__ import annotations

import numpy as np
import polars as pl

from agentic_assets.errors import PolicyInvalid
from agentic_assets.policy.ruleset import Quota, RuleSet

__all__ = ["over_quota"]


def over_quota(proposals: pl.DataFrame, takes: np.ndarray, quota: Quota, ruleset: RuleSet) -> np.ndarray:
    """Give the positions of the rows among `takes` (a mask) that stand past the limit of their group.

    Raises PolicyInvalid when two rows are equal in every column that ranks them.
    """
    rows = np.flatnonzero(takes)
    if rows.size <= quota.limit:
        return rows[:0]
    where = f"policy {ruleset.id}, quota {quota.id}"
    order = list(dict.fromkeys([*quota.order_by, "entity"]))
    if "entity" not in proposals.columns:
        raise PolicyInvalid(f"{where}: no column `entity`", hint="it breaks ties, so that every order is one order")
    # A null stands after every value, and forms a group of its own.
    ranked = (
        proposals.select(*dict.fromkeys([*quota.per, *order]))[rows]
        .with_columns(pl.Series("", rows))
        .sort(*quota.per, *order, nulls_last=True)
    )
    new_group = _changes(ranked, quota.per)
    ties = ~(new_group | _changes(ranked, order))
    if ties.any():
        tied = ranked.filter(pl.Series(ties)).row(0)[:-1]
        raise PolicyInvalid(
            f"{where}: {int(ties.sum()):,} rows tie with another in every column that ranks them, e.g. {tied!r:.160}",
            hint="an entity may stand once in each group",
        )
    starts = np.flatnonzero(new_group)
    rank = np.arange(rows.size) - np.repeat(starts, np.diff(np.append(starts, rows.size)))
    return ranked.get_column("").to_numpy()[rank >= quota.limit]


def _changes(frame: pl.DataFrame, columns: tuple[str, ...] | list[str]) -> np.ndarray:
    """Mark each row that differs from the one before it in any of the columns; the first row does."""
    changed = frame.select(pl.any_horizontal([pl.col(name).ne_missing(pl.col(name).shift(1)) for name in columns]))
    marks = changed.to_series().to_numpy().copy()
    marks[:1] = True
    return marks
