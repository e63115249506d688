"""What a language model's agent was asked on published features, and what is recorded of the answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agentic_assets.agents.llm import Answer, LlmAgent, LlmNode, Outcome, Recording
from agentic_assets.errors import ConfigInvalid, NotFound
from agentic_assets.evidence.domain import Domain
from agentic_assets.evidence.reading import Reading

__all__ = ["Coverage", "Question", "asking_node", "coverage"]


@dataclass(frozen=True)
class Question:
    """One distinct prompt, how many published rows it was written for, and what is recorded of the answer."""

    text: str
    rows: int
    answer: Answer


@dataclass(frozen=True)
class Coverage:
    """The questions of some days, most rows first, and the recordings that none of them uses."""

    agent: LlmAgent
    days: int
    questions: tuple[Question, ...]
    unused: tuple[Recording, ...]

    def rows(self, outcome: Outcome) -> int:
        """Count the published rows whose answer has an outcome."""
        return sum(question.rows for question in self.questions if question.answer.outcome is outcome)

    def having(self, outcome: Outcome) -> tuple[Question, ...]:
        """Give the questions whose answer has an outcome."""
        return tuple(question for question in self.questions if question.answer.outcome is outcome)


def asking_node(domain: Domain, name: str) -> LlmNode:
    """Find the asset of an agent of kind llm by the agent's name; ConfigInvalid for one of another kind."""
    found = [node for node in domain.graph.nodes if isinstance(node, LlmNode)]
    for node in found:
        if node.tags.get("agent") == name:
            return node
    known = ", ".join(str(node.tags.get("agent")) for node in found) or "none"
    raise ConfigInvalid(
        f"agent {name} asks no language model, so that nothing of it is recorded", hint=f"agents that do: {known}"
    )


def coverage(reading: Reading, node: LlmNode, days: Sequence[str] | None = None) -> Coverage:
    """Replay the prompts of published features, of all days or those named; NotFound when none is published."""
    agent = node.agent()
    made = reading.manifest.current(node.features, days)
    if not made:
        raise NotFound(f"nothing of {node.features} is published for these days", hint="run `agentic run` first")
    features = reading.current(node.features, sorted(made))
    rows = dict(agent.prompts(features).value_counts().iter_rows())
    questions = [Question(asked.text, rows[asked.text], asked.answer) for asked in agent.answers(features)]
    used = {question.answer.key for question in questions}
    return Coverage(
        agent,
        len(made),
        tuple(sorted(questions, key=lambda question: (-question.rows, question.text))),
        tuple(recording for recording in agent.recordings if recording.key not in used),
    )
