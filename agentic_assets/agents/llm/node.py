"""The proposals of a language model's agent as an asset: replayed, and what lacks an answer is counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields

import polars as pl

from agentic_assets.agents.llm.agent import LlmAgent
from agentic_assets.agents.llm.answer import Outcome, outcome_of
from agentic_assets.agents.node import Serving, proposal_node
from agentic_assets.contracts import Contract
from agentic_assets.features import FeatureSet
from agentic_assets.pipeline import Batch, Check, External, Node
from agentic_assets.versions import Pin, of_bytes

__all__ = ["LlmNode", "llm_node"]

_CHECK = Check(
    "every_prompt_is_answered",
    "Every row rests on a recorded answer of the model that may be used; the others propose nothing.",
    blocking=False,
)


@dataclass(frozen=True)
class LlmNode(Node):
    """The asset of a language model's proposals, with its agent: so are found those whose answers can be recorded."""

    agent: Callable[[], LlmAgent] = field(kw_only=True)
    features: str = field(kw_only=True)


def llm_node(
    asset: str,
    agent: Callable[[], LlmAgent],
    *,
    feature_set: FeatureSet,
    features: str,
    contract: Contract,
    code: tuple[Callable[..., object], ...],
    context: Callable[[pl.DataFrame], pl.DataFrame] | None = None,
) -> LlmNode:
    """Give the node that replays the agent about every row of `features`; `agent` gives it with fresh recordings.

    The recordings are a system of record of their own: a new answer remakes the partitions, and those in which no
    proposal changes keep their data version, so that nothing behind them is made anew.
    """
    first = agent()
    prompt, path = first.prompt, first.recordings.path
    # What scored, for the records: the model by its name and the prompt by its digest.
    model = Pin("model", prompt.model, prompt.version, prompt.pin.digest)

    def serve(_: Batch, __: str) -> Serving:
        return Serving(agent=agent(), context=context, model=model)

    made = proposal_node(
        asset,
        spec=first.spec,
        feature_set=feature_set,
        features=features,
        serve=serve,
        contract=contract,
        code=code,
        pins=(prompt.pin,),
    )

    def compute(batch: Batch) -> Mapping[str, pl.DataFrame]:
        frames = made.compute(batch)
        for name, frame in frames.items():
            _report(batch, name, frame)
        return frames

    kept = {each.name: getattr(made, each.name) for each in fields(made)}
    changed = {
        "compute": compute,
        "externals": (
            External(
                asset=f"recordings/{prompt.name}",
                description=f"What {prompt.model} answered to `{prompt.id}`, each answer under the digest of what it "
                "was asked. No model is asked while proposals are made.",
                version=lambda: of_bytes(path.read_bytes() if path.exists() else b""),
                kinds=("json",),
                location=path.name,
                kept=True,
            ),
        ),
        "checks": (*made.checks, _CHECK),
        "kinds": (*made.kinds, "pydantic"),
    }
    return LlmNode(**kept | changed, agent=agent, features=features)


def _report(batch: Batch, partition: str, proposals: pl.DataFrame) -> None:
    found = [outcome_of(reason) for reason in proposals.get_column("reason").to_list()]
    missed, refused = found.count(Outcome.MISSED), found.count(Outcome.REFUSED)
    batch.check(
        _CHECK.name,
        partition,
        passed=not missed and not refused,
        description=f"{len(found) - missed - refused:,} answered, {refused:,} refused, {missed:,} not recorded",
    )
    batch.report(partition, answered=len(found) - missed - refused, refused=refused, not_recorded=missed)
