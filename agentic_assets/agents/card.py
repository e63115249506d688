"""An agent told whole, as plain data: for people, for comparisons, for the inventory."""

from __future__ import annotations

from typing import Any

from agentic_assets.agents.spec import Spec

__all__ = ["card"]


def card(spec: Spec) -> dict[str, Any]:
    """Give everything that a spec says, with its id and the digest of its content."""
    return {"id": spec.id, "digest": spec.pin.digest, **spec.content}
