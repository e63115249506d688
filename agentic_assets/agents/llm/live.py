"""The model that a prompt names, ready to be asked: one on this machine, or one of a provider."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from agentic_assets.agents.llm.local import local_model
from agentic_assets.agents.llm.prompt import Prompt
from agentic_assets.errors import ConfigInvalid

if TYPE_CHECKING:
    from pydantic_ai.models import Model

__all__ = ["live_model"]

_LOCAL = "local:"


def live_model(prompt: Prompt, folder: Path) -> Model:
    """Give the model that the prompt names; `folder` holds the weights of local ones.

    A provider is asked with the key that its own environment variable holds. Raises ConfigInvalid when what is needed
    to ask it is not there.
    """
    if prompt.model.startswith(_LOCAL):
        return local_model(folder)
    from pydantic_ai.exceptions import UserError
    from pydantic_ai.models import infer_model

    try:
        return infer_model(prompt.model)
    except (UserError, ImportError, ValueError) as error:
        raise ConfigInvalid(
            f"the model {prompt.model} of prompt {prompt.id} cannot be asked here: {str(error)[:300]}",
            hint="install the provider's package (pydantic-ai-slim[PROVIDER]) and set its key in the environment",
        ) from error
