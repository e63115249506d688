"""SQL of contracts, held apart: what is no harmless question about one table is refused; the rest runs locked in."""

from agentic_assets.contracts.sandbox.checking import Forbidden, NotHere, compiled
from agentic_assets.contracts.sandbox.running import answer

__all__ = ["Forbidden", "NotHere", "answer", "compiled"]
