"""What counts as drift and as an incident, and what each does: declared beside the feature set, digested with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agentic_assets.errors import ConfigInvalid

__all__ = ["Settings", "Severity"]

Severity = Literal["warning", "error"]


@dataclass(frozen=True)
class Settings:
    """How a feature set is watched.

    A distribution is compared with those of the `reference` days before, and its divergence with the `psi_quantile` of
    its own last `history` ones: what moves every day must move further than it always does. `operations` are features
    of which a high daily mean is bad news; each is compared, on that side only, with the `mean_quantile` of its own
    last `history` means. No threshold rests on fewer than `least` values.
    """

    operations: tuple[str, ...] = ()
    reference: int = 28
    history: int = 60
    least: int = 14
    bins: int = 10
    psi_quantile: float = 0.95
    mean_quantile: float = 0.97
    psi_floor: float = 0.01
    """No threshold of a divergence is lower: below, two samples of one distribution differ as much."""
    many: float = 0.4
    """The share of all distributions over their thresholds from which a day has drifted, whatever operations say."""
    burst: float = 10.0
    """So many times its threshold is the divergence of a view's age when its feed stopped."""
    stopped: float = 0.2
    """A view stopped when, besides, its newest fact is older than on any settled day in so large a share of rows."""
    vanished: float = 0.3
    """A feature vanished when its share of nulls is so much higher than on any settled day."""
    beyond: float = 0.5
    """A feature is beyond its range when so large a share of rows lies outside by more than that range is wide."""
    rows: int = 20
    """On a day with fewer rows no feature is beyond its range: all of so few may lie anywhere."""
    drift: Severity = "warning"
    incident: Severity = "warning"
    """With `error`, a day with that verdict is held back from all who read the features, until a person accepts it."""

    def __post_init__(self) -> None:
        shares = (self.psi_quantile, self.mean_quantile, self.many, self.stopped, self.vanished, self.beyond)
        if not all(0 < share <= 1 for share in shares):
            raise ConfigInvalid("drift: quantiles and shares lie above 0 and at most at 1")
        if not 1 <= self.least <= self.history or self.reference < LEAST_REFERENCE or self.bins < 2:
            raise ConfigInvalid(
                f"drift: a threshold over {self.history} days cannot rest on at least {self.least} of them, or "
                f"{self.reference} reference days in {self.bins} bins are too few",
                hint=f"let least lie between 1 and history, give at least {LEAST_REFERENCE} reference days and 2 bins",
            )
        if self.burst < 1 or self.psi_floor <= 0 or self.rows < 1:
            raise ConfigInvalid("drift: `burst` and `rows` are at least 1, and `psi_floor` above 0")
        for severity in (self.drift, self.incident):
            if severity not in ("warning", "error"):
                raise ConfigInvalid(f"drift: the severity {severity!r} is neither 'warning' nor 'error'")

    @property
    def back(self) -> int:
        """How many days before a day its verdict rests on."""
        return self.reference + self.history

    @property
    def holds(self) -> bool:
        """Whether any verdict keeps readers from a day."""
        return "error" in (self.drift, self.incident)


LEAST_REFERENCE = 7
"""Reference days without which nothing is compared: a week, so that every day of the week is among them."""
