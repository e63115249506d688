"""Let Great Expectations judge statistics: all partitions of a range in one validation, a partition a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from agentic_assets.contracts import Expectation, Statistic
from agentic_assets.quality import library
from agentic_assets.quality.verdict import BROKEN, ERRORED, JUDGED, KEPT, UNJUDGED

__all__ = ["judged", "suite_of", "table_of"]

_AT_LEAST, _AT_MOST = ": at least", ": at most"


def judged(measured: pl.DataFrame, expectations: Sequence[Expectation], *, dataset: str) -> pl.DataFrame:
    """Judge measured statistics, all partitions in one validation: a partition gets the verdict that it gets alone.

    Gives one row for each of `measured`, in its order. What has no value or no bounds is not judged. An expectation
    that could not be run is `errored` in every partition that has something to judge, never kept.
    """
    measured_ids = set(measured.get_column("expectation").to_list())
    asked = [e for e in expectations if isinstance(e.asks, Statistic) and e.id in measured_ids]
    verdicts: dict[tuple[str, str], tuple[str, str]] = {}
    if asked:
        result = library.validate(table_of(measured), suite_of(dataset, asked, measured), index="partition")
        for one in result.results:
            name, error = one.expectation_config.meta["id"], library.raised(one)
            if error is not None:
                failing = measured.get_column("partition").unique().to_list()
            else:
                failing = [row["partition"] for row in one.result.get("unexpected_index_list") or ()]
            for partition in failing:
                if verdicts.get((partition, name), ("", ""))[0] != ERRORED:
                    verdicts[partition, name] = (ERRORED, error) if error is not None else (BROKEN, "")
    bounded = pl.col("value").is_not_null() & (pl.col("low").is_not_null() | pl.col("high").is_not_null())
    rows = []
    for partition, name, can_be in measured.select("partition", "expectation", bounded.alias("can_be")).iter_rows():
        verdict, detail = verdicts.get((partition, name), (KEPT, ""))
        rows.append((partition, name, verdict if can_be else UNJUDGED, detail or None))
    return pl.DataFrame(rows, schema=JUDGED, orient="row")


def table_of(measured: pl.DataFrame) -> Any:
    """Arrange statistics as a pandas frame: one row a partition, for each expectation its value and its two bounds."""
    columns: dict[str, pl.Series] = {}
    wide = measured.select("partition").unique(maintain_order=True)
    for (name,), rows in measured.partition_by("expectation", as_dict=True, maintain_order=True).items():
        here = wide.join(rows, on="partition", how="left", maintain_order="left")
        columns[str(name)] = here.get_column("value")
        columns[f"{name}{_AT_LEAST}"] = here.get_column("low")
        columns[f"{name}{_AT_MOST}"] = here.get_column("high")
    return wide.with_columns(**columns).to_pandas()


def suite_of(dataset: str, expectations: Sequence[Expectation], measured: pl.DataFrame) -> Any:
    """Give the suite that judges `table_of(measured)`: each value against the bounds beside it, where there are any."""
    bounded: Mapping[str, tuple[bool, bool]] = {
        name: (low, high)
        for name, low, high in measured.group_by("expectation")
        .agg(pl.col("low").is_not_null().any(), pl.col("high").is_not_null().any())
        .iter_rows()
    }
    made = []
    for expectation in expectations:
        low, high = bounded.get(expectation.id, (False, False))
        value = expectation.id
        made += [_pair(expectation, value, f"{value}{_AT_LEAST}")] if low else []
        made += [_pair(expectation, f"{value}{_AT_MOST}", value)] if high else []
    return library.suite(dataset, made)


def _pair(expectation: Expectation, higher: str, lower: str) -> Any:
    return library.expectation(
        "expect_column_pair_values_a_to_be_greater_than_b",
        {"column_A": higher, "column_B": lower, "or_equal": True, "ignore_row_if": "either_value_is_missing"},
        severity=expectation.severity,
        name=expectation.id,
        notes=f"{expectation.text}. {expectation.description or ''}".strip(),
    )
