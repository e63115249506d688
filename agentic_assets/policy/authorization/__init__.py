"""Authorization: may this agent take this action on this class of resources? Cedar answers, and any doubt is a no."""

from agentic_assets.policy.authorization.asking import Answer, Asked, authorize
from agentic_assets.policy.authorization.authorization import Authorization
from agentic_assets.policy.authorization.reading import read_authorization

__all__ = ["Answer", "Asked", "Authorization", "authorize", "read_authorization"]
