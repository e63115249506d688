"""The feature sets of the departures domain."""

from agentic_assets.domains.departures.feature_sets.departure_delay import DEPARTURE_DELAY
from agentic_assets.domains.departures.feature_sets.station_morning import STATION_MORNING
from agentic_assets.domains.departures.feature_sets.watching import MORNINGS_WATCHED, WATCHED

__all__ = ["DEPARTURE_DELAY", "MORNINGS_WATCHED", "STATION_MORNING", "WATCHED"]
