"""Expectations that a contract writes in the words of Great Expectations, run on the rows of one partition."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from agentic_assets.contracts import Expectation, Verbatim
from agentic_assets.quality import library
from agentic_assets.quality.verdict import BROKEN, ERRORED, JUDGED, KEPT

__all__ = ["columns_of", "judged_rows", "of_rows", "suite_of_rows"]


def of_rows(expectations: Sequence[Expectation]) -> list[Expectation]:
    """Give the expectations that are run on rows."""
    return [expectation for expectation in expectations if isinstance(expectation.asks, Verbatim)]


def columns_of(expectations: Sequence[Expectation], schema: Sequence[str]) -> list[str]:
    """Name the columns that such expectations look at: those that they name, or all when they look at the table."""
    wanted: set[str] = set()
    for expectation in of_rows(expectations):
        assert isinstance(expectation.asks, Verbatim)
        arguments = expectation.asks.arguments
        if expectation.asks.kind.startswith("expect_table_column") or "row_condition" in arguments:
            return list(schema)
        wanted |= {str(arguments[name]) for name in ("column", "column_A", "column_B") if name in arguments}
        wanted |= {str(name) for name in arguments.get("column_list") or ()}
    return [name for name in schema if name in wanted]


def suite_of_rows(dataset: str, expectations: Sequence[Expectation]) -> tuple[Any, dict[str, str]]:
    """Give the suite of those that can be run, and for each other one why it cannot."""
    made, unusable = [], {}
    for expectation in of_rows(expectations):
        assert isinstance(expectation.asks, Verbatim)
        try:
            made.append(
                library.expectation(
                    expectation.asks.kind,
                    expectation.asks.arguments,
                    severity=expectation.severity,
                    name=expectation.id,
                    notes=expectation.description,
                )
            )
        except ValueError as error:
            unusable[expectation.id] = str(error)[:200]
    return (library.suite(dataset, made) if made else None), unusable


def judged_rows(
    rows: pl.DataFrame, expectations: Sequence[Expectation], *, dataset: str, partition: str
) -> tuple[pl.DataFrame, dict[str, float]]:
    """Run the expectations on the rows of one partition; give the verdicts, and the observed values that are numbers.

    Whatever could not be run is `errored`, never kept.
    """
    suite, unusable = suite_of_rows(dataset, expectations)
    verdicts: dict[str, tuple[str, str | None]] = {name: (ERRORED, why) for name, why in unusable.items()}
    values: dict[str, float] = {}
    results = library.validate(rows.to_pandas(), suite).results if suite is not None else []
    for one in results:
        name, error = one.expectation_config.meta["id"], library.raised(one)
        if error is not None:
            verdicts[name] = (ERRORED, error)
            continue
        verdicts[name] = (KEPT if one.success else BROKEN, None)
        observed = one.result.get("observed_value", one.result.get("unexpected_percent"))
        number = pl.Series([observed]).cast(pl.Float64, strict=False).item() if _is_number(observed) else None
        if number is not None and number == number:  # noqa: PLR0124  (NaN)
            values[name] = float(f"{number:.12g}")
    found = [(partition, one.id, *verdicts.get(one.id, (ERRORED, "no result"))) for one in of_rows(expectations)]
    return pl.DataFrame(found, schema=JUDGED, orient="row"), values


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
