"""What came back for a prompt: an answer that may be used, or the reason why there is none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from agentic_assets.agents.llm.prompt import Prompt
from agentic_assets.agents.spec import NO_ACTION

__all__ = ["Answer", "Outcome", "outcome_of"]

_SHOWN: Final = 160
_HELD: Final = 200
# Such as <|im_end|> or <end_of_turn>: the model ran over the end of its answer.
_MARK: Final = re.compile(r"<\|?[a-z_]+\|?>")
_MISSED: Final = "no answer of the model is recorded for this prompt ("
_REFUSED: Final = "the model's answer is refused ("


class Outcome(Enum):
    """Whether the model's answer can be used."""

    ANSWERED = "answered"
    REFUSED = "refused"
    MISSED = "missed"


@dataclass(frozen=True)
class Answer:
    """One answer under the key of its request; unless `answered`, the action does nothing and confidence is 0."""

    key: str
    outcome: Outcome
    action: str
    confidence_bp: int | None
    reason: str

    @classmethod
    def missed(cls, key: str) -> Answer:
        """Say that nobody recorded what the model answers to this."""
        said = f"{_MISSED}{key[:12]})"
        return cls(key, Outcome.MISSED, NO_ACTION, 0, said)

    @classmethod
    def refused(cls, key: str, why: str) -> Answer:
        """Say why the model's answer is not used; its own words are quoted at most in part."""
        said = f"{_REFUSED}{key[:12]}): {_one_line(why)[:_HELD]}"
        return cls(key, Outcome.REFUSED, NO_ACTION, 0, said)

    @classmethod
    def read(cls, key: str, output: Mapping[str, Any], prompt: Prompt) -> Answer:
        """Hold what the model said against the schema of the prompt: an answer, or a refusal."""
        import jsonschema

        errors = list(jsonschema.Draft202012Validator(prompt.output).iter_errors(dict(output)))
        if errors:
            first = min(errors, key=lambda error: (list(map(str, error.absolute_path)), error.message))
            place = ".".join(map(str, first.absolute_path)) or "the answer"
            return cls.refused(key, f"{place}: {first.message[:_SHOWN]}")
        # A schema need not say which type a field has; what is no text and no number is refused all the same.
        if not isinstance(output["reason"], str):
            return cls.refused(key, "its reason is no text")
        reason = _one_line(output["reason"])
        if not reason:
            return cls.refused(key, "it gives no reason")
        if _MARK.search(reason):
            return cls.refused(key, "its reason holds a mark of the model's own, where an answer ends")
        if outcome_of(reason) is not Outcome.ANSWERED:
            return cls.refused(key, "its reason pretends to be a refusal")
        percent = output.get("confidence")
        if "confidence" in output and not _is_share(percent):
            return cls.refused(key, f"its confidence is {percent!r:.40}, no number from 0 to 100")
        confidence = None if percent is None else round(percent * 100)
        return cls(key, Outcome.ANSWERED, output["action"], confidence, reason)


def outcome_of(reason: str) -> Outcome:
    """Read from the reason of a proposal what became of its answer."""
    if reason.startswith(_MISSED):
        return Outcome.MISSED
    return Outcome.REFUSED if reason.startswith(_REFUSED) else Outcome.ANSWERED


def _is_share(percent: Any) -> bool:
    # Written so that NaN, which compares with nothing, is none.
    return isinstance(percent, int | float) and not isinstance(percent, bool) and 0 <= percent <= 100


def _one_line(text: str) -> str:
    """Leave out line breaks and control characters: a reason stands in records, pages and terminals."""
    return " ".join("".join(mark if mark.isprintable() else " " for mark in text).split())
