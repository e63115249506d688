"""Features online: one packed vector an entity, in a cache a host that is filled from the lake and can be lost."""

from agentic_assets.features.online.cache import Cache
from agentic_assets.features.online.layout import Layout, Vector
from agentic_assets.features.online.serving import OnlineFeatures, Refreshed

__all__ = ["Cache", "Layout", "OnlineFeatures", "Refreshed", "Vector"]
