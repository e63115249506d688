"""What a contract promises about delivery: how often, how soon, for how long; and how each promise is held."""

from agentic_assets.contracts.service.level import ServiceLevel
from agentic_assets.contracts.service.period import Period

__all__ = ["Period", "ServiceLevel"]
