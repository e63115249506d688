"""What an agent hands over: one proposal an entity, in exactly these columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import polars as pl

from agentic_assets.agents.feeding import fed
from agentic_assets.agents.spec import FIGURES, Spec
from agentic_assets.errors import PartitionRefused

__all__ = ["PROPOSALS", "Agent", "checked_proposals", "propose", "propose_one"]

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

_SHOWN = 3


class Agent(Protocol):
    """Anything that proposes: rules, a model, a person's table; it has no effects and knows no policy."""

    @property
    def spec(self) -> Spec:
        """The declaration that the agent answers to."""

    def propose(self, features: pl.DataFrame) -> pl.DataFrame:
        """Give one proposal for each row of the features (its entity stands in the column `spec.entity`)."""


def propose(agent: Agent, features: pl.DataFrame) -> pl.DataFrame:
    """Ask an agent and check what it says: one proposal for each row of the features, in their order.

    It is shown the entity and the columns that its spec declares, and no other. Raises PartitionRefused when one of
    them is missing or of another type, and when the proposals are not what was promised.
    """
    shown = fed(features, agent.spec)
    return checked_proposals(agent.propose(shown), agent.spec, shown.get_column(agent.spec.entity))


def propose_one(agent: Agent, row: Mapping[str, Any], schema: Mapping[str, pl.DataType]) -> dict[str, Any]:
    """Ask an agent about one entity; the same proposal as for its row of a batch.

    `schema` are the columns of the feature set and their types. Raises PartitionRefused as `propose` does, and for a
    row that lacks a column which the agent reads.
    """
    spec = agent.spec
    read = [spec.entity, *(spec.columns or (name for name in schema if name != spec.entity))]
    missing = [name for name in read if name not in row or name not in schema]
    if missing:
        raise PartitionRefused(
            f"agent {spec.id} reads {', '.join(missing[:10])}, which the row lacks", hint=f"give {spec.feature_set}"
        )
    frame = pl.DataFrame({name: [row[name]] for name in read}, schema={name: schema[name] for name in read})
    return propose(agent, frame).row(0, named=True)


def checked_proposals(proposals: pl.DataFrame, spec: Spec, entities: pl.Series) -> pl.DataFrame:
    """Hold proposals against the schema, the spec's actions and the entities asked about, and put them in their order.

    Raises PartitionRefused with the count of every breach: a wrong schema, a null, an action that the spec does not
    have, a figure that is negative or above what its output declares, an entity without a proposal, with two, or not
    asked.
    """
    if proposals.schema != PROPOSALS:
        raise _refusal(spec, [_schema_breach(proposals.schema)])
    entity, action = pl.col("entity"), pl.col("action")
    checks = {f"`{name}` is null": pl.col(name).is_null() for name in PROPOSALS}
    checks["`action` is not one of the spec's"] = ~action.is_in(list(spec.actions))
    for name, most in FIGURES.items():
        # Within what any agent may say, and then within what this one declares.
        limit = min(spec.at_most(name), most)
        checks[_out_of_bounds(name, limit)] = ~pl.col(name).is_between(0, limit)
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


def _out_of_bounds(name: str, limit: int) -> str:
    if limit == 0:
        return f"`{name}` is not 0, and the spec's output does not name it"
    return f"`{name}` is negative" if limit >= 2**63 - 1 else f"`{name}` is not within 0 to {limit:,}"


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
