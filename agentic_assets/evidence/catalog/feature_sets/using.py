"""Who lives on a feature set: agents whose specs name it, assets that read it, models that rest on it."""

from __future__ import annotations

import polars as pl

from agentic_assets.errors import AgenticError
from agentic_assets.evidence.catalog.feature_sets.material import Agent, Consumer, Model
from agentic_assets.evidence.catalog.lineage import readers
from agentic_assets.evidence.domain import Domain, Subject
from agentic_assets.features import FeatureSet
from agentic_assets.lake import Lake
from agentic_assets.models import Artefact
from agentic_assets.models.importance import importance
from agentic_assets.pipeline import Manifest

__all__ = ["agents", "consumers", "models"]

# A month without a model is rare after the first ones; the search for one need not open every file.
_MONTHS = 3


def consumers(domain: Domain, asset: str, definition: FeatureSet) -> tuple[Consumer, ...]:
    """Name the assets that read a set, each with the features that its lineage names."""
    known = [feature.name for feature in definition.features]
    found = []
    for reader in readers(domain, asset):
        if reader.directly:
            read = tuple(name for name in known if name in reader.columns)
            found.append(Consumer(reader.asset, reader.kind, read, named=bool(reader.columns)))
    return tuple(found)


def agents(domain: Domain, asset: str, definition: FeatureSet, read: tuple[Consumer, ...]) -> tuple[Agent, ...]:
    """Name the agents whose specs name the set, with the features that reach them: directly, or by their model."""
    by_asset = {consumer.asset: consumer for consumer in read}
    return tuple(
        _agent(subject, definition, [by_asset[name] for name in (subject.model, subject.proposals) if name in by_asset])
        for subject in domain.subjects
        if subject.features == asset
    )


def _agent(subject: Subject, definition: FeatureSet, ways: list[Consumer]) -> Agent:
    every = [feature.name for feature in definition.features]
    named = [way for way in ways if way.named]
    reached = {name for way in named for name in way.features} if named else set(every)
    return Agent(
        subject.agent.id,
        subject.agent.owner,
        subject.agent.purpose,
        subject.agent.feature_set,
        subject.decisions,
        tuple(name for name in every if name in reached),
    )


def models(domain: Domain, asset: str, manifest: Manifest, lake: Lake) -> tuple[Model, ...]:
    """Give what the newest models record of their features; a model asset holds `payload` and `digest` of artefacts."""
    found = []
    for name in dict.fromkeys(subject.model for subject in domain.subjects if subject.features == asset):
        if name in domain.graph and {"payload", "digest"} <= set(domain.graph[name].schema):
            newest = sorted(manifest.current(name).items(), reverse=True)[:_MONTHS]
            for _, entry in newest:
                model = _model(name, entry.file, lake)
                if model is not None:
                    found.append(model)
                    break
    return tuple(found)


def _model(asset: str, file: str, lake: Lake) -> Model | None:
    try:
        rows = lake.open(asset).scan_files([file]).select("payload", "digest").collect()
        for payload, digest in rows.iter_rows():
            artefact = Artefact.from_bytes(payload.encode(), digest)
            gains = importance(artefact)
            if gains:
                return Model(artefact.name, asset, gains)
    except (AgenticError, OSError, ValueError, pl.exceptions.PolarsError):
        return None  # `agentic verify` judges artefacts; here the column is only left out
    return None
