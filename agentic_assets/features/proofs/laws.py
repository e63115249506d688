"""What must hold for every feature set, proved on some days of real inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from agentic_assets.errors import AgenticError
from agentic_assets.features.definition import DECIDED_AT, FeatureSet
from agentic_assets.features.proofs.oracle import oracle
from agentic_assets.features.proofs.planting import planted
from agentic_assets.features.proofs.renaming import only_selecting, renamed

__all__ = ["LAWS", "Proof", "prove"]

Inputs = Mapping[str, pl.DataFrame]
Days = tuple[date, date]


@dataclass(frozen=True)
class Proof:
    """How one law turned out: how many rows were compared, how many differed, and an example of one that did."""

    law: str
    passed: bool
    compared: int
    differing: int
    example: str = ""


def prove(definition: FeatureSet, inputs: Inputs, days: Days, *, sample: int = 20) -> tuple[Proof, ...]:
    """Prove every law on the days from the first to the last; `sample` entities are computed by brute force.

    `inputs` are those of `FeatureSet.compute`. The last day of the range stands for single days; the sample is
    spread evenly over the entities. Nothing is random: the same inputs give the same proofs.
    """
    whole = definition.compute(inputs, days)
    return tuple(_proved(name, law, definition, inputs, days, whole, sample) for name, law in LAWS.items())


def _proved(
    name: str, law: _Law, definition: FeatureSet, inputs: Inputs, days: Days, whole: pl.DataFrame, sample: int
) -> Proof:
    try:
        expected, found = law(definition, inputs, days, whole, sample)
    except AgenticError as error:
        return Proof(name, passed=False, compared=0, differing=0, example=str(error))
    differing = list(_differing(expected, found, definition.entity))
    rows = len({row for row, _ in differing}) or abs(expected.height - found.height)
    return Proof(
        name,
        passed=not differing and expected.height == found.height,
        compared=expected.height,
        differing=rows,
        example=differing[0][1] if differing else "" if not rows else f"{found.height} rows for {expected.height}",
    )


def _differing(expected: pl.DataFrame, found: pl.DataFrame, key: str) -> Iterator[tuple[int, str]]:
    if expected.height != found.height:
        return
    for name in expected.columns:
        unequal = expected.get_column(name).ne_missing(found.get_column(name))
        for row in unequal.arg_true().to_list():
            values = f"{expected.get_column(name)[row]!r:.60} is expected, {found.get_column(name)[row]!r:.60} was made"
            yield row, f"`{name}` of {expected.get_column(key)[row]!r:.80}: {values}"


def _one_row(
    definition: FeatureSet, inputs: Inputs, days: Days, whole: pl.DataFrame, sample: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    key, day = definition.entity, definition.day
    asked = inputs[definition.entities.table].filter(pl.col(day).is_between(*days)).select(key, day)
    return asked.sort(key), whole.select(key, day).sort(key)


def _oracle(
    definition: FeatureSet, inputs: Inputs, days: Days, whole: pl.DataFrame, sample: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    every = max(1, whole.height // max(1, sample))
    sampled = whole.gather_every(every).head(sample)
    expected = oracle(definition, inputs, sampled.get_column(definition.entity))
    return expected, sampled.select(expected.columns)


def _future(
    definition: FeatureSet, inputs: Inputs, days: Days, whole: pl.DataFrame, sample: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    decided = whole.get_column(DECIDED_AT)
    if decided.is_empty():
        return whole, whole
    now = decided[len(decided) // 2]
    assert isinstance(now, datetime)
    before = pl.col(DECIDED_AT) <= now
    changed = definition.compute(planted(definition, inputs, now), days)
    return whole.filter(before), changed.filter(before)


def _alone(
    definition: FeatureSet, inputs: Inputs, days: Days, whole: pl.DataFrame, sample: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    day = days[1]  # the one with most of the range before it
    return whole.filter(pl.col(definition.day) == day), definition.compute(inputs, (day, day))


def _selecting(
    definition: FeatureSet, inputs: Inputs, days: Days, whole: pl.DataFrame, sample: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    if not only_selecting(definition):
        return whole.clear(), whole.clear()
    return whole, definition.compute(renamed(definition, inputs), days)


def _order(
    definition: FeatureSet, inputs: Inputs, days: Days, whole: pl.DataFrame, sample: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    # Halves swapped, one of them backwards: no table keeps its order, and none is merely reversed.
    mixed = {}
    for name, rows in inputs.items():
        half = rows.height // 2
        mixed[name] = pl.concat([rows.slice(half).reverse(), rows.slice(0, half)])
    return whole, definition.compute(mixed, days)


_Law = Callable[[FeatureSet, Inputs, Days, pl.DataFrame, int], tuple[pl.DataFrame, pl.DataFrame]]

LAWS: dict[str, _Law] = {
    "one_row_per_entity": _one_row,
    "equals_brute_force": _oracle,
    "future_changes_nothing": _future,
    "a_day_alone_equals_the_range": _alone,
    "row_order_changes_nothing": _order,
    "after_the_fact_only_selects": _selecting,
}
