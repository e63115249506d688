"""Agents that ask a language model: every answer is recorded, and batches replay recordings without a network."""

from agentic_assets.agents.llm.agent import LlmAgent
from agentic_assets.agents.llm.answer import Answer, Outcome
from agentic_assets.agents.llm.asking import Asked, ask
from agentic_assets.agents.llm.live import live_model
from agentic_assets.agents.llm.local import local_model
from agentic_assets.agents.llm.node import LlmNode, llm_node
from agentic_assets.agents.llm.prompt import Example, Prompt, load_prompt
from agentic_assets.agents.llm.recording import record
from agentic_assets.agents.llm.recordings import Recording, Recordings

__all__ = [
    "Answer",
    "Asked",
    "Example",
    "LlmAgent",
    "LlmNode",
    "Outcome",
    "Prompt",
    "Recording",
    "Recordings",
    "ask",
    "live_model",
    "llm_node",
    "load_prompt",
    "local_model",
    "record",
]
