"""An agent that proposes what a language model answered: replayed from recordings, and nothing where there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from agentic_assets.agents.llm.answer import Answer, Outcome
from agentic_assets.agents.llm.asking import Asked, ask
from agentic_assets.agents.llm.prompt import Prompt
from agentic_assets.agents.llm.recordings import Recordings
from agentic_assets.agents.proposals import PROPOSALS
from agentic_assets.agents.spec import NO_ACTION, Spec
from agentic_assets.errors import ConfigInvalid, PartitionRefused

__all__ = ["LlmAgent", "Objection", "Situate"]

Situate = Callable[[pl.DataFrame], pl.DataFrame]
"""features -> the columns that the prompt reads, one row a row, in their order."""

Objection = Callable[[str, Answer], str | None]
"""(the prompt's text, an answer that fits the schema) -> why it may not be used, or None."""

_ANSWERS = pl.Schema(
    {"prompt": pl.String, "action": pl.String, "confidence_bp": pl.Int32, "reason": pl.String, "outcome": pl.String}
)


@dataclass(frozen=True)
class LlmAgent:
    """Describe each row to a model in words, and propose what it is recorded to have answered.

    It asks nobody: a prompt without a recording, and an answer that breaks its schema or meets an `objection`, give the
    action that does nothing with confidence 0 and the reason; other rows are not touched. Parameters of the spec give
    `confidence_bp` where the schema asks for none, and what each action avoids and costs (`brief_benefit_cents`,
    `brief_cost_cents`). Raises ConfigInvalid when the prompt offers an action that the spec does not have.
    """

    spec: Spec
    prompt: Prompt
    recordings: Recordings
    situate: Situate
    objection: Objection | None = None

    def __post_init__(self) -> None:
        strange = [action for action in self.prompt.actions if action not in self.spec.actions]
        if strange:
            raise ConfigInvalid(
                f"prompt {self.prompt.id} lets the model answer {', '.join(strange[:5])}, which agent {self.spec.id} "
                "may not propose",
                hint=f"the spec's actions are {', '.join(self.spec.actions)}",
            )

    def propose(self, features: pl.DataFrame) -> pl.DataFrame:
        """Give one proposal a row, replayed; raises ModelRefused when the recordings are damaged."""
        texts = self.prompts(features)
        return self._proposals(features, texts, self._replayed(texts))

    def prompts(self, features: pl.DataFrame) -> pl.Series:
        """Write the prompt of each row, in their order."""
        situations = self.situate(features)
        if situations.height != features.height:
            raise PartitionRefused(
                f"agent {self.spec.id} described {situations.height:,} situations for {features.height:,} rows"
            )
        return self.prompt.render(situations)

    def answers(self, features: pl.DataFrame) -> list[Asked]:
        """Replay the answers to the distinct prompts of these rows."""
        return self._replayed(self.prompts(features))

    def judged(self, asked: Asked) -> Asked:
        """Hear the objection to an answer that fits the schema."""
        if self.objection is None or asked.answer.outcome is not Outcome.ANSWERED:
            return asked
        why = self.objection(asked.text, asked.answer)
        return asked if why is None else Asked(asked.text, Answer.refused(asked.answer.key, why))

    def _replayed(self, texts: pl.Series) -> list[Asked]:
        return [self.judged(asked) for asked in ask(self.prompt, texts.to_list(), self.recordings)]

    def _proposals(self, features: pl.DataFrame, texts: pl.Series, answers: list[Asked]) -> pl.DataFrame:
        """Join the answers on the prompts of the rows."""
        default = self.spec.integer("confidence_bp") if self._needs_confidence(answers) else 0
        said = pl.DataFrame(
            [
                (
                    asked.text,
                    asked.answer.action,
                    default if asked.answer.confidence_bp is None else asked.answer.confidence_bp,
                    asked.answer.reason,
                    asked.answer.outcome.value,
                )
                for asked in answers
            ],
            schema=_ANSWERS,
            orient="row",
        )
        rows = features.select(pl.col(self.spec.entity).alias("entity"), texts)
        joined = rows.join(said, on="prompt", how="left", maintain_order="left", validate="m:1")
        money = {name: pl.col("action").replace_strict(self._cents(name), return_dtype=pl.Int64) for name in _MONEY}
        return joined.select(
            "entity",
            "action",
            pl.lit(0, dtype=PROPOSALS["score_bp"]).alias("score_bp"),
            "confidence_bp",
            *(cents.alias(name) for name, cents in money.items()),
            "reason",
        )

    def _needs_confidence(self, answers: list[Asked]) -> bool:
        return any(asked.answer.confidence_bp is None for asked in answers)

    def _cents(self, what: str) -> dict[str, int]:
        declared = {action: f"{action}_{what}" for action in self.spec.actions if action != NO_ACTION}
        known = {action: self.spec.integer(name) for action, name in declared.items() if name in self.spec.parameters}
        return {action: known.get(action, 0) for action in self.spec.actions}


_MONEY = ("benefit_cents", "cost_cents")
