"""Put a proposal together: columns in their order, the key, and what a person has still to decide."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from agentic_assets.contracts.gating.conform import Texts
from agentic_assets.contracts.infer.keys import composite_keys, unique_columns
from agentic_assets.contracts.infer.ranges import bounds, observed
from agentic_assets.contracts.infer.shapes import shape
from agentic_assets.contracts.infer.typing import Typed, type_of
from agentic_assets.contracts.odcs.naming import column_fault, dataset_of

__all__ = ["Proposal", "propose"]

_MOST_VALUES: Final = 20
_FEW_ROWS: Final = 30
_PERSONAL: Final = frozenset({"email", "ipv4"})


@dataclass(frozen=True)
class Proposal:
    """A contract as an ODCS document, and in words what the data could not decide."""

    document: Mapping[str, Any]
    undecided: tuple[str, ...]


def propose(
    frame: pl.DataFrame, *, dataset: str, domain: str, source: str, texts: Texts, nulls: Sequence[str] = ()
) -> Proposal:
    """Propose a contract that all rows of the frame keep.

    `source` names the file in descriptions, `texts` says what it may hold as text, `nulls` which texts meant null in
    it. Types, keys, ranges, patterns and lists of values are what was observed, with some room: a person has to say
    what is meant. The same frame gives the same proposal.
    """
    undecided: list[str] = []
    typed: dict[str, Typed] = {}
    for series in frame.iter_columns():
        # Under a name of ours: polars takes one such as ^x$ for a pattern of names.
        found = type_of(series.alias("values"), texts)
        if isinstance(found, Typed):
            typed[series.name] = found
            undecided += [f"`{series.name}`: {note}" for note in found.notes]
        else:
            undecided.append(f"`{series.name}` is left out: {found}")
    unique = unique_columns({name: one.values for name, one in typed.items()}) if frame.height else []
    key = _key(typed, unique, frame.height, undecided)
    names = _names(list(typed))
    properties = [_property(names[name], name, one, key, unique, frame.height) for name, one in typed.items()]
    return Proposal(_document(properties, dataset, domain, source, frame.height, nulls), tuple(undecided))


def _key(typed: Mapping[str, Typed], unique: list[str], height: int, undecided: list[str]) -> tuple[str, ...]:
    if unique:
        if len(unique) > 1:
            listed = ", ".join(f"`{name}`" for name in unique[1:9])
            undecided.append(f"every value of {listed} differs as well: which column is the primary key?")
        return (unique[0],)
    found = composite_keys({name: one.values for name, one in typed.items()}) if height > 1 else []
    if not found:
        undecided.append("no primary key of up to 4 columns was found: what tells two rows apart?")
        return ()
    if len(found) > 1:
        others = "; ".join(", ".join(key) for key in found[1:])
        undecided.append(f"other primary keys would do as well: {others}")
    return found[0]


def _names(given: Sequence[str]) -> dict[str, str]:
    """Give each column a name that a contract can hold; the others keep theirs as physicalName."""
    names = {name: name for name in given if column_fault(name) is None}
    for number, name in enumerate(given, start=1):
        if name not in names:
            made = dataset_of(name) or f"column_{number}"
            while made in names.values() or made in given:
                made += "_"
            names[name] = made
    return {name: names[name] for name in given}


def _property(
    name: str, physical: str, typed: Typed, key: tuple[str, ...], unique: list[str], height: int
) -> dict[str, Any]:
    values = typed.values
    logical = typed.said["logicalType"]
    item: dict[str, Any] = {"name": name}
    if name != physical:
        item["physicalName"] = physical
    alone = physical in unique and (key == (physical,) or height >= _FEW_ROWS)
    options = dict(typed.options)
    enumerated: list[str] = []
    if logical == "string" and values.dtype == pl.String:
        enumerated = _few_values(values)
        options |= {} if enumerated else shape(values)
    elif logical in ("integer", "number", "date", "timestamp") and not isinstance(values.dtype, pl.Decimal):
        options |= bounds(values, grows=physical in unique)
    said = dict(typed.said)
    if logical == "integer" and said["physicalType"] == "int64" and not alone:
        said["physicalType"] = _narrower(options, values)
    item["description"] = _description(typed, options, height)
    item |= said
    item["required"] = height > 0 and values.null_count() == 0
    if alone and key != (physical,):
        item["unique"] = True
    if physical in key:
        item |= {"primaryKey": True, "primaryKeyPosition": key.index(physical) + 1}
    examples = [] if options.get("format") in _PERSONAL else _examples(values, logical)
    if examples:
        item["examples"] = examples
    if options:
        item["logicalTypeOptions"] = options
    if enumerated:
        item["quality"] = [{"metric": "invalidValues", "arguments": {"validValues": enumerated}, "mustBe": 0}]
    return item


def _narrower(options: Mapping[str, Any], values: pl.Series) -> str:
    reach = [abs(bound) for bound in (*observed(values), options.get("minimum"), options.get("maximum")) if bound]
    return "int32" if max(reach, default=0) <= 10**9 else "int64"


def _few_values(values: pl.Series) -> list[str]:
    there = values.drop_nulls()
    if there.len() < _MOST_VALUES:
        return []
    distinct = there.unique().sort()
    few = distinct.len() <= _MOST_VALUES and distinct.len() * 10 <= there.len()
    return distinct.to_list() if few and all(_plain(value) for value in distinct) else []


def _plain(text: str) -> bool:
    return len(text) <= 60 and text.isprintable() and text == text.strip()


def _examples(values: pl.Series, logical: str) -> list[Any]:
    if values.dtype.is_nested() or values.dtype in (pl.Binary, pl.Boolean) or isinstance(values.dtype, pl.Decimal):
        return []
    found = [_shown(value) for value in values.drop_nulls().head(10_000).unique(maintain_order=True).head(3)]
    return [value for value in found if not isinstance(value, str) or (_plain(value) and value)]


def _shown(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, dt.date | dt.time) else value


def _description(typed: Typed, options: Mapping[str, Any], height: int) -> str:
    values = typed.values
    nulls = values.null_count()
    parts = [f"{nulls:,} of {height:,} rows are null ({100 * nulls / height:.3g} %)" if nulls else "never null"]
    low, high = observed(values)
    if low is not None and values.dtype != pl.String:
        parts.append(f"{_shown(low)} to {_shown(high)}" if low != high else f"always {_shown(low)}")
    if values.dtype == pl.String and nulls < height:
        lengths = values.str.len_chars()
        shortest, longest = (int(str(length)) for length in (lengths.min(), lengths.max()))
        parts.append(f"{values.n_unique() - bool(nulls):,} different texts")
        parts.append(f"{shortest} to {longest} characters" if shortest != longest else f"{longest} characters each")
    if options.get("format") in _PERSONAL:
        parts.append("it looks like personal data: give it a classification")
    return f"To be described. Observed: {', '.join([*parts, *typed.notes])}."


def _document(
    properties: list[dict[str, Any]],
    dataset: str,
    domain: str,
    source: str,
    height: int,
    nulls: Sequence[str],
) -> dict[str, Any]:
    document: dict[str, Any] = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": re.sub(r"[^A-Za-z0-9_.-]+", "-", f"{domain}-{dataset}"),
        "name": dataset,
        "version": "0.1.0",
        "status": "draft",
        "domain": domain,
        "description": {
            "purpose": f"To be described. Proposed from {height:,} rows of {source}.",
            "limitations": "Types, keys, ranges, patterns and lists of values are what was seen, not what is meant.",
        },
    }
    if nulls:
        about = "Texts that mean null in the delivered file, besides an empty field."
        document["customProperties"] = [{"property": "nullValues", "value": list(nulls), "description": about}]
    table = {
        "name": dataset,
        "logicalType": "object",
        "physicalType": "table",
        "description": "To be described: what is one row?",
        "properties": properties,
    }
    return document | {"schema": [table]}
