"""Retention: what has to stay, why, and for how long; and the removal of everything else."""

from agentic_assets.releases.retention.cleaning import Cleaned, clean
from agentic_assets.releases.retention.floor import FLOOR_DAYS
from agentic_assets.releases.retention.plan import Cleaning, Doomed
from agentic_assets.releases.retention.planning import plan_cleaning
from agentic_assets.releases.retention.reach import Why, retained

__all__ = ["FLOOR_DAYS", "Cleaned", "Cleaning", "Doomed", "Why", "clean", "plan_cleaning", "retained"]
