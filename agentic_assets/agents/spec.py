"""An agent's spec: who answers for it, what it reads, what it may propose, and what happens when it fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from types import MappingProxyType

from agentic_assets.errors import ConfigInvalid
from agentic_assets.language import Type
from agentic_assets.versions import Pin, of_json

__all__ = [
    "FIGURES",
    "KINDS",
    "NO_ACTION",
    "PHASES",
    "RISK_TIERS",
    "WHOLE",
    "FailureMode",
    "Figure",
    "Parameter",
    "Spec",
]

KINDS = ("rules", "model", "llm")
PHASES = ("shadow", "canary", "live")
RISK_TIERS = ("low", "medium", "high")
# The action that does nothing: every agent may propose it, and it is what remains of a denied or escalated proposal.
NO_ACTION = "none"
WHOLE = 10_000
"""All of something, in basis points."""
FIGURES: Mapping[str, int] = MappingProxyType(
    {"score_bp": WHOLE, "confidence_bp": WHOLE, "benefit_cents": 2**63 - 1, "cost_cents": 2**63 - 1}
)
"""The whole numbers of a proposal, each with the most that it may be; the least is 0."""

Parameter = int | str | bool


@dataclass(frozen=True)
class FailureMode:
    """Something that can go wrong, and what happens then."""

    when: str
    then: str


@dataclass(frozen=True)
class Figure:
    """What one number of an agent's proposals means, and the most that it may be."""

    means: str
    at_most: int


def _any_figures() -> Mapping[str, Figure]:
    return MappingProxyType({name: Figure(name, most) for name, most in FIGURES.items()})


@dataclass(frozen=True)
class Spec:
    """One version of an agent as declared; parameters are whole numbers, texts and booleans (no floats).

    Its input is one version of a feature set: `columns` of it and their types, all of them when none is named. Its
    output are proposals of `actions`: a figure that `output` does not name is always 0. `resources` are those that it
    bids for, each with the action that takes one. `phase` is the one it is born in; people move it from there.
    """

    name: str
    version: str
    kind: str
    owner: str
    purpose: str
    responsibilities: tuple[str, ...]
    feature_set: str
    entity: str
    actions: tuple[str, ...]
    decision_boundaries: tuple[str, ...]
    failure_modes: tuple[FailureMode, ...]
    risk_tier: str
    review_by: date
    parameters: Mapping[str, Parameter]
    author: str = ""
    columns: Mapping[str, Type] = field(default_factory=lambda: MappingProxyType({}))
    output: Mapping[str, Figure] = field(default_factory=_any_figures)
    resources: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    phase: str = "shadow"

    @property
    def id(self) -> str:
        """Name and version, e.g. delay_risk@1.0.0."""
        return f"{self.name}@{self.version}"

    @property
    def order(self) -> tuple[str, int, int, int]:
        """What sorts agents by name and their versions by number."""
        major, minor, patch = (int(part) for part in self.version.split("."))
        return self.name, major, minor, patch

    @property
    def content(self) -> dict[str, object]:
        """Everything that the declaration says, as plain JSON values."""
        said = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return said | {
            "failure_modes": [asdict(mode) for mode in self.failure_modes],
            "review_by": self.review_by.isoformat(),
            "parameters": dict(self.parameters),
            "columns": dict(self.columns),
            "output": {name: asdict(figure) for name, figure in self.output.items()},
            "resources": dict(self.resources),
        }

    @property
    def pin(self) -> Pin:
        """Pin the content of the declaration; the layout of the file and its comments do not count."""
        return Pin("agent", self.name, self.version, of_json(self.content))

    def integer(self, parameter: str) -> int:
        """Give a parameter that must be a whole number; raises ConfigInvalid naming it."""
        value = self.parameters.get(parameter)
        if not isinstance(value, int) or isinstance(value, bool):
            known = ", ".join(sorted(self.parameters)) or "none"
            raise ConfigInvalid(
                f"agent {self.id}: the parameter `{parameter}` is {value!r}, not a whole number",
                hint=f"declare it under `parameters` of the spec; declared are {known}",
            )
        return value

    def at_most(self, figure: str) -> int:
        """Give the most that a figure of its proposals may be: 0 for one that the spec does not name."""
        named = self.output.get(figure)
        return 0 if named is None else named.at_most

    def review_lapsed(self, day: date) -> str | None:
        """Say why the agent may not be live on a day, because nobody reviewed it in time; None while it may.

        `day` is the day that is decided about, never that of a clock: a day remade later gives the same answer.
        """
        if day <= self.review_by:
            return None
        return f"agent {self.id} was to be reviewed by {self.review_by}, and {day} is past that"
