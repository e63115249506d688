"""The contracts of what the library makes for an agent: its proposals, decisions, sealed days and actions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from agentic_assets.actions.node import OUTBOX
from agentic_assets.agents import PROPOSALS, Spec
from agentic_assets.agents.inventory import INVENTORY
from agentic_assets.agents.node import PROPOSED
from agentic_assets.contracts import Contract, derived
from agentic_assets.decisions import DECISIONS
from agentic_assets.features import DECIDED_AT, FeatureSet
from agentic_assets.ledger.node import SEALED

__all__ = ["Written"]

_VERSION = "1.0.0"
_LAWS = {
    "month": pl.String(),
    "law": pl.String(),
    "passed": pl.Boolean(),
    "compared": pl.Int64(),
    "differing": pl.Int64(),
    "example": pl.String(),
}
_JUDGED = {
    "judged_partition": pl.String(),
    **dict.fromkeys(("expectation", "column", "statistic"), pl.String()),
    **dict.fromkeys(("value", "low", "high"), pl.Float64()),
    "history": pl.Int32(),
    **dict.fromkeys(("severity", "dimension", "verdict", "detail"), pl.String()),
}
_PAGES = {
    **dict.fromkeys(("page", "dataset", "first", "last"), pl.String()),
    **dict.fromkeys(("partitions", "expectations", "broken", "holding"), pl.Int64()),
}
_NULLABLE = {
    *("model", "control", "rule", "authorized_by", "override", "supersedes", "escalation_role", "legacy_action"),
    *("column", "value", "low", "high", "dimension", "detail", "resources"),
}
_SAID = {
    "entity": "What the decision is about.",
    "day": "The local day of the decision; the partition.",
    "decided_at": "The moment of the decision, UTC; nothing known later entered it.",
    "decision_id": "Names the decision; derived from what was decided on, so that a repeated run gives it again.",
    "proposed_action": "What the agent proposed.",
    "judged_action": "What the policy left of the proposal; `none` where it denied or escalated.",
    "effective_action": "What is done: what the policy left where the agent is live, else what the rule before did.",
    "score_bp": "How strongly the agent judges, in basis points, as its spec says.",
    "confidence_bp": "How sure the agent is, in basis points.",
    "benefit_cents": "What the proposed action is expected to bring.",
    "cost_cents": "What the proposed action costs.",
    "reason": "Why the agent proposed it, in words.",
    "verdict": "What the policy made of the proposal: allow, warn, transform, escalate or deny.",
    "rule": "What settled the verdict: a rule, a resource, a quota, or `authorization`; null when none fired.",
    "fired": "All rules and quotas that fired, a bit each, in the order of the policy's file.",
    "authorized_by": "The Cedar policies that permitted the action, or that forbade it.",
    "input_digest": "Digest of the feature values that the agent was shown.",
    "pins": "Digest of all versions that shaped the decision.",
    "record": "The whole decision as one line of JSON; its UTF-8 bytes are what the ledger seals.",
    "root": "Root of the Merkle tree over the day's records (RFC 6962).",
    "size": "Number of sealed records.",
    "log": "Origin that names the log in its checkpoints.",
    "legacy_action": "What the rule that served before would have done; null where there was none.",
}


@dataclass(frozen=True)
class Written:
    """The contracts of a domain: those that people wrote, by dataset, and for the rest what follows from code."""

    domain: str
    owner: str
    files: Mapping[str, Contract]

    def features(self, made: FeatureSet) -> Contract:
        """Give the contract of a feature set: its own words and units."""
        described = {feature.name: feature.description for feature in made.features}
        units = {feature.name: feature.unit for feature in made.features}
        key = (made.entity, made.day, DECIDED_AT)
        purpose = f"{made.description} (version {made.version} of the set {made.name})"
        return self._of(made.name, purpose, made.schema, key[:1], key, described, units, version=made.version)

    def proofs(self, made: FeatureSet) -> Contract:
        """Give the contract of the proofs of a feature set."""
        purpose = f"What is proved of {made.name}, a row a law and month."
        return self._of(f"{made.name}_proofs", purpose, _LAWS, ("month", "law"))

    def proposals(self, spec: Spec, context: Mapping[str, pl.DataType]) -> Contract:
        """Give the contract of an agent's proposals, with the columns that its policy reads beside them."""
        purpose = f"What the agent {spec.name} proposes, with what its policy may look at beside it."
        columns = {**PROPOSED, **context}
        never_null = [name for name in PROPOSED if name not in _NULLABLE]
        return self._of(f"{spec.name}_proposals", purpose, columns, ("entity",), never_null, units=_units(spec))

    def decisions(self, spec: Spec) -> Contract:
        """Give the contract of an agent's decisions."""
        purpose = f"What became of every proposal of the agent {spec.name}, and every version that shaped it."
        return self._of(spec.name, purpose, DECISIONS, ("decision_id",), units=_units(spec))

    def checkpoints(self, spec: Spec) -> Contract:
        """Give the contract of the days of an agent that are sealed."""
        purpose = f"The size and root of the tree over each day's decisions of {spec.name}."
        return self._of(f"{spec.name}_checkpoints", purpose, SEALED, ("day",))

    def outbox(self, spec: Spec) -> Contract:
        """Give the contract of what is carried out for an agent."""
        return self._of(
            f"{spec.name}_outbox", f"Every action wanted of {spec.name}, and whether it is done.", OUTBOX, ("key",)
        )

    def agents(self) -> Contract:
        """Give the contract of the inventory of agents."""
        return self._of("agents", "Every version of every agent of the domain.", INVENTORY, ("agent",))

    def statistics(self) -> Contract:
        """Give the contract of what is judged of the statistics of a dataset."""
        return self._of("statistics", "What the expectations about a dataset found in each partition.", _JUDGED, ())

    def data_docs(self) -> Contract:
        """Give the contract of the pages that show those judgements."""
        return self._of("data_docs", "The Data Docs pages, a row a page.", _PAGES, ("page",))

    def _of(
        self,
        dataset: str,
        purpose: str,
        schema: Mapping[str, pl.DataType],
        key: tuple[str, ...],
        required: tuple[str, ...] | list[str] | None = None,
        described: Mapping[str, str] | None = None,
        units: Mapping[str, str] | None = None,
        *,
        version: str = _VERSION,
    ) -> Contract:
        if dataset in self.files:
            return self.files[dataset]
        return derived(
            dataset,
            domain=self.domain,
            version=version,
            purpose=purpose,
            owner=self.owner,
            schema=schema,
            key=key,
            required=[name for name in schema if name not in _NULLABLE] if required is None else required,
            described={**_SAID, **(described or {})},
            units=units,
        )


def _units(spec: Spec) -> Mapping[str, str]:
    return {name: "basis points" if name.endswith("_bp") else "cents" for name in spec.output if name in PROPOSALS}
