"""An action that was allowed, and the row that carries it until it is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import polars as pl

from agentic_assets.errors import PartitionRefused
from agentic_assets.store.schema import outbox

__all__ = ["Action", "Entry", "Result", "columns_of"]

Result = Mapping[str, Any]
"""What an actuator says about an action, as a JSON object."""


@dataclass(frozen=True)
class Action:
    """What an actuator is asked to do, once per `key`; `payload` is a JSON object as text."""

    key: str
    decision_id: str
    partition: str
    agent: str
    entity: str
    action: str
    payload: str


@dataclass(frozen=True)
class Entry:
    """One row of the outbox: `state` is pending, done, failed or withdrawn; `attempts` counts those that were begun.

    A row whose `verb` is compensate takes back the row `undoes`, of the same decision and round. `cause` says why an
    action was compensated or withdrawn: which decision stands in the place of the one that wanted it. The two moments
    are UTC, for people, and empty in rows that are older than the columns.
    """

    id: int
    action: Action
    state: str
    attempts: int
    result: Result = field(default_factory=dict)
    verb: str = "execute"
    round: int = 1
    undoes: int | None = None
    cause: Mapping[str, Any] = field(default_factory=dict)
    recorded_at: str = ""
    settled_at: str = ""


_COLUMNS = [field.name for field in fields(Action)]


def columns_of(frame: pl.DataFrame) -> Iterator[dict[str, str]]:
    """Give actions as rows of text. Raises PartitionRefused when a column is missing, null, too long or no text."""
    problems = [problem for name in _COLUMNS if (problem := _problem(frame, name))]
    if problems:
        raise PartitionRefused(
            f"the outbox refused {frame.height:,} actions: {'; '.join(problems)}", hint="nothing was put; fix the rows"
        )
    return frame.select(_COLUMNS).iter_rows(named=True)


def _problem(frame: pl.DataFrame, name: str) -> str | None:
    if name not in frame.columns:
        return f"there is no column `{name}`"
    column = frame.get_column(name)
    if column.dtype != pl.String:
        return f"`{name}` is {column.dtype}, not String"
    if column.null_count():
        return f"`{name}` is null in {column.null_count():,} rows"
    most = getattr(outbox.c[name].type, "length", None)
    if most is not None and (column.str.len_chars() > most).any():
        return f"`{name}` is longer than {most} characters in {(column.str.len_chars() > most).sum():,} rows"
    return None
