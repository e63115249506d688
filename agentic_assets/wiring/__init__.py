"""Put a domain together in one call: sources, feature sets and the agents whose files lie in a folder."""

from agentic_assets.wiring.wiring import wired

__all__ = ["wired"]
