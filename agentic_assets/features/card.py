"""A feature set as people and other programs read it: plain data, complete, without code."""

from __future__ import annotations

from typing import Any

from agentic_assets.features.definition import FeatureSet, Published

__all__ = ["card"]


def card(definition: FeatureSet) -> dict[str, Any]:
    """Give a definition as JSON values: entity, moment, sources with their known_at, views, features in order."""
    entities = definition.entities
    lives = {getattr(view, "name", ""): getattr(view, "time_to_live", None) for view in definition.views}
    return {
        "name": definition.name,
        "version": definition.version,
        "digest": definition.digest,
        "description": definition.description,
        "entity": entities.key,
        "table": entities.table,
        "decided": f"{_minutes(entities.lead)} before {entities.event}",
        "after_the_fact": list(entities.after_the_fact),
        "zone": definition.zone,
        "lookback_days": definition.lookback,
        "reach_days": definition.reach,
        "forbidden": list(definition.forbidden),
        "sources": [
            {
                "name": source.name,
                "table": source.table,
                "known_at": f"{_minutes(source.known_at.before)} before the day of {source.known_at.event} begins"
                if isinstance(source.known_at, Published)
                else str(source.known_at),
            }
            for source in definition.sources
        ],
        "views": [
            {"name": name, "time_to_live": None if (life := lives.get(name)) is None else _minutes(life)}
            for name in definition.view_names
        ],
        "features": [
            {
                "name": feature.name,
                "type": str(feature.dtype),
                "unit": feature.unit,
                "kind": feature.kind,
                "view": feature.view,
                "description": feature.description,
                "sources": list(feature.sources),
            }
            for feature in definition.features
        ],
    }


def _minutes(span: Any) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes % 1440 == 0:
        return f"{minutes // 1440} d"
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"
