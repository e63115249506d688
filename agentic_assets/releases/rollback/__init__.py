"""Going back to a release: what it would change, in advance; then the change, which can be finished after a crash."""

from agentic_assets.releases.rollback.ordering import order
from agentic_assets.releases.rollback.plan import Plan, Remade
from agentic_assets.releases.rollback.planning import plan
from agentic_assets.releases.rollback.superseding import Superseded

__all__ = ["Plan", "Remade", "Superseded", "order", "plan"]
