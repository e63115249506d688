"""What a table is made from, who reads it, and which decisions rest on it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from agentic_assets.evidence.catalog.material import Catalog, Listed, Reader
from agentic_assets.evidence.report.blocks import Block, Cell, Note, Section, Table, code, text
from agentic_assets.evidence.report.wording import count, plural, shown

__all__ = ["lineage"]

_DASH: Final = "\N{EN DASH}"


def lineage(one: Listed, catalog: Catalog) -> Section:
    """Name what the table is made from, who reads it, and which decisions rest on it."""
    if not one.asset:
        note = Note("No asset of a domain keeps this contract, so that nothing is known of its use.", "empty")
        return Section("lineage", "Lineage", "Where it comes from, and who lives on it", "Not in use here.", (note,))
    blocks: list[Block] = []
    if one.sources:
        blocks.append(
            Table(
                "Made from",
                ("Asset", "Columns read"),
                tuple(
                    (
                        _asset(source.asset, catalog),
                        Cell(_names(source.columns), "hash") if source.columns else text(_DASH),
                    )
                    for source in one.sources
                ),
                stacked=True,
            )
        )
    direct = [reader for reader in one.readers if reader.directly]
    if direct:
        blocks.append(_readers(direct, catalog))
    behind = [reader for reader in one.readers if not reader.directly]
    if behind:
        blocks.append(
            Table(
                f"Rests on it further down: {plural(len(behind), 'asset')}",
                ("Asset", "What it is"),
                tuple((_asset(reader.asset, catalog), text(shown(reader.kind))) for reader in behind),
                folded=True,
                stacked=True,
            )
        )
    if one.deciders:
        blocks.append(
            Table(
                "Agents that decide on it",
                ("Agent", "Answers for it", "Purpose", "Features made from it"),
                tuple(
                    (
                        code(decider.agent),
                        text(shown(decider.owner)),
                        text(shown(decider.purpose, 300)),
                        Cell(_names(decider.features), "hash") if decider.features else text(_DASH),
                    )
                    for decider in one.deciders
                ),
                stacked=True,
            )
        )
    if not one.readers:
        blocks.append(Note("Nothing reads it.", "empty"))
    said = f"{plural(len(direct), 'asset')} read{'s' if len(direct) == 1 else ''} it directly"
    lead = f"{said}, {count(len(behind))} more rest on it" if behind else said
    lead += f", and {plural(len(one.deciders), 'agent')} in the end." if one.deciders else "."
    return Section("lineage", "Lineage", "Where it comes from, and who lives on it", lead, tuple(blocks))


def _readers(direct: Iterable[Reader], catalog: Catalog) -> Table:
    return Table(
        "Read by",
        ("Asset", "What it is", "Columns read", "Columns made of them"),
        tuple(
            (
                _asset(reader.asset, catalog),
                text(shown(reader.kind)),
                Cell(_names(reader.columns), "hash") if reader.columns else text("not said by column"),
                Cell(_names(reader.made), "hash") if reader.made else text(_DASH),
            )
            for reader in direct
        ),
        stacked=True,
    )


def _asset(asset: str, catalog: Catalog) -> Cell:
    return Cell(shown(asset), "code", href=catalog.page_of(asset))


def _names(names: tuple[str, ...], most: int = 24) -> str:
    listed = ", ".join(shown(name, 60) for name in names[:most])
    return f"{listed} and {len(names) - most} more" if len(names) > most else listed
