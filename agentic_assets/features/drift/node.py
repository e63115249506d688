"""The drift of a feature set as an asset: a row a statistic and day, a verdict, and a check that warns or holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import polars as pl

from agentic_assets.contracts import Contract
from agentic_assets.errors import ConfigInvalid, LakeBroken
from agentic_assets.features.definition import FeatureSet
from agentic_assets.features.drift import judging, measuring
from agentic_assets.features.drift.chart import markdown
from agentic_assets.features.drift.judging import DRIFT, INCIDENT, Verdict, judge
from agentic_assets.features.drift.measuring import MEAN, Stretch, measure
from agentic_assets.features.drift.picturing import picture_of
from agentic_assets.features.drift.settings import Settings
from agentic_assets.pipeline import Batch, Check, Cut, Input, Node, Window, by_day
from agentic_assets.versions import of_code, of_json

__all__ = ["CHECK", "SCHEMA", "drift_node", "rows_of"]

CHECK = "drift"

SCHEMA: dict[str, pl.DataType] = {
    "day": pl.Date(),
    "measure": pl.String(),
    "feature": pl.String(),
    "view": pl.String(),
    "value": pl.Float64(),
    "threshold": pl.Float64(),
    "times": pl.Float64(),
    "over": pl.Boolean(),
    "history": pl.Int32(),
    "null_share": pl.Float64(),
    "most_null_share": pl.Float64(),
    "outside_share": pl.Float64(),
    "far_share": pl.Float64(),
    "verdict": pl.String(),
    "reason": pl.String(),
}
"""One row a day and statistic; verdict and reason are those of the day."""

_SHOWN = 10


def drift_node(
    asset: str, feature_set: FeatureSet, *, features: str, contract: Contract, settings: Settings | None = None
) -> Node:
    """Give the node that watches a feature set day by day; `features` is its own asset.

    When a verdict has the severity `error`, the node guards the features: who reads a day waits for its verdict. Raises
    ConfigInvalid when `settings` name operations that are no numbers of the set.
    """
    settings = settings or Settings()
    _check_operations(feature_set, settings)

    def compute(batch: Batch) -> Mapping[str, pl.DataFrame]:
        stretch = _measured(batch, feature_set, features, settings)
        verdicts = [judge(feature_set, stretch, day, settings) for day in range(len(stretch.days))]
        for name in batch.partitions:
            day = stretch.days.index(name)
            _report(batch, stretch, day, verdicts[day], settings)
        return by_day(rows_of(stretch, verdicts, batch.partitions), batch.partitions)

    pin = feature_set.pin
    said = {verdict: getattr(settings, verdict) for verdict in (DRIFT, INCIDENT)}
    does = {"warning": "warns", "error": "holds the day back from all readers until a person accepts it"}
    return Node(
        asset=asset,
        group="features",
        cut=Cut.DAY,
        contract=contract,
        compute=compute,
        code_version=of_json([pin.digest, of_code(measuring, judging), _plain(settings)]),
        inputs=(Input(features, Window(back=settings.back)),),
        pins=(pin,),
        checks=(
            Check(
                CHECK,
                f"The day is as the days before. Drift {does[said[DRIFT]]}; an incident {does[said[INCIDENT]]}.",
                blocking=False,
                holds=settings.holds,
            ),
        ),
        description=f"How far each distribution of `{feature_set.name}@{feature_set.version}` has moved from the "
        f"{settings.reference} days before (population stability index with bins for nulls and for values never seen), "
        f"compared with the {settings.psi_quantile:.0%} quantile of its own last {settings.history} values; and the "
        f"daily means of {_listed(settings.operations)}, each with the {settings.mean_quantile:.0%} quantile of its "
        "own."
        "\n\n**drift**: the world moved, a mean or many distributions are over their thresholds. **incident**: data "
        "broke, a view's facts stopped coming, or features vanished or left their range while operations were normal.",
        kinds=("polars", "numpy"),
        tags={"feature_set": feature_set.name, "version": feature_set.version},
        lineage={"value": [(features, name) for name in feature_set.schema if name != feature_set.entity]},
        code=(measure, judge),
        judges=features,
    )


def rows_of(stretch: Stretch, verdicts: Sequence[Verdict], days: Sequence[str]) -> pl.DataFrame:
    """Arrange some days of a stretch as rows of `SCHEMA`, in the order of the days and the statistics."""
    at = [stretch.days.index(day) for day in days]
    many = len(stretch.statistics)

    def each(values: np.ndarray) -> np.ndarray:
        return values[:, at].T.ravel()

    return pl.DataFrame(
        {
            "day": pl.Series([day for day in days for _ in range(many)], dtype=pl.String).str.to_date("%Y-%m-%d"),
            "measure": [one.measure for one in stretch.statistics] * len(days),
            "feature": [one.feature for one in stretch.statistics] * len(days),
            "view": [one.view for one in stretch.statistics] * len(days),
            "value": each(stretch.value),
            "threshold": each(stretch.threshold),
            "times": each(stretch.times),
            "over": each(stretch.over),
            "history": each(stretch.history),
            "null_share": each(stretch.nulls),
            "most_null_share": each(stretch.most_nulls),
            "outside_share": each(stretch.outside),
            "far_share": each(stretch.far),
            "verdict": [verdicts[day].verdict for day in at for _ in range(many)],
            "reason": [verdicts[day].reason for day in at for _ in range(many)],
        }
    ).select(
        # A share of 12 digits divided by another has 12 digits again.
        (pl.col(name).fill_nan(None).round_sig_figs(12) if dtype == pl.Float64 else pl.col(name)).cast(dtype)
        for name, dtype in SCHEMA.items()
    )


def _measured(batch: Batch, feature_set: FeatureSet, features: str, settings: Settings) -> Stretch:
    entries = batch.entries(features)
    frame = batch.read(features)
    if frame.height != sum(entry.rows for entry in entries.values()):
        raise LakeBroken(
            f"{features} holds {frame.height:,} rows where {sum(entry.rows for entry in entries.values()):,} are "
            "recorded",
            hint="run `agentic verify`",
        )
    # Every day of the calendar between the first and the last: those that are not published count as unknown.
    every = batch.calendar.all(Cut.DAY)
    names = [*entries, *batch.partitions]
    days = every[every.index(min(names)) : every.index(max(names)) + 1]
    counts = [entries[day].rows if day in entries else 0 for day in days]
    return measure(feature_set, frame, days, counts, settings)


def _report(batch: Batch, stretch: Stretch, day: int, found: Verdict, settings: Settings) -> None:
    name = stretch.days[day]
    largest = _largest(stretch, day)
    severity = getattr(settings, found.verdict) if found.bad else "warning"
    batch.check(
        CHECK,
        name,
        passed=not found.bad,
        mild=severity == "warning",
        description=f"{found.verdict}: {found.reason}",
        **({"broken": largest} if found.bad and largest else {}),
    )
    means = {
        f"mean_{stretch.statistics[at].feature}": float(stretch.value[at, day])
        for at in stretch.places(MEAN)
        if not np.isnan(stretch.value[at, day])
    }
    batch.report(
        name,
        verdict=found.verdict,
        reason=found.reason,
        distributions_over=found.over,
        distributions=found.compared,
        **means,
        **({"largest": largest} if largest else {}),
        last_days={"markdown": markdown(picture_of(stretch, day, found, settings))},
    )


def _largest(stretch: Stretch, day: int) -> list[dict[str, Any]]:
    """Name the statistics that are farthest over their thresholds, means first."""
    times = stretch.times[:, day]
    over = [at for at in range(len(stretch.statistics)) if stretch.over[at, day]]
    first = sorted(over, key=lambda at: (stretch.statistics[at].measure != MEAN, -np.nan_to_num(times[at]), at))
    return [
        {
            "feature": stretch.statistics[at].feature,
            "view": stretch.statistics[at].view,
            "measure": stretch.statistics[at].measure,
            "value": _figure(stretch.value[at, day]),
            "threshold": _figure(stretch.threshold[at, day]),
            "times": _figure(times[at]),
            "null share": _figure(stretch.nulls[at, day]),
            "outside of the days before": _figure(stretch.outside[at, day]),
        }
        for at in first[:_SHOWN]
    ]


def _figure(value: float) -> float | str:
    return "" if np.isnan(value) else float(f"{value:.4g}")


def _check_operations(feature_set: FeatureSet, settings: Settings) -> None:
    types = {feature.name: feature.dtype for feature in feature_set.features}
    wrong = [
        name
        for name in settings.operations
        if name not in types or not (types[name].is_numeric() or types[name] == pl.Boolean)
    ]
    if wrong or len(set(settings.operations)) < len(settings.operations):
        raise ConfigInvalid(
            f"drift of {feature_set.name}@{feature_set.version}: operations are numbers of the set, each named once, "
            f"which {', '.join(wrong[:5]) or 'a repeated one'} is not",
            hint="name features of which a high daily mean is bad news",
        )


def _plain(settings: Settings) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(settings).items()}


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "no operational feature"
