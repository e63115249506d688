"""Ask a model what is not recorded yet, and keep each answer as it comes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from agentic_assets.agents.llm.asking import Asked, ask
from agentic_assets.agents.llm.prompt import Prompt
from agentic_assets.agents.llm.recordings import Recording, Recordings, append
from agentic_assets.errors import ModelRefused

if TYPE_CHECKING:
    from pydantic_ai.models import Model

__all__ = ["record"]


def record(
    prompt: Prompt,
    texts: Iterable[str],
    recordings: Recordings,
    live: Model,
    *,
    after: Callable[[Asked], None] | None = None,
) -> list[Asked]:
    """Ask `live` every text without a recording; each answer is on the disk before the next is asked.

    What is recorded already is not asked again. Raises ModelRefused when `live` is not the model that the prompt
    names: its answers would be recorded under another's name.
    """
    if live.model_id != prompt.model:
        raise ModelRefused(
            f"prompt {prompt.id} was written for {prompt.model}, and {live.model_id} would be asked",
            hint="name that model in the prompt and raise the prompt's version, or give the one that it names",
        )

    def keep(recording: Recording) -> None:
        append(recordings.path, [recording])

    return ask(prompt, texts, recordings, live=live, keep=keep, after=after)
