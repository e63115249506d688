"""What is known of the entity itself: columns of its row, as published ahead of its event."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from agentic_assets.errors import PointInTimeViolation
from agentic_assets.features.definition import Feature, Look
from agentic_assets.features.kinds.context import Context
from agentic_assets.features.kinds.kind import Made, Shared
from agentic_assets.features.rowwise import check_rowwise

__all__ = ["Known", "Own"]


@dataclass(frozen=True)
class Own:
    """One column of the entity, or an expression over its columns (the column of the same name when there is none)."""

    name: str
    dtype: pl.DataType
    unit: str
    description: str
    expression: pl.Expr | None = None


@dataclass(frozen=True)
class Known:
    """Columns of the entity that are known since a Published source was published."""

    published: str
    columns: tuple[Own, ...]

    def features(self, context: Context) -> tuple[Feature, ...]:
        """Describe each column."""
        source = context.published(self.published)
        if source.table != context.entities.table:
            raise PointInTimeViolation(
                f"view {context.view!r} takes columns of {context.entities.table} as known since {self.published!r} "
                f"was published, which says so of {source.table}",
                hint=f"name a Published source of {context.entities.table}",
            )
        for own in self.columns:
            if own.expression is not None:
                check_rowwise(f"`{own.name}` of view {context.view!r}", own.expression)
        return tuple(
            Feature(
                own.name,
                own.dtype,
                own.unit,
                own.description,
                context.view,
                context.own(*([own.name] if own.expression is None else own.expression.meta.root_names())),
                "expression",
            )
            for own in self.columns
        )

    @property
    def looks(self) -> tuple[Look, ...]:
        """Look at no facts: only at how long ahead they are known."""
        return (Look(self.published),)

    def make(self, shared: Shared) -> Made:
        """Evaluate each over the rows of the entities."""
        rows = shared.at.entities
        chosen = [
            pl.col(own.name) if own.expression is None else own.expression.alias(own.name) for own in self.columns
        ]
        made = rows.select(chosen)
        return Made({name: made.get_column(name) for name in made.columns}, (shared.at.published(self.published),))
