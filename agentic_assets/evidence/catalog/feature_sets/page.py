"""What a feature set's page says, in the order in which it is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agentic_assets.evidence.catalog.feature_sets import sections
from agentic_assets.evidence.catalog.feature_sets.drift import drift
from agentic_assets.evidence.catalog.feature_sets.entries import entries
from agentic_assets.evidence.catalog.feature_sets.material import ListedSet
from agentic_assets.evidence.catalog.material import Catalog
from agentic_assets.evidence.report.blocks import Cell, Facts, Section, prose, text
from agentic_assets.evidence.report.wording import count, plural, shown
from agentic_assets.features.drift import DRIFT, INCIDENT

__all__ = ["page"]


@dataclass(frozen=True)
class _Tile:
    name: str
    figure: str
    meaning: str


def page(one: ListedSet, catalog: Catalog) -> dict[str, Any]:
    """Give what the template shows."""
    found: list[Section | None] = [
        sections.sources(one, catalog),
        sections.use(one, catalog),
        drift(one),
        sections.proofs(one, catalog),
        sections.versions(one),
    ]
    return {
        "one": one,
        "card": one.card,
        "tiles": _tiles(one),
        "about": _about(one, catalog),
        "sections": [section for section in found if section is not None],
        "views": entries(one, catalog),
        "measured": _measured(one),
        "home": catalog.home,
    }


def _tiles(one: ListedSet) -> list[_Tile]:
    card = one.card
    tiles = [
        _Tile("Features", count(len(card["features"])), f"in {plural(len(card['views']), 'view')}"),
        _Tile("Sources", count(len(card["sources"])), "each says when its facts are known"),
        _Tile("Read by", count(len(one.consumers)), f"assets, for {plural(len(one.agents), 'agent')}"),
    ]
    history = one.history
    if history and history.days:
        tiles += [
            _Tile("Rows", count(history.rows), "one an entity"),
            _Tile("Published", count(len(history.days)), f"of {plural(history.expected, 'partition')}"),
        ]
        outcomes = [outcome for proofs in one.proofs for outcome in proofs.outcomes]
        if outcomes:
            held = sum(outcome.passed for outcome in outcomes)
            refused = sum(len(proofs.refused) for proofs in one.proofs)
            said = f"{plural(refused, 'month')} refused" if refused else f"in {shown(one.proofs[0].partition, 40)}"
            tiles.append(_Tile("Proofs held", f"{held} of {len(outcomes)}", said))
    if one.drift and one.drift.verdicts:
        verdicts = [*one.drift.verdicts.values()]
        incidents = plural(verdicts.count(INCIDENT), "incident")
        tiles.append(_Tile("Drifted", plural(verdicts.count(DRIFT), "day"), f"and {incidents} of the data"))
    return tiles


def _about(one: ListedSet, catalog: Catalog) -> Facts:
    card = one.card
    contract = catalog.page_of(one.asset)
    items: list[tuple[str, Cell]] = [
        ("Owner", text(shown(one.owner or "nobody is named"))),
        ("One row for each", Cell(shown(f"{card['entity']} of {card['table']}"), "code", href=_link(one, catalog))),
        ("Told as of", prose(shown(f"{card['decided']}: nothing that became known later enters", 300))),
        (
            "Looks back",
            text(
                f"{plural(card['lookback_days'], 'day')}; no window is longer than {plural(card['reach_days'], 'day')}"
            ),
        ),
        ("Days begin in", text(shown(card["zone"]))),
        ("Published as", Cell(shown(one.asset), "code", href=contract)),
    ]
    if contract:
        items.append(("Contract", Cell("columns, rules and partitions", href=contract)))
    if card["after_the_fact"]:
        said = ", ".join(f"`{shown(name, 60)}`" for name in card["after_the_fact"])
        items.append(("May only select facts", prose(f"{said}: recorded after the fact, so never read")))
    if card["forbidden"]:
        items.append(("Forbidden", Cell(", ".join(shown(name, 80) for name in card["forbidden"]), "hash")))
    items.append(("Digest", Cell(shown(card["digest"]), "hash")))
    return Facts(tuple(items))


def _link(one: ListedSet, catalog: Catalog) -> str:
    return catalog.link(f"{one.card['table']}.{one.card['entity']}")


def _measured(one: ListedSet) -> str:
    measured = one.measured
    if measured is None:
        return ""
    if measured.problem:
        return f"No figures are shown: {shown(measured.problem, 400)}."
    nulls = f"Nulls are counted in {plural(measured.days, 'day')}, {shown(measured.first)} to {shown(measured.last)}"
    newest = (
        f"values in the newest {plural(measured.spread_days, 'day')} of them, from {shown(measured.spread_first)} on"
    )
    every = f", every {count(measured.every)}th row" if measured.every > 1 else ""
    return f"{nulls} ({plural(measured.rows, 'row')}); {newest} ({plural(measured.spread_rows, 'row')}{every})."
