"""Put the catalogue into pages: an index that can be searched, and one page a contract."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentic_assets.evidence.catalog import past, sections
from agentic_assets.evidence.catalog.material import Catalog, Listed
from agentic_assets.evidence.report.blocks import Cell, Facts, Section, code, prose, text
from agentic_assets.evidence.report.templates import environment
from agentic_assets.evidence.report.wording import count, plural, share, shown

__all__ = ["GENERATOR", "build"]

GENERATOR = "agentic contract catalog"
_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class _Tile:
    name: str
    figure: str
    meaning: str


def build(catalog: Catalog, progress: Callable[[int, int], None] | None = None) -> dict[str, str]:
    """Give every page by its file name; the same catalogue gives the same text."""
    from markupsafe import Markup

    made = environment([_FOLDER])
    script = (_FOLDER / "search.js").read_text(encoding="utf-8")
    made.globals |= {
        "generator": GENERATOR,
        "own_style": Markup((_FOLDER / "catalog.css").read_text(encoding="utf-8")),
        "script": Markup(script),
        # Only this very script may run: a page that was made to hold another one would not run it.
        "script_hash": base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        "shown": shown,
    }
    page = made.get_template("contract.html.jinja")
    pages = {"index.html": made.get_template("index.html.jinja").render(**_index(catalog))}
    for done, one in enumerate(catalog.listed):
        if progress:
            progress(done, len(catalog.listed))
        pages[one.page] = page.render(**_page(one, catalog))
    return pages


def _index(catalog: Catalog) -> dict[str, Any]:
    contracts = [one.contract for one in catalog.listed]
    domains = dict.fromkeys(contract.name.partition("/")[0] for contract in contracts)
    columns, rules = sum(len(one.columns) for one in contracts), sum(len(one.rules) for one in contracts)
    of = f" of {plural(len(domains), 'domain')}" if domains else ""
    return {
        "lead": f"{plural(len(contracts), 'contract')}{of}: {plural(columns, 'column')}, {plural(rules, 'rule')}.",
        "home": catalog.home,
        "facets": [(name, _values(catalog, name)) for name in ("domain", "owner", "status", "tag", "class")],
        "rows": [_row(one) for one in catalog.listed],
    }


def _values(catalog: Catalog, name: str) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for one in catalog.listed:
        for value in _facets(one)[name]:
            counts[value] = counts.get(value, 0) + 1
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:24]


def _facets(one: Listed) -> dict[str, list[str]]:
    contract = one.contract
    return {
        "domain": [contract.name.partition("/")[0]],
        "owner": [contract.owner] if contract.owner else [],
        "status": [contract.status] if contract.status else [],
        "tag": list(contract.tags),
        "class": sorted({column.classification for column in contract.columns if column.classification}),
    }


def _row(one: Listed) -> dict[str, Any]:
    contract = one.contract
    words = [
        one.title,
        contract.name,
        contract.id,
        one.asset,
        contract.version,
        contract.owner or "",
        contract.status or "",
        contract.description,
        contract.usage or "",
        contract.limitations or "",
        *contract.tags,
        *(f"{rule.id} {rule.text} {rule.description or ''}" for rule in contract.rules),
        *(f"{column.title or ''} {column.description}" for column in contract.columns),
    ]
    history = one.history
    return {
        "one": one,
        "contract": contract,
        "text": " ".join(words).lower(),
        "columns": [column.name for column in contract.columns],
        "facets": _facets(one),
        "spark": past.spark(history),
        "standing": _standing(one),
    }


def _standing(one: Listed) -> str:
    history = one.history
    if history is None or not (history.days or history.refused):
        return ""
    said = f"{plural(history.rows, 'row')}"
    if history.quarantined:
        said += f", {share(history.quarantined, history.rows + history.quarantined, 2)} refused"
    return f"{said}, {plural(len(history.refused), 'partition')} refused" if history.refused else said


def _page(one: Listed, catalog: Catalog) -> dict[str, Any]:
    found: list[Section | None] = [
        past.quality(one),
        sections.columns(one, catalog),
        sections.rules(one),
        sections.facts(one),
        sections.lineage(one, catalog),
        sections.delivery(one),
        sections.people(one),
    ]
    return {
        "one": one,
        "contract": one.contract,
        "tiles": _tiles(one),
        "about": _about(one),
        "sections": [section for section in found if section is not None],
        "home": catalog.home,
    }


def _tiles(one: Listed) -> list[_Tile]:
    contract, history = one.contract, one.history
    tiles = [
        _Tile(
            "Columns", count(len(contract.columns)), f"{sum(column.required for column in contract.columns)} required"
        ),
        _Tile("Rules", count(len(contract.rules)), "checked on every partition"),
        _Tile("Read by", count(sum(reader.directly for reader in one.readers)), "assets directly"),
    ]
    if history and history.days:
        read = history.rows + history.quarantined
        of = f"{count(len(history.days))} of {count(history.expected)} partitions" if history.expected > 1 else "whole"
        held = share(history.quarantined, read, 2) if history.quarantined else "none"
        tiles += [
            _Tile("Rows", count(history.rows), of),
            _Tile("In quarantine", count(history.quarantined), f"{held} of what was read"),
            _Tile("Refused", count(len(history.refused)), "partitions that do not stand"),
        ]
    return tiles


def _about(one: Listed) -> Facts:
    contract = one.contract
    items: list[tuple[str, Cell]] = [("Owner", text(shown(contract.owner or "nobody is named")))]
    if one.asset:
        items.append(("Asset", code(one.asset)))
    if contract.primary_key:
        items.append(("Primary key", code(", ".join(contract.primary_key))))
    for name, value in (
        ("Granularity", contract.granularity),
        ("Usage", contract.usage),
        ("Limitations", contract.limitations),
        ("Data product", contract.data_product),
        ("Tenant", contract.tenant),
        ("Physical name", contract.physical_name),
        ("Tags", ", ".join(contract.tags)),
    ):
        if value:
            items.append((name, prose(shown(value, 1_500))))
    items += [
        ("Id", code(shown(contract.id))),
        ("File", code(contract.path)),
        ("Digest", Cell(contract.digest, "hash")),
    ]
    return Facts(tuple(items))
