"""What actions cost and avoid, and how many there are: the terms on which decisions are scored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from agentic_assets.errors import ConfigInvalid

__all__ = ["Economics", "grant"]


@dataclass(frozen=True)
class Economics:
    """The terms of one domain, in integer cents.

    `cost(action)` and `saved(action)` give expressions over a decision joined with its outcome; `saved` is what the
    action avoids of the loss, before its cost. At most `quotas[action]` are granted per group of `scope`; one that
    finds none left becomes `overflow[action]`: `idle` (the action that does nothing), or one later in `quotas`.
    """

    idle: str
    quotas: Mapping[str, int]
    overflow: Mapping[str, str]
    scope: tuple[str, ...]
    cost: Callable[[pl.Expr], pl.Expr]
    saved: Callable[[pl.Expr], pl.Expr]

    def __post_init__(self) -> None:
        waiting = list(self.quotas)
        for place, action in enumerate(waiting):
            next_one = self.overflow.get(action, "")
            if next_one not in (self.idle, *waiting[place + 1 :]):
                raise ConfigInvalid(
                    f"action {action!r} overflows into {next_one!r}, which is not granted after it",
                    hint=f"name `{self.idle}`, or an action that stands later in the quotas",
                )


def grant(decisions: pl.DataFrame, proposed: str, economics: Economics, *, order: tuple[str, ...]) -> pl.Series:
    """Apply the quotas to the column `proposed`, first come first served in the order of `order`.

    Gives the granted action of each row, in the order of the frame. `order` must be unique, or the result is open.
    """
    queue = decisions.select(*economics.scope, *order, pl.col(proposed).alias("_action")).with_row_index("_row")
    queue = queue.sort(order)
    for action, quota in economics.quotas.items():
        asked = pl.col("_action") == action
        served = asked.cast(pl.Int64).cum_sum().over(economics.scope) <= quota
        queue = queue.with_columns(
            pl.when(asked & ~served).then(pl.lit(economics.overflow[action])).otherwise("_action").alias("_action")
        )
    return queue.sort("_row").get_column("_action").alias(proposed)
