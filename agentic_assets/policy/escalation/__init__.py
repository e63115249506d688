"""Escalations: what people said about decisions that the policy put before them, and what that makes of them."""

from agentic_assets.policy.escalation.resolution import Resolution
from agentic_assets.policy.escalation.resolutions import Resolutions
from agentic_assets.policy.escalation.standing import Answers

__all__ = ["Answers", "Resolution", "Resolutions"]
