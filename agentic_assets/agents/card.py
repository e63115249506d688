"""An agent told whole, as plain data: for people, for comparisons, for whoever consumes what it proposes."""

from __future__ import annotations

from typing import Any

from agentic_assets.agents.spec import Spec
from agentic_assets.versions import Definition
from agentic_assets.versions.fingerprint import canonical_json

__all__ = ["card", "definition"]


def card(spec: Spec) -> dict[str, Any]:
    """Give everything that a spec says, with its id and the digest of its content."""
    return {"id": spec.id, "digest": spec.pin.digest, **spec.content}


def definition(spec: Spec) -> Definition:
    """Give what is recorded of a version, so that later ones can be compared with it when the file has moved on."""
    return Definition(spec.pin, canonical_json(card(spec)))
