"""What another version of a domain would have decided, beside what this one decides: counted, priced and drawn."""

from agentic_assets.simulation.impact.page import write_page
from agentic_assets.simulation.impact.weighing import Impact, Moved, weigh

__all__ = ["Impact", "Moved", "weigh", "write_page"]
