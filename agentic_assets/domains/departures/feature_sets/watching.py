"""How the features of a flight, and those of a morning, are watched for drift."""

from __future__ import annotations

from typing import Final

from agentic_assets.features.drift import Settings

__all__ = ["MORNINGS_WATCHED", "WATCHED"]

# Late, cancelled, waiting. Both the three and their quantile were chosen looking at the year that they are shown on:
# there, a mean over its threshold or two fifths of all distributions point at 21 of the 32 days on which more than 30 %
# of the flights were disrupted, and at 16 others. Another year will be found less well; its reports say how well.
# A storm is what the agent is there for, so drift only warns. So does an incident: the agent knows what to do without
# weather, and its policy has a rule for that. `incident="error"` would hold such a day until a person accepts it.
WATCHED: Final = Settings(
    operations=("origin_late_2h", "origin_cancelled_2h", "carrier_origin_overdue"),
    drift="warning",
    incident="warning",
)

# Cancelled and very late: the two of its features that say how operations went. Nothing was tuned.
MORNINGS_WATCHED: Final = Settings(
    operations=("cancelled_24h", "very_late_24h"),
    drift="warning",
    incident="warning",
)
