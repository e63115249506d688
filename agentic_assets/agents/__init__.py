"""Agents: their specs, the one interface `propose`, and the kinds of them."""

from agentic_assets.agents.abstaining import AbstainingAgent
from agentic_assets.agents.model import Decide, ModelAgent, Scorer, score_in_basis_points
from agentic_assets.agents.proposals import PROPOSALS, Agent, checked_proposals, propose
from agentic_assets.agents.spec import NO_ACTION, FailureMode, Spec, load_spec

__all__ = [
    "NO_ACTION",
    "PROPOSALS",
    "AbstainingAgent",
    "Agent",
    "Decide",
    "FailureMode",
    "ModelAgent",
    "Scorer",
    "Spec",
    "checked_proposals",
    "load_spec",
    "propose",
    "score_in_basis_points",
]
