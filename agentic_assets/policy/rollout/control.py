"""A control: what a person, or the circuit breaker, ordered about agents, and from which moment of the data on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from agentic_assets.errors import PolicyInvalid
from agentic_assets.policy.rollout.bucket import WHOLE
from agentic_assets.versions import of_json

__all__ = ["ANY", "SERVING", "Control", "Kind", "Phase", "Stage"]

ANY = "*"
"""Stands for every agent, or every action."""

BORN_CANARY_BP = 1_000

_ID_DIGITS = 32


class Kind(StrEnum):
    """What a control does."""

    STOP = "stop"
    RESUME = "resume"
    STAGE = "stage"
    TRIP = "trip"
    RESET = "reset"


class Phase(StrEnum):
    """How a decision came to its effect; agents are staged in the first three only."""

    SHADOW = "shadow"
    CANARY = "canary"
    LIVE = "live"
    LEGACY = "legacy"
    STOPPED = "stopped"
    TRIPPED = "tripped"


SERVING = (Phase.LIVE.value, Phase.CANARY.value)
"""The phases in which what the agent proposes takes effect; in all others the rule before acts."""


@dataclass(frozen=True)
class Stage:
    """How far an agent is rolled out: in shadow for nobody, live for all, as a canary for `percent_bp` of entities.

    `percent_bp` is in basis points, 0 to 10,000; it must be given for a canary and follows for the others.
    """

    phase: Phase
    percent_bp: int = -1

    def __post_init__(self) -> None:
        """Fill in what follows; raises PolicyInvalid for a phase that is no stage, or a share that is none."""
        fixed = {Phase.SHADOW: 0, Phase.LIVE: WHOLE}
        if self.phase not in (*fixed, Phase.CANARY):
            raise PolicyInvalid(f"{str(self.phase)[:40]!r} is no stage", hint="use shadow, canary or live")
        if self.phase in fixed:
            if self.percent_bp not in (-1, fixed[self.phase]):
                raise PolicyInvalid(
                    f"the stage {self.phase} takes no percent, {self.percent_bp} was given", hint="leave it out"
                )
            object.__setattr__(self, "percent_bp", fixed[self.phase])
        elif not 0 <= self.percent_bp <= WHOLE:
            given = "none was given" if self.percent_bp == -1 else f"{self.percent_bp} was given"
            raise PolicyInvalid(
                f"a canary takes a share of 0 to {WHOLE:,} basis points, {given}", hint="1,000 is 10 % of the entities"
            )

    @classmethod
    def born(cls, phase: str) -> Stage:
        """Give the stage of a spec's phase: a canary is born with 10 % of the entities."""
        return cls(Phase(phase), BORN_CANARY_BP if phase == Phase.CANARY else -1)

    def __str__(self) -> str:
        share = f" {self.percent_bp // 100}.{self.percent_bp % 100:02d} %" if self.phase is Phase.CANARY else ""
        return f"{self.phase}{share}"


@dataclass(frozen=True)
class Control:
    """One order about the decisions with `decided_at >= effective_from` (UTC, a moment of the data, not of the clock).

    `agent` is a name (all its versions), a name@version, or ANY; `action` an action or ANY. `number` counts the
    controls of a domain from 1; 0 until it is recorded. `details` holds figures that it rests on, as JSON values.
    `host` and `recorded_at` are for people: they do not enter the digest.
    """

    domain: str
    kind: Kind
    effective_from: datetime
    identity: str
    role: str
    reason: str
    agent: str = ANY
    action: str = ANY
    stage: Stage | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    number: int = 0
    host: str = ""
    recorded_at: str = ""

    def __post_init__(self) -> None:
        """Put the moment into UTC; raises PolicyInvalid for an order that would not say what it means."""
        what = f"a {self.kind} of {self.agent[:60]!r}"
        if self.effective_from.tzinfo is None:
            raise PolicyInvalid(f"{what} takes effect at a moment without a time zone", hint="give it in UTC")
        object.__setattr__(self, "effective_from", self.effective_from.astimezone(UTC))
        if self.kind is Kind.STAGE and self.stage is None:
            raise PolicyInvalid(f"{what} names no stage", hint="use shadow, canary or live")
        if self.stage is not None and self.kind not in (Kind.STAGE, Kind.RESET):
            raise PolicyInvalid(f"{what} names a stage", hint="only a stage or a reset does")
        if self.kind in (Kind.TRIP, Kind.RESET) and self.action != ANY:
            raise PolicyInvalid(f"{what} names the action {self.action[:60]!r}", hint="it holds for all actions")
        for name in ("domain", "agent", "action", "identity", "role", "reason"):
            if not getattr(self, name).strip():
                raise PolicyInvalid(
                    f"{what} says nothing under `{name}`", hint="every order has an author and a reason"
                )

    @property
    def scope(self) -> tuple[str, str]:
        """Whom and what it is about."""
        return self.agent, self.action

    @property
    def order(self) -> tuple[datetime, int]:
        """Where it stands among others: by the moment of the data, then by its number."""
        return self.effective_from, self.number

    @property
    def content(self) -> dict[str, Any]:
        """Everything it says, as JSON values: what is digested and sealed."""
        return {
            "action": self.action,
            "agent": self.agent,
            "details": dict(self.details),
            "domain": self.domain,
            "effective_from": f"{self.effective_from:%Y-%m-%dT%H:%M:%S.%f}Z",
            "identity": self.identity,
            "kind": self.kind.value,
            "number": self.number,
            "percent_bp": None if self.stage is None else self.stage.percent_bp,
            "phase": None if self.stage is None else self.stage.phase.value,
            "reason": self.reason,
            "role": self.role,
        }

    @property
    def digest(self) -> str:
        """Digest the content."""
        return of_json(self.content)

    @property
    def id(self) -> str:
        """Name it: the first 32 hexadecimal digits of the digest."""
        return self.digest[:_ID_DIGITS]
