"""All that a report is built from, as plain frames: reading them is one step, building the page another."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from agentic_assets.agents import Spec
from agentic_assets.decisions import FIELDS
from agentic_assets.features.drift import SCHEMA
from agentic_assets.policy import RuleSet
from agentic_assets.versions import Pin

if TYPE_CHECKING:
    from agentic_assets.policy.analysis import Finding

__all__ = ["DECIDED", "QUARANTINED", "Material", "PinUse", "Source"]

_LEFT_OUT = ("domain", "feature_set", "phase", "input_digest", "correlation_id")

DECIDED = pl.Schema(
    {
        **{name: dtype for name, dtype in FIELDS.items() if name not in _LEFT_OUT},
        "bad": pl.Boolean(),
        "loss_cents": pl.Int64(),
    }
)
"""Decisions beside what became of them.

`bad` and `loss_cents` are null where the outcome is not known, `score_bp` where no model served: what an agent records
then is no stated risk.
"""

QUARANTINED = pl.Schema(
    {
        "asset": pl.String(),
        "source_row": pl.Int64(),
        "rule": pl.String(),
        "column": pl.String(),
        "value": pl.String(),
    }
)
"""Refused rows without the row itself: it may hold what the contract masks."""


@dataclass(frozen=True)
class Source:
    """How one gated asset fared: rows in, rows refused. `whole` says that it is not cut by days or months."""

    asset: str
    contract: str
    published: int
    quarantined: int
    partitions: int
    expected: int
    whole: bool = False

    @property
    def read(self) -> int:
        """Rows in: none is lost, so what was published and what was refused."""
        return self.published + self.quarantined


@dataclass(frozen=True)
class PinUse:
    """A version, and the decisions that it shaped."""

    pin: Pin
    decisions: int
    first_day: date
    last_day: date


@dataclass(frozen=True)
class Material:
    """A range of days of one agent. Frames may be empty, never missing."""

    title: str
    description: str
    owner: str
    noun: str
    """What a decision is about, in the singular, such as `flight`."""
    label: str
    """What a bad outcome is called, such as `disrupted`."""
    assumptions: str
    """What the amounts of money rest on."""
    agent: Spec
    policy: RuleSet
    idle: str
    """The action that does nothing."""
    days: tuple[date, ...]
    """Every day that was asked for."""
    decided: pl.DataFrame
    """Rows of DECIDED."""
    scorecard: pl.DataFrame
    kpis: pl.DataFrame
    models: pl.DataFrame
    sources: tuple[Source, ...]
    quarantined: pl.DataFrame
    """Rows of QUARANTINED."""
    pins: tuple[PinUse, ...]
    verifier: str
    """The public key under which checkpoints are signed; empty before the first seal."""
    drift: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SCHEMA))
    """Statistics of the features by day, with the verdict on each; empty where nothing watches them."""
    drift_limitations: str = ""
    findings: tuple[Finding, ...] = ()
    """What the analysis says about the policy."""

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions that do something, in the order of the policy."""
        return tuple(action for action in self.policy.actions if action != self.idle)

    @property
    def missing(self) -> tuple[date, ...]:
        """The days asked for on which nothing was decided."""
        there = set(self.decided.get_column("day").unique().to_list())
        return tuple(day for day in self.days if day not in there)
