"""The gate for one event: the phase and the action that a batch would give, without a frame."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from agentic_assets.agents.spec import NO_ACTION
from agentic_assets.policy.rollout.bucket import WHOLE
from agentic_assets.policy.rollout.control import Control, Phase, Stage
from agentic_assets.policy.rollout.resolving import Course, caution, course

__all__ = ["Gate", "bucket"]

_WORD = 8
_ALL = 2**64 - 1


@dataclass(frozen=True)
class Gate:
    """The rollout of one agent (name@version) for events: `born` is its spec's stage, `controls` all that stand.

    Make a new one when a control was recorded. It equals `roll_out` for every row, quotas aside: what the rule before
    does is not held to them here.
    """

    agent: str
    born: Stage
    controls: Sequence[Control] = ()
    review_by: date = date.max

    def pass_(
        self, entity: str, decided_at: datetime, *, action: str, judged_action: str, legacy_action: str | None = None
    ) -> tuple[str, str, str | None]:
        """Give phase, effective action and the id of the control that set the phase, of one judged proposal."""
        states = [self._course.at(decided_at, name) for name in dict.fromkeys((action, judged_action))]
        state = min(states, key=caution)
        canary = state.phase is Phase.CANARY
        serves = state.phase is Phase.LIVE or (
            canary and bucket(self.agent.partition("@")[0], entity) < state.percent_bp
        )
        phase = Phase.LEGACY if canary and not serves else state.phase
        effective = judged_action if serves else legacy_action or NO_ACTION
        return phase.value, effective, None if state.control is None else state.control.id

    @cached_property
    def _course(self) -> Course:
        return course(self.controls, self.agent, self.born, self.review_by)


def bucket(agent: str, entity: str) -> int:
    """Give the bucket of one entity; the same as `buckets` gives it."""
    text = entity.encode()
    mixed = int.from_bytes(hashlib.sha256(agent.encode()).digest()[:_WORD], "little")
    for place in range(0, len(text), _WORD):
        mixed = _mix(mixed ^ int.from_bytes(text[place : place + _WORD], "little"))
    mixed = _mix(mixed ^ len(text))
    return (mixed >> 32) * WHOLE >> 32


def _mix(value: int) -> int:
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9 & _ALL
    value = (value ^ (value >> 27)) * 0x94D049BB133111EB & _ALL
    return value ^ (value >> 31)
