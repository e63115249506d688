"""Who stands behind a contract and who may use what it describes: team, roles, support, servers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

__all__ = ["Channel", "Definition", "Member", "Role", "Server", "Team"]


@dataclass(frozen=True)
class Member:
    """One person of a team; `left` is the day (ISO) on which they left it."""

    username: str
    name: str | None = None
    role: str | None = None
    description: str | None = None
    left: str | None = None


@dataclass(frozen=True)
class Team:
    """The people who answer for a dataset."""

    name: str | None = None
    description: str | None = None
    members: tuple[Member, ...] = ()


@dataclass(frozen=True)
class Role:
    """One role that gives access to the dataset, what it may do, and who approves it."""

    role: str
    access: str | None = None
    description: str | None = None
    approvers: tuple[str, ...] = ()
    declared: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), hash=False)


@dataclass(frozen=True)
class Server:
    """One place where the dataset is said to be; `settings` holds what its type asks for (host, path, region...).

    Nothing here is opened by reading a contract.
    """

    name: str
    type: str
    environment: str | None = None
    description: str | None = None
    settings: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), hash=False)
    declared: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), hash=False)


@dataclass(frozen=True)
class Channel:
    """One way to reach the people who support the dataset."""

    channel: str
    url: str | None = None
    tool: str | None = None
    scope: str | None = None
    description: str | None = None


@dataclass(frozen=True)
class Definition:
    """A link to where a thing is defined; it is shown, never opened."""

    type: str
    url: str
    description: str | None = None
