"""Feature sets: versioned, and point-in-time correct: nothing enters a row that was not known when it was decided."""

from agentic_assets.features.asof import AsOf
from agentic_assets.features.definition import (
    DECIDED_AT,
    Entities,
    Feature,
    FeatureSet,
    Lookup,
    Published,
    Source,
)
from agentic_assets.features.facts import Facts
from agentic_assets.features.keyed import Keyed
from agentic_assets.features.latest import Latest
from agentic_assets.features.pending import Pending
from agentic_assets.features.view import View, newest
from agentic_assets.features.window import Window

__all__ = [
    "DECIDED_AT",
    "AsOf",
    "Entities",
    "Facts",
    "Feature",
    "FeatureSet",
    "Keyed",
    "Latest",
    "Lookup",
    "Pending",
    "Published",
    "Source",
    "View",
    "Window",
    "newest",
]
