"""Likely mistakes in what is said of columns: keys, names, classes, bounds, patterns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from agentic_assets.contracts.odcs import physical
from agentic_assets.contracts.odcs.smells.smell import Property, Smell, Table

__all__ = ["of_columns"]

_CLASSES: Final = frozenset(
    {
        *("public", "internal", "private", "confidential", "restricted", "secret", "sensitive", "proprietary"),
        *("pii", "phi", "pci", "personal", "1", "2", "3", "4", "5"),
    }
)
_CLOSED: Final = frozenset({"confidential", "restricted", "secret"})
_PERSONAL: Final = re.compile(r"(?:^|[:_\-\s.])(?:pii|gdpr|personal|sensitive|phi)(?:$|[:_\-\s.])", re.IGNORECASE)
_RESERVED: Final = frozenset({"partition"})
_LIMITS: Final = {"int16": 2**15, "int32": 2**31, "int64": 2**63}


def of_columns(table: Table) -> Iterator[Smell]:
    """Find the smells of a table's columns."""
    yield from _keys(table)
    yield from _names(table)
    for each in table.properties:
        yield from _class(each)
        yield from _limits(each)
        yield from _pattern(each)
        if each.item.get("partitionKeyPosition", -1) >= 0 and not each.item.get("partitioned"):
            what = f"`{each.name}` has a partitionKeyPosition and is not partitioned"
            yield Smell.warning("partition-position", each.place, what, "set `partitioned: true`, or drop the position")
        if each.item.get("unique") and each.item.get("logicalType") == "boolean":
            what = f"`{each.name}` is a unique boolean: the table would have two rows at most"
            yield Smell.warning("unique-boolean", (*each.place, "unique"), what, "drop `unique`, or correct the type")
    bare = [each for each in table.properties if not str(each.item.get("description") or "").strip()]
    if bare:
        names = ", ".join(each.name[:40] for each in bare[:5]) + (", ..." if len(bare) > 5 else "")
        what = f"{len(bare)} of {len(table.properties)} columns have no description: {names}"
        yield Smell.info("column-description-missing", bare[0].place, what, "say what they mean, in which unit")


def _keys(table: Table) -> Iterator[Smell]:
    keys = [each for each in table.properties if each.item.get("primaryKey")]
    for each in table.properties:
        if each.item.get("primaryKey") and not each.item.get("required"):
            what = f"`{each.name}` is of the primary key and not required; it is taken as required"
            yield Smell.warning("key-not-required", each.place, what, "write `required: true`")
        if not each.item.get("primaryKey") and each.item.get("primaryKeyPosition", -1) >= 0:
            what = f"`{each.name}` has a primaryKeyPosition and is not of the primary key"
            yield Smell.warning("key-position", each.place, what, "set `primaryKey: true`, or drop the position")
    if len(keys) > 1 and any(each.item.get("primaryKeyPosition", -1) < 0 for each in keys):
        what = f"the primary key has {len(keys)} columns, not all with a position"
        yield Smell.warning("key-position", keys[0].place, what, "give each a `primaryKeyPosition`, from 1 on")
    if not keys and table.properties and not any(each.item.get("unique") for each in table.properties):
        what = f"nothing names one row of `{table.contract.dataset:.60}`: no primary key, nothing unique"
        yield Smell.info("key-missing", table.place, what, "say which columns make the key")


def _names(table: Table) -> Iterator[Smell]:
    folded = Counter(each.name.casefold() for each in table.properties)
    physical_names = Counter(str(each.item.get("physicalName") or each.name) for each in table.properties)
    names = {each.name for each in table.properties}
    for each in table.properties:
        given = each.item.get("physicalName")
        if folded[each.name.casefold()] > 1 and len(names) == len(table.properties):
            what = f"`{each.name}` differs from another column by upper and lower case only"
            yield Smell.warning(
                "column-names-alike", (*each.place, "name"), what, "many systems know no case: rename it"
            )
        if given and physical_names[str(given)] > 1:
            what = f"`{each.name}` has the physicalName {given!r:.60}, which another column has too"
            yield Smell.warning("physical-name-shared", (*each.place, "physicalName"), what, "give each its own")
        if each.name in _RESERVED:
            what = f"the lake keeps a column `{each.name}` of its own, so this one cannot be published"
            yield Smell.warning("reserved-name", (*each.place, "name"), what, "rename it")
        if "${" in each.name or "${" in str(each.item.get("physicalType") or ""):
            what = f"`{each.name}` holds a variable; variables are never filled in here"
            yield Smell.warning("unresolved-variable", each.place, what, "write the value")


def _class(each: Property) -> Iterator[Smell]:
    written = str(each.item.get("classification") or "").strip().lower()
    tags = [str(tag) for tag in each.item.get("tags") or ()]
    place = (*each.place, "classification")
    if written in _CLOSED and not tags and not each.item.get("encryptedName"):
        what = f"`{each.name}` is {written}, and no tag says why"
        yield Smell.info("class-without-tag", place, what, "add a tag such as pii, financial, health")
    if written and written not in _CLASSES:
        what = (
            f"`{each.name}` has the classification {written!r:.40}, which is none of the usual; its values are masked"
        )
        yield Smell.info("class-unknown", place, what, "use public, internal, confidential or restricted")
    if (not written or written == "public") and any(_PERSONAL.search(tag) for tag in tags):
        what = f"`{each.name}` is tagged as personal or sensitive, and {written or 'has no classification'}"
        yield Smell.warning("personal-but-open", each.place, what, "classify it, so that its values are masked")


def _limits(each: Property) -> Iterator[Smell]:
    known = physical.of_text(str(each.item.get("physicalType") or ""))
    longest = each.options.get("maxLength")
    if known and known.kind == "string" and known.figures and isinstance(longest, int) and longest > known.figures[0]:
        what = f"`{each.name}` allows {longest} characters, its physicalType {known.figures[0]}"
        yield Smell.warning("length-exceeds-type", each.place, what, "give both the same length")
    limit = _LIMITS.get(each.column.physical_type) if each.column else None
    for key in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
        bound = each.options.get(key)
        if limit and isinstance(bound, int | float) and abs(bound) > limit:
            what = f"`{each.name}`: {key} {bound} lies beyond what its type can hold"
            yield Smell.warning("range-exceeds-type", (*each.place, "logicalTypeOptions", key), what, "correct either")


def _pattern(each: Property) -> Iterator[Smell]:
    pattern = each.options.get("pattern")
    if not isinstance(pattern, str) or not (pattern.startswith("^") or pattern.endswith("$")):
        return
    if len(_branches(pattern)) > 1 and not (pattern.startswith("^(") and pattern.endswith(")$")):
        what = f"`{each.name}`: the anchors of {pattern!r:.60} hold for its first and last alternative only"
        hint = "put the alternatives in brackets: ^(?:a|b)$; here the whole text has to match anyway"
        yield Smell.warning("pattern-loose-anchors", (*each.place, "logicalTypeOptions", "pattern"), what, hint)


def _branches(pattern: str) -> list[str]:
    """Split a pattern at the bars that stand in no brackets."""
    parts, depth, in_class, escaped = [""], 0, False, False
    for char in pattern:
        if not escaped and not in_class:
            depth += {"(": 1, ")": -1}.get(char, 0)
            if char == "|" and depth == 0:
                parts.append("")
                continue
        if not escaped and char in "[]":
            in_class = char == "[" or (in_class and char != "]")
        escaped = char == "\\" and not escaped
        parts[-1] += char
    return parts
