"""Likely mistakes in what is said of the file and its tables: owner, status, service levels, references, ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from agentic_assets.contracts.odcs.document import Place
from agentic_assets.contracts.odcs.problem import Problem
from agentic_assets.contracts.odcs.smells.smell import Smell, Table

__all__ = ["of_file", "of_table"]

_LATER: Final = ("context", "synonyms", "deprecated", "semanticType", "enum", "map")
_LATER_LEVELS: Final = ("customProperties", "authoritativeDefinitions")
_STATUSES: Final = frozenset({"proposed", "draft", "development", "active", "production", "deprecated", "retired"})


def of_file(value: Mapping[str, Any]) -> Iterator[Smell]:
    """Find the smells of the file as a whole."""
    team = value.get("team")
    members = team if isinstance(team, list) else (team or {}).get("members") or []
    if not team or (isinstance(team, dict) and not team.get("name") and not members):
        what = "no team or owner answers for the data"
        yield Smell.warning("owner-missing", (), what, "name a `team` with its members")
    elif members and all(member.get("dateOut") for member in members):
        yield Smell.warning("owner-left", ("team",), "everybody of the team has left it", "name who answers for it now")
    status = value.get("status")
    if status is None and str(value.get("apiVersion")) < "v3.2":
        what = f"the status is missing, which {value.get('apiVersion')!s:.20} of the standard requires"
        yield Smell.warning("status-missing", (), what, "write e.g. `status: active`")
    elif status is not None and str(status).strip().lower() not in _STATUSES:
        what = f"the status {status!r:.40} is none of the usual"
        yield Smell.info("status-unknown", ("status",), what, "use proposed, draft, active, deprecated or retired")
    if not value.get("schema"):
        yield Smell.info("no-table", (), "the file describes no table: there is nothing to enforce", "add a `schema`")
    yield from _service_levels(value)
    yield from _later_words(value)


def of_table(table: Table) -> Iterator[Smell]:
    """Find the smells of one table."""
    purpose = (table.file.get("description") or {}).get("purpose")
    if not str(table.item.get("description") or purpose or "").strip():
        what = f"`{table.contract.dataset:.60}` has no description"
        yield Smell.warning("description-missing", table.place, what, "say what one row is, and what it is for")
    if table.contract.dataset != str(table.item["name"]):
        what = f"the table {table.item['name']!r:.60} becomes the dataset {table.contract.dataset!r:.60}"
        yield Smell.info("dataset-renamed", (*table.place, "name"), what, "use letters, digits and _")
    yield from _references(table)
    yield from _ids(table)


def _later_words(value: Mapping[str, Any]) -> Iterator[Smell]:
    if str(value.get("apiVersion")) >= "v3.2":
        return
    found: list[tuple[str, Place]] = [("context", ("context",))] if "context" in value else []
    for index, item in enumerate(value.get("slaProperties") or ()):
        found += [(key, ("slaProperties", index, key)) for key in _LATER_LEVELS if key in item]
    for index, table in enumerate(value.get("schema") or ()):
        found += _later(table, ("schema", index))
    for word, place in found[:20]:
        what = (
            f"`{word}` is a word of ODCS 3.2, and the file says {value.get('apiVersion')!s:.20}: other tools refuse it"
        )
        yield Smell.warning("later-word", place, what, "write `apiVersion: v3.2.0`")


def _later(item: Mapping[str, Any], place: Place) -> list[tuple[str, Place]]:
    found = [(key, (*place, key)) for key in _LATER if key in item]
    if item.get("logicalType") in ("map", "vector"):
        found.append((f"logicalType: {item['logicalType']}", (*place, "logicalType")))
    for index, child in enumerate(item.get("properties") or ()):
        found += _later(child, (*place, "properties", index))
    if isinstance(item.get("items"), Mapping):
        found += _later(item["items"], (*place, "items"))
    return found


def _service_levels(value: Mapping[str, Any]) -> Iterator[Smell]:
    seen: dict[tuple[str, str, str], Any] = {}
    for index, item in enumerate(value.get("slaProperties") or ()):
        subject = (str(item["property"]).lower(), str(item.get("element") or ""), str(item.get("driver") or ""))
        said = (item.get("value"), item.get("unit"), item.get("schedule"))
        if subject in seen and seen[subject] != said:
            what = f"the service level {item['property']!s:.60} is promised twice, with different values"
            yield Smell.warning("sla-contradicts", ("slaProperties", index), what, "drop one, or name another driver")
        seen[subject] = said


def _references(table: Table) -> Iterator[Smell]:
    tables = {str(other["name"]): other for other in table.file.get("schema") or ()}
    for item, place in _relationships(table):
        targets = item["to"] if isinstance(item["to"], list) else [item["to"]]
        for target in targets:
            name, _, column = str(target).partition(".")
            columns = [str(each["name"]) for each in tables.get(name, {}).get("properties") or ()]
            if column and name in tables and columns and column.partition(".")[0] not in columns:
                what = f"the relationship refers to `{target!s:.80}`, and `{name:.60}` has no such column"
                hint = f"name one of {', '.join(columns)[:120]}"
                yield Smell("error", Problem((*place, "to"), what, hint, "relationship-unknown-column"))


def _relationships(table: Table) -> Iterator[tuple[Mapping[str, Any], Place]]:
    for each in table.properties:
        for index, item in enumerate(each.item.get("relationships") or ()):
            yield item, (*each.place, "relationships", index)
    for index, item in enumerate(table.item.get("relationships") or ()):
        yield item, (*table.place, "relationships", index)


def _ids(table: Table) -> Iterator[Smell]:
    given = Counter(str(each.item["id"]) for each in table.properties if "id" in each.item)
    for each in table.properties:
        if given[str(each.item.get("id"))] > 1:
            what = f"the id {each.item['id']!s:.60} names more than one column"
            yield Smell.warning("duplicate-id", (*each.place, "id"), what, "give each its own id")
