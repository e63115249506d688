"""Feature sets: versioned, and point-in-time correct: nothing enters a row that was not known when it was decided."""

from agentic_assets.features.declaring import Coded, Declared, feature_set
from agentic_assets.features.definition import (
    DECIDED_AT,
    Entities,
    Feature,
    FeatureSet,
    Lookup,
    Published,
    Source,
)
from agentic_assets.features.engine.asof import AsOf
from agentic_assets.features.engine.facts import Facts
from agentic_assets.features.engine.keyed import Keyed
from agentic_assets.features.engine.latest import Latest
from agentic_assets.features.engine.pending import Pending
from agentic_assets.features.engine.view import View, newest
from agentic_assets.features.engine.window import Window

__all__ = [
    "DECIDED_AT",
    "AsOf",
    "Coded",
    "Declared",
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
    "feature_set",
    "newest",
]
