"""What a rollback would change."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from agentic_assets.releases.release import Release
from agentic_assets.releases.rollback.superseding import Superseded

__all__ = ["Plan", "Remade"]


@dataclass(frozen=True)
class Remade:
    """A partition that would be made anew: from which data version, and to which one that is on record, if any."""

    asset: str
    partition: str
    before: str
    restores: str | None
    """The data version that the same code, pins and inputs gave before; None where they were never together."""
    recorded_at: str = ""
    """When that version was made first."""


@dataclass(frozen=True)
class Plan:
    """Everything that activating `to` for `partitions` (days; None for everything) changes of what is published."""

    domain: str
    to: Release
    partitions: tuple[str, ...] | None
    remade: tuple[Remade, ...]
    superseded: tuple[Superseded, ...] = ()
    lacking: tuple[str, ...] = ()
    """Published assets that the release does not have: they stay as they are."""
    activated: bool = False
    """Whether the release is in force for all of it already."""

    @property
    def only(self) -> dict[str, list[str]]:
        """Give the partitions to make, by asset in the order of the data path."""
        found: dict[str, list[str]] = {}
        for one in self.remade:
            found.setdefault(one.asset, []).append(one.partition)
        return found

    @property
    def expected(self) -> dict[tuple[str, str], str]:
        """Give the data version that each restored partition must come back with."""
        return {(one.asset, one.partition): one.restores for one in self.remade if one.restores is not None}

    @property
    def by_asset(self) -> dict[str, tuple[int, int]]:
        """Count, by asset in the order of the data path, the partitions that come back, and those made anew."""
        back = Counter(asset for asset, _ in self.expected)
        return {asset: (back[asset], len(names) - back[asset]) for asset, names in self.only.items()}

    @property
    def done(self) -> bool:
        """Whether there is nothing to do."""
        return self.activated and not self.remade

    @property
    def counts(self) -> dict[str, int]:
        """Sum up the plan, as it is kept with the activation."""
        total = Counter[str]()
        for one in self.superseded:
            total.update(one.counts)
        return {
            "assets": len(self.only),
            "partitions": len(self.remade),
            "restored": len(self.expected),
            **{name: total[name] for name in Superseded.NAMES},
        }

    def to_dict(self) -> dict[str, Any]:
        """Give one JSON object."""
        return {
            "domain": self.domain,
            "to": self.to.name,
            "partitions": None if self.partitions is None else list(self.partitions),
            "activated": self.activated,
            "counts": self.counts,
            "remade": [asdict(one) for one in self.remade],
            "superseded": [asdict(one) for one in self.superseded],
            "lacking": list(self.lacking),
        }
