"""A trained model as one text with one digest, which is checked before anything parses the text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from agentic_assets.errors import ModelRefused
from agentic_assets.models.calibration import Platt
from agentic_assets.versions import Pin, of_bytes
from agentic_assets.versions.fingerprint import canonical_json

__all__ = ["LIGHTGBM", "NO_MODEL", "Artefact", "Holdout"]

LIGHTGBM, NO_MODEL = "lightgbm", "none"
_MAGIC = "agentic-assets model 1"


@dataclass(frozen=True)
class Holdout:
    """How a model trained on the earlier part of the window did on its last part.

    `rows`, `positives` and the ranking figures are of the whole part. The Brier scores and calibration errors are of
    its later half: of the scores as they come, and calibrated on the earlier half. A figure is None where it does
    not exist, as where all rows are of one class.
    """

    rows: int
    positives: int
    roc_auc: float | None
    average_precision: float | None
    brier: float | None
    brier_calibrated: float | None
    calibration_error: float | None
    calibration_error_calibrated: float | None


@dataclass(frozen=True)
class Artefact:
    """A trained model, or the recorded absence of one (kind `none`, with the reason).

    `name` is the recipe's name and what it serves, e.g. delay_risk@2013-07. `vocabularies` hold the values of each
    categorical feature as seen in training, in the order of their codes. `cut_at` is the instant before which every
    label was known; `train_from` and `train_to` are the first and last day (of `decided_at`, UTC) of the rows.
    """

    name: str
    recipe: Pin
    kind: str
    cut_at: datetime
    rows: int
    features: tuple[str, ...] = ()
    vocabularies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    train_from: date | None = None
    train_to: date | None = None
    positives: int = 0
    trees: int = 0
    calibration: Platt = field(default_factory=Platt)
    holdout: Holdout | None = None
    reason: str = ""
    booster: str = field(default="", repr=False)

    @property
    def serves(self) -> bool:
        """Say whether this artefact can score; an agent without a model must not act on its own."""
        return self.kind == LIGHTGBM

    @cached_property
    def digest(self) -> str:
        """Give the SHA-256 of the bytes."""
        return of_bytes(self.to_bytes())

    @property
    def pin(self) -> Pin:
        """Give the pin that a decision records: the recipe's version with the digest of the trained bytes."""
        return Pin("model", self.name, self.recipe.version, self.digest)

    def to_bytes(self) -> bytes:
        """Write one text: a magic line, a JSON header in canonical form, then LightGBM's own text."""
        header: dict[str, Any] = {
            **{name: getattr(self, name) for name in ("name", "kind", "rows", "positives", "trees", "reason")},
            "recipe": [self.recipe.kind, self.recipe.name, self.recipe.version, self.recipe.digest],
            "cut_at": self.cut_at.isoformat(),
            "features": list(self.features),
            "vocabularies": {name: list(values) for name, values in self.vocabularies.items()},
            "train_from": self.train_from.isoformat() if self.train_from else None,
            "train_to": self.train_to.isoformat() if self.train_to else None,
            "calibration": asdict(self.calibration),
            "holdout": asdict(self.holdout) if self.holdout else None,
        }
        return f"{_MAGIC}\n{canonical_json(header)}\n{self.booster}".encode()

    @classmethod
    def from_bytes(cls, content: bytes, expected_digest: str) -> Artefact:
        """Read what `to_bytes` wrote, after checking the digest.

        The check comes first because LightGBM ends the whole process on an edited text. Raises ModelRefused naming
        both digests.
        """
        found = of_bytes(content)
        if found != expected_digest:
            raise ModelRefused(
                f"a model of {len(content)} bytes has digest {found}, but {expected_digest} was recorded: not loaded",
                hint="the bytes were changed after training: train the partition again, or restore its lake version",
            )
        magic, _, rest = content.decode().partition("\n")
        if magic != _MAGIC:
            raise ModelRefused(f"this is no model file of this package: it starts with {magic[:40]!r}, not {_MAGIC!r}")
        line, _, booster = rest.partition("\n")
        header = json.loads(line)
        return cls(
            name=header["name"],
            recipe=Pin(*header["recipe"]),
            kind=header["kind"],
            cut_at=datetime.fromisoformat(header["cut_at"]),
            rows=header["rows"],
            features=tuple(header["features"]),
            vocabularies={name: tuple(values) for name, values in header["vocabularies"].items()},
            train_from=date.fromisoformat(header["train_from"]) if header["train_from"] else None,
            train_to=date.fromisoformat(header["train_to"]) if header["train_to"] else None,
            positives=header["positives"],
            trees=header["trees"],
            calibration=Platt(**header["calibration"]),
            holdout=Holdout(**header["holdout"]) if header["holdout"] else None,
            reason=header["reason"],
            booster=booster,
        )
