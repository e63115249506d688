"""Ask Cedar once for each distinct (agent, action, resource), and join the answers back to the rows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from agentic_assets.agents.spec import NO_ACTION, Spec
from agentic_assets.errors import PolicyInvalid
from agentic_assets.policy.authorization.authorization import AGENT_ATTRIBUTES, Authorization

__all__ = ["Answer", "Asked", "authorize"]

NOBODY = "no policy permits it"
_MOST = 100_000


@dataclass(frozen=True)
class Answer:
    """Whether an action is permitted, and by which policies, sorted; of a refusal, the ones that forbid it.

    A refusal that no policy pronounced says why in `by`: nobody permits it, or Cedar met an error.
    """

    permitted: bool
    by: str


@dataclass(frozen=True)
class Asked:
    """One agent's standing under the policies: answers are asked once and kept, for events as for batches."""

    authorization: Authorization
    spec: Spec

    def answer(self, action: str, resource: str | None) -> Answer:
        """Answer for one action on one resource; doing nothing needs no permission, an unnamed resource gets none."""
        if action == NO_ACTION:
            return Answer(permitted=True, by="")
        key = (action, resource)
        if key not in self._answers:
            self.ask([key])
        return self._answers[key]

    def ask(self, pairs: Sequence[tuple[str, str | None]]) -> None:
        """Ask about many distinct pairs at once, so that each is answered without asking again."""
        missing = [pair for pair in pairs if pair not in self._answers]
        self._answers.update(self._asked(missing))

    @cached_property
    def _answers(self) -> dict[tuple[str, str | None], Answer]:
        return {}

    @cached_property
    def _agent(self) -> list[dict[str, object]]:
        attributes = {name: str(getattr(self.spec, name)) for name in AGENT_ATTRIBUTES}
        return [{"uid": {"type": "Agent", "id": self.spec.id}, "attrs": attributes, "parents": []}]

    def _asked(self, pairs: Sequence[tuple[str, str | None]]) -> dict[tuple[str, str | None], Answer]:
        from cedarpy import is_authorized_batch

        named = [(action, resource) for action, resource in pairs if resource is not None]
        answers = {pair: Answer(permitted=False, by="the resource has no name") for pair in pairs if pair[1] is None}
        if not named:
            return answers
        authorization = self.authorization
        requests = [
            {
                "principal": {"type": "Agent", "id": self.spec.id},
                "action": {"type": "Action", "id": action},
                "resource": {"type": authorization.resource, "id": resource},
                "context": {},
            }
            for action, resource in named
        ]
        results = is_authorized_batch(requests, authorization.parsed, json.dumps(self._agent), authorization.schema)
        for pair, result in zip(named, results, strict=True):
            errors = list(result.diagnostics.errors)
            by = ",".join(sorted(authorization.names.get(reason, reason) for reason in result.diagnostics.reasons))
            if errors:
                # Cedar skips a policy that errs, and a forbid that is skipped would let the action pass.
                answers[pair] = Answer(permitted=False, by=f"error: {errors[0][:200]}")
            else:
                answers[pair] = Answer(permitted=bool(result.allowed and by), by=by or NOBODY)
        return answers


def authorize(proposals: pl.DataFrame, asked: Asked) -> pl.DataFrame:
    """Say of each proposal whether it is permitted: Boolean `permitted` and String `authorized_by`, in their order.

    The column `authorization.column` names the resource. Raises PolicyInvalid when it is missing or no text, and for
    more distinct resources than can be meant.
    """
    authorization = asked.authorization
    column = authorization.column
    if proposals.schema.get(column) != pl.String():
        found = proposals.schema.get(column, "missing")
        raise PolicyInvalid(
            f"authorization: the column `{column}` that names the {authorization.resource} is {found}, not a String",
            hint="give it in the context of the proposals",
        )
    rows = proposals.select("action", pl.col(column).alias("_resource"))
    distinct = rows.unique().sort("action", "_resource", nulls_last=True)
    if distinct.height > _MOST:
        raise PolicyInvalid(
            f"authorization: {distinct.height:,} distinct pairs of action and {authorization.resource}, {_MOST:,} are "
            "permitted",
            hint="a resource is a class of things, such as an airport, not each single one",
        )
    pairs = list(distinct.iter_rows())
    asked.ask([pair for pair in pairs if pair[0] != NO_ACTION])
    told = [asked.answer(*pair) for pair in pairs]
    answers = distinct.with_columns(
        pl.Series("permitted", [one.permitted for one in told], dtype=pl.Boolean),
        pl.Series("authorized_by", [one.by for one in told], dtype=pl.String),
    )
    return rows.join(answers, on=["action", "_resource"], how="left", nulls_equal=True, maintain_order="left").select(
        "permitted", "authorized_by"
    )
