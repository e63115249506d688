"""Put the catalogue into pages: an index that can be searched, one page a contract, one page a feature set."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentic_assets.evidence.catalog import past, sections
from agentic_assets.evidence.catalog.feature_sets.page import page as set_page
from agentic_assets.evidence.catalog.index import index
from agentic_assets.evidence.catalog.material import Catalog, Listed
from agentic_assets.evidence.report.blocks import Cell, Facts, Section, code, prose, text
from agentic_assets.evidence.report.templates import environment
from agentic_assets.evidence.report.wording import count, share, shown

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

    made = environment([_FOLDER, _FOLDER / "feature_sets"])
    script = (_FOLDER / "search.js").read_text(encoding="utf-8")
    made.globals |= {
        "generator": GENERATOR,
        "own_style": Markup((_FOLDER / "catalog.css").read_text(encoding="utf-8")),
        "script": Markup(script),
        # Only this very script may run: a page that was made to hold another one would not run it.
        "script_hash": base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        "shown": shown,
    }
    contract, feature_set = (made.get_template(f"{name}.html.jinja") for name in ("contract", "feature_set"))
    pages = {"index.html": made.get_template("index.html.jinja").render(**index(catalog))}
    total = len(catalog.listed) + len(catalog.sets)
    for one in catalog.listed:
        if progress:
            progress(len(pages) - 1, total)
        pages[one.page] = contract.render(**_page(one, catalog))
    for each in catalog.sets:
        if progress:
            progress(len(pages) - 1, total)
        pages[each.page] = feature_set.render(**set_page(each, catalog))
    return pages


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
        "about": _about(one, catalog),
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


def _about(one: Listed, catalog: Catalog) -> Facts:
    contract = one.contract
    items: list[tuple[str, Cell]] = [("Owner", text(shown(contract.owner or "nobody is named")))]
    if one.asset:
        items.append(("Asset", code(one.asset)))
    features = catalog.set_of(one.asset)
    if features is not None:
        items.append(("Feature set", Cell(shown(features.name, 120), "code", href=features.page)))
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
