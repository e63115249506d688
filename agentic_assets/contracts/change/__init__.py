"""Change control: what changed between two versions of a contract, whom it hits, and which version it demands."""

from agentic_assets.contracts.change.change import Change, Spot
from agentic_assets.contracts.change.comparison import Comparison, compare, compare_all, differences
from agentic_assets.contracts.change.direction import Class, Direction, Level, Safe
from agentic_assets.contracts.change.places import line_of
from agentic_assets.contracts.change.versioning import Verdict, Version, judge_version, read_version

__all__ = [
    "Change",
    "Class",
    "Comparison",
    "Direction",
    "Level",
    "Safe",
    "Spot",
    "Verdict",
    "Version",
    "compare",
    "compare_all",
    "differences",
    "judge_version",
    "line_of",
    "read_version",
]
