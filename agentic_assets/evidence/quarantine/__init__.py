"""What lies in quarantine and which partitions were refused: row by row with its rulings, and counted."""

from agentic_assets.evidence.quarantine.counting import standing_of
from agentic_assets.evidence.quarantine.places import node_of, require_partition
from agentic_assets.evidence.quarantine.records import Count, Inside, Row, Standing
from agentic_assets.evidence.quarantine.rows import inside

__all__ = ["Count", "Inside", "Row", "Standing", "inside", "node_of", "require_partition", "standing_of"]
