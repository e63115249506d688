"""Compare the columns of two versions: which there are, in which order, of which type, and what is said of each."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from agentic_assets.contracts.change.change import Change, Spot, shown
from agentic_assets.contracts.change.direction import Direction
from agentic_assets.contracts.change.implying import null_keeps
from agentic_assets.contracts.contract import Column, Contract

__all__ = ["COMPARED", "compare_columns", "unrelated"]

_FITS: Final = frozenset(
    {
        (pl.Int16(), pl.Int32()),
        (pl.Int16(), pl.Int64()),
        (pl.Int32(), pl.Int64()),
        (pl.Int16(), pl.Float64()),
        (pl.Int32(), pl.Float64()),
        (pl.Int16(), pl.Float32()),
        (pl.Float32(), pl.Float64()),
    }
)
"""Types of which every value is one of the other; a double does not hold every whole number of 64 bits."""

_DIGITS: Final[dict[pl.DataType, int]] = {pl.Int16(): 5, pl.Int32(): 10, pl.Int64(): 19}
_OPENNESS: Final = ("public", "internal", "confidential", "restricted", "secret")
_ALIKE: Final = 0.6


@dataclass(frozen=True)
class _Said:
    """Something said of a column, the key that says it, and what a change of it means."""

    fields: tuple[str, ...]
    aspect: str
    key: str
    of: Callable[[Column], Any]
    change: Callable[[Any, Any], tuple[str, Direction]]
    documentation: bool = False


def _fits(one: pl.DataType, other: pl.DataType) -> bool:
    """Say whether every value of one type is a value of the other."""
    if (one, other) in _FITS:
        return True
    if isinstance(other, pl.Decimal) and (digits := _digits(one)) is not None:
        whole, fraction = digits
        most, more = _digits(other) or (0, 0)
        return whole <= most and fraction <= more
    if isinstance(one, pl.List) and isinstance(other, pl.List):
        return one != other and _fits(_inner(one), _inner(other))
    return False


def _digits(dtype: pl.DataType) -> tuple[int, int] | None:
    """Give how many digits a number may have before and behind the point; None for what counts in no digits."""
    if isinstance(dtype, pl.Decimal):
        return (dtype.precision or 38) - dtype.scale, dtype.scale
    return (_DIGITS[dtype], 0) if dtype in _DIGITS else None


def _inner(dtype: pl.List) -> pl.DataType:
    inner = dtype.inner
    return inner() if isinstance(inner, type) else inner


def _type(old: pl.DataType, new: pl.DataType) -> tuple[str, Direction]:
    if _fits(old, new):
        return "type-widened", Direction.LOOSER
    if _fits(new, old):
        return "type-narrowed", Direction.TIGHTER
    return "type-changed", Direction.DIFFERENT


def _unit(old: str | None, new: str | None) -> tuple[str, Direction]:
    if old is None:
        return "unit-added", Direction.TIGHTER
    if new is None:
        return "unit-removed", Direction.LOOSER
    return "unit-changed", Direction.DIFFERENT


def _knowledge(_old: bool, new: bool) -> tuple[str, Direction]:
    return ("knowledge-later", Direction.LOOSER) if new else ("knowledge-earlier", Direction.TIGHTER)


def _classification(old: str, new: str) -> tuple[str, Direction]:
    if old in _OPENNESS and new in _OPENNESS:
        raised = _OPENNESS.index(new) > _OPENNESS.index(old)
        return ("classification-raised", Direction.LOOSER) if raised else ("classification-lowered", Direction.TIGHTER)
    return "classification-changed", Direction.DIFFERENT


def _instants(old: str | None, _new: str | None) -> tuple[str, Direction]:
    # Said for the first time it changes no row; another instant moves what may be read of the same row, and when.
    return ("known-at-declared", Direction.NEUTRAL) if old is None else ("known-at-changed", Direction.DIFFERENT)


def _neutral(kind: str) -> Callable[[Any, Any], tuple[str, Direction]]:
    return lambda _old, _new: (kind, Direction.NEUTRAL)


def _different(kind: str) -> Callable[[Any, Any], tuple[str, Direction]]:
    return lambda _old, _new: (kind, Direction.DIFFERENT)


_OWN: Final = frozenset({"unit", "afterTheFact", "knownAt"})
_SAID: Final = (
    _Said(("dtype",), "type", "physicalType", lambda column: column.dtype, _type),
    _Said(("unit",), "unit", "customProperties", lambda column: column.unit, _unit),
    _Said(
        ("after_the_fact",), "moment of knowledge", "customProperties", lambda column: column.after_the_fact, _knowledge
    ),
    _Said(
        ("known_at",),
        "instants of knowledge",
        "customProperties",
        lambda column: ", ".join(column.known_at) or None,
        _instants,
    ),
    _Said(
        ("classification",),
        "classification",
        "classification",
        lambda column: (column.classification or "public").strip().lower() or "public",
        _classification,
    ),
    _Said(
        ("encrypted_name",),
        "encryption",
        "encryptedName",
        lambda column: column.encrypted_name,
        _different("encryption-changed"),
    ),
    _Said(
        ("physical_name",),
        "physical name",
        "physicalName",
        lambda column: column.physical_name if column.physical_name != column.name else None,
        _different("physical-name-changed"),
    ),
    _Said(
        ("partitioned",),
        "partitioning",
        "partitioned",
        lambda column: column.partitioned,
        _different("partitioning-changed"),
    ),
    _Said(
        ("deprecated",),
        "deprecation",
        "deprecated",
        lambda column: column.deprecated,
        lambda _old, new: ("column-deprecated" if new else "column-reinstated", Direction.NEUTRAL),
    ),
    _Said(
        ("text_format", "text_zone", "loose"),
        "reading of text",
        "logicalTypeOptions",
        lambda column: (column.text_format, column.text_zone or "UTC", column.loose),
        _different("text-reading-changed"),
    ),
    _Said(
        ("declared",),
        "custom property",
        "customProperties",
        lambda column: {name: value for name, value in column.declared.items() if name not in _OWN},
        _neutral("custom-properties-changed"),
    ),
    _Said(
        ("logical_type", "physical_type", "source_type"),
        "type name",
        "logicalType",
        lambda column: (column.logical_type, column.physical_type, column.source_type, column.dtype),
        _neutral("type-renamed"),
        documentation=True,
    ),
    _Said(
        ("description", "title", "examples", "definitions", "transform", "critical", "tags"),
        "documentation",
        "description",
        lambda column: (
            column.description,
            column.title,
            column.examples,
            column.definitions,
            column.transform,
            column.critical,
            column.tags,
        ),
        _neutral("documentation-changed"),
        documentation=True,
    ),
)
COMPARED: Final = frozenset(name for said in _SAID for name in said.fields)
"""The fields of a column that are compared here; names, requirements and keys are compared as such."""


def compare_columns(old: Contract, new: Contract) -> list[Change]:
    """List the changes of columns, in the order of the new file, those that are gone last."""
    before, after = old.schema, new.schema
    renamed = _renamed(old, new)
    changes: list[Change] = []
    for column in new.columns:
        if column.name in before:
            changes += _changes(old.column(column.name), column)
        else:
            changes.append(_added(column, new, renamed.get(column.name)))
    gone = {previous: name for name, previous in renamed.items()}
    changes += [_removed(column, gone.get(column.name)) for column in old.columns if column.name not in after]
    return changes + _moved(list(before), list(after))


def unrelated(old: Contract, new: Contract) -> frozenset[str]:
    """Name the columns whose old and new values cannot be compared: their rules say nothing about each other."""
    shared = [name for name in old.schema if name in new.schema]
    return frozenset(
        name
        for name in shared
        if old.schema[name] != new.schema[name] and _type(old.schema[name], new.schema[name])[1] is Direction.DIFFERENT
    )


def _changes(old: Column, new: Column) -> list[Change]:
    found: list[Change] = []
    for said in _SAID:
        before, after = said.of(old), said.of(new)
        if before == after or (said.aspect == "type name" and old.dtype != new.dtype):
            continue
        kind, direction = said.change(before, after)
        texts = _texts(said, old, new, before, after)
        found.append(
            Change(kind, said.aspect, direction, Spot(said.key, new.name), *texts, documentation=said.documentation)
        )
    return found


def _texts(said: _Said, old: Column, new: Column, before: Any, after: Any) -> tuple[str | None, str | None]:
    if said.aspect == "type":
        return old.physical_type, new.physical_type
    if said.aspect == "type name":
        return tuple(f"{column.logical_type}, {column.source_type or column.physical_type}" for column in (old, new))  # type: ignore[return-value]
    if isinstance(before, dict):
        names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
        return tuple(  # type: ignore[return-value]
            shown([f"{name}={values[name]}" for name in names if name in values]) for values in (before, after)
        )
    if said.aspect == "documentation":
        pairs = zip(said.fields, before, after, strict=True)
        field, one, other = next((name, one, other) for name, one, other in pairs if one != other)
        label = "" if field == "description" else f"{field} "
        return tuple(text and f"{label}{text}" for text in (shown(one), shown(other)))  # type: ignore[return-value]
    if isinstance(before, bool):
        return None, None
    return shown(before), shown(after)


def _added(column: Column, new: Contract, previous: str | None) -> Change:
    refusing = [rule for rule in new.rules if rule.column == column.name and not null_keeps(rule, column.name)]
    promises = ", ".join(column.constraints)
    text = f"{column.physical_type}{f' ({promises})' if promises else ''}"
    return Change(
        kind="required-column-added" if refusing else "column-added",
        aspect="column",
        direction=Direction.TIGHTER if refusing else Direction.NEUTRAL,
        spot=Spot("", column.name),
        after=shown(text),
        hint=f"this may be `{previous}` under another name" if previous else None,
    )


def _removed(column: Column, now: str | None) -> Change:
    return Change(
        kind="column-removed",
        aspect="column",
        direction=Direction.LOOSER,
        spot=Spot("", column.name),
        before=column.physical_type,
        hint=f"if it is `{now}` now, keep the old name beside the new one until nobody reads it" if now else None,
    )


def _moved(before: list[str], after: list[str]) -> list[Change]:
    """Report columns that no longer stand where they stood: who reads a file of them by position reads others."""
    kept = [name for name in before if name in after]
    if after[: len(kept)] == kept:
        return []
    first = next(name for name, other in zip(kept, after, strict=False) if name != other)
    order = (
        "the columns come in another order"
        if [name for name in after if name in before] != kept
        else "new columns stand before this one"
    )
    return [
        Change(
            kind="columns-moved",
            aspect="order",
            direction=Direction.DIFFERENT,
            spot=Spot("", first),
            after=order,
            hint="keep the order, and put new columns at the end",
        )
    ]


def _renamed(old: Contract, new: Contract) -> dict[str, str]:
    """Guess which new columns are old ones under other names: of one type, alike in name or equal in what they say."""
    gone = [column for column in old.columns if column.name not in new.schema]
    come = [column for column in new.columns if column.name not in old.schema]
    scored = sorted(
        ((_likeness(before, after), before.name, after.name) for before in gone for after in come), reverse=True
    )
    found: dict[str, str] = {}
    for score, before_name, after_name in scored:
        if score >= _ALIKE and after_name not in found and before_name not in found.values():
            found[after_name] = before_name
    return found


def _likeness(before: Column, after: Column) -> float:
    if before.dtype != after.dtype:
        return 0.0
    if before.description and before.description == after.description:
        return 1.0
    return difflib.SequenceMatcher(None, before.name.lower(), after.name.lower()).ratio()
