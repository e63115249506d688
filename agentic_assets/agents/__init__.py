"""Agents: their specs, the one interface `propose`, and the kinds of them."""

from agentic_assets.agents.abstaining import AbstainingAgent
from agentic_assets.agents.card import card
from agentic_assets.agents.compatibility import agent_changes
from agentic_assets.agents.consuming import check_consumers
from agentic_assets.agents.feeding import check_feed
from agentic_assets.agents.model import Decide, ModelAgent, Scorer, score_in_basis_points
from agentic_assets.agents.proposals import PROPOSALS, Agent, checked_proposals, propose, propose_one
from agentic_assets.agents.reading import load_spec
from agentic_assets.agents.spec import NO_ACTION, FailureMode, Figure, Spec
from agentic_assets.agents.vector import row_digests

__all__ = [
    "NO_ACTION",
    "PROPOSALS",
    "AbstainingAgent",
    "Agent",
    "Decide",
    "FailureMode",
    "Figure",
    "ModelAgent",
    "Scorer",
    "Spec",
    "agent_changes",
    "card",
    "check_consumers",
    "check_feed",
    "checked_proposals",
    "load_spec",
    "propose",
    "propose_one",
    "row_digests",
    "score_in_basis_points",
]
