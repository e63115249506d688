"""A small domain to try the engine on: orders of a shop, decided an hour before they are due, and parcels sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from agentic_assets.features import AsOf, Entities, Feature, FeatureSet, Source, View

__all__ = ["DAY", "INSTANT", "NOON", "build", "feature", "orders", "parcels", "shop"]

DAY = date(2020, 6, 10)
NOON = datetime(2020, 6, 10, 12, tzinfo=UTC)
INSTANT = pl.Datetime("us", "UTC")

PARCELS = Source(
    name="parcels",
    table="shop/parcels",
    known_at="sent_at",
    columns=("shop", "weight", "broken", "due_at"),
    later={"rating": "rated_at"},
)


def orders(*rows: tuple[str, str, datetime] | tuple[str, str, datetime, date]) -> pl.DataFrame:
    """Give orders as (name, shop, due_at[, day])."""
    return pl.DataFrame(
        [(*row[:3], row[3] if len(row) > 3 else row[2].date()) for row in rows],
        schema={"order": pl.String, "shop": pl.String, "due_at": INSTANT, "day": pl.Date},
        orient="row",
    ).with_columns(courier=pl.col("shop"))


def parcels(*rows: Mapping[str, Any]) -> pl.DataFrame:
    """Give parcels; `sent_at` is needed, all else has a default."""
    usual = {"shop": "A", "weight": 1, "broken": False, "rating": None, "rated_at": None, "number": 0}
    full = [{**usual, "due_at": row["sent_at"], "day": row["sent_at"].date(), **row} for row in rows]
    return pl.DataFrame(
        [{**row, "rated_at": row["rated_at"] or row["sent_at"]} for row in full],
        schema={
            "shop": pl.String,
            "weight": pl.Int32,
            "broken": pl.Boolean,
            "due_at": INSTANT,
            "sent_at": INSTANT,
            "day": pl.Date,
            "rating": pl.Int32,
            "rated_at": INSTANT,
            "number": pl.Int32,
        },
    )


def feature(
    name: str, dtype: pl.DataType, view: str = "seen", sources: Sequence[str] = ("shop/parcels.weight",)
) -> Feature:
    """Describe a feature."""
    return Feature(name, dtype, "1", f"{name} of the shop", view, tuple(sources), "window")


def shop(view: Callable[[AsOf], View], *features: Feature, **changes: Any) -> FeatureSet:
    """Define a feature set of one view."""
    source = changes.pop("source", {})
    definition = {
        "name": "shop",
        "version": "1.0.0",
        "description": "Orders of a shop.",
        "entities": Entities(
            table="shop/orders",
            key="order",
            event="due_at",
            lead=timedelta(hours=1),
            columns=("shop",),
            after_the_fact=("courier",),
        ),
        "sources": (replace(PARCELS, **source),),
        "features": features,
        "views": (view,),
        "code": (),
        "zone": "UTC",
        "lookback": 5,
        "reach": 3,
        **changes,
    }
    return FeatureSet(**definition)


def build(
    view: Callable[[AsOf], View],
    features: Sequence[Feature],
    sent: pl.DataFrame,
    due: pl.DataFrame | None = None,
    **changes: Any,
) -> pl.DataFrame:
    """Build the day of the orders that are due; by default one order of shop A, decided at noon."""
    due = due if due is not None else orders(("one", "A", NOON + timedelta(hours=1)))
    days = due.get_column("day")
    inputs = {"shop/orders": due, "shop/parcels": sent}
    return shop(view, *features, **changes).compute(inputs, (days.min(), days.max()))  # type: ignore[arg-type]
