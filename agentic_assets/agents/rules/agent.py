"""An agent that is a rule table."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from agentic_assets.agents.proposals import PROPOSALS
from agentic_assets.agents.rules.compiling import HITS, codes, hits, proposed, with_doubts
from agentic_assets.agents.rules.table import UNIQUE, RuleTable
from agentic_assets.agents.spec import Spec
from agentic_assets.errors import ConfigInvalid, PartitionRefused

__all__ = ["RuleAgent"]

_SHOWN = 3


@dataclass(frozen=True)
class RuleAgent:
    """Propose what the table says; where it cannot be known what it says, propose nothing and say why."""

    spec: Spec
    table: RuleTable

    def __post_init__(self) -> None:
        if self.table.agent != self.spec.id:
            raise ConfigInvalid(f"the rule table of {self.table.agent} cannot serve agent {self.spec.id}")

    def propose(self, features: pl.DataFrame) -> pl.DataFrame:
        """Give one proposal a row; raises PartitionRefused when two rules hold of one under the hit policy `unique`."""
        counted = [hits(self.table)] if self.table.hit_policy == UNIQUE else []
        coded = features.with_columns(codes(self.table), *counted)
        if counted:
            self._refuse_several(coded)
        return coded.with_columns(with_doubts(self.table, PROPOSALS)).select(
            proposed(self.table, self.spec.entity, PROPOSALS)
        )

    def _refuse_several(self, coded: pl.DataFrame) -> None:
        several = coded.filter(pl.col(HITS) > 1)
        if several.is_empty():
            return
        first = several.head(1)
        holding = [rule.id for rule in self.table.rules if rule.when.test(first.row(0, named=True))]
        examples = ", ".join(str(name) for name in several.get_column(self.spec.entity).head(_SHOWN))
        raise PartitionRefused(
            f"agent {self.spec.id}: more than one rule holds for {several.height:,} of {coded.height:,} rows, "
            f"e.g. {examples[:160]}, of which the first by {', '.join(holding)}",
            hint="the hit policy is `unique`: make the conditions exclude each other, or name another hit policy",
        )
