"""How much a model rests on each feature, as the text of its trees records it; no LightGBM is needed to read it."""

from __future__ import annotations

from collections.abc import Mapping
from math import fsum

from agentic_assets.models.artefact import Artefact

__all__ = ["importance"]


def importance(artefact: Artefact) -> Mapping[str, tuple[float, int]]:
    """Give by feature its share of the gain of all splits, 0 to 1, and in how many splits it stands.

    Every feature is there, those without a split with 0. Empty for an artefact without a model, and for trees whose
    text lacks the gains.
    """
    if not artefact.serves:
        return {}
    gains: dict[int, list[float]] = {}
    features: list[int] = []
    for line in artefact.booster.splitlines():
        key, _, listed = line.partition("=")
        if key == "split_feature":
            features = [int(place) for place in listed.split()]
        elif key == "split_gain":
            for place, gain in zip(features, listed.split(), strict=False):
                gains.setdefault(place, []).append(max(0.0, float(gain)))
            features = []
    total = fsum(gain for found in gains.values() for gain in found)
    if not total:
        return {}
    return {
        name: (fsum(gains.get(place, ())) / total, len(gains.get(place, ())))
        for place, name in enumerate(artefact.features)
    }
