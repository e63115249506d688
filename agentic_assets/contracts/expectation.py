"""An expectation: what statistics of a published partition should look like, judged after the rows were let through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from agentic_assets.contracts.rule import Severity

__all__ = ["Expectation", "Fixed", "Side", "Statistic", "Trailing", "Verbatim"]

Side = Literal["both", "low", "high"]


@dataclass(frozen=True)
class Fixed:
    """Bounds that the contract names; None is unbounded on that side."""

    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Trailing:
    """Bounds from the statistic's own history over a window of earlier partitions.

    They lie around the median of that history, on each side at a distance of the largest of: `deviations` times its
    robust standard deviation (1.4826 times the median absolute deviation), `slack` (in the statistic's own unit), and
    `slack_share` of the median. With `every` = 7 only partitions 7, 14, ... before are compared, as for weekdays. Until
    `history` earlier values exist, nothing is judged.
    """

    window: int
    every: int = 1
    history: int = 14
    deviations: float = 5.0
    slack: float = 0.0
    slack_share: float = 0.0
    side: Side = "both"


@dataclass(frozen=True)
class Statistic:
    """One number a partition, and the bounds within which it is expected.

    `values` belong to `share`; `reference` is the number of earlier partitions that `psi` and `newShare` compare with.
    """

    name: str
    bounds: Fixed | Trailing
    values: tuple[Any, ...] = ()
    reference: int = 0
    bins: int = 10


@dataclass(frozen=True)
class Verbatim:
    """One expectation of Great Expectations as the contract writes it, run on the rows of a partition."""

    kind: str
    arguments: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}), hash=False)


@dataclass(frozen=True)
class Expectation:
    """One declared expectation; a broken one warns, or with severity `error` holds the partition back."""

    id: str
    column: str | None
    asks: Statistic | Verbatim
    severity: Severity = "error"
    dimension: str | None = None
    description: str | None = None

    @property
    def back(self) -> int:
        """How many partitions before its own this looks at."""
        if isinstance(self.asks, Verbatim):
            return 0
        window = self.asks.bounds.window if isinstance(self.asks.bounds, Trailing) else 0
        return window + self.asks.reference

    @property
    def text(self) -> str:
        """Say in words what is expected."""
        asks = self.asks
        if isinstance(asks, Verbatim):
            given = [f"{name}={value!r:.40}" for name, value in asks.arguments.items() if name != "column"]
            return f"{asks.kind}({', '.join(given)})"[:200]
        of = ", ".join(map(str, [*([self.column] if self.column else []), *asks.values]))
        return f"{asks.name}{f'({of})' if of else ''} {_between(asks.bounds)}"


def _between(bounds: Fixed | Trailing) -> str:
    if isinstance(bounds, Fixed):
        ends = [f"at least {bounds.low:g}"] if bounds.low is not None else []
        ends += [f"at most {bounds.high:g}"] if bounds.high is not None else []
        return " and ".join(ends)
    near = [f"{bounds.deviations:g} robust deviations"]
    near += [f"{bounds.slack:g}"] if bounds.slack else []
    near += [f"{100 * bounds.slack_share:g} %"] if bounds.slack_share else []
    where = {"both": "away from", "low": "below", "high": "above"}[bounds.side]
    distance = near[0] if len(near) == 1 else f"{' or '.join(near)}, whichever is more"
    every = f"each {bounds.every}th of " if bounds.every > 1 else ""
    return f"{where} the median of {every}the {bounds.window} partitions before by at most {distance}"
