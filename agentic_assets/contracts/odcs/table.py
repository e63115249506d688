"""Compile one table of an ODCS file to a contract: its columns, its rules, what is said about it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

import polars as pl

from agentic_assets.contracts.contract import Column, Contract, Relationship, Transform
from agentic_assets.contracts.odcs import constraints, delivery, nested, parties, types
from agentic_assets.contracts.odcs.document import Document, Place
from agentic_assets.contracts.odcs.elsewhere import name_the_rest
from agentic_assets.contracts.odcs.moments import strptime, works
from agentic_assets.contracts.odcs.naming import column_fault, dataset_of, table_fault
from agentic_assets.contracts.odcs.own_names import OwnNames
from agentic_assets.contracts.odcs.patterns import time_zones
from agentic_assets.contracts.odcs.quality import of_quality
from agentic_assets.contracts.odcs.reading import Reading, custom_properties
from agentic_assets.contracts.odcs.relationships import of_relationship, written_in
from agentic_assets.contracts.odcs.residency import residency
from agentic_assets.contracts.rule import Rule
from agentic_assets.versions import of_json

__all__ = ["contract_of"]

_SEMANTIC: Final = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?")
_VERSION: Final = re.compile(r"v?\d{1,9}(\.\d{1,9}){0,3}(?:-[0-9A-Za-z.-]{1,60})?(?:\+[0-9A-Za-z.-]{1,60})?")
_UTC: Final = frozenset({"UTC", "Etc/UTC"})


def contract_of(found: Document, index: int, folder: str, reading: Reading) -> Contract:
    """Compile the table at `index`; `folder` names the domain where the file does not."""
    value = {**found.value, "schema": [found.value["schema"][index]]}
    table = _table(value["schema"][0], reading)
    version = str(value["version"])
    if not _SEMANTIC.fullmatch(version):
        note = reading.mistake if _VERSION.fullmatch(version) else reading.problem
        what = f"version {version!r:.60} is not semantic"
        note(("version",), what, "write three numbers, e.g. 1.0.0", "version-not-semantic")
    reading.table, reading.names = str(table["name"]), OwnNames.of(found.value, table)
    dataset = dataset_of(reading.table)
    domain = str(value.get("domain") or folder)
    columns, rules, key = _columns(table, reading)
    schema = {column.name: column.dtype for column in columns}
    levels = delivery.service_levels(found.value, dataset, schema, reading)
    rules = _numbered([*rules, *delivery.latency_rules(levels, schema)], reading)
    name_the_rest(found.value, table, reading)
    declared = {**custom_properties(value), **custom_properties(table)}
    texts = value.get("description") or {}
    return Contract(
        id=str(value["id"]),
        name=f"{domain}/{dataset}",
        dataset=dataset,
        version=version,
        description=str(table.get("description") or texts.get("purpose") or "").strip(),
        owner=parties.owner(parties.team(value)),
        path=found.name,
        columns=_with_constraints(columns, rules),
        primary_key=key,
        rules=tuple(rules),
        digest=of_json([value, reading.code] if reading.code else value),
        tags=tuple(dict.fromkeys([*value.get("tags", ()), *table.get("tags", ())])),
        max_refused_share=_share(declared, reading),
        status=value.get("status"),
        usage=_stripped(texts.get("usage")),
        limitations=_stripped(texts.get("limitations")),
        service_levels=levels,
        unenforced=reading.unenforced,
        expectations=tuple(reading.expectations),
        domain=value.get("domain"),
        tenant=value.get("tenant"),
        title=table.get("businessName") or value.get("name"),
        physical_name=table.get("physicalName"),
        data_product=value.get("dataProduct"),
        granularity=table.get("dataGranularityDescription"),
        team=parties.team(value),
        roles=parties.roles(value),
        servers=parties.servers(value),
        support=parties.channels(value),
        definitions=parties.definitions(value, texts, table),
        relationships=_relationships(table, columns),
        residency=residency(declared, {column.name: column.declared for column in columns}, reading),
        declared=MappingProxyType(declared),
        said=MappingProxyType(value),
        code=tuple(dict.fromkeys(reading.functions)),
    )


def _table(table: Mapping[str, Any], reading: Reading) -> Mapping[str, Any]:
    fault = table_fault(str(table["name"]))
    if fault:
        reading.problem(
            (*reading.at, "name"),
            f"the table name {table['name']!r:.60} cannot be a folder: it {fault}",
            "use letters, digits and _",
            "table-name",
        )
    if not table.get("properties"):
        what = f"the table {table['name']!s:.60} has no properties: its columns are taken as they come"
        reading.not_enforced(what, reading.at, "no-columns")
    return table


def _columns(table: Mapping[str, Any], reading: Reading) -> tuple[list[Column], list[Rule], tuple[str, ...]]:
    columns: list[Column] = []
    taken: set[str] = set()
    rules: list[Rule] = []
    keys: list[tuple[int, str]] = []
    checks: list[tuple[Mapping[str, Any], str | None, Place]] = []
    for index, item in enumerate(table.get("properties") or ()):
        place: Place = (*reading.at, "properties", index)
        column, own = _column(item, place, reading)
        if column is None:
            continue
        if column.name in taken:
            what = f"the column `{column.name}` stands twice"
            reading.problem((*place, "name"), what, "keep one of the two", "duplicate-column")
            continue
        columns.append(column)
        taken.add(column.name)
        rules += own
        if item.get("primaryKey"):
            keys.append((item.get("primaryKeyPosition", -1), column.name))
        checks += [
            (check, column.name, (*place, "quality", number)) for number, check in enumerate(item.get("quality") or ())
        ]
    key = _primary_key(keys, reading)
    checks += [
        (check, None, (*reading.at, "quality", number)) for number, check in enumerate(table.get("quality") or ())
    ]
    schema = {column.name: column.dtype for column in columns}
    compiled = [of_quality(check, name, schema, place, reading) for check, name, place in checks]
    compiled += [of_relationship(item, table, schema, reading) for item in written_in(table, reading.at)]
    order = {column.name: position for position, column in enumerate(columns)}
    of_columns = rules + [rule for rule in compiled if rule is not None and rule.column is not None]
    rules = sorted(of_columns, key=lambda rule: order[str(rule.column)])
    if key and not any(rule.key == key for rule in rules):
        rules.append(Rule(f"primaryKey({','.join(key)})", None, f"primary key {', '.join(key)}", key=key, inputs=key))
    rules += [rule for rule in compiled if rule is not None and rule.column is None]
    return columns, rules, key


def _primary_key(keys: list[tuple[int, str]], reading: Reading) -> tuple[str, ...]:
    positions = [position for position, _ in keys if position >= 0]
    if len(set(positions)) != len(positions):
        reading.problem((*reading.at, "properties"), "two columns share a primaryKeyPosition", "number them 1, 2, 3")
    return tuple(name for _, name in sorted(keys, key=lambda entry: entry[0]))


def _column(item: Mapping[str, Any], place: Place, reading: Reading) -> tuple[Column | None, list[Rule]]:
    name = str(item["name"])
    fault = column_fault(name)
    if fault:
        reading.problem(
            (*place, "name"), f"the column name {name!r:.60} cannot be used: it {fault}", "rename it", "column-name"
        )
        return None, []
    meant = item.get("semanticType")
    if meant == "measure" or (meant == "dimension" and item.get("transformLogic")):
        reading.not_enforced(
            f"`{name}` is a {item['semanticType']}: it is computed from the table, no column of it", place
        )
        return None, []
    held = types.resolve(item)
    for rule, note in held.notes:
        reading.not_enforced(f"`{name}`: {note}", place, rule)
    declared = custom_properties(item)
    unit = declared.get("unit")
    column = Column(
        name=name,
        dtype=held.dtype,
        required=bool(item.get("required") or item.get("primaryKey")),
        description=str(item.get("description") or "").strip(),
        unit=str(unit) if unit is not None else None,
        logical_type=held.logical,
        physical_type=held.physical,
        classification=nested.classification(item),
        tags=tuple(item.get("tags") or ()),
        is_key=bool(item.get("primaryKey")),
        constraints=(),
        examples=tuple(item.get("examples") or ()),
        title=item.get("businessName"),
        physical_name=item.get("physicalName"),
        critical=item.get("criticalDataElement") is True,
        partitioned=item.get("partitioned") is True,
        deprecated=item.get("deprecated") is True,
        encrypted_name=item.get("encryptedName"),
        transform=_transform(item),
        source_type=item.get("physicalType"),
        loose=held.loose,
        text_format=_text_format(item, held, (*place, "logicalTypeOptions", "format"), reading),
        text_zone=_text_zone(item, held, place, reading),
        definitions=parties.definitions(item),
        declared=MappingProxyType(declared),
    )
    nested.name_unchecked(name, item, place, reading)
    return column, constraints.of_column(column, item, place, reading)


def _text_format(item: Mapping[str, Any], held: types.Held, place: Place, reading: Reading) -> str | None:
    wanted = (item.get("logicalTypeOptions") or {}).get("format")
    if wanted is None or not (held.dtype.is_temporal() or held.logical == "time"):
        return None
    pattern = strptime(str(wanted))
    if pattern is None or not works(pattern, held.dtype):
        reading.not_enforced(f"`{item['name']}`: format {wanted!s:.60} (text is read as ISO 8601)", place)
        return None
    return pattern


def _text_zone(item: Mapping[str, Any], held: types.Held, place: Place, reading: Reading) -> str | None:
    options = item.get("logicalTypeOptions") or {}
    zone = str(options.get("defaultTimezone") or "UTC")
    if not isinstance(held.dtype, pl.Datetime):
        return None
    if zone not in time_zones():
        what = f"`{item['name']}`: defaultTimezone {zone!r:.60} is no IANA time zone"
        reading.problem(
            (*place, "logicalTypeOptions", "defaultTimezone"), what, "write e.g. Europe/Berlin", "time-zone"
        )
        return None
    if zone not in _UTC and held.dtype.time_zone is None:
        reading.not_enforced(f"`{item['name']}`: defaultTimezone {zone}: the moments are held without any zone", place)
    elif zone not in _UTC and "format" not in options:
        what = f"`{item['name']}`: defaultTimezone {zone}: text without an offset is refused, unless a format is given"
        reading.not_enforced(what, place)
    return zone


def _transform(item: Mapping[str, Any]) -> Transform | None:
    sources = tuple(str(source) for source in item.get("transformSourceObjects") or ())
    logic, words = _stripped(item.get("transformLogic")), _stripped(item.get("transformDescription"))
    return Transform(sources, logic, words) if sources or logic or words else None


def _with_constraints(columns: list[Column], rules: list[Rule]) -> tuple[Column, ...]:
    # The type stands beside the constraints wherever columns are shown, and NaN is never allowed.
    texts: dict[str | None, list[str]] = {column.name: [] for column in columns}
    for rule in rules:
        if rule.column is not None and rule.id not in (f"type({rule.column})", f"nan({rule.column})"):
            texts[rule.column].append(rule.text)
    for column in columns:
        texts[column.name] += ["part of the primary key"] if column.is_key else []
    return tuple(replace(column, constraints=tuple(texts[column.name])) for column in columns)


def _numbered(rules: list[Rule], reading: Reading) -> list[Rule]:
    # Two checks of one kind on one column get numbers; a name that a person gave twice is a mistake.
    seen: dict[str, int] = {}
    result = []
    for rule in rules:
        seen[rule.id] = seen.get(rule.id, 0) + 1
        if seen[rule.id] > 1 and "(" not in rule.id and rule.id != "rowCount":
            reading.problem(reading.at, f"two checks are named {rule.id!r:.80}", "give each its own id")
        result.append(rule if seen[rule.id] == 1 else replace(rule, id=f"{rule.id}#{seen[rule.id]}"))
    return result


def _share(declared: Mapping[str, Any], reading: Reading) -> float:
    share = declared.get("maxRefusedShare", 0.05)
    if not isinstance(share, int | float) or isinstance(share, bool) or not 0 <= share <= 1:
        reading.problem(
            ("customProperties",), f"maxRefusedShare is {share!r:.60}", "give a share from 0 to 1, e.g. 0.05"
        )
        return 0.05
    return float(share)


def _relationships(table: Mapping[str, Any], columns: list[Column]) -> tuple[Relationship, ...]:
    names = {column.name for column in columns}
    found = [
        _relationship(item, (str(each["name"]),))
        for each in table.get("properties") or ()
        for item in each.get("relationships") or ()
        if each["name"] in names
    ]
    return (*found, *(_relationship(item, _listed(item["from"])) for item in table.get("relationships") or ()))


def _relationship(item: Mapping[str, Any], columns: tuple[str, ...]) -> Relationship:
    declared = MappingProxyType(custom_properties(item))
    return Relationship(columns, _listed(item["to"]), item.get("type", "foreignKey"), item.get("id"), declared)


def _listed(value: Any) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, list) else (str(value),)


def _stripped(text: str | None) -> str | None:
    return text.strip() if text else None
