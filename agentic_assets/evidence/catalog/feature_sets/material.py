"""All that a feature set's page shows, as plain records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from agentic_assets.evidence.catalog.material import History, Version

__all__ = [
    "Agent",
    "Change",
    "Consumer",
    "Drift",
    "Figures",
    "ListedSet",
    "Measured",
    "Model",
    "Outcome",
    "Proofs",
    "Spread",
    "Top",
]


@dataclass(frozen=True)
class Spread:
    """Values in order, counted in bins of equal width; `labels` say each bin in words.

    `below` and `above` count what lies outside of the bins. The values are written as people read them.
    """

    labels: tuple[str, ...]
    counts: tuple[int, ...]
    ends: tuple[str, str]
    """Where the first bin begins, and the last one ends."""
    below: int
    above: int
    lowest: str
    median: str
    highest: str


@dataclass(frozen=True)
class Top:
    """Values without an order: the most frequent ones, how many there are, and how often the others occur."""

    values: tuple[tuple[str, int], ...]
    distinct: int
    others: int


@dataclass(frozen=True)
class Figures:
    """What one feature holds: nulls by partition as (partition, rows, nulls), and how its newest values lie.

    `unlike` counts what is no number (NaN) and infinities; both are in no bin.
    """

    days: tuple[tuple[str, int, int], ...]
    spread: Spread | Top | None = None
    unlike: int = 0

    @property
    def rows(self) -> int:
        """The rows in which nulls were counted."""
        return sum(rows for _, rows, _ in self.days)

    @property
    def nulls(self) -> int:
        """The rows in which it is null."""
        return sum(nulls for _, _, nulls in self.days)


@dataclass(frozen=True)
class Measured:
    """The features of the partitions that the newest version published.

    Nulls are counted in `days` partitions with `rows` rows; values in the newest `spread_days` of them, from
    `spread_first` on, in each `every`-th row. `problem` says why there are no figures.
    """

    figures: Mapping[str, Figures] = field(default_factory=dict)
    first: str = ""
    last: str = ""
    days: int = 0
    rows: int = 0
    spread_first: str = ""
    spread_days: int = 0
    spread_rows: int = 0
    every: int = 1
    problem: str = ""


@dataclass(frozen=True)
class Consumer:
    """An asset that reads the set; `features` are those that its lineage names, all of them when it names none."""

    asset: str
    kind: str
    features: tuple[str, ...]
    named: bool


@dataclass(frozen=True)
class Model:
    """A model of the newest month that has one: by feature, its share of all gain in its trees, and its splits."""

    name: str
    asset: str
    gains: Mapping[str, tuple[float, int]]


@dataclass(frozen=True)
class Outcome:
    """How one proof turned out."""

    law: str
    meaning: str
    passed: bool
    said: str


@dataclass(frozen=True)
class Proofs:
    """The proofs of the newest month that was proved; `refused` maps months that do not stand to the reason."""

    asset: str
    partition: str = ""
    outcomes: tuple[Outcome, ...] = ()
    months: int = 0
    refused: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Drift:
    """How a set drifted: the verdict of each day, why a day was not as others, and how far each statistic moved.

    `over` counts by day the distributions over their thresholds, of how many that have one. `moved` gives for each
    (measure, feature) the days that have a threshold, with how many times that the value is. `policy` says in words
    what a verdict does, `problem` why there is nothing to show.
    """

    asset: str
    policy: str = ""
    verdicts: Mapping[date, str] = field(default_factory=dict)
    reasons: Mapping[date, str] = field(default_factory=dict)
    over: Mapping[date, tuple[int, int]] = field(default_factory=dict)
    moved: Mapping[tuple[str, str], tuple[tuple[date, float], ...]] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True)
class Change:
    """What changed from one recorded version to the next: (weight, what it is about, what, in words)."""

    old: str
    new: str
    changes: tuple[tuple[str, str, str], ...]
    problem: str = ""


@dataclass(frozen=True)
class Agent:
    """An agent whose spec names the set: `reads` are the features that reach it, directly or by its model."""

    id: str
    owner: str
    purpose: str
    wants: str
    decisions: str
    reads: tuple[str, ...]


@dataclass(frozen=True)
class ListedSet:
    """One feature set: its card, who answers for it, what is known of its past, and who lives on it."""

    card: Mapping[str, Any]
    asset: str
    domain: str
    page: str = ""
    owner: str = ""
    classes: Mapping[str, str] = field(default_factory=dict)
    """The class of each feature that its contract classifies."""
    masked: frozenset[str] = frozenset()
    """Features of which no value may be shown."""
    agents: tuple[Agent, ...] = ()
    consumers: tuple[Consumer, ...] = ()
    models: tuple[Model, ...] = ()
    proofs: tuple[Proofs, ...] = ()
    history: History | None = None
    versions: tuple[Version, ...] = ()
    """Under which versions the partitions stand that are published now."""
    recorded: tuple[tuple[str, str], ...] = ()
    """Every version that was ever recorded, with its digest, oldest number first."""
    changes: tuple[Change, ...] = ()
    measured: Measured | None = None
    drift: Drift | None = None

    @property
    def name(self) -> str:
        """Name and version."""
        return f"{self.card['name']}@{self.card['version']}"
