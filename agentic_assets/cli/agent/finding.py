"""Find an agent by its name, or by its name and version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentic_assets.errors import NotFound

if TYPE_CHECKING:
    from agentic_assets.agents import Spec
    from agentic_assets.evidence import Domain

__all__ = ["find_agent"]


def find_agent(domain: Domain, wanted: str) -> Spec:
    """Give the agent named `wanted` (the newest version, or the one behind an @); NotFound names those that exist."""
    name, _, version = wanted.partition("@")
    found = [spec for spec in domain.agents if spec.name == name and version in ("", spec.version)]
    if not found:
        known = ", ".join(spec.id for spec in domain.agents)
        raise NotFound(f"domain {domain.name} has no agent {wanted[:80]!r}", hint=f"its agents are {known}")
    return found[-1]
