"""The kinds of features that the engine knows how to make."""

from __future__ import annotations

__all__ = ["KINDS"]

KINDS = ("expression", "latest", "pending", "previous", "published", "rate", "window")
