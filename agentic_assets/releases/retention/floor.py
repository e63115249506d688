"""The floor: how long decisions stay explainable at the least."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from agentic_assets.errors import ReleaseRefused

__all__ = ["FLOOR_DAYS", "GRACE", "floor"]

FLOOR_DAYS: Final = 183
"""Six months, for which Article 26(6) of the EU AI Act has deployers keep the logs of high-risk systems."""

GRACE: Final = timedelta(days=1)
"""How long what was just superseded or left over stays: a run may be reading it, or about to publish it."""


def floor(now: datetime, keep_days: int) -> datetime:
    """Give the moment since when decisions are kept. Raises ReleaseRefused for fewer days than the floor."""
    if keep_days < FLOOR_DAYS:
        raise ReleaseRefused(
            f"decisions stay explainable for {FLOOR_DAYS} days at the least, not for {keep_days}: nothing was removed",
            hint=f"the EU AI Act asks for six months (Art. 26(6)); say {FLOOR_DAYS} days or more",
        )
    return now - timedelta(days=keep_days)
