"""The second level of the gate: what published partitions look like, judged against what they looked like before."""

from agentic_assets.quality.graph import GROUP, with_quality
from agentic_assets.quality.measuring import Measures, Published, measured
from agentic_assets.quality.node import quality_node
from agentic_assets.quality.profile import profile

__all__ = ["GROUP", "Measures", "Published", "measured", "profile", "quality_node", "with_quality"]
