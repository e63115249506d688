"""How severe a check is: what ODCS leaves to free words becomes one of two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from agentic_assets.contracts.rule import Severity

__all__ = ["severity_of"]

_MILD: Final = frozenset({"warning", "warn", "info", "information", "minor", "low"})


def severity_of(item: Mapping[str, Any]) -> Severity:
    """Give `warning` for the words that mean no more than that; what says nothing is an error."""
    return "warning" if str(item.get("severity", "error")).lower() in _MILD else "error"
