"""The agent `turnaround`: a rule table that asks for a standby where a flight's aircraft is expected back too late.

Alone, with eight standby aircraft a day at each airport, it would have saved $7,888 a day from July to December, by the
assumed costs and on flights that its figures were not made from: 754 standbys, of whose flights 81 % were disrupted.
Over the whole year, $8,836 a day. It needs no model, so that it also serves January.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from agentic_assets.agents import Spec, load_spec
from agentic_assets.agents.rules import RuleAgent, load_rules

__all__ = ["turnaround", "turnaround_spec"]

_HERE = Path(__file__).parent


@cache
def turnaround_spec() -> Spec:
    """Load the agent's spec."""
    return load_spec(_HERE / "turnaround.agent.yaml")


@cache
def turnaround() -> RuleAgent:
    """Give the agent; it is the same for every day."""
    spec = turnaround_spec()
    return RuleAgent(spec, load_rules(_HERE / "turnaround.rules.yaml", spec))
