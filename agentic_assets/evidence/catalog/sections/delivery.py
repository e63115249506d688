"""How soon and how often a table comes, and where it may be."""

from __future__ import annotations

from typing import Final

from agentic_assets.evidence.catalog.material import Listed
from agentic_assets.evidence.report.blocks import Block, Cell, Facts, Note, Section, Table, chip, prose, text
from agentic_assets.evidence.report.wording import plural, shown

__all__ = ["delivery"]

_DASH: Final = "\N{EN DASH}"


def delivery(one: Listed) -> Section:
    """Say how soon and how often the table comes, where it may be, and what holds each promise."""
    contract = one.contract
    blocks: list[Block] = []
    if contract.service_levels:
        blocks.append(
            Table(
                "Service levels",
                ("Promise", "Held by", "Meaning"),
                tuple(
                    (
                        text(shown(level.text)),
                        prose(shown(level.held, 200)) if level.held else chip("nothing", "warn"),
                        text(shown(level.description or _DASH, 300)),
                    )
                    for level in contract.service_levels
                ),
                stacked=True,
            )
        )
    items: list[tuple[str, Cell]] = []
    if contract.residency:
        items.append(("May be held and read in", text(shown(", ".join(contract.residency)))))
    items += [
        (
            shown(f"Server {server.name}", 80),
            text(shown(_server(server.type, server.environment, server.description), 200)),
        )
        for server in contract.servers
    ]
    if items:
        blocks.append(Facts(tuple(items)))
    if not blocks:
        blocks.append(Note("The contract promises nothing about delivery, and limits no place.", "empty"))
    where = f"It may be held and read in {', '.join(contract.residency)} only." if contract.residency else ""
    many = len(contract.service_levels)
    lead = (
        f"{plural(many, 'promise')} about delivery. {where}" if many or where else "Nothing is promised about delivery."
    )
    return Section("delivery", "Delivery", "Delivery and place", shown(lead.strip(), 300), tuple(blocks))


def _server(*parts: str | None) -> str:
    return ", ".join(part for part in parts if part)
