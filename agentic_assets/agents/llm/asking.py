"""Ask each distinct prompt once, through recordings, and read the answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from agentic_assets.agents.llm.answer import Answer
from agentic_assets.agents.llm.prompt import Prompt
from agentic_assets.agents.llm.recordings import Recording, Recordings

if TYPE_CHECKING:
    from pydantic_ai import Agent
    from pydantic_ai.messages import ModelMessage
    from pydantic_ai.models import Model
    from pydantic_ai.settings import ModelSettings

__all__ = ["Asked", "ask"]


@dataclass(frozen=True)
class Asked:
    """A prompt's text and what came back for it."""

    text: str
    answer: Answer


def ask(
    prompt: Prompt,
    texts: Iterable[str],
    recordings: Recordings,
    *,
    live: Model | None = None,
    keep: Callable[[Recording], None] | None = None,
    after: Callable[[Asked], None] | None = None,
) -> list[Asked]:
    """Ask every distinct text once, in sorted order, and give the answers in that order.

    Without `live` nothing is asked of any model: a text without a recording is a miss. With it, what is missing is
    asked, and `keep` gets each new recording as it comes. An answer that is not what the schema wants is a refusal.
    `after` is called after each text. Raises ModelRefused when the recordings are damaged.
    """
    wanted = sorted(set(texts))
    if not wanted:
        return []
    len(recordings)  # damaged recordings are refused before anything is asked

    async def all_of_them() -> list[Asked]:
        agent = _agent(prompt, recordings, live, keep)
        history = _history(prompt)
        answers: list[Asked] = []
        for text in wanted:
            asked = Asked(text, await _answer(agent, prompt, text, history))
            answers.append(asked)
            if after is not None:
                after(asked)
        return answers

    return _run(all_of_them)


def _agent(
    prompt: Prompt, recordings: Recordings, live: Model | None, keep: Callable[[Recording], None] | None
) -> Agent[None, dict[str, Any]]:
    from pydantic_ai import Agent, NativeOutput, StructuredDict

    from agentic_assets.agents.llm.replaying import ReplayModel

    shape = StructuredDict(dict(prompt.output), name=prompt.name)
    return Agent(
        ReplayModel(prompt, recordings, live=live, keep=keep),
        output_type=NativeOutput(shape),
        instructions=prompt.instructions,
        model_settings=cast("ModelSettings", dict(prompt.settings)),
        # A bad answer is recorded as it is and refused: asking again until it fits would hide how often it does not.
        retries=0,
    )


async def _answer(agent: Agent[None, dict[str, Any]], prompt: Prompt, text: str, history: list[ModelMessage]) -> Answer:
    from pydantic_ai import capture_run_messages
    from pydantic_ai.exceptions import UnexpectedModelBehavior

    from agentic_assets.agents.llm.replaying import Missing

    with capture_run_messages() as messages:
        try:
            result = await agent.run(text, message_history=history)
        except Missing as missing:
            return Answer.missed(missing.key)
        except UnexpectedModelBehavior:
            return Answer.refused(_key(messages), "it is not the JSON object that was asked for")
    return Answer.read(_key(messages), result.output, prompt)


def _history(prompt: Prompt) -> list[ModelMessage]:
    from pydantic_ai.messages import ModelRequest, ModelResponse, TextPart, UserPromptPart

    turns: list[ModelMessage] = []
    for example in prompt.examples:
        turns += [ModelRequest([UserPromptPart(example.asked)]), ModelResponse([TextPart(example.text)])]
    return turns


def _key(messages: list[ModelMessage]) -> str:
    from agentic_assets.agents.llm.replaying import KEY

    details = [getattr(message, "provider_details", None) for message in reversed(messages)]
    return next((str(found[KEY]) for found in details if found and KEY in found), "")


def _run(work: Callable[[], Awaitable[list[Asked]]]) -> list[Asked]:
    """Run to the end, also where this thread is inside an event loop already (a notebook, an async caller)."""

    async def whole() -> list[Asked]:
        return await work()

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(whole())
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(whole())).result()
