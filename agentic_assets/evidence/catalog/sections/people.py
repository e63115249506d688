"""Who answers for a table, who may use it, and how to reach them."""

from __future__ import annotations

from typing import Final

from agentic_assets.contracts import Contract
from agentic_assets.evidence.catalog.material import Listed
from agentic_assets.evidence.report.blocks import Block, Cell, Note, Section, Table, code, text
from agentic_assets.evidence.report.wording import shown

__all__ = ["people"]

_SAFE: Final = ("http://", "https://", "mailto:")
_DASH: Final = "\N{EN DASH}"


def people(one: Listed) -> Section:
    """Name who answers for the table, who may use it, and how to reach them."""
    contract = one.contract
    blocks: list[Block] = []
    team = contract.team
    if team is not None and team.members:
        blocks.append(
            Table(
                "The team",
                ("Member", "Role", "About"),
                tuple(
                    (
                        text(shown(member.name or member.username)),
                        text(shown(member.role or _DASH)),
                        text(shown(f"left on {member.left}" if member.left else member.description or _DASH, 200)),
                    )
                    for member in team.members
                ),
                stacked=True,
            )
        )
    if contract.roles:
        blocks.append(
            Table(
                "Who may use it",
                ("Role", "Access", "Approved by", "Meaning"),
                tuple(
                    (
                        code(shown(role.role)),
                        text(shown(role.access or _DASH)),
                        text(shown(", ".join(role.approvers) or _DASH)),
                        text(shown(role.description or _DASH, 300)),
                    )
                    for role in contract.roles
                ),
                stacked=True,
            )
        )
    if contract.support:
        blocks.append(
            Table(
                "Support",
                ("Channel", "Tool", "For"),
                tuple(
                    (
                        Cell(shown(channel.channel), href=_safe(channel.url)),
                        text(shown(channel.tool or _DASH)),
                        text(shown(", ".join(filter(None, (channel.scope, channel.description))) or _DASH, 200)),
                    )
                    for channel in contract.support
                ),
                stacked=True,
            )
        )
    if contract.definitions:
        blocks.append(_definitions(contract))
    said = team.description if team and team.description else ""
    lead = (
        f"{contract.owner or 'Nobody is named, who'} answers for it. {said}" if contract.owner else "Nobody is named."
    )
    if not blocks:
        blocks.append(Note("The contract names no roles and no channel of support.", "empty"))
    return Section("people", "People", "People", shown(lead.strip(), 300), tuple(blocks))


def _definitions(contract: Contract) -> Table:
    return Table(
        "Defined elsewhere",
        ("Definition", "Kind"),
        tuple(
            (Cell(shown(one.description or one.url), href=_safe(one.url)), text(shown(one.type)))
            for one in contract.definitions
        ),
        stacked=True,
    )


def _safe(url: str | None) -> str:
    """Give a link that a page may hold; any other scheme is shown as text alone."""
    return url if url and url.lower().startswith(_SAFE) else ""
