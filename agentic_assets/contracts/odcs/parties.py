"""Read who stands behind a contract, and where its data are said to be."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from agentic_assets.contracts.odcs.reading import custom_properties
from agentic_assets.contracts.parties import Channel, Definition, Member, Role, Server, Team

__all__ = ["channels", "definitions", "owner", "roles", "servers", "team"]

_SAID_APART: Final = frozenset({"id", "server", "type", "environment", "description", "roles", "customProperties"})


def team(value: Mapping[str, Any]) -> Team | None:
    """Give the team, which is an object since v3.1 and was a list of members before."""
    said = value.get("team")
    if not said:
        return None
    if isinstance(said, list):
        return Team(members=_members(said))
    return Team(said.get("name"), said.get("description"), _members(said.get("members") or ()))


def owner(found: Team | None) -> str | None:
    """Name who answers for the dataset: the team, else its owner, else its first member who has not left."""
    if found is None or found.name:
        return found.name if found else None
    there = [member for member in found.members if member.left is None] or list(found.members)
    owners = [member for member in there if (member.role or "").strip().lower() in {"owner", "data owner"}]
    return next((member.name or member.username for member in [*owners, *there]), None)


def roles(value: Mapping[str, Any]) -> tuple[Role, ...]:
    """Give the roles in their order, with the approvers of both levels in one list."""
    return tuple(
        Role(
            item["role"],
            item.get("access"),
            item.get("description"),
            tuple(item[level] for level in ("firstLevelApprovers", "secondLevelApprovers") if item.get(level)),
            MappingProxyType(custom_properties(item)),
        )
        for item in value.get("roles") or ()
    )


def servers(value: Mapping[str, Any]) -> tuple[Server, ...]:
    """Give the servers in their order."""
    return tuple(
        Server(
            str(item.get("server") or ""),
            str(item.get("type") or ""),
            item.get("environment"),
            item.get("description"),
            MappingProxyType({key: setting for key, setting in item.items() if key not in _SAID_APART}),
            MappingProxyType(custom_properties(item)),
        )
        for item in value.get("servers") or ()
    )


def channels(value: Mapping[str, Any]) -> tuple[Channel, ...]:
    """Give the support channels in their order."""
    return tuple(
        Channel(item["channel"], item.get("url"), item.get("tool"), item.get("scope"), item.get("description"))
        for item in value.get("support") or ()
    )


def definitions(*items: Mapping[str, Any]) -> tuple[Definition, ...]:
    """Give the authoritative definitions of the elements, in their order."""
    return tuple(
        Definition(entry["type"], entry["url"], entry.get("description"))
        for item in items
        for entry in item.get("authoritativeDefinitions") or ()
    )


def _members(items: Any) -> tuple[Member, ...]:
    return tuple(
        Member(item["username"], item.get("name"), item.get("role"), item.get("description"), item.get("dateOut"))
        for item in items
    )
