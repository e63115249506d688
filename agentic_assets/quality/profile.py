"""The profile of partitions: what the values of each column look like, in a few numbers."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

__all__ = ["PROFILE", "profile", "steady"]

PROFILE: dict[str, pl.DataType] = {
    "partition": pl.String(),
    "column": pl.String(),
    "rows": pl.Int64(),
    "nulls": pl.Int64(),
    "distinct": pl.Int64(),
    "mean": pl.Float64(),
    "deviation": pl.Float64(),
    "minimum": pl.Float64(),
    "lower_quartile": pl.Float64(),
    "median": pl.Float64(),
    "upper_quartile": pl.Float64(),
    "maximum": pl.Float64(),
    "top": pl.String(),
    "top_share": pl.Float64(),
}
"""One row a partition and column. Figures of columns that are no numbers are null; `top` is the most frequent value."""

_FIGURES = ("mean", "deviation", "minimum", "lower_quartile", "median", "upper_quartile", "maximum")


def profile(frame: pl.DataFrame, columns: Sequence[str], *, by: str = "partition") -> pl.DataFrame:
    """Profile columns of a frame whose rows are in the order of their partitions, named by the column `by`.

    `distinct` and `top` leave nulls out; of equally frequent values the smallest is `top`. Quartiles are values of the
    column (the nearest, lower one). A partition gets the same profile alone as among others.
    """
    partitions = frame.select(pl.col(by).cast(pl.String)).to_series()
    profiles = [_profile(partitions, frame.get_column(name)) for name in columns]
    return pl.concat(profiles) if profiles else pl.DataFrame(schema=PROFILE)


def steady(expression: pl.Expr) -> pl.Expr:
    """Round to 12 significant digits, so that the order of a sum can never show in what is published."""
    return expression.round_sig_figs(12)


def _profile(partitions: pl.Series, column: pl.Series) -> pl.DataFrame:
    rows = pl.DataFrame({"partition": partitions, "value": column})
    value = pl.col("value")
    aggregates = [
        pl.len().cast(pl.Int64).alias("rows"),
        value.null_count().cast(pl.Int64).alias("nulls"),
        value.drop_nulls().n_unique().cast(pl.Int64).alias("distinct"),
    ]
    if column.dtype.is_numeric() or column.dtype == pl.Boolean:
        number = value.cast(pl.Float64)
        figures = {
            "mean": number.mean(),
            "deviation": number.std(),
            "minimum": number.min(),
            "lower_quartile": number.quantile(0.25, "lower"),
            "median": number.quantile(0.5, "lower"),
            "upper_quartile": number.quantile(0.75, "lower"),
            "maximum": number.max(),
        }
        aggregates += [steady(figure).alias(name) for name, figure in figures.items()]
    else:
        aggregates += [pl.lit(None, dtype=pl.Float64).alias(name) for name in _FIGURES]
    found = rows.group_by("partition", maintain_order=True).agg(aggregates)
    return (
        found.join(_top(rows), on="partition", how="left", maintain_order="left")
        .with_columns(
            pl.lit(column.name).alias("column"),
            steady(pl.col("times") / pl.col("rows")).alias("top_share"),
        )
        .select(pl.col(name).cast(dtype) for name, dtype in PROFILE.items())
    )


def _top(rows: pl.DataFrame) -> pl.DataFrame:
    counts = rows.drop_nulls("value").group_by("partition", "value").len("times")
    return (
        counts.sort("partition", "times", "value", descending=[False, True, False])
        .group_by("partition", maintain_order=True)
        .first()
        .select("partition", pl.col("value").cast(pl.String).alias("top"), "times")
    )
