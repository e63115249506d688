"""The record of a decision: one line of JSON in one possible form, whose UTF-8 bytes are the leaf of the ledger.

Keys stand in the order of FIELDS after a first key that names the form; there are no spaces; texts are escaped as
JSON demands and no further; numbers are integers; a timestamp is UTC with microseconds.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from agentic_assets.errors import LedgerBroken

__all__ = ["FIELDS", "FORM", "encode", "encode_one", "parse"]

FORM = "decision/2"

FIELDS = pl.Schema(
    {
        "decision_id": pl.String(),
        "domain": pl.String(),
        "entity": pl.String(),
        "day": pl.Date(),
        "decided_at": pl.Datetime("us", "UTC"),
        "agent": pl.String(),
        "feature_set": pl.String(),
        "model": pl.String(),
        "policy": pl.String(),
        "phase": pl.String(),
        "control": pl.String(),
        "proposed_action": pl.String(),
        "judged_action": pl.String(),
        "effective_action": pl.String(),
        "score_bp": pl.Int32(),
        "confidence_bp": pl.Int32(),
        "benefit_cents": pl.Int64(),
        "cost_cents": pl.Int64(),
        "reason": pl.String(),
        "verdict": pl.String(),
        "rule": pl.String(),
        "fired": pl.Int64(),
        "authorized_by": pl.String(),
        "override": pl.String(),
        "supersedes": pl.String(),
        "escalation_role": pl.String(),
        "input_digest": pl.String(),
        "pins": pl.String(),
        "correlation_id": pl.String(),
        "legacy_action": pl.String(),
    }
)
"""The columns that a record holds, in its order."""

_MOMENT = "%Y-%m-%dT%H:%M:%S%.6fZ"
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f", "\b": "\\b"}
_ESCAPES = {chr(code): f"\\u{code:04x}" for code in range(32)} | _SHORT


def encode(decisions: pl.DataFrame) -> pl.Series:
    """Write the record of each row: a String series `record`."""
    pieces: list[pl.Expr] = []
    text = f'{{"form":"{FORM}"'
    for name, dtype in FIELDS.items():
        column = decisions.get_column(name)
        text += f',"{name}":'
        if _shared(column):
            # What all rows share, such as the versions, is written once and copied.
            text += json.dumps(_plain(column[0]), ensure_ascii=False)
            continue
        value, quoted = _value(column, dtype)
        if quoted and not column.null_count():
            pieces += [pl.lit(text + '"'), value]
            text = '"'
        else:
            value = pl.concat_str(pl.lit('"'), value, pl.lit('"')) if quoted else value
            pieces += [pl.lit(text), value.fill_null("null")]
            text = ""
    pieces.append(pl.lit(text + "}"))
    written = decisions.select(pl.repeat("", pl.len()), record=pl.concat_str(pieces))
    return written.get_column("record")


def encode_one(record: dict[str, Any]) -> str:
    """Write one record from its values; the same text as `encode`."""
    values = {name: _plain(record[name]) for name in FIELDS}
    return json.dumps({"form": FORM, **values}, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def parse(record: str) -> dict[str, Any]:
    """Read a record into its typed values; raises LedgerBroken for a text that `encode` would not have written."""
    try:
        read = json.loads(record)
        if read.pop("form") != FORM:
            raise ValueError(f"another form than {FORM}")
        values = {name: _typed(read[name], dtype) for name, dtype in FIELDS.items()}
        if encode_one(values) != record:
            raise ValueError("not in canonical form")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise LedgerBroken(
            f"this is no record of a decision ({type(error).__name__}: {str(error)[:80]}): {record[:80]!r}",
            hint="the stored text was changed, or another version of this package wrote it",
        ) from error
    return values


def _shared(column: pl.Series) -> bool:
    """Say whether all rows hold one value."""
    if column.is_empty() or column.null_count():
        return 0 < column.null_count() == column.len()
    return bool((column == column[0]).all())


def _value(column: pl.Series, dtype: pl.DataType) -> tuple[pl.Expr, bool]:
    """Give a column's values as text, and whether they stand in quotes."""
    value = pl.col(column.name)
    if dtype == pl.String:
        # Escaping costs more than looking whether there is anything to escape, which there seldom is.
        if column.str.contains(r'["\\\x00-\x1f]').any():
            value = value.str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))
        return value, True
    if dtype == pl.Date:
        return value.dt.to_string("%Y-%m-%d"), True
    if isinstance(dtype, pl.Datetime):
        return value.dt.to_string(_MOMENT), True
    return value.cast(pl.String), False


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
    return value.isoformat() if isinstance(value, date) else value


def _typed(value: Any, dtype: pl.DataType) -> Any:
    if value is None:
        return None
    if dtype == pl.Date:
        return date.fromisoformat(value)
    if isinstance(dtype, pl.Datetime):
        return datetime.fromisoformat(value)
    wanted: type = int if dtype.is_integer() else str
    if type(value) is not wanted:
        raise TypeError(f"{value!r:.40} is not {wanted.__name__}")
    return value
