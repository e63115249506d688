"""What was decided, computed again without effects: to compare it with the record, or under another version."""

from agentic_assets.simulation.decision import DecisionReplayed, replay_decision
from agentic_assets.simulation.replaying import replay
from agentic_assets.simulation.report import Report
from agentic_assets.simulation.result import Difference, Replayed, State
from agentic_assets.simulation.scope import Scope, chosen
from agentic_assets.simulation.under import Recomputation, recompute

__all__ = [
    "DecisionReplayed",
    "Difference",
    "Recomputation",
    "Replayed",
    "Report",
    "Scope",
    "State",
    "chosen",
    "recompute",
    "replay",
    "replay_decision",
]
