"""What an agent hands over: one proposal an entity, in exactly these columns."""

from __future__ import annotations

from typing import Protocol

import polars as pl

from agentic_assets.agents.spec import Spec
from agentic_assets.errors import PartitionRefused

__all__ = ["PROPOSALS", "Agent", "checked_proposals", "propose"]

PROPOSALS = pl.Schema(
    {
        "entity": pl.String(),
        "action": pl.String(),
        "score_bp": pl.Int32(),
        "confidence_bp": pl.Int32(),
        "benefit_cents": pl.Int64(),
        "cost_cents": pl.Int64(),
        "reason": pl.String(),
    }
)
"""Score (the risk) and confidence are basis points, 0 to 10,000; benefit is what the action is expected to avoid."""

_WHOLE = 10_000
_SHOWN = 3


class Agent(Protocol):
    """Anything that proposes: rules, a model, a person's table; it has no effects and knows no policy."""

    @property
    def spec(self) -> Spec:
        """The declaration that the agent answers to."""

    def propose(self, features: pl.DataFrame) -> pl.DataFrame:
        """Give one proposal for each row of the features (its entity stands in the column `spec.entity`)."""


def propose(agent: Agent, features: pl.DataFrame) -> pl.DataFrame:
    """Ask an agent and check what it says: one proposal for each row of the features, in their order."""
    return checked_proposals(agent.propose(features), agent.spec, features.get_column(agent.spec.entity))


def checked_proposals(proposals: pl.DataFrame, spec: Spec, entities: pl.Series) -> pl.DataFrame:
    """Hold proposals against the schema, the spec's actions and the entities asked about, and put them in their order.

    Raises PartitionRefused with the count of every breach: a wrong schema, a null, an action that the spec does not
    have, basis points outside of 0 to 10,000, a negative amount, an entity without a proposal, with two, or not asked.
    """
    if proposals.schema != PROPOSALS:
        raise _refusal(spec, [_schema_breach(proposals.schema)])
    entity, action = pl.col("entity"), pl.col("action")
    checks = {f"`{name}` is null": pl.col(name).is_null() for name in PROPOSALS}
    checks["`action` is not one of the spec's"] = ~action.is_in(list(spec.actions))
    for name in ("score_bp", "confidence_bp"):
        checks[f"`{name}` is not within 0 to 10,000"] = ~pl.col(name).is_between(0, _WHOLE)
    for name in ("benefit_cents", "cost_cents"):
        checks[f"`{name}` is negative"] = pl.col(name) < 0
    counts = proposals.select(**{what: broken.sum() for what, broken in checks.items()}).row(0)
    breaches = [
        _counted(what, count, proposals.filter(broken).get_column("entity"))
        for (what, broken), count in zip(checks.items(), counts, strict=True)
        if count
    ]
    asked = entities.rename("entity")
    if proposals.get_column("entity").equals(asked) and not breaches and asked.n_unique() == asked.len():
        return proposals
    twice = proposals.filter(entity.is_duplicated()).get_column("entity").unique(maintain_order=True)
    silent = asked.filter(~asked.is_in(proposals.get_column("entity").implode()))
    strange = proposals.filter(~entity.is_in(asked.implode())).get_column("entity")
    for what, found in (
        ("more than one proposal for an entity", twice),
        ("no proposal for an entity", silent),
        ("a proposal for an entity that was not asked about", strange),
    ):
        if found.len():
            breaches.append(_counted(what, found.len(), found))
    if breaches:
        raise _refusal(spec, breaches)
    if asked.n_unique() != asked.len():
        raise _refusal(spec, [_counted("the features hold an entity twice", asked.len() - asked.n_unique(), asked)])
    return asked.to_frame().join(proposals, on="entity", how="left", maintain_order="left")


def _schema_breach(found: pl.Schema) -> str:
    missing = [name for name in PROPOSALS if name not in found]
    strange = [name for name in found if name not in PROPOSALS]
    typed = [
        f"`{name}` is {found[name]}, not {dtype}"
        for name, dtype in PROPOSALS.items()
        if name in found and found[name] != dtype
    ]
    told = [f"no column {', '.join(missing)}"] if missing else []
    told += [f"unknown column {', '.join(strange[:5])}"] if strange else []
    return "; ".join([*told, *typed]) or f"the columns are not in the order {', '.join(PROPOSALS)}"


def _counted(what: str, count: int, entities: pl.Series) -> str:
    examples = ", ".join(str(entity) for entity in entities.head(_SHOWN).to_list())
    return f"{what}: {count:,}, e.g. {examples[:160]}"


def _refusal(spec: Spec, breaches: list[str]) -> PartitionRefused:
    lines = "\n".join(f"  - {breach}" for breach in breaches[:8])
    return PartitionRefused(
        f"agent {spec.id} broke its promise, none of its proposals is used:\n{lines}",
        hint="repair the agent; its proposals must have exactly the columns of agents.PROPOSALS",
    )
