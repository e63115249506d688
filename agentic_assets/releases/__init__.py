"""Releases: immutable sets of pins with the sources behind them; which one is in force, and how to go back."""

from agentic_assets.releases.loading import load_version
from agentic_assets.releases.sources import Sources, sources_of

__all__ = ["Sources", "load_version", "sources_of"]
