"""Refused rows, as people can work with them: which row, which rule, which value, and the row as it came."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from agentic_assets.contracts.contract import Contract
from agentic_assets.contracts.rule import PLACE, Rule
from agentic_assets.versions import of_json

__all__ = ["MASK", "SCHEMA", "as_json", "as_text", "quarantine", "row_digest", "set_aside", "values_text"]

SCHEMA: Final[dict[str, pl.DataType]] = {
    "source_row": pl.Int64(),
    "rule": pl.String(),
    "column": pl.String(),
    "value": pl.String(),
    "rules": pl.String(),
    "row": pl.String(),
}
MASK: Final = "(masked)"
_LONGEST: Final = 200


def quarantine(
    delivered: pl.DataFrame, numbers: pl.Series, broken: Sequence[tuple[Rule, pl.Series]], contract: Contract
) -> pl.DataFrame:
    """Build one row a refused row.

    `delivered` holds the refused rows as they came, `numbers` their source rows, `broken` the broken rules in
    their order, each with a mask of them. `rule` is the first broken rule; `value` is bounded, and masked where the
    column is classified; `row` is the delivered row as JSON, unmasked, so that it can be released later: the
    quarantine is as confidential as the source.
    """
    if delivered.height == 0:
        return pl.DataFrame(schema=SCHEMA)
    marks = pl.DataFrame([mask.alias(rule.id) for rule, mask in broken])
    values = pl.DataFrame([values_text(delivered, rule, contract).alias(f"value:{rule.id}") for rule, _ in broken])
    rules = [rule for rule, _ in broken]
    chosen = marks.hstack(values).select(
        _first({rule.id: pl.lit(rule.id) for rule in rules}).alias("rule"),
        _first({rule.id: pl.lit(rule.column, pl.String) for rule in rules}).alias("column"),
        _first({rule.id: pl.col(f"value:{rule.id}") for rule in rules}).alias("value"),
        pl.concat_str(
            [pl.when(pl.col(rule.id)).then(pl.lit(rule.id)) for rule in rules], separator=", ", ignore_nulls=True
        ).alias("rules"),
    )
    return chosen.select(
        numbers.cast(pl.Int64).alias("source_row"), pl.all(), as_json(delivered.drop(PLACE, strict=False)).alias("row")
    )


def _first(choices: Mapping[str, pl.Expr]) -> pl.Expr:
    # From the last rule to the first, so that the first broken one stands outermost, also where its choice is null.
    expression = pl.lit(None, pl.String)
    for rule_id, choice in reversed(list(choices.items())):
        expression = pl.when(pl.col(rule_id)).then(choice).otherwise(expression)
    return expression


def values_text(delivered: pl.DataFrame, rule: Rule, contract: Contract) -> pl.Series:
    """Give what each row holds in the columns that a rule reads, as bounded text; classified values are masked."""
    present = [name for name in (rule.inputs or ()) if name in delivered.columns]
    if not present:
        return pl.Series("value", [], pl.String).extend_constant(None, delivered.height)
    texts = {
        name: _masked(delivered.get_column(name))
        if contract.column(name).masked
        else as_text(delivered.get_column(name))
        for name in present
    }
    if len(present) == 1:
        joined = texts[present[0]]
    else:
        parts = [pl.lit(f"{name}=") + pl.col(name).fill_null("null") for name in present]
        joined = pl.DataFrame(texts).select(pl.concat_str(parts, separator=", ")).to_series()
    cut = joined.str.len_chars() > _LONGEST
    if cut.any():
        shortened = joined.str.slice(0, _LONGEST - 1) + "…"
        joined = (
            pl.DataFrame({"joined": joined, "cut": shortened, "is": cut})
            .select(pl.when("is").then("cut").otherwise("joined"))
            .to_series()
        )
    return joined


def _masked(series: pl.Series) -> pl.Series:
    return pl.DataFrame({"there": series.is_not_null()}).select(pl.when("there").then(pl.lit(MASK))).to_series()


def as_text(series: pl.Series) -> pl.Series:
    """Write any column as text, null as null."""
    try:
        if series.dtype == pl.Binary:
            return series.bin.encode("hex")
        if series.dtype.is_nested():
            encoded = pl.DataFrame({"v": series}).select(pl.struct("v").struct.json_encode()).to_series()
            return encoded.str.slice(5).str.head(-1).set(series.is_null(), None)  # {"v":...} without its wrapper
        return series.cast(pl.String)
    except pl.exceptions.PolarsError:
        # Durations, Python objects and what else polars cannot write: nothing delivered may stop the quarantine.
        return pl.Series(series.name, [None if value is None else str(value) for value in series.to_list()], pl.String)


def set_aside(rows: pl.DataFrame, *, rule: str, column: str) -> pl.DataFrame:
    """Build the quarantine of rows that a node itself found wanting; `rows` have a `source_row` and the column."""
    return rows.select(
        "source_row",
        pl.lit(rule).alias("rule"),
        pl.lit(column).alias("column"),
        as_text(rows.get_column(column)).str.slice(0, _LONGEST).alias("value"),
        pl.lit(rule).alias("rules"),
        as_json(rows).alias("row"),
    )


def row_digest(row: str) -> str:
    """Digest a quarantined row's JSON by what was delivered in it, wherever in its source it lay."""
    return of_json({name: value for name, value in json.loads(row).items() if name != "source_row"})


def as_json(delivered: pl.DataFrame) -> pl.Series:
    """Write each row as one JSON object, whatever other rows stand beside it."""
    # JSON has no NaN, no infinity and no bytes: such values are written as text, which the gate reads again on release.
    plain = [series if _fits_json(series) else as_text(series).alias(series.name) for series in delivered.get_columns()]
    wild = [series.name for series in plain if series.dtype.is_float() and not series.is_finite().all()]
    if not wild or not delivered.height:
        return _encoded(pl.DataFrame(plain))
    # A NaN in one row must not change how its neighbours are written: rows with the same wild cells go together.
    frame = pl.DataFrame(plain)
    tame = [pl.col(name).is_finite().fill_null(value=True) for name in wild]
    cells = frame.select(pl.concat_str(pl.when(cell).then(pl.lit(".")).otherwise(pl.lit("!")) for cell in tame))
    texts = pl.Series("row", [None] * frame.height, pl.String)
    for pattern in cells.to_series().unique(maintain_order=True):
        places = (cells.to_series() == pattern).arg_true()
        as_words = [name for name, cell in zip(wild, pattern, strict=True) if cell == "!"]
        texts = texts.scatter(places, _encoded(frame[places].with_columns(pl.col(as_words).cast(pl.String))))
    return texts


def _encoded(frame: pl.DataFrame) -> pl.Series:
    return frame.select(pl.struct(pl.all()).struct.json_encode()).to_series()


def _fits_json(series: pl.Series) -> bool:
    dtype = series.dtype
    return dtype.is_integer() or dtype.is_float() or dtype in (pl.String, pl.Boolean, pl.Null)
