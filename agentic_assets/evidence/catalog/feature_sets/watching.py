"""Read what the drift asset of a feature set published: the verdict of each day, and how far each statistic moved."""

from __future__ import annotations

from datetime import date
from typing import Final

import polars as pl

from agentic_assets.errors import AgenticError
from agentic_assets.evidence.catalog.feature_sets.material import Drift
from agentic_assets.evidence.catalog.history import pinned_versions
from agentic_assets.evidence.domain import Domain
from agentic_assets.features import FeatureSet
from agentic_assets.features.drift import DRIFT, INCIDENT, MEAN
from agentic_assets.lake import Lake
from agentic_assets.pipeline import Manifest

__all__ = ["drift_of", "read_drift"]

DAYS: Final = 366
"""The newest days are read, at most so many."""
_READ: Final = ("day", "measure", "feature", "threshold", "times", "over", "verdict", "reason")


def drift_of(domain: Domain, asset: str, definition: FeatureSet, manifest: Manifest, lake: Lake) -> Drift | None:
    """Read the newest days on which this version of a set was watched; None where nothing watches it.

    What cannot be read gives `problem`.
    """
    # A set is watched whether or not an agent decides on it; its statistics have a judge of their own, without the tag.
    watchers = [node for node in domain.graph.nodes if node.judges == asset and "feature_set" in node.tags]
    if not watchers:
        return None
    watching, policy = watchers[0].asset, " ".join(check.description for check in watchers[0].checks)
    grouped = pinned_versions(manifest, manifest.current(watching), "feature_set", definition.name)
    entries = [entry for (version, _), made in grouped.items() if version == definition.version for entry in made]
    if not entries:
        return Drift(watching, policy, problem="no day of this version is judged")
    files = [entry.file for entry in sorted(entries, key=lambda entry: entry.partition)[-DAYS:]]
    try:
        rows = lake.open(watching).scan_files(files).select(_READ).collect()
    except AgenticError as error:
        return Drift(watching, policy, problem=str(error))
    except (OSError, pl.exceptions.PolarsError) as error:
        return Drift(watching, policy, problem=f"the published files cannot be read ({type(error).__name__})")
    return read_drift(watching, policy, rows)


def read_drift(asset: str, policy: str, rows: pl.DataFrame) -> Drift:
    """Arrange published rows by day and by statistic."""
    days = rows.unique("day", keep="first").sort("day")
    told = days.filter(pl.col("verdict").is_in([DRIFT, INCIDENT]))
    distributions = rows.filter((pl.col("measure") != MEAN) & pl.col("threshold").is_not_null())
    counted = distributions.group_by("day").agg(pl.col("over").sum().alias("over"), pl.len().alias("of")).sort("day")
    # What is over a threshold of 0 is so by no number of times.
    times = pl.when(pl.col("times").is_null() & pl.col("over")).then(float("inf")).otherwise("times")
    known = rows.with_columns(times.alias("times")).drop_nulls("times").sort("day")
    moved: dict[tuple[str, str], tuple[tuple[date, float], ...]] = {}
    for (measure, feature), own in known.group_by("measure", "feature", maintain_order=True):
        moved[str(measure), str(feature)] = tuple(own.select("day", "times").iter_rows())
    return Drift(
        asset,
        policy,
        verdicts=dict(days.select("day", "verdict").iter_rows()),
        reasons=dict(told.select("day", "reason").iter_rows()),
        over={day: (over, of) for day, over, of in counted.iter_rows()},
        moved=moved,
    )
