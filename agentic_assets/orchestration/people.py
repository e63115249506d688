"""Who answers for an asset and how they are reached, in Dagster's terms."""

import re
from collections.abc import Mapping
from typing import Any

import dagster as dg

from agentic_assets.contracts import Contract
from agentic_assets.orchestration.tables import table

__all__ = ["owners", "people_metadata"]

# What Dagster takes for an e-mail address; everybody else belongs to the team.
_MAIL = re.compile(r"[\w.+%-]+@[\w-]+(\.[\w-]+)+")
_LINK = re.compile(r"(https?|mailto|slack|msteams):[^\s]+", re.IGNORECASE)
_SAFE = ("http://", "https://", "mailto:")


def owners(contract: Contract | None, fallback: str) -> list[str]:
    """Give the owning team, then every member who is known by an e-mail address and has not left."""
    team = contract.team if contract else None
    named = (contract.owner if contract else None) or fallback
    first = named if _MAIL.fullmatch(named) else f"team:{named}"
    mails = [
        member.username
        for member in (team.members if team else ())
        if not member.left and _MAIL.fullmatch(member.username)
    ]
    return list(dict.fromkeys([first, *mails]))


def people_metadata(contract: Contract) -> Mapping[str, Any]:
    """Give the roles with their approvers as a table, and each support channel as a link where it has a safe one."""
    found: dict[str, Any] = {}
    if contract.roles:
        found["roles"] = table(
            [
                {
                    "role": role.role,
                    "access": role.access or "",
                    "approvers": ", ".join(role.approvers),
                    "meaning": role.description or "",
                }
                for role in contract.roles
            ]
        )
    for place, channel in enumerate(contract.support):
        name = f"support {channel.channel}" if place == 0 or channel.channel else f"support {place + 1}"
        if channel.url and channel.url.lower().startswith(_SAFE):
            found[name] = dg.MetadataValue.url(channel.url)
        else:
            found[name] = " ".join(part for part in (channel.tool, channel.scope, channel.description) if part) or "-"
    return found
