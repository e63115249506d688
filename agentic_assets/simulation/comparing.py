"""Hold recomputed rows against recorded ones: how many are the same, and the first value that is not."""

from __future__ import annotations

from typing import Any

import polars as pl

from agentic_assets.contracts import Contract
from agentic_assets.contracts.gating.quarantine import MASK
from agentic_assets.simulation.result import Difference

__all__ = ["compared"]

_LAST = ("pins", "decision_id", "record")  # they follow from the others: what they follow from says more
_LONGEST = 200


def compared(
    recorded: pl.DataFrame, recomputed: pl.DataFrame, contract: Contract | None
) -> tuple[int, Difference | None]:
    """Count the rows that are the same, and give the first difference; None when there is none.

    Rows are found again by what identifies them, in the contract's words, or by their place where nothing does. Values
    of classified columns are masked.
    """
    if recorded.schema != recomputed.schema:
        return 0, _of_schemas(recorded, recomputed)
    keys = _keys(recorded, recomputed, contract)
    place = "_place"
    left, right = recorded.with_row_index(place), recomputed.with_row_index(place)
    both = left.join(right, on=keys or [place], how="full", suffix="_again", coalesce=False, nulls_equal=True)
    both = both.sort(pl.coalesce(place, f"{place}_again"), f"{place}_again", nulls_last=True)
    columns = sorted((name for name in recorded.columns), key=lambda name: (name in _LAST, name == "record"))
    differs = {name: both.get_column(name).ne_missing(both.get_column(f"{name}_again")) for name in columns}
    alone = both.get_column(place).is_null() | both.get_column(f"{place}_again").is_null()
    wrong = alone
    for series in differs.values():
        wrong = wrong | series
    same = both.height - int(wrong.sum())
    if same != both.height:
        row = int(wrong.arg_true()[0])
        return same, _difference(both, row, keys, differs, contract)
    order = both.get_column(place).ne_missing(both.get_column(f"{place}_again")).arg_true()
    if order.len():
        row = int(order[0])
        name = _named(both, row, keys, contract)
        first, again = both.item(row, place), both.item(row, f"{place}_again")
        return same, Difference(name, "", f"as row {first}", f"as row {again}")
    return same, None


def _keys(recorded: pl.DataFrame, recomputed: pl.DataFrame, contract: Contract | None) -> list[str]:
    """Choose columns that name each row on both sides."""
    declared = [list(contract.primary_key)] if contract is not None and contract.primary_key else []
    for keys in ([["entity"]] if "record" in recorded.columns else []) + declared:
        if set(keys) <= set(recorded.columns) and not any(
            frame.select(keys).is_duplicated().any() for frame in (recorded, recomputed)
        ):
            return keys
    return []


def _difference(
    both: pl.DataFrame, row: int, keys: list[str], differs: dict[str, pl.Series], contract: Contract | None
) -> Difference:
    if both.item(row, "_place_again") is None:
        return Difference(_named(both, row, keys, contract), "", "the row", "no such row")
    if both.item(row, "_place") is None:
        return Difference(_named(both, row, keys, contract, "_again"), "", "no such row", "the row")
    column = next(name for name, series in differs.items() if series[row])
    values = [_shown(both.item(row, name), column, contract) for name in (column, f"{column}_again")]
    return Difference(_named(both, row, keys, contract), column, *values)


def _named(both: pl.DataFrame, row: int, keys: list[str], contract: Contract | None, suffix: str = "") -> str:
    if not keys:
        return f"row {both.item(row, f'_place{suffix}')}"
    return ", ".join(f"{name} {_shown(both.item(row, name + suffix), name, contract)}" for name in keys)


def _shown(value: Any, column: str, contract: Contract | None) -> str:
    if value is None:
        return "null"
    if contract is not None and column in contract.schema and contract.column(column).masked:
        return MASK
    text = repr(value) if isinstance(value, float) else str(value)
    shown = "".join(sign for sign in text if sign.isprintable())
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}..."


def _of_schemas(recorded: pl.DataFrame, recomputed: pl.DataFrame) -> Difference:
    names = [*recorded.columns, *(name for name in recomputed.columns if name not in recorded.columns)]
    for name in names:
        was, made = recorded.schema.get(name), recomputed.schema.get(name)
        if was != made:
            return Difference("every row", name, str(was or "no such column"), str(made or "no such column"))
    return Difference("every row", "", ", ".join(recorded.columns), ", ".join(recomputed.columns))
